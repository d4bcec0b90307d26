/** Attendance read off complete lists of what devices said, with no state: what the step must arrive at. */
import type { DeviceId } from '../../src/domain/ids.js';
import type { Assignment } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import type { Interval } from '../../src/domain/timetable.js';

export interface Said {
  readonly deviceId: DeviceId;
  readonly timeMs: number;
  readonly body: RecordBody;
}

/** A fix as the zone sees it, metres. */
export interface SeenFix {
  readonly tag: string;
  readonly timeMs: number;
  /** On a line through the centre of the zone, whose edge is where `distanceM` is 0. */
  readonly distanceM: number;
  readonly radiusM: number;
}

type Presence = 'present' | 'absent' | 'unknown';
const covers = (span: { fromMs: number; toMs: number }, ms: number): boolean => ms >= span.fromMs && ms < span.toMs;

/** Milliseconds of an appointment that the person is known to have been there, and known not to have been. */
export interface Known {
  readonly presentMs: number;
  readonly absentMs: number;
}

export type Verdict = 'missed' | 'unverified' | 'attended';

/** Present for less than is required: missed, unless the unknown time could make up the rest. */
export function verdict({ startMs, endMs }: Interval, requiredMs: number, { presentMs, absentMs }: Known): Verdict {
  const unknownMs = endMs - startMs - presentMs - absentMs;
  if (presentMs >= requiredMs) return 'attended';
  return presentMs + unknownMs >= requiredMs ? 'unverified' : 'missed';
}

/** Presence of one unit at one moment: its last reading that counts, and what happened since. */
function unitPresence(
  devices: readonly Assignment[],
  said: readonly Said[],
  stay: Assignment,
  silenceMs: number,
  atMs: number,
): Presence {
  const tags = devices.filter((d) => d.kind === 'tag');
  const worn = (tagId: string, ms: number) => tags.find((d) => d.deviceId === tagId && covers(d, ms));
  const heard = said.filter(
    ({ deviceId, timeMs, body }) =>
      deviceId === stay.deviceId &&
      timeMs <= atMs &&
      covers(stay, timeMs) &&
      (body.kind !== 'rf' || worn(body.tagId, timeMs) !== undefined),
  );
  for (let i = heard.length - 1; i >= 0; i -= 1) {
    const { body, timeMs } = heard[i] as Said;
    if (body.kind === 'unit' && body.flags.includes('MOVED')) return 'unknown';
    if (body.kind !== 'rf' || body.event === 'UNSPECIFIED') continue;
    const flags = heard.slice(0, i).flatMap((s) => (s.body.kind === 'unit' ? s.body.flags : []));
    if (flags.filter((f) => f === 'MOVED' || f === 'RESET').at(-1) === 'MOVED') continue;
    const times = [...heard.slice(i).map((s) => s.timeMs), atMs];
    if (times.slice(1, -1).some((ms, n) => ms - (times[n] as number) > silenceMs)) return 'unknown';
    if (atMs - (times.at(-2) as number) >= silenceMs) return 'unknown';
    if (worn(body.tagId, atMs) === undefined || worn(body.tagId, atMs) !== worn(body.tagId, timeMs)) return 'unknown';
    if (tags.some((d) => d.deviceId !== body.tagId && d.fromMs > timeMs && d.fromMs <= atMs)) return 'unknown';
    return body.event === 'EXIT' ? 'absent' : 'present';
  }
  return 'unknown';
}

/** By home units: presence at the address at every moment at which it could change. */
export function knownAtHome(
  { startMs, endMs }: Interval,
  address: string,
  devices: readonly Assignment[],
  said: readonly Said[],
  silenceMs: number,
): Known {
  const at = (ms: number): Presence => {
    const here = devices.filter((d) => d.address === address && covers(d, ms));
    const each = here.map((d) => unitPresence(devices, said, d, silenceMs, ms));
    if (each.includes('present')) return 'present';
    return each.length > 0 && each.every((p) => p === 'absent') ? 'absent' : 'unknown';
  };
  const edges = [
    startMs,
    endMs,
    ...said.flatMap(({ timeMs }) => [timeMs, timeMs + silenceMs]),
    ...devices.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  ];
  const points = [...new Set(edges)].filter((ms) => ms >= startMs && ms <= endMs).sort((a, b) => a - b);
  const lengths = { present: 0, absent: 0, unknown: 0 };
  for (const [i, ms] of points.entries()) {
    const next = points[i + 1];
    if (next !== undefined) lengths[at(ms)] += next - ms;
  }
  return { presentMs: lengths.present, absentMs: lengths.absent };
}

