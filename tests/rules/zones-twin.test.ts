// Everything about zones through the step, on days at random, against the definition on the complete list of fixes.
import t from 'tap';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { ZoneCondition } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { seeded, seedOfRun, times } from './seeded.js';
import { assigned, at, CENTRE, clock, type Line, lineOf, orderOf, TAG } from './step-driver.js';
import { DAILY, timetable, weekly } from './timetables.js';
import { type Fix, foundIn, type Span, undecided, type Zone } from './zones-definition.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MIN = 60_000;
const OTHER_TAG = 'TAG-2' as DeviceId;
/** Metres of a degree at the centre, WGS84; good to a millimetre a metre over the ground that is used. */
const PER = { lat: 111_284.5, lon: 65_861 };

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A zone drawn in metres east and north of the centre, with the distance and the way through it as school has them. */
interface Ground {
  readonly shape: ZoneShape;
  readonly distance: (spot: Spot) => number;
}
const lonLat = ({ x, y }: Spot): [number, number] => [CENTRE[0] + x / PER.lon, CENTRE[1] + y / PER.lat];

function disc(middle: Spot, radiusM: number): Ground {
  return {
    shape: { kind: 'circle', center: lonLat(middle), radiusM },
    distance: ({ x, y }) => Math.hypot(x - middle.x, y - middle.y) - radiusM,
  };
}

/** Square in square: the yard in the middle is no part of it. */
function yard(half: number, hole: number): Ground {
  const ring = (h: number) => [
    lonLat({ x: -h, y: -h }),
    lonLat({ x: h, y: -h }),
    lonLat({ x: h, y: h }),
    lonLat({ x: -h, y: h }),
    lonLat({ x: -h, y: -h }),
  ];
  const square = ({ x, y }: Spot, h: number) => {
    const [dx, dy] = [Math.abs(x) - h, Math.abs(y) - h];
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
  };
  return {
    shape: { kind: 'polygons', polygons: [[ring(half), ring(hole)]] },
    distance: (spot) => Math.max(square(spot, half), -square(spot, hole)),
  };
}

interface Walked {
  readonly tag: DeviceId;
  readonly timeMs: number;
  readonly spot: Spot;
  readonly r: number;
  readonly mechanism: 'GNSS' | 'WIFI';
}

const body = ({ spot, r, mechanism }: Walked): RecordBody => {
  const [lon, lat] = lonLat(spot);
  const still = { speedCmS: 0, headingCdeg: 0, satellites: 0, hdopCenti: 0, altitudeDm: 0 };
  const place = { latE7: Math.round(lat * 1e7), lonE7: Math.round(lon * 1e7) };
  return { kind: 'fix', ...place, accuracyDm: r * 10, mechanism, ...still };
};
const hashOf = (walked: Walked) => `${walked.timeMs}.${JSON.stringify(body(walked))}`;

/** The rows of every day, as spans of the second of March. */
const spansOf = (rows: readonly string[] | null, endMs: number): Span[] =>
  (rows ?? ['00:00-24:00'])
    .map((row) => row.split('-').map((time) => at(time)))
    .map(([startMs = 0, end = 0]) => ({ startMs, endMs: Math.min(end, endMs) }))
    .filter((span) => span.startMs < span.endMs);

interface Watched extends Zone {
  readonly id: string;
  readonly ground: Ground;
  readonly rows: readonly string[] | null;
}

function conditionOf({ id, kind, ground, rows, bufferM, toleranceMs }: Watched): ZoneCondition {
  return {
    conditionId: id as ConditionId,
    kind: kind === 'exclusion' ? 'exclusion_zone' : 'inclusion_zone',
    zone: { kind: 'own', shape: ground.shape },
    timetable: timetable(rows === null ? null : rows.map((row) => weekly(DAILY, row, []))),
    bufferM,
    toleranceS: kind === 'exclusion' ? null : toleranceMs / 1000,
  };
}

/** Those that are where the tag can be, from its last good one. */
function plausible(walk: readonly Walked[]): { good: Walked[]; jumps: number } {
  const last = new Map<DeviceId, Walked>();
  const good = walk.filter((fix) => {
    const before = last.get(fix.tag);
    const metres = before === undefined ? 0 : apart(before, fix) - before.r - fix.r;
    if (before !== undefined && metres > (100 * (fix.timeMs - before.timeMs)) / 1000) return false;
    last.set(fix.tag, fix);
    return true;
  });
  return { good, jumps: walk.length - good.length };
}
const apart = (a: Walked, b: Walked) => Math.hypot(a.spot.x - b.spot.x, a.spot.y - b.spot.y);

