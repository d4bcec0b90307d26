/**
 * What a person's devices say, minute by minute: a fix a minute, an hourly call of the home unit and one at every
 * coming and going. Most days are dull; now and then somebody stays out, enters a zone, or lets the battery run down.
 */
import type { DeviceId } from '../../src/domain/ids.js';
import type { DeviceRecord, LocationFix, RecordBody, TagStatus } from '../../src/domain/record.js';
import { Random } from '../../src/sim/random.js';
import { positionOf, type Spot, spotAround } from './ground.js';
import { FIRST_DAY_MS, type Person } from './people.js';

export interface Said {
  readonly deviceId: DeviceId;
  readonly record: DeviceRecord;
}

const MINUTE_MS = 60_000;
const DAY_MIN = 1_440;

/** Odds a day. */
const ODDS = { out: 0.7, lateHome: 0.03, intoZone: 0.1, batteryLow: 0.1, strapCut: 0.005 } as const;

/**
 * What the devices say in `minutes` minutes from `fromMin` minutes after the first midnight, in event order, with a fix
 * every `fixEveryMin` minutes.
 */
export function sayings(person: Person, fromMin: number, minutes: number, fixEveryMin = 1): Said[] {
  const said: Said[] = [];
  let day = -1;
  let plan: DayPlan | null = null;
  for (let minute = fromMin; minute < fromMin + minutes; minute++) {
    const today = Math.floor(minute / DAY_MIN);
    if (plan === null || today !== day) {
      day = today;
      plan = planDay(person, today);
    }
    sayMinute(person, plan, minute, minute % fixEveryMin === 0, said);
  }
  return said;
}

interface Stay {
  readonly fromMin: number;
  readonly toMin: number;
  readonly at: Spot;
}

interface DayPlan {
  /** Minutes of the day; between two stays the person is on the way. None: at home all day. */
  readonly stays: readonly Stay[];
  readonly leaveMin: number;
  readonly returnMin: number;
  readonly statuses: ReadonlyMap<number, TagStatus>;
}

function planDay(person: Person, day: number): DayPlan {
  const random = Random.of(person.seed, 'day', day);
  const statuses = new Map<number, TagStatus>();
  const status = (minute: number, batteryPct: number, flags: TagStatus['flags'] = []) =>
    statuses.set(minute, { kind: 'tag', batteryPct, flags });
  status(random.whole(420, 480), 80);
  if (random.chance(ODDS.batteryLow)) {
    status(900, 18);
    status(930, 17, ['CHARGING_START']);
    status(1_010, 95, ['CHARGING_END']);
  }
  if (random.chance(ODDS.strapCut)) {
    status(1_100, 70, ['STRAP_TAMPER_START']);
    status(1_130, 69, ['STRAP_TAMPER_END']);
  }
  if (!random.chance(ODDS.out)) return { stays: [], leaveMin: DAY_MIN, returnMin: DAY_MIN, statuses };
  const [leaveMin, workMin] = [random.whole(450, 510), random.whole(15, 40)];
  const backMin = random.chance(ODDS.lateHome) ? random.whole(1_260, 1_320) : random.whole(1_000, 1_070);
  const stays: Stay[] = [
    { fromMin: leaveMin, toMin: leaveMin, at: person.home },
    { fromMin: leaveMin + workMin, toMin: backMin - 90, at: spotAround(random, { x: 0, y: 0 }, 1_000, 6_000) },
  ];
  const zone = random.chance(ODDS.intoZone) ? random.pick(person.ownZones) : undefined;
  if (zone !== undefined) stays.push({ fromMin: backMin - 70, toMin: backMin - 60, at: zone });
  stays.push({ fromMin: backMin - 30, toMin: backMin - 20, at: spotAround(random, person.home, 300, 900) });
  stays.push({ fromMin: backMin, toMin: backMin, at: person.home });
  return { stays, leaveMin, returnMin: backMin, statuses };
}

function sayMinute(person: Person, plan: DayPlan, minute: number, withFix: boolean, into: Said[]): void {
  const { unitId, tagId } = person;
  const timeMs = FIRST_DAY_MS + minute * MINUTE_MS;
  const ofDay = minute % DAY_MIN;
  const noise = Random.of(person.seed, minute);
  const say = (deviceId: DeviceId, offsetMs: number, body: RecordBody): void => {
    into.push({ deviceId, record: { timeMs: timeMs + offsetMs, hash: hashOf(noise), body } });
  };
  if (withFix) say(tagId, 0, fixAt(person, spotOf(person, plan, ofDay), noise));
  const isOut = ofDay >= plan.leaveMin && ofDay < plan.returnMin;
  const rf = (event: 'ENTER' | 'EXIT' | 'PRESENT') =>
    say(unitId, 20_000, { kind: 'rf', tagId, event, rssiDbm: -noise.whole(50, 85), status: null });
  if (ofDay === plan.leaveMin) rf('EXIT');
  else if (ofDay === plan.returnMin) rf('ENTER');
  else if (minute % 60 === 7 && !isOut) rf('PRESENT');
  else if (minute % 60 === 7) say(unitId, 20_000, { kind: 'unit', flags: [], batteryPct: 100 });
  const status = plan.statuses.get(ofDay);
  if (status !== undefined) say(tagId, 40_000, status);
}

/** Where the person is, as the plan has it: stays, and straight lines between them. */
function spotOf(person: Person, { stays }: DayPlan, ofDay: number): Spot {
  const next = stays.findIndex(({ toMin }) => ofDay <= toMin);
  const [before, stay] = [stays[next - 1], stays[next]];
  if (stay === undefined || (before === undefined && ofDay < stay.fromMin)) return person.home;
  if (before === undefined || ofDay >= stay.fromMin) return stay.at;
  const part = (ofDay - before.toMin) / (stay.fromMin - before.toMin);
  return { x: before.at.x + part * (stay.at.x - before.at.x), y: before.at.y + part * (stay.at.y - before.at.y) };
}

/** GNSS: radius 3 m at the median, 17 m at the 95th percentile; the error stays well within it. */
function fixAt(person: Person, spot: Spot, noise: Random): LocationFix {
  const radiusM = noise.chance(0.5) ? noise.between(2, 3) : noise.chance(0.9) ? noise.between(3, 17) : 25;
  const [lon, lat] = positionOf(person.area, spotAround(noise, spot, 0, radiusM / 2));
  return {
    kind: 'fix',
    latE7: Math.round(lat * 1e7),
    lonE7: Math.round(lon * 1e7),
    accuracyDm: Math.round(radiusM * 10),
    speedCmS: 0,
    headingCdeg: 0,
    satellites: noise.whole(6, 14),
    hdopCenti: 90,
    mechanism: 'GNSS',
    altitudeDm: 0,
  };
}

/** In the shape of a record's hash; made up, for the rules only compare it. */
const hashOf = (random: Random): string => random.bytes(16).toString('base64url');
