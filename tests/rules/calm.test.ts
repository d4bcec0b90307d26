// While it is calm, the full step gives what `calmed` gives, and finds nothing: for seeded people about their zones.
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Condition, Order } from '../../src/domain/order.js';
import type { DeviceRecord, Mechanism, RecordBody } from '../../src/domain/record.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { type Calm, calmOf, staysCalm } from '../../src/rules/calm.js';
import { calmed, type Move, moved, movedOn, moveOf } from '../../src/rules/calm-move.js';
import { distanceM, metresADegree } from '../../src/rules/geometry.js';
import { type StepInput, step } from '../../src/rules/step.js';
import { seeded, seedOfRun, times } from './seeded.js';
import {
  assigned,
  at,
  circle,
  curfew,
  DAY,
  editionOf,
  exclusion,
  heartbeat,
  inclusion,
  Line,
  orderOf,
  record,
  rf,
  TAG,
  tagSays,
  UNIT,
} from './step-driver.js';
import { SECOND } from './stories.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MINUTE = 60 * SECOND;
const OTHER_TAG = 'TAG-2' as DeviceId;

/** Takes every record by the full step, and holds calm against it wherever it says that it is sure. */
class Twin extends Line {
  fixes = 0;
  calmFixes = 0;
  /** Signs of life that are no fixes. */
  calmWords = 0;
  #calm: Calm | null = null;
  /** Where the calm began, and what was said since: all of it can be put in at once. */
  #since: SubjectState | null = null;
  #said: DeviceRecord[] = [];
  #move: Move | null = null;

  override feed(input: StepInput): void {
    const calm = this.#calm;
    const isFix = input.kind === 'record' && input.record.body.kind === 'fix';
    if (isFix) this.fixes += 1;
    if (input.kind === 'record' && calm !== null && this.#stays(calm, input)) {
      if (isFix) this.calmFixes += 1;
      else this.calmWords += 1;
      const stepped = step(this.editions, this.state, input);
      if (stepped.findings.length > 0 || stepped.late) throw new Error(`found ${JSON.stringify(stepped.findings)}`);
      for (const other of this.#calmed(calm, input.record)) {
        if (!isDeepStrictEqual(other, stepped.state))
          throw new Error(differing(stepped.state, other, calm, input.record));
      }
      super.feed(input);
      return;
    }
    super.feed(input);
    this.#calm = calmOf(this.editions, this.state);
    this.#since = this.state;
    this.#said = [];
    this.#move = null;
  }