/** Metres of the straight way that lie inside, by looking every decimetre. */
function insideM(ground: Ground, a: Walked, b: Walked): number {
  const steps = Math.ceil(apart(a, b) * 10) + 1;
  let inside = 0;
  for (let i = 0; i < steps; i++) {
    const share = (i + 0.5) / steps;
    const spot = { x: a.spot.x + share * (b.spot.x - a.spot.x), y: a.spot.y + share * (b.spot.y - a.spot.y) };
    if (ground.distance(spot) < 0) inside += 1;
  }
  return (inside / steps) * apart(a, b);
}

/** Crossings of an exclusion zone, `[from, to]`; null: one is too close to call. */
function crossings(zone: Watched, good: readonly Walked[]): [number, number][] | null {
  const found: [number, number][] = [];
  for (const [i, to] of good.entries()) {
    const from = good.slice(0, i).findLast(({ tag }) => tag === to.tag);
    if (from === undefined || to.timeMs - from.timeMs > 120_000) continue;
    if (zone.ground.distance(from.spot) < from.r || zone.ground.distance(to.spot) < to.r) continue;
    if (!zone.windows.some((w) => w.startMs <= from.timeMs && to.timeMs < w.endMs)) continue;
    const over = insideM(zone.ground, from, to) - 2 * Math.max(from.r, to.r);
    if (Math.abs(over) < 3) return null;
    if (over > 0) found.push([from.timeMs, to.timeMs]);
  }
  return found;
}

/** A day's walk, clear of every edge by more than the two ways of measuring differ. */
function walkOf(next: () => number, zones: readonly Watched[], endMs: number): Walked[] {
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const walk: Walked[] = [];
  let timeMs = at('09:50');
  let spot = { x: 600 * (2 * next() - 1), y: 600 * (2 * next() - 1) };
  while (walk.length < 40) {
    timeMs += pick(20_000, MIN, MIN, 2 * MIN, 2 * MIN, 2 * MIN + 1, 5 * MIN, 10 * MIN, 10 * MIN + 1, 11 * MIN);
    if (timeMs >= endMs) break;
    const step = pick(0, 10, 60, 300, 300, 900);
    const jump = next() < 0.03 ? 2_000_000 : 0;
    const angle = 2 * Math.PI * next();
    const to = { x: spot.x + jump + step * Math.cos(angle), y: spot.y + step * Math.sin(angle) };
    const r = pick(3, 8, 20, 60, 150);
    const near = zones.flatMap(({ ground, bufferM }) => {
      const d = ground.distance(to);
      return [d, Math.abs(d) - r, d - bufferM, Math.abs(d - bufferM) - r];
    });
    if (near.some((metres) => Math.abs(metres) < 2) || Math.hypot(to.x - jump, to.y) > 1_200) continue;
    if (jump === 0) spot = to;
    const tag = next() < 0.15 ? OTHER_TAG : TAG;
    walk.push({ tag, timeMs, spot: to, r, mechanism: pick('GNSS', 'WIFI') });
  }
  return walk;
}

function zonesOf(next: () => number, endMs: number): { zones: Watched[]; gapS: number; k: number } {
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const k = pick(1, 2, 3, 3);
  const gapS = pick(600, 600, 300);
  const hours = () =>
    pick<readonly string[] | null>(
      null,
      ['10:00-10:30', '10:32-11:00', '11:20-11:21', '12:00-15:00'],
      ['10:15-12:00', '12:10-13:00'],
    );
  const zone = (id: string, kind: Zone['kind'], ground: Ground, bufferM: number, toleranceMs: number): Watched => {
    const rows = hours();
    const windows = spansOf(rows, endMs);
    return { id, kind, k, gapMs: gapS * 1000, toleranceMs, bufferM, windows, endMs, ground, rows };
  };
  const zones = [
    zone('Z3', 'exclusion', disc({ x: 250, y: 0 }, 200), pick(0, 120, 300), 0),
    zone('Z1', 'exclusion', yard(300, pick(60, 150)), pick(0, 100), 0),
    zone('Z2', 'inclusion', disc({ x: 0, y: 0 }, 500), 0, pick(0, 60_000, 300_000)),
  ];
  return { zones, gapS, k };
}

/** `exclusion Z1 10:00:00–10:05:00 return certain`, one a standing alert. */
function standing(line: Line): string[] {
  const newest = new Map<string, AlertVersion>();
  for (const version of line.versions) newest.set(version.alertId, version);
  return [...newest.values()]
    .filter(({ state, conditionId }) => state !== 'withdrawn' && conditionId !== null)
    .map((v) => shown(v.type, v.conditionId ?? '', v.startMs, v.endMs, v.endedBy, v.confidence))
    .sort();
}

