/** A person's own zones asked about each of the person's fixes: one after the other, and only where that can say anything new. */
import { booleanPointInPolygon } from '@turf/turf';
import { type CompiledShape, compileShape, distanceM, signedDistanceM } from '../../src/rules/geometry.js';
import { clearanceM } from '../../src/rules/safe-radius.js';
import { sideOf } from '../../src/rules/zone-side.js';
import type { Spread } from './stats.js';
import { type Agreement, timed } from './zone-agreement.js';
import type { OwnZones } from './zone-ground.js';
import { type Matcher, turfOf } from './zone-matchers.js';

/** Who is farther from all zones than this has all the room that is needed for a while. */
const CLEARANCE_CAP_M = 10_000;

export interface OwnCosts {
  readonly [cell: string]: Spread | number;
  readonly ours: Spread;
  readonly safe: Spread;
  readonly turf: Spread;
  /** Zones a fix is or may be in, on average. */
  readonly found: number;
}

/** Nearer to a border than this, rounding may say either. */
export const BAND_M = 0.001;

/** Throws when two ways differ. */
export function matchOwn({ zones, fixes }: OwnZones, runs: number, agreement: Agreement): OwnCosts {
  const shapes = zones.map((own) => own.map(compileShape));
  const { lon, lat, radiusM, person } = fixes;
  const all = lon.length;
  const sideAt = (shape: CompiledShape, fix: number): number => {
    const r = radiusM[fix]!;
    return SIDES[sideOf(signedDistanceM(shape, lon[fix]!, lat[fix]!, r, r), r)];
  };
  const scan = (fix: number): number => {
    let sides = 0;
    for (const shape of shapes[person[fix]!]!) sides = 3 * sides + sideAt(shape, fix);
    return sides;
  };
  const safe = new SafeScan(shapes, scan, fixes);
  // both ways about every fix, in the order in which they come
  let found = 0;
  for (let fix = 0; fix < all; fix++) {
    const sides = scan(fix);
    if (safe.sides(fix) !== sides) throw new Error(`fix ${fix}: with safe radius ${safe.sides(fix)}, without ${sides}`);
    found += digitsOf(sides);
    agreement.compared++;
  }
  const features = zones.map((own) =>
    turfOf(own.map((shape) => (shape.kind === 'polygons' ? shape.polygons[0]! : []))),
  );
  const inside = (fix: number): readonly number[] => {
    const own = shapes[person[fix]!]!;
    return own.flatMap((shape, i) => (signedDistanceM(shape, lon[fix]!, lat[fix]!) < 0 ? [i] : []));
  };
  const byTurf = (fix: number): number[] => {
    const [at, into]: [number[], number[]] = [[lon[fix]!, lat[fix]!], []];
    const own = features[person[fix]!]!;
    for (let i = 0; i < own.length; i++) if (booleanPointInPolygon(at, own[i]!)) into.push(i);
    return into;
  };
  agreement.compare(all, inside, byTurf, (fix, i) => {
    return Math.abs(signedDistanceM(shapes[person[fix]!]![i]!, lon[fix]!, lat[fix]!)) < BAND_M;
  });
  const matcher = (count: (fix: number) => number): Matcher => ({ count, list: () => [] });
  return {
    ours: timed(matcher(scan), all, runs),
    safe: timed(
      matcher((fix) => safe.sides(fix)),
      all,
      runs,
    ),
    turf: timed(
      matcher((fix) => byTurf(fix).length),
      all,
      runs,
    ),
    found: found / all,
  };
}

const SIDES = { outside: 0, indeterminate: 1, inside: 2 } as const;

function digitsOf(sides: number): number {
  let count = 0;
  for (let rest = sides; rest > 0; rest = Math.floor(rest / 3)) if (rest % 3 > 0) count++;
  return count;
}

/** Keeps of each person where the zones were last looked at, what they said, and how far that is true. */
class SafeScan {
  readonly #lon: Float64Array;
  readonly #lat: Float64Array;
  readonly #clearM: Float64Array;
  readonly #sides: Int32Array;

  constructor(
    private readonly shapes: readonly (readonly CompiledShape[])[],
    private readonly scan: (fix: number) => number,
    private readonly fixes: OwnZones['fixes'],
  ) {
    const people = shapes.length;
    this.#lon = new Float64Array(people);
    this.#lat = new Float64Array(people);
    this.#clearM = new Float64Array(people);
    this.#sides = new Int32Array(people);
  }

  sides(fix: number): number {
    const p = this.fixes.person[fix]!;
    const [lon, lat, radiusM] = [this.fixes.lon[fix]!, this.fixes.lat[fix]!, this.fixes.radiusM[fix]!];
    const leftM = this.#clearM[p]! - radiusM;
    if (leftM > 0 && distanceM(this.#lon[p]!, this.#lat[p]!, lon, lat) <= leftM) return this.#sides[p]!;
    const sides = this.scan(fix);
    let clearM = CLEARANCE_CAP_M;
    for (const shape of this.shapes[p]!) {
      clearM = clearanceM(shape, lon, lat, clearM);
      if (clearM === 0) break;
    }
    // whoever is in doubt of a zone here has no clearance beyond the doubt, and what is kept must be sure
    this.#clearM[p] = clearM > radiusM ? clearM : 0;
    this.#lon[p] = lon;
    this.#lat[p] = lat;
    this.#sides[p] = sides;
    return sides;
  }
}