  /** The record by itself, all since the calm began, and the same one by one. */
  #calmed(calm: Calm, record: DeviceRecord): SubjectState[] {
    const since = this.#since ?? this.state;
    this.#said.push(record);
    const move = moveOf(calm, [record]);
    this.#move = this.#move === null ? move : movedOn(this.#move, move);
    return [calmed(this.state, calm, record), moved(since, moveOf(calm, this.#said)), moved(since, this.#move)];
  }

  #stays(calm: Calm, input: Extract<StepInput, { kind: 'record' }>): boolean {
    const { lastFix = null, lastMs = null } = this.state.equipment[calm.tagId] ?? {};
    if (lastFix === null || lastMs === null) return false;
    return staysCalm(calm, { ...lastFix, heardMs: lastMs }, input.deviceId, input.record, input.receivedMs);
  }
}

function differing(expected: SubjectState, found: SubjectState, calm: Calm, said: DeviceRecord): string {
  const fields = Object.keys(expected) as (keyof SubjectState)[];
  const differ = fields.filter((name) => !isDeepStrictEqual(expected[name], found[name]));
  const lines = differ.map((name) => `${name}\n  ${JSON.stringify(expected[name])}\n  ${JSON.stringify(found[name])}`);
  return `${lines.join('\n')}\nunder ${JSON.stringify(calm)}\nby ${JSON.stringify(said)}`;
}

interface Place {
  readonly lat: number;
  readonly lon: number;
}
/** Metres north and east of the zones' centre. */
const placeAt = (northM: number, eastM: number): Place => ({
  lat: 53.81 + northM / 111_250,
  lon: -1.54 + eastM / 65_900,
});

const fixAt = ({ lat, lon }: Place, accuracyM: number, mechanism: Mechanism): RecordBody => ({
  kind: 'fix',
  latE7: Math.round(lat * 1e7),
  lonE7: Math.round(lon * 1e7),
  accuracyDm: Math.round(accuracyM * 10),
  speedCmS: 0,
  headingCdeg: 0,
  satellites: 9,
  hdopCenti: 100,
  mechanism,
  altitudeDm: 0,
});

/** A tag's sign of life: most often plain. */
function wordOf(pick: <T>(from: readonly T[]) => T, isRare: boolean): RecordBody {
  if (!isRare) return pick([heartbeat, { kind: 'tag', flags: [], batteryPct: pick([null, 60, 90]) }]);
  const flags = pick([[], ['CHARGING_START'], ['CHARGING_END'], ['CHARGING_START', 'CHARGING_END']] as const);
  return { kind: 'tag', flags: [...flags], batteryPct: pick([null, 3, 10, 11, 15, 20, 21, 24, 25, 26, 100]) };
}

/** A comb of so many corners around a place. */
function polygon({ lat, lon }: Place, radiusM: number, corners: number, chance: () => number): ZoneShape {
  const ring = Array.from({ length: corners }, (_, i): [number, number] => {
    const angle = (2 * Math.PI * i) / corners;
    const r = radiusM * (0.5 + chance() / 2);
    return [lon + (r * Math.cos(angle)) / 65_900, lat + (r * Math.sin(angle)) / 111_250];
  });
  return { kind: 'polygons', polygons: [[[...ring, ring[0] as [number, number]]]] };
}

/** Days of one person: ordinary, on foot about zones in a day without much else, or about every bound there is. */
function live(seedOfLife: number, kind: 'ordinary' | 'near' | 'rough'): Twin {
  const ordinary = kind === 'ordinary';
  const chance = seeded(seedOfLife);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const often = (p: number): boolean => chance() < p;
  const spread = (m: number): number => (chance() - 0.5) * 2 * m;
  const home = placeAt(0, 0);
  const zone = (id: string, apartM: number): Condition => {
    const middle = placeAt(spread(apartM), spread(apartM));
    const radiusM = 50 + chance() * 300;
    const shape: ZoneShape = often(0.3)
      ? { kind: 'circle', center: [middle.lon, middle.lat], radiusM }
      : polygon(middle, radiusM, pick([4, 12, 40]), chance);
    return exclusion(shape, id, pick([0, 0, 100]));
  };
  const contents = (): Partial<Order> => ({
    addresses: { home: often(0.9) ? [home.lon, home.lat] : null },
    conditions: [
      curfew(kind === 'rough' ? pick(['19:00', '12:30']) : '19:00', pick(['23:00', '07:00'])),
      ...Array.from({ length: { ordinary: 10, near: 3, rough: pick([0, 1, 3]) }[kind] }, (_, i) =>
        zone(`Z${i}`, ordinary ? 8_000 : 1_500),
      ),
      ...(often(ordinary ? 0 : 0.3) ? [inclusion(circle(pick([400, 3_000])), 60, 'ZI')] : []),
      ...(often(ordinary ? 0 : 0.1) ? [appointment()] : []),
    ],
    devices: [
      assigned(UNIT, 'home_unit'),
      assigned(TAG, 'tag', { toMs: often(ordinary ? 0 : 0.1) ? at('18:00') : at('00:00', 10) }),
      ...(often(ordinary ? 0 : 0.2) ? [assigned(OTHER_TAG, 'tag')] : []),
    ],
    policy: ordinary ? {} : { contradictionM: pick([200, 500]), jumpMS: pick([5, 100]), clockAheadS: pick([5, 120]) },
  });
  const appointment = (): Condition => ({
    conditionId: 'T1' as ConditionId,
    kind: 'attendance',
    at: { kind: 'zone', zone: { kind: 'own', shape: circle(300) } },
    appointments: [{ startMs: at('11:00'), endMs: at('13:00'), attendMin: 30 }],
  });
  let revision = 1;
  const line = new Twin([editionOf(orderOf(contents()), { edition: 1, effectiveMs: DAY })]);
  line.feed({ kind: 'revised' });

  let [north, east] = [spread(300), spread(300)];
  let [northMS, eastMS] = [0, 0];
  let isAway = false;
  let poorUntilMs = 0;
  let nowMs = at('10:00') + Math.floor(chance() * 6 * 3_600) * SECOND;
  const endMs = nowMs + (ordinary ? 24 : 12) * 3_600 * SECOND;
  const rare = { ordinary: 0.2, near: 0.1, rough: 1 }[kind];
  const say = (deviceId: DeviceId, timeMs: number, body: RecordBody): void => {
    const receivedMs = timeMs + (often(0.02 * rare) ? pick([spread(300 * SECOND), 73 * 3_600 * SECOND]) : 5 * SECOND);
    line.feed({ kind: 'record', deviceId, receivedMs, record: record(timeMs, body) });
  };
  while (nowMs < endMs) {
    const apartS = often(0.02 * rare) ? pick([700, 3_899, 3_900, 3_901, 9_000]) : pick([30, 60, 60, 61]);
    nowMs += apartS * SECOND;
    if (often(0.04)) [northMS, eastMS] = often(ordinary ? 0.75 : 0.6) ? [0, 0] : [spread(2), spread(2)];
    if (often(0.01 * rare)) [northMS, eastMS] = [spread(20), spread(20)];
    if (often(0.02 * rare)) [northMS, eastMS] = [-north / 900, -east / 900];
    north += northMS * apartS;
    east += eastMS * apartS;
    if (often(0.003 * rare)) [north, east] = [spread(9_000), spread(9_000)];
    const ofDayMs = nowMs % (24 * 60 * MINUTE);
    const isNight = ofDayMs > 18.5 * 60 * MINUTE || ofDayMs < 7 * 60 * MINUTE;
    // Most people are at home when they have to be.
    if (ordinary && isNight) [north, east, isAway] = [spread(10), spread(10), false];
    // A tick may be late.
    if (ordinary || !often(apartS > 600 ? 0.5 : 0.05)) line.runTo(nowMs - 1);
    let behindMs = often(0.01 * rare) ? pick([0, 90, 400]) * SECOND : 0;
    if (often(0.6 / 60)) {
      isAway = often(0.3) && !(ordinary && isNight) ? !isAway : isAway;
      say(UNIT, nowMs - 20 * SECOND, often(0.5) ? heartbeat : rf(isAway ? 'EXIT' : 'PRESENT'));
      // What the tag says next it said before the unit did.
      if (!ordinary && often(0.3)) behindMs = 25 * SECOND;
    }
    if (often(0.01 * rare))
      say(TAG, nowMs - 10 * SECOND, tagSays(pick(['MOTION_START', 'MOTION_END', 'STRAP_TAMPER_START'])));
    if (often(0.002 * rare)) {
      revision += 1;
      const effectiveMs = nowMs + pick([0, 30 * MINUTE]);
      line.editions = line.editions.filter((e, i) => i === 0 || e.effectiveMs < effectiveMs);
      line.revise(editionOf(orderOf({ ...contents(), revision }), { edition: revision, effectiveMs }));
    }
    if (!ordinary && often(kind === 'near' ? 0.003 : 0.01)) {
      poorUntilMs = nowMs + pick([8, 9, 10, 20]) * MINUTE;
      if (often(0.7)) say(TAG, nowMs - SECOND, tagSays('MOTION_START'));
    }
    const noiseM = nowMs < poorUntilMs ? 60 : pick([2, 2, 10, 60]);
    const accuracyM = nowMs < poorUntilMs ? 150 : often(0.05) ? 0 : noiseM * pick([1, 2, 25]);
    const mechanism = often(0.9) ? 'GNSS' : pick(['WIFI', 'LBS'] as const);
    const body = fixAt(placeAt(north + spread(noiseM), east + spread(noiseM)), accuracyM, mechanism);
    say(often(0.05 * rare) ? OTHER_TAG : TAG, nowMs - behindMs, body);
    if (often(0.01)) say(TAG, nowMs, body);
    if (often(0.1)) say(TAG, nowMs + pick([0, SECOND, 20 * SECOND]), wordOf(pick, often(0.1 * rare)));
  }
  line.runTo(endMs + 86_400 * SECOND);
  return line;
}

t.test('about every bound: whenever it stays calm, the full step gives the very same', async (t) => {
  let [fixes, calmFixes, calmWords, versions] = [0, 0, 0, 0];
  for (let i = 0; i < times(90); i += 1) {
    const line = live(seed + i, i % 2 === 0 ? 'near' : 'rough');
    fixes += line.fixes;
    calmFixes += line.calmFixes;
    calmWords += line.calmWords;
    versions += line.versions.length;
  }
  t.ok(versions > 1_000, `${versions} versions`);
  t.ok(calmFixes > fixes / 7, `${calmFixes} of ${fixes} fixes were calm`);
  t.ok(calmWords > fixes / 100, `${calmWords} signs of life were calm`);
});

t.test('ordinary days are calm', async (t) => {
  let [fixes, calmFixes] = [0, 0];
  for (let i = 0; i < times(40); i += 1) {
    const line = live(seed + 10_000 + i, 'ordinary');
    fixes += line.fixes;
    calmFixes += line.calmFixes;
  }
  t.ok(calmFixes > 0.8 * fixes, `${calmFixes} of ${fixes} fixes were calm`);
});

t.test('while late data waits nothing is calm: it is due when that is put in', async (t) => {
  const line = new Line([editionOf(orderOf({ conditions: [] }), { edition: 1, effectiveMs: DAY })]);
  line.feed({ kind: 'revised' });
  line.runTo(DAY);
  line.say(TAG, at('10:00'), fixAt(placeAt(0, 0), 5, 'GNSS'));
  t.not(calmOf(line.editions, line.state), null);
  const [atMs, sinceMs] = [at('10:00'), at('10:00')];
  const waiting = { fromMs: at('09:00'), toMs: at('09:30'), latestMs: at('10:01'), dueMs: at('10:01') };
  t.not(calmOf(line.editions, { ...line.state, late: { atMs, sinceMs, waiting: null } }), null);
  t.equal(calmOf(line.editions, { ...line.state, late: { atMs, sinceMs, waiting } }), null);
});

t.test('by the metres of a degree that it reckons with, nothing is nearer than it is', async (t) => {
  const chance = seeded(seed);
  for (let i = 0; i < times(5_000); i += 1) {
    const lat = (chance() - 0.5) * 160;
    const metres = metresADegree(lat, 25_000);
    const [dLat, dLon] = [(chance() - 0.5) * 0.4, (chance() - 0.5) * 0.4];
    const reckonedM = Math.hypot(dLat * metres.lat, dLon * metres.lon);
    const reallyM = distanceM(0, lat, dLon, lat + dLat);
    if (reckonedM <= 25_000 && reallyM > reckonedM + 0.001) {
      t.fail(`at ${lat}, by ${dLat} and ${dLon}: ${reallyM} m, and not ${reckonedM} m at most`);
      return;
    }
  }
  t.pass();
});