/** How sure a running approach is may yet change with what is known of the zone itself. */
const shown = (
  type: string,
  id: string,
  startMs: number,
  endMs: number | null,
  endedBy: string | null,
  confidence: string | null,
): string => [type, id, `${clock(startMs)}–${clock(endMs) ?? ''}`, endedBy, endMs === null ? '' : confidence].join(' ');

function expected(zones: readonly Watched[], good: readonly Walked[], untilMs: number): string[] | null {
  const lines: string[] = [];
  for (const zone of zones) {
    const { violations, approaches } = foundIn(fixesOf(zone, good), zone, untilMs);
    for (const v of violations) lines.push(shown(zone.kind, zone.id, v.startMs, v.endMs, v.endedBy, v.confidence));
    for (const v of approaches)
      lines.push(shown('zone.approach', zone.id, v.startMs, v.endMs, v.endedBy, v.confidence));
    if (zone.kind === 'inclusion') continue;
    const crossed = crossings(
      zone,
      good.filter(({ timeMs }) => timeMs <= untilMs),
    );
    if (crossed === null) return null;
    for (const [from, to] of crossed) lines.push(shown('zone.crossing_inferred', zone.id, from, to, null, null));
  }
  return lines.sort();
}

const fixesOf = ({ ground }: Watched, good: readonly Walked[]): Fix[] =>
  good.map((walked) => ({
    timeMs: walked.timeMs,
    d: ground.distance(walked.spot),
    r: walked.r,
    mechanism: walked.mechanism,
    hash: hashOf(walked),
  }));

t.test('days at random: what stands at a moment, and in the end, is what the definition says', async (t) => {
  const seen = new Map<string, number>();
  for (let day = 0; day < times(300); day++) {
    const next = seeded(seed + day * 7_919);
    const endMs = next() < 0.3 ? at('12:40') : at('00:00', 10);
    const { zones, gapS, k } = zonesOf(next, endMs);
    const walk = walkOf(next, zones, endMs);
    const { good, jumps } = plausible(walk);
    const until = (walk[Math.floor(next() * walk.length)] as Walked).timeMs + Math.round(next() * 900) * 1000;
    const order = orderOf({
      endMs,
      devices: [assigned(TAG, 'tag', { toMs: endMs }), assigned(OTHER_TAG, 'tag', { toMs: endMs })],
      conditions: zones.map(conditionOf),
      policy: { gapS, k },
    });
    const line = lineOf(order);
    const check = (untilMs: number) => {
      const want = expected(zones, good, untilMs);
      if (want === null) return;
      const got = standing(line);
      if (JSON.stringify(got) !== JSON.stringify(want)) {
        throw new Error(`day ${day}, ${clock(untilMs)}\n got ${got.join('\n     ')}\nwant ${want.join('\n     ')}`);
      }
      for (const one of got) {
        const [type = '', , , by = ''] = one.split(' ');
        seen.set(`${type} ${by}`, (seen.get(`${type} ${by}`) ?? 0) + 1);
      }
    };
    let checked = false;
    for (const walked of walk) {
      if (!checked && walked.timeMs > until) {
        checked = true;
        line.runTo(until);
        // What two windows make of fixes that are not decided is told later; the twin of the visits knows when.
        const held = zones.some(
          (zone) => zone.windows.length > 1 && undecided(fixesOf(zone, good), zone, until).length > 0,
        );
        if (!held) check(until);
      }
      line.say(walked.tag, walked.timeMs, body(walked), 1_000);
    }
    line.runTo(at('23:00'));
    check(at('23:00'));
    const counted = line.versions.filter(({ type }) => type === 'integrity.location_jump').length;
    if (counted > 0 !== jumps > 0) throw new Error(`day ${day}: ${jumps} jumps, told ${counted}`);
  }
  const summary = [...seen].sort().map(([what, n]) => `${what}: ${n}`);
  t.comment(summary.join(', '));
  for (const what of ['exclusion', 'inclusion', 'zone.approach'].flatMap((type) =>
    ['return', 'gap', 'window', 'ORDER_ENDED', ''].map((by) => `${type} ${by}`),
  )) {
    t.ok((seen.get(what) ?? 0) > 0, `${what} was seen`);
  }
  t.ok((seen.get('zone.crossing_inferred ') ?? 0) > 10, 'crossings were seen');
});
