/** Alerts about equipment, straight from the table of rules.md §6. */
import { type Assigned, type Case, isForeign } from './evidence.js';
import type { FoundAlert } from './lines.js';
import { radiusOf } from './zones.js';

/** What one device said at one moment, in order; a tag's status that its own home unit passed on is the tag's. */
interface Said {
  readonly timeMs: number;
  readonly flags: readonly string[];
  readonly batteryPct: number | null;
  readonly fixRadiusM: number | null;
  /** It spoke itself. */
  readonly itself: boolean;
}

const MINUTE = 60_000;

const FLAGGED = [
  ['tamper.strap', 'STRAP_TAMPER_START', 'STRAP_TAMPER_END', undefined],
  ['tamper.case', 'CASE_OPEN_START', 'CASE_OPEN_END', undefined],
  ['tamper.shielding', 'SHIELDING_START', 'SHIELDING_END', undefined],
  ['tamper.jamming', 'JAMMING_START', 'JAMMING_END', undefined],
  ['unit.power_off', 'MAINS_LOST', 'MAINS_RESTORED', 'AL04'],
  ['unit.moved', 'MOVED', 'RESET', 'AL05'],
  ['device.fault', 'SELF_TEST_FAULT', 'SELF_TEST_OK', 'AL24'],
] as const;

export function equipmentFindings(c: Case): FoundAlert[] {
  return c.assigned.flatMap((device) => {
    const said = saidBy(c, device);
    const alerts = [...flagged(device, said), ...battery(said), ...silence(c, device, said)];
    if (device.kind === 'tag') alerts.push(...noFix(c, said));
    // a device that no longer speaks for the order has nothing more to tell of it: its alerts end there
    const isOver = c.untilMs >= device.toMs;
    return alerts.map((alert) => ({
      ...alert,
      deviceId: device.deviceId,
      toMs: alert.toMs ?? (isOver ? device.toMs : null),
    }));
  });
}

function saidBy(c: Case, device: Assigned): Said[] {
  return c.records.flatMap((r): Said[] => {
    if (r.timeMs < device.fromMs || r.timeMs >= device.toMs || isForeign(c, r)) return [];
    const { rf, fix } = r.body;
    const itself = r.deviceId === device.deviceId;
    if (!itself && rf?.tag_id !== device.deviceId) return [];
    const status = itself ? (r.body.tag ?? r.body.unit) : rf?.status;
    if (!itself && status === undefined) return [];
    return [
      {
        timeMs: r.timeMs,
        flags: status?.flags ?? [],
        batteryPct: status?.battery_pct ?? null,
        fixRadiusM: fix === undefined ? null : radiusOf(fix),
        itself,
      },
    ];
  });
}

/** From the first START to the first END after it. */
function flagged(device: Assigned, said: readonly Said[]): FoundAlert[] {
  const events = said.flatMap(({ timeMs, flags }) => flags.map((flag) => ({ timeMs, flag })));
  return FLAGGED.flatMap(([name, start, end, code]) => {
    const type = name === 'tamper.case' && device.kind === 'home_unit' ? 'tamper.unit_case' : name;
    const own = events.filter(({ flag }) => flag === start || flag === end);
    return own.flatMap((event, i): FoundAlert[] => {
      const isFirst = event.flag === start && own[i - 1]?.flag !== start;
      if (!isFirst) return [];
      const toMs = own.slice(i).find(({ flag }) => flag === end)?.timeMs ?? null;
      return [{ type, fromMs: event.timeMs, toMs, ...(code !== undefined && { code }) }];
    });
  });
}

/** From the first status at or under the level to the first 5 points above it, or the charger. */
function battery(said: readonly Said[]): FoundAlert[] {
  return [
    { type: 'battery.low', level: 20 },
    { type: 'battery.critical', level: 10 },
  ].flatMap(({ type, level }) => {
    const ends = ({ batteryPct, flags }: Said) =>
      (batteryPct !== null && batteryPct >= level + 5) || flags.includes('CHARGING_START');
    const begins = ({ batteryPct }: Said) => batteryPct !== null && batteryPct <= level;
    const telling = said.filter((s) => begins(s) || ends(s));
    return telling.flatMap((s, i): FoundAlert[] => {
      const before = telling[i - 1];
      if (!begins(s) || (before !== undefined && begins(before))) return [];
      const toMs = telling.slice(i).find(ends)?.timeMs ?? null;
      return [{ type, fromMs: s.timeMs, toMs, code: 'AL21' }];
    });
  });
}

