/**
 * Days as a tag sends them, for what is kept for years: a fix a minute with a receiver's noise, of people who sleep, walk
 * and drive through streets; and what else the archive holds of a day.
 */
import { makeRecord } from '../../src/codec/record.js';
import { type DeviceId, parseDeviceId } from '../../src/domain/ids.js';
import type { LocationFix, RecordBody } from '../../src/domain/record.js';
import type { ArchivedRecord } from '../../src/ports/archive.js';
import { Random } from '../../src/sim/random.js';
import { type Area, positionOf, type Spot } from './ground.js';

export interface Noise {
  /** Radius that the device states, metres: median and 95th percentile of a log-normal distribution. */
  readonly statedP50M: number;
  readonly statedP95M: number;
  /** Of an error: how many of the stated radius; 1: as far as the statement allows (95 of 100 lie within). */
  readonly errorOfStated: number;
  /** How far from its minute a fix is taken, ms to either side, evenly; 0: on it. */
  readonly timeMs: number;
  /** Speed, heading, satellites, HDOP and altitude are sent too. */
  readonly allFields: boolean;
}

/** The field's GNSS: radius 3 m at the median, 17 m at the 95th percentile. */
export const FIELD_NOISE: Noise = { statedP50M: 3, statedP95M: 17, errorOfStated: 1, timeMs: 500, allFields: false };

const MINUTE_MS = 60_000;
const DAY_MIN = 1_440;
const DAY_MS = DAY_MIN * MINUTE_MS;
/** The 95th percentile of a normal distribution, and of the distance from the middle of a round one. */
const NORMAL_P95 = 1.6449;
const ROUND_P95 = 2.4477;
/** log2 √(2πe): the entropy of a normal distribution of deviation 1, in bits. */
const GAUSS_BITS = 2.0471;
/** People live at 51 to 54 degrees north. */
const MEAN_LAT = 52.5;
const STREET_M = 120;
/** Seconds from a fix to its arrival: median 14, 95th percentile 38. */
const DELAY_S = { p50: 14, p95: 38 } as const;

/** What is archived of a person's day: 1,440 fixes, the home unit's hourly calls, a battery status every four hours. */
export function dayOf(seed: string, person: number, day: number, noise: Noise): ArchivedRecord[] {
  const random = Random.of(seed, 'track', person, day);
  const home = Random.of(seed, 'home', person);
  const area: Area = { lon: home.between(-3, 0), lat: home.between(51, 54) };
  const [tagId, unitId] = [deviceId(`TAG-${person}`), deviceId(`HU-${person}`)];
  const phaseMs = home.whole(0, 59_999);
  const path = walkOf(random, { x: home.between(-3_000, 3_000), y: home.between(-3_000, 3_000) });
  const out: ArchivedRecord[] = [];
  const keep = (deviceId: DeviceId, timeMs: number, body: RecordBody): void => {
    const receivedS = Math.floor(timeMs / 1000 + logNormal(random, DELAY_S.p50, DELAY_S.p95));
    out.push({ deviceId, receivedS, record: makeRecord(timeMs, body) });
  };
  for (let minute = 0; minute < DAY_MIN; minute++) {
    const timeMs = Math.min(
      day * DAY_MS + minute * MINUTE_MS + phaseMs + offset(random, noise.timeMs),
      (day + 1) * DAY_MS - 1,
    );
    const [from, to] = [path[minute] as Spot, path[minute + 1] as Spot];
    keep(tagId, Math.max(timeMs, day * DAY_MS), fixAt(random, area, from, to, noise));
    if (minute % 60 === 7) {
      keep(unitId, day * DAY_MS + minute * MINUTE_MS + 20_000, {
        kind: 'rf',
        tagId,
        event: 'PRESENT',
        rssiDbm: -random.whole(55, 75),
        status: null,
      });
    }
    if (minute % 240 === 200) {
      keep(tagId, day * DAY_MS + minute * MINUTE_MS + 40_000, { kind: 'tag', batteryPct: 90 - minute / 40, flags: [] });
    }
  }
  return out.sort((a, b) => a.record.timeMs - b.record.timeMs);
}

/**
 * Bits a fix that nobody can foretell: of what is drawn at random for time, arrival, accuracy and position, as if it were
 * known where the person is. No lossless packing goes below it (Shannon); how people move comes on top.
 */
