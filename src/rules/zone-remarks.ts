/** What is worth a second look at a sound zone: it is taken all the same. */
import type { Problem } from '../domain/problem.js';
import type { Ring, SharedZone, ZoneShape } from '../domain/zone.js';
import { distanceM } from './geometry.js';
import { crossesAntimeridian, unwrapped } from './geometry-rings.js';
import { swappedProblem } from './zone-countries.js';

export type ZoneRemarkCode = 'empty' | 'winding' | 'antimeridian' | 'swapped' | 'narrow' | 'wide';

export interface ZoneRemark extends Problem {
  readonly code: ZoneRemarkCode;
  /** Of a ring that the remark is about, by index among the parts that are not empty. */
  readonly polygon?: number;
  readonly ring?: number;
}

/** Beyond, a zone is no place in a town any more; the bound of circles, across. */
const WIDE_M = 200_000;
/** The radius of a good fix (§4): in a narrower zone than twice that none is ever surely inside. */
const NARROW_M = 40;

/** Metres from west to east and from south to north. */
export function extentM(shape: ZoneShape): readonly [eastWest: number, northSouth: number] {
  if (shape.kind === 'circle') return [2 * shape.radiusM, 2 * shape.radiusM];
  const positions = unwrapped(shape.polygons).flat(2);
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [lon, lat] of positions) {
    [west, east] = [Math.min(west, lon), Math.max(east, lon)];
    [south, north] = [Math.min(south, lat), Math.max(north, lat)];
  }
  // where the zone is widest, which is nearest to the equator; a chord is no measure of more than half a turn
  const lat = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north));
  const half = distanceM(0, lat, Math.min((east - west) / 2, 90), lat) * Math.max(1, (east - west) / 180);
  return [2 * half, distanceM(0, south, 0, north)];
}

/** Remarks on a sound zone of a file; `path` is that of its Feature, `timeZone` whose country it should be in. */
export function zoneRemarks({ shape }: SharedZone, path: string, timeZone: string): ZoneRemark[] {
  const geometry = path === '' ? 'geometry' : `${path}.geometry`;
  const swapped = swappedProblem(shape, timeZone, geometry);
  const remarks: ZoneRemark[] = swapped === null ? [] : [{ ...swapped, code: 'swapped' }];
  const extents = extentM(shape);
  const metres = extents.map((side) => String(Number(side.toPrecision(3)))).join(' by ');
  if (Math.min(...extents) < NARROW_M) {
    const expected = `more than ${NARROW_M} m (a good fix is sure to 20 m, so none can be surely inside)`;
    remarks.push({ code: 'narrow', path: geometry, expected, got: `${metres} m` });
  } else if (Math.max(...extents) > WIDE_M) {
    const expected = `a zone of less than ${WIDE_M / 1000} km`;
    remarks.push({ code: 'wide', path: geometry, expected, got: `${metres} m` });
  }
  return shape.kind === 'circle' ? remarks : [...remarks, ...shape.polygons.flatMap(ringRemarks(geometry))];
}

const ringRemarks = (path: string) => (rings: readonly Ring[], polygon: number) =>
  rings.flatMap((points, ring): ZoneRemark[] => {
    const remarks: ZoneRemark[] = [];
    const which = `ring ${ring} of polygon ${polygon}`;
    if (isCounterclockwise(points) !== (ring === 0)) {
      const [wanted, came] = ring === 0 ? ['counterclockwise', 'clockwise'] : ['clockwise', 'counterclockwise'];
      const expected = `${which} to wind ${wanted} (RFC 7946 §3.1.6)`;
      remarks.push({ code: 'winding', path, expected, got: `${came}, which is taken as well`, polygon, ring });
    }
    if (crossesAntimeridian(points)) {
      const expected = `${which} to be cut in two at the antimeridian (RFC 7946 §3.1.9)`;
      const got = 'an edge over 180°, which is taken the short way across it';
      remarks.push({ code: 'antimeridian', path, expected, got, polygon, ring });
    }
    return remarks;
  });

/** Twice the signed area about the first position, which keeps a small ring's digits. */
function isCounterclockwise(written: Ring): boolean {
  const ring = unwrapped([[written]])[0]?.[0] ?? [];
  const [x0, y0] = ring[0] ?? [0, 0];
  let area2 = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1] as readonly [number, number];
    const [bx, by] = ring[i] as readonly [number, number];
    area2 += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return area2 > 0;
}