/** Nothing for longer than the kind's silence; a device that was never heard is not silent. */
function silence(c: Case, device: Assigned, said: readonly Said[]): FoundAlert[] {
  if (device.kind === 'rf_tag') return [];
  const { silenceS, tagSilenceS, alcoholSilenceS } = c.policy;
  const seconds = { home_unit: silenceS, tag: tagSilenceS, alcohol_tag: alcoholSilenceS }[device.kind];
  const spoken = said.filter(({ itself }) => itself);
  return spoken.flatMap(({ timeMs }, i): FoundAlert[] => {
    const dueMs = timeMs + seconds * 1_000;
    const nextMs = spoken[i + 1]?.timeMs ?? null;
    if (nextMs !== null ? nextMs <= dueMs : c.untilMs < dueMs || device.toMs <= dueMs) return [];
    const span = { fromMs: dueMs, toMs: nextMs };
    const level = said.findLast((s) => s.batteryPct !== null && s.timeMs <= timeMs)?.batteryPct ?? 100;
    const dead = level <= 3 ? [{ type: 'battery.dead', ...span, code: 'AL23' }] : [];
    return [{ type: 'device.silent', ...span }, ...dead];
  });
}

/**
 * Ten minutes of motion within the last sixty, all of them since the last good fix. What the tag does after its last
 * record, or while it is silent, nobody knows: that is no motion.
 */
function noFix(c: Case, said: readonly Said[]): FoundAlert[] {
  const spoken = said.filter(({ itself }) => itself);
  const motions: { fromMs: number; toMs: number }[] = [];
  let moves = false;
  for (const [i, { timeMs, flags }] of spoken.entries()) {
    for (const flag of flags) if (flag === 'MOTION_START' || flag === 'MOTION_END') moves = flag === 'MOTION_START';
    const next = spoken[i + 1];
    if (next === undefined) break;
    if (next.timeMs - timeMs > c.policy.tagSilenceS * 1_000) moves = false;
    else if (moves) motions.push({ fromMs: timeMs, toMs: next.timeMs });
  }
  const lastMs = spoken.at(-1)?.timeMs ?? 0;
  const good = said.filter((s) => s.fixRadiusM !== null && s.fixRadiusM <= 100).map(({ timeMs }) => timeMs);
  const edges = [Number.NEGATIVE_INFINITY, ...good];
  return edges.flatMap((lastFixMs, i): FoundAlert[] => {
    const nextMs = edges[i + 1] ?? null;
    const atMs = whenMoved(motions, lastFixMs);
    if (atMs === null || atMs >= lastMs || (nextMs !== null && atMs >= nextMs)) return [];
    return [{ type: 'device.no_fix', fromMs: atMs, toMs: nextMs }];
  });
}

/** The first moment at which ten of the last sixty minutes, and all of them after `afterMs`, were in motion. */
function whenMoved(motions: readonly { fromMs: number; toMs: number }[], afterMs: number): number | null {
  const movedBy = (atMs: number): number => {
    const from = Math.max(afterMs, atMs - 60 * MINUTE);
    return motions.reduce((ms, m) => ms + Math.max(0, Math.min(m.toMs, atMs) - Math.max(m.fromMs, from)), 0);
  };
  for (const { fromMs, toMs } of motions) {
    // within one motion the sum grows or stays: find by halving the first moment at which it is enough
    let low = Math.max(fromMs, Number.isFinite(afterMs) ? afterMs : fromMs);
    let high = Math.min(toMs, low + 10 * MINUTE);
    if (low > toMs || movedBy(high) < 10 * MINUTE) continue;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (movedBy(middle) >= 10 * MINUTE) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  return null;
}
