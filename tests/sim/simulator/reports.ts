/** What a person's devices report of what the person does: fixes, readings, calls, tampering, batteries, silences. */
import type { RecordBody, TagFlag, UnitFlag } from '../../../src/domain/record.js';
import type { Interval } from '../../../src/domain/timetable.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/sim/civil-time.js';
import { apart, type Spot, signedDistance, toLonLat, towards } from '../../../src/sim/ground.js';
import type { Random } from '../../../src/sim/random.js';
import { fixBody, heartbeatBody, type Report, rfBody, tagBody, unitBody } from '../../../src/sim/report.js';
import type { People, Person, Trip } from './people.js';

const SPEED_M_S = 14;
/** A fix whose accuracy circle ends this near to a boundary would leave its side to rounding: none is sent there. */
const UNSURE_M = 2;

/** The truth does not know when a tag that only its home unit hears has fallen silent for want of power. */
const SPARE_PCT = 5;

/** A device says one thing at a time: what falls on a moment that is taken comes a millisecond later. */
class Timeline {
  readonly #moments = new Map<number, readonly RecordBody[]>();

  constructor(
    readonly deviceId: string,
    readonly orderId: string,
    readonly run: Interval,
  ) {}

  add(atMs: number, ...bodies: RecordBody[]): void {
    let free = atMs;
    while (this.#moments.has(free)) free += 1;
    this.#moments.set(free, bodies);
  }

  reports(quiet: readonly Interval[]): Report[] {
    return [...this.#moments]
      .filter(
        ([at]) => at >= this.run.startMs && at < this.run.endMs && !quiet.some((q) => q.startMs <= at && at < q.endMs),
      )
      .map(([timeMs, bodies]) => ({ deviceId: this.deviceId, orderId: this.orderId, timeMs, bodies }))
      .sort((a, b) => a.timeMs - b.timeMs);
  }
}

/** Everything that everybody's devices say, in event order for each device. */
export function reportsOf(random: Random, { people, run }: People): Report[] {
  return people.flatMap((person) => {
    const others = people.filter((other) => other !== person && other.trips.length > 0);
    return [...unitReports(random, person, others, run), ...tagReports(random, person, run)];
  });
}

function unitReports(random: Random, person: Person, others: readonly Person[], run: Interval): Report[] {
  const { unitId, tagId, trips } = person;
  if (unitId === null) return [];
  const line = new Timeline(unitId, person.order.order_id, run);
  const level = batteryOf(random, run);
  const reading = (atMs: number): RecordBody =>
    rfBody(tagId, 'PRESENT', !person.gps && random.chance(0.3) ? tagBody([], Math.max(SPARE_PCT, level(atMs))) : null);
  for (const { startMs, endMs } of trips) {
    line.add(startMs, rfBody(tagId, 'EXIT'));
    // now and then the return is first shown by the next call
    if (random.chance(0.9)) line.add(endMs, rfBody(tagId, 'ENTER'));
  }
  const everyMs = random.pick([30, 60, 60, 100]) * MINUTE_MS;
  for (
    let at = run.startMs + random.whole(0, everyMs);
    at < run.endMs;
    at += everyMs + random.whole(-5, 5) * MINUTE_MS
  ) {
    const call = random.chance(0.5) ? heartbeatBody(Math.floor((at - run.startMs) / 1_000)) : unitBody([], 100);
    line.add(at, call, ...(isOut(trips, at) ? [] : [reading(at)]));
  }
  for (const [from, to] of flagPairs<UnitFlag>(random, UNIT_PAIRS, run)) {
    line.add(from.atMs, unitBody([from.flag]));
    line.add(to.atMs, unitBody([to.flag]));
  }
  if (!person.gps) {
    for (const [from, to] of flagPairs<TagFlag>(random, TAG_PAIRS, run)) {
      for (const { atMs, flag } of [from, to])
        if (!isOut(trips, atMs)) line.add(atMs, rfBody(tagId, 'PRESENT', tagBody([flag])));
    }
  }
  if (others.length > 0 && random.chance(0.4)) {
    const guest = random.pick(others);
    const { startMs, endMs } = random.pick(guest.trips);
    line.add(Math.floor(startMs + (endMs - startMs) / 4), rfBody(guest.tagId, 'ENTER'));
    line.add(Math.floor((startMs + endMs) / 2), rfBody(guest.tagId, 'EXIT'));
  }
  return line.reports(quietTimes(random, run));
}

function tagReports(random: Random, person: Person, run: Interval): Report[] {
  if (!person.gps) return [];
  const line = new Timeline(person.tagId, person.order.order_id, run);
  const everyMs = random.pick([20, 40, 60]) * MINUTE_MS;
  for (let at = run.startMs + random.whole(0, everyMs); at < run.endMs; at += everyMs) addFix(random, person, line, at);
  for (const trip of person.trips) {
    const stepMs = random.pick([60, 100, 180, 400]) * 1_000;
    const lastMs = Math.min(trip.endMs, trip.startMs + 25 * stepMs);
    for (let at = trip.startMs + random.whole(0, stepMs); at < lastMs; at += stepMs) addFix(random, person, line, at);
  }
  const level = batteryOf(random, run);
  for (let at = run.startMs + random.whole(0, HOUR_MS); at < run.endMs; at += random.whole(60, 150) * MINUTE_MS) {
    line.add(at, tagBody([], level(at)));
  }
  for (const [from, to] of flagPairs<TagFlag>(random, TAG_PAIRS, run)) {
    line.add(from.atMs, tagBody([from.flag]));
    line.add(to.atMs, tagBody([to.flag]));
  }
  return line.reports(quietTimes(random, run));
}

function addFix(random: Random, person: Person, line: Timeline, atMs: number): void {
  const radiusM = random.chance(0.3) ? random.whole(40, 70) : random.whole(3, 20);
  const spot = positionAt(person, atMs);
  const errorM = radiusM * 0.6 * random.next();
  const angle = random.between(0, 2 * Math.PI);
  const [lon, lat] = toLonLat(person.town, {
    x: spot.x + Math.cos(angle) * errorM,
    y: spot.y + Math.sin(angle) * errorM,
  });
  const unsure = person.places.some(({ shape, bufferM }) =>
    [0, bufferM].some((outerM) => {
      const distanceM = Math.abs(signedDistance(shape, lon, lat) - outerM);
      return distanceM < UNSURE_M || Math.abs(distanceM - radiusM) < UNSURE_M;
    }),
  );
  if (!unsure) line.add(atMs, fixBody(lon, lat, radiusM));
}

/** Straight there, a stay, straight back. */
function positionAt({ home, trips }: Person, atMs: number): Spot {
  const trip = trips.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
  if (trip === undefined) return home;
  const metres = apart(home, trip.to);
  const goneM = (Math.min(atMs - trip.startMs, trip.endMs - atMs) / 1_000) * SPEED_M_S;
  return towards(home, trip.to, Math.min(metres, goneM));
}

const isOut = (trips: readonly Trip[], atMs: number): boolean =>
  trips.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);

interface Flagged<F> {
  readonly atMs: number;
  readonly flag: F;
}

const TAG_PAIRS: readonly (readonly [TagFlag, TagFlag])[] = [
  ['STRAP_TAMPER_START', 'STRAP_TAMPER_END'],
  ['CASE_OPEN_START', 'CASE_OPEN_END'],
  ['SHIELDING_START', 'SHIELDING_END'],
  ['JAMMING_START', 'JAMMING_END'],
  ['SELF_TEST_FAULT', 'SELF_TEST_OK'],
];
const UNIT_PAIRS: readonly (readonly [UnitFlag, UnitFlag])[] = [
  ['MAINS_LOST', 'MAINS_RESTORED'],
  ['MOVED', 'RESET'],
  ['CASE_OPEN_START', 'CASE_OPEN_END'],
  ['SELF_TEST_FAULT', 'SELF_TEST_OK'],
];

/** Things that begin and end; a beginning may be said twice, and an end may never come. */
function flagPairs<F>(random: Random, pairs: readonly (readonly [F, F])[], run: Interval): [Flagged<F>, Flagged<F>][] {
  return Array.from({ length: random.whole(0, 3) }, () => {
    const [from, to] = random.pick(pairs);
    const atMs = run.startMs + random.whole(1, run.endMs - run.startMs);
    const lastsMs = random.chance(0.3) ? random.whole(1, 20) * 1_000 : random.whole(1, 240) * MINUTE_MS;
    return [
      { atMs, flag: from },
      { atMs: atMs + lastsMs, flag: random.chance(0.1) ? from : to },
    ];
  });
}

/** Falls at its own pace, sometimes to nothing; whoever charges it does it between two readings. */
function batteryOf(random: Random, run: Interval): (atMs: number) => number {
  const full = random.whole(15, 98);
  const perHour = random.pick([0.5, 2, 6]);
  const chargedMs = run.startMs + random.whole(1, 30) * HOUR_MS;
  return (atMs) => {
    const hours = (atMs >= chargedMs ? atMs - chargedMs : atMs - run.startMs) / HOUR_MS;
    return Math.max(0, Math.round((atMs >= chargedMs ? 97 : full) - hours * perHour));
  };
}

/** When a device is out of order, out of battery, or in a cellar for good: what it would have said is never said. */
function quietTimes(random: Random, run: Interval): Interval[] {
  return Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => {
    const startMs = run.startMs + random.whole(0, run.endMs - run.startMs);
    return { startMs, endMs: startMs + random.whole(10, 300) * MINUTE_MS };
  });
}