export function unforeseeableBits(noise: Noise): number {
  const [stated, delay] = [shapeOf(noise.statedP50M, noise.statedP95M), shapeOf(DELAY_S.p50, DELAY_S.p95)];
  const time = Math.log2(2 * noise.timeMs + 1);
  const arrival = Math.log2(DELAY_S.p50 * delay) + GAUSS_BITS;
  const accuracy = Math.log2(10 * noise.statedP50M * stated) + GAUSS_BITS;
  const deviationM = (noise.statedP50M * noise.errorOfStated) / ROUND_P95;
  const unitM = 111_250e-7;
  const lat = Math.log2(deviationM / unitM) + GAUSS_BITS;
  const lon = Math.log2(deviationM / (unitM * Math.cos((MEAN_LAT * Math.PI) / 180))) + GAUSS_BITS;
  return time + arrival + accuracy + lat + lon;
}

/** Where the person is at each minute: home, work and a shop, and streets between them. */
function walkOf(random: Random, home: Spot): Spot[] {
  const work = { x: home.x + random.between(-5_000, 5_000), y: home.y + random.between(-5_000, 5_000) };
  const shop = { x: home.x + random.between(-900, 900), y: home.y + random.between(-900, 900) };
  const plan = [
    { at: home, untilMin: random.whole(440, 510), speedMS: 8 },
    { at: work, untilMin: random.whole(960, 1_020), speedMS: 8 },
    { at: shop, untilMin: random.whole(1_040, 1_060), speedMS: 1.4 },
    { at: home, untilMin: DAY_MIN + 1, speedMS: 1.4 },
  ];
  const path: Spot[] = [];
  let spot = home;
  for (const [i, { at, untilMin, speedMS }] of plan.entries()) {
    const pace = i === 0 ? 0 : (plan[i - 1]?.speedMS ?? speedMS);
    while (path.length < untilMin) {
      path.push(spot);
      spot = onwards(random, spot, at, 60 * pace * random.between(0.5, 1.3));
    }
  }
  return path;
}

/** Along streets north–south and east–west, turning at random corners. */
function onwards(random: Random, from: Spot, to: Spot, metres: number): Spot {
  let [spot, left] = [from, metres];
  while (left > 0 && (spot.x !== to.x || spot.y !== to.y)) {
    const [dx, dy] = [to.x - spot.x, to.y - spot.y];
    const alongX = dx !== 0 && (dy === 0 || random.chance(Math.abs(dx) / (Math.abs(dx) + Math.abs(dy))));
    const step = Math.min(left, STREET_M, Math.abs(alongX ? dx : dy));
    spot = alongX ? { x: spot.x + Math.sign(dx) * step, y: spot.y } : { x: spot.x, y: spot.y + Math.sign(dy) * step };
    left -= step;
  }
  return spot;
}

function fixAt(random: Random, area: Area, spot: Spot, next: Spot, noise: Noise): LocationFix {
  const statedM = logNormal(random, noise.statedP50M, noise.statedP95M);
  const deviationM = (statedM * noise.errorOfStated) / ROUND_P95;
  const seen = { x: spot.x + deviationM * normal(random), y: spot.y + deviationM * normal(random) };
  const [lon, lat] = positionOf(area, seen);
  const fix: LocationFix = {
    kind: 'fix',
    latE7: Math.round(lat * 1e7),
    lonE7: Math.round(lon * 1e7),
    accuracyDm: Math.max(1, Math.round(statedM * 10)),
    speedCmS: 0,
    headingCdeg: 0,
    satellites: 0,
    hdopCenti: 0,
    mechanism: 'GNSS',
    altitudeDm: 0,
  };
  if (!noise.allFields) return fix;
  const [dx, dy] = [next.x - spot.x, next.y - spot.y];
  const heading = dx === 0 && dy === 0 ? random.between(0, 36_000) : (Math.atan2(dx, dy) * 18_000) / Math.PI + 36_000;
  return {
    ...fix,
    speedCmS: Math.round(Math.abs((Math.hypot(dx, dy) * 100) / 60 + 15 * normal(random))),
    headingCdeg: Math.floor(heading + 300 * normal(random) + 36_000) % 36_000,
    satellites: Math.max(4, Math.round(10 + 2 * normal(random))),
    hdopCenti: Math.round(70 + 3 * statedM),
    altitudeDm: Math.round(850 + 15 * deviationM * normal(random)),
  };
}

const offset = (random: Random, ms: number): number => (ms === 0 ? 0 : random.whole(-ms, ms));

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function logNormal(random: Random, p50: number, p95: number): number {
  return p50 * Math.exp(shapeOf(p50, p95) * normal(random));
}

const shapeOf = (p50: number, p95: number): number => Math.log(p95 / p50) / NORMAL_P95;

function deviceId(text: string): DeviceId {
  const parsed = parseDeviceId(text);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}