export interface FixRule {
  readonly k: number;
  readonly gapMs: number;
}

type Lean = (fix: SeenFix) => boolean;
const surelyIn: Lean = (f) => f.distanceM <= -f.radiusM;
const surelyOut: Lean = (f) => f.distanceM >= f.radiusM;
const leansIn: Lean = (f) => f.distanceM <= 0;
const leansOut: Lean = (f) => f.distanceM > 0;

/** Fixes that can be true of a tag: slower than 100 m/s since its last good one, less both radii. */
export function plausible(fixes: readonly SeenFix[]): SeenFix[] {
  const good: SeenFix[] = [];
  for (const fix of fixes) {
    const last = good.findLast(({ tag }) => tag === fix.tag);
    const apartM = last === undefined ? 0 : Math.abs(last.distanceM - fix.distanceM) - last.radiusM - fix.radiusM;
    if (last === undefined || apartM <= (fix.timeMs - last.timeMs) / 10) good.push(fix);
  }
  return good;
}

/** By visits to the zone, and by visits to its outside; `settled`: no later fix can make more of it known. */
export function knownInZone(
  { startMs, endMs }: Interval,
  fixes: readonly SeenFix[],
  rule: FixRule,
  untilMs: number,
): Known & { readonly settled: boolean } {
  const within = (a: number, b: number) => Math.max(0, Math.min(b, endMs) - Math.max(a, startMs));
  let [presentMs, absentMs, openSinceMs] = [0, 0, Infinity];
  for (const stretch of stretches(fixes, rule.gapMs)) {
    const inside = visits(stretch, rule.k, surelyIn, leansIn, surelyOut, leansOut);
    const outside = visits(stretch, rule.k, surelyOut, leansOut, surelyIn, leansIn);
    for (const [a, b] of inside) presentMs += within(a, b);
    for (const [a, b] of outside) absentMs += within(a, b);
    const last = stretch.at(-1) as SeenFix;
    if (stretch.at(-1) !== fixes.at(-1) || untilMs >= last.timeMs + rule.gapMs) continue;
    const running = [...inside, ...outside].filter(([, , ended]) => !ended).map(([, b]) => b);
    const trailing = stretch.slice(stretch.findLastIndex((f) => leansIn(f) !== leansIn(last)) + 1);
    openSinceMs = running[0] ?? (trailing[0] as SeenFix).timeMs;
  }
  return { presentMs, absentMs, settled: openSinceMs >= endMs };
}

/** Fixes between gaps. */
function stretches(fixes: readonly SeenFix[], gapMs: number): SeenFix[][] {
  const cuts = fixes.flatMap((f, i) => (i > 0 && f.timeMs - (fixes[i - 1] as SeenFix).timeMs > gapMs ? [i] : []));
  return fixes.length === 0 ? [] : [0, ...cuts].map((from, n) => fixes.slice(from, cuts[n]));
}

type Visit = readonly [startMs: number, endMs: number, ended: boolean];

/** Visits of one stretch; one that has not ended is known up to its last fix that leans in. */
function visits(fixes: readonly SeenFix[], k: number, inside: Lean, leans: Lean, outside: Lean, leansAway: Lean) {
  const found: Visit[] = [];
  const row = (to: number, from: number, is: Lean) => to - k + 1 >= from && fixes.slice(to - k + 1, to + 1).every(is);
  const timeOf = (i: number) => (fixes[i] as SeenFix).timeMs;
  for (let free = 0; ; ) {
    const begun = fixes.findIndex((f, j) => j >= free && (inside(f) || row(j, free, leans)));
    if (begun === -1) return found;
    const start = inside(fixes[begun] as SeenFix) ? begun : begun - k + 1;
    const over = fixes.findIndex((f, m) => m > begun && (outside(f) || row(m, begun + 1, leansAway)));
    if (over === -1) {
      found.push([timeOf(start), timeOf(fixes.findLastIndex(leans)), false]);
      return found;
    }
    found.push([timeOf(start), timeOf(row(over, begun + 1, leansAway) ? over - k + 1 : over), true]);
    free = over + 1;
  }
}
