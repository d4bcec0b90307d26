/** A raster over a zone of many edges: cells that are surely inside, surely outside, and by how much; and those unsure. */
import { type EdgeTree, leafNear, treeDistance2 } from './geometry-tree.js';

export interface CertaintyGrid {
  /** Columns and rows; row by row from the south-west. */
  readonly side: number;
  readonly perLon: number;
  readonly perLat: number;
  /** Metres: everybody in the cell is at least so far from the boundary, negative inside; 0: it may be anywhere. */
  readonly surelyM: Float32Array;
  /** A leaf of the tree that is near to all of the cell. */
  readonly leaves: Uint16Array;
}

interface Gridded {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
  readonly xy: Float64Array;
}

const SIDE_MAX = 64;
/** About as many cells as edges: 8 × 8 for 64 of them, 64 × 64 from 4,096 on. */
const sideOf = (edges: number): number => Math.min(SIDE_MAX, 2 ** Math.round(Math.log2(Math.sqrt(edges))));

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
  const surelyM = new Float32Array(side * side);
  const leaves = new Uint16Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [lon, lat] = [west + (column + 0.5) * wide, south + (row + 0.5) * high];
      const leaf = leafNear(tree, lon, lat, kx, ky);
      const signed2 = treeDistance2(xy, tree, lon, lat, kx, ky, leaf, 0, Infinity);
      // from its middle to a corner; and a little for what rounding does to places, cells and this number
      const least = Math.sqrt(Math.abs(signed2)) * (1 - 1e-6) - cornerM * (1 + 1e-6) - 0.001;
      if (least > 0) surelyM[row * side + column] = signed2 < 0 ? -least : least;
      leaves[row * side + column] = leaf;
    }
  }
  return { side, perLon: 1 / wide, perLat: 1 / high, surelyM, leaves };
}

/** The cell at so many degrees from the south-west corner; of what lies beyond the raster the nearest. */
export function cellAt({ side, perLon, perLat }: CertaintyGrid, eastDeg: number, northDeg: number): number {
  const column = Math.max(0, Math.min(side - 1, Math.floor(eastDeg * perLon)));
  return Math.max(0, Math.min(side - 1, Math.floor(northDeg * perLat))) * side + column;
}
