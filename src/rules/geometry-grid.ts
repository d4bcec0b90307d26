/** A raster over a zone of many edges: cells that are surely inside, surely outside, and by how much; and those unsure. */
import { type EdgeTree, leafNear, treeDistance2 } from './geometry-tree.js';

export interface CertaintyGrid {
  /** Columns and rows; row by row from the south-west. */
  readonly side: number;
  readonly perLon: number;
  readonly perLat: number;
  /** Of each cell a number of `SURELY_M`: by a byte more than by four, so that more of a zone stays at hand. */
  readonly surely: Uint8Array;
  /** A leaf of the tree that is near to all of two by two cells. */
  readonly leaves: Uint16Array;
}

interface Gridded {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
  readonly xy: Float64Array;
}

const SIDE_MAX = 128;
/** About four cells an edge: 16 × 16 for 64 edges, 128 × 128 from 2,900 on. */
const sideOf = (edges: number): number => Math.min(SIDE_MAX, 2 ** Math.round(Math.log2(2 * Math.sqrt(edges))));

const LEAST_M = 0.001;
const STEPS_AN_OCTAVE = 4;
const INSIDE = 128;
/**
 * Metres that everybody in a cell is at least from the boundary, negative inside; 0: it may be anywhere. In steps of a
 * fifth: what is between them is given away.
 */
export const SURELY_M = Float64Array.from({ length: 2 * INSIDE }, (_, i) => {
  const step = i % INSIDE;
  const metres = LEAST_M * 2 ** (step / STEPS_AN_OCTAVE);
  return step === 0 ? 0 : i < INSIDE ? metres : -metres;
});

/**
 * The least metres of a degree of longitude and of latitude between two latitudes: by these, distances are at most what
 * they are from any position there.
 */
export type LeastPerDegree = (south: number, north: number) => { readonly kx: number; readonly ky: number };

/** Milliseconds for thousands of edges, so it is made at the first question that needs it. */
export function gridOf(shape: Gridded, tree: EdgeTree, leastPerDegree: LeastPerDegree): CertaintyGrid {
  const { west, south, east, north, xy } = shape;
  const side = sideOf(xy.length / 2);
  const { kx, ky } = leastPerDegree(south, north);
  const [wide, high] = [(east - west) / side, (north - south) / side];
  const cornerM = Math.hypot(wide * kx, high * ky) / 2;
  const surely = new Uint8Array(side * side);
  const leaves = new Uint16Array((side * side) / 4);
  // far from the boundary one look at the middle of many cells is enough for all of them
  const look = (column: number, row: number, size: number): void => {
    const [lon, lat] = [west + (column + size / 2) * wide, south + (row + size / 2) * high];
    const leaf = leafNear(tree, lon, lat, kx, ky);
    const signed2 = treeDistance2(xy, tree, lon, lat, kx, ky, leaf, 0, Infinity);
    // from its middle to a corner; and a little for what rounding does to places, cells and this number
    const apartM = Math.sqrt(Math.abs(signed2)) * (1 - 1e-6) - size * cornerM * (1 + 1e-6) - 0.001;
    for (let r = row >> 1; size > 1 && r < (row + size) >> 1; r++) {
      leaves.fill(leaf, (r * side + column) >> 1, (r * side + column + size) >> 1);
    }
    if (size > 1 && apartM < 2 * size * cornerM) {
      const half = size / 2;
      look(column, row, half);
      look(column + half, row, half);
      look(column, row + half, half);
      look(column + half, row + half, half);
      return;
    }
    const step = stepOf(apartM);
    if (step === 0) return;
    for (let r = row; r < row + size; r++) {
      surely.fill(signed2 < 0 ? INSIDE + step : step, r * side + column, r * side + column + size);
    }
  };
  look(0, 0, side);
  return { side, perLon: 1 / wide, perLat: 1 / high, surely, leaves };
}

/** The largest step that is not more. */
function stepOf(metres: number): number {
  if (metres < SURELY_M[1]!) return 0;
  let step = Math.min(INSIDE - 1, Math.floor(STEPS_AN_OCTAVE * Math.log2(metres / LEAST_M)));
  while (SURELY_M[step]! > metres) step--;
  return step;
}

/** What is sure at so many degrees from the south-west corner, as in `SURELY_M`; beyond the raster what its rim says. */
export function surelyAt({ side, perLon, perLat, surely }: CertaintyGrid, eastDeg: number, northDeg: number): number {
  return SURELY_M[surely[within(northDeg * perLat, side) * side + within(eastDeg * perLon, side)]!]!;
}

/** A leaf that is probably near. */
export function leafAt({ side, perLon, perLat, leaves }: CertaintyGrid, eastDeg: number, northDeg: number): number {
  return leaves[(within(northDeg * perLat, side) >> 1) * (side >> 1) + (within(eastDeg * perLon, side) >> 1)]!;
}

/** Comparisons, for they are foretold: Math.min and Math.max also look for NaN and −0. */
const within = (at: number, side: number): number => (at >= side ? side - 1 : at > 0 ? at | 0 : 0);
