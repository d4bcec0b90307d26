/** How much of a straight path lies inside a zone: the same even-odd rule and the same earth as its distances. */
import { type CompiledShape, distanceM, wrapLon } from './geometry.js';

/** Degrees. */
export interface Place {
  readonly lon: number;
  readonly lat: number;
}

/** Halvings of the path: 60 leave less than the width of an atom. */
const HALVINGS = 60;

/**
 * Metres of the path between two places that lie inside, holes left out. The path is straight in longitude and latitude,
 * as a zone's edges are (RFC 7946 §3.1.1), the short way round; under 100 km, where that is the shortest way to 0.1 %.
 * A path along an edge is inside on one side of the zone and outside on the other.
 */
export function lengthInsideM(shape: CompiledShape, from: Place, to: Place): number {
  const lon = shape.refLon + wrapLon(from.lon - shape.refLon);
  const path: Path = { lon, lat: from.lat, dLon: wrapLon(to.lon - from.lon), dLat: to.lat - from.lat };
  if (shape.kind === 'circle') {
    return touches(shape, path) ? shareInCircle(shape, path) * distanceM(from.lon, from.lat, to.lon, to.lat) : 0;
  }
  // A zone wider than half a turn may lie a turn away from where the path is looked for.
  const turns = shape.wide ? Math.ceil((shape.east - shape.west) / 360) : 0;
  if (turns === 0 && !touches(shape, path)) return 0;
  const crossings: number[] = [];
  for (let turn = -turns; turn <= turns; turn++) {
    crossEdges(shape.xy, shape.starts, { ...path, lon: path.lon + 360 * turn }, crossings);
  }
  return shareBetween(crossings) * distanceM(from.lon, from.lat, to.lon, to.lat);
}

/** Where it begins, and from there to its end, degrees. */
interface Path extends Place {
  readonly dLon: number;
  readonly dLat: number;
}

function touches(
  box: { readonly west: number; readonly east: number; readonly south: number; readonly north: number },
  { lon, lat, dLon, dLat }: Path,
): boolean {
  return (
    Math.max(lon, lon + dLon) >= box.west &&
    Math.min(lon, lon + dLon) <= box.east &&
    Math.max(lat, lat + dLat) >= box.south &&
    Math.min(lat, lat + dLat) <= box.north
  );
}

/** Adds where the path's whole line crosses the edges, in lengths of the path from its beginning. */
function crossEdges(xy: Float64Array, starts: Int32Array, { lon, lat, dLon, dLat }: Path, into: number[]): void {
  const length2 = dLon * dLon + dLat * dLat;
  if (length2 === 0) return;
  for (let c = 0; c + 1 < starts.length; c++) {
    let i = starts[c]!;
    const end = starts[c + 1]!;
    let ax = xy[i]! - lon;
    let ay = xy[i + 1]! - lat;
    let aside = ax * dLat - ay * dLon;
    for (i += 2; i < end; i += 2) {
      const bx = xy[i]! - lon;
      const by = xy[i + 1]! - lat;
      const bside = bx * dLat - by * dLon;
      // half-open, so that a vertex on the line is crossed once
      if (aside > 0 !== bside > 0) {
        const share = aside / (aside - bside);
        into.push(((ax + share * (bx - ax)) * dLon + (ay + share * (by - ay)) * dLat) / length2);
      }
      ax = bx;
      ay = by;
      aside = bside;
    }
  }
}

/** Of the path from 0 to 1, the share between every odd crossing and the next. */
function shareBetween(crossings: number[]): number {
  crossings.sort((a, b) => a - b);
  let share = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    share += Math.max(0, Math.min(1, crossings[i + 1]!) - Math.max(0, crossings[i]!));
  }
  return share;
}

/** The chord, found by the circle's own distances: in a plane it would be wrong by a few percent where the circle is large. */
function shareInCircle(circle: Place & { readonly radiusM: number }, { lon, lat, dLon, dLat }: Path): number {
  const beyondM = (t: number): number =>
    distanceM(lon + t * dLon, lat + t * dLat, circle.lon, circle.lat) - circle.radiusM;
  let [low, high] = [0, 1];
  for (let i = 0; i < 2 * HALVINGS; i++) {
    const third = (high - low) / 3;
    if (beyondM(low + third) < beyondM(high - third)) high -= third;
    else low += third;
  }
  const nearest = (low + high) / 2;
  if (beyondM(nearest) >= 0) return 0;
  const edge = (outside: number): number => {
    if (beyondM(outside) < 0) return outside;
    let [out, inside] = [outside, nearest];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (out + inside) / 2;
      if (beyondM(middle) < 0) inside = middle;
      else out = middle;
    }
    return inside;
  };
  return edge(1) - edge(0);
}
