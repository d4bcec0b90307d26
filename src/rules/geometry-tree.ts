/** Runs of a zone's edges in boxes, and those in boxes again: of thousands of edges a question looks at a few dozen. */
import { type Edges, runDistance2 } from './geometry-edges.js';

/**
 * In the order of the edges, each node before its children, so that a question walks once along the arrays and leaps over
 * what cannot matter.
 */
export interface EdgeTree {
  /**
   * Three numbers a node. The node after all that is in it; a leaf's is the next one. Then where in `xy` the first and the
   * last latitude of its edges stand, if those two tell how often a ray is crossed (odd or even); else −1, twice.
   */
  readonly nodes: Int32Array;
  /** west, south, east, north of each. */
  readonly boxes: Float64Array;
}

/** By bench/zones: fewer to a leaf are a little faster and take twice the memory, fewer to a node are slower. */
const LEAF_EDGES = 8;
const FAN = 16;
/** Two edges meet in a corner, and rounding makes one a little nearer: both are looked at, in whatever order they come. */
const WHAT_IS_EQUAL = 1 + 1e-9;

interface Node {
  readonly box: readonly [west: number, south: number, east: number, north: number];
  /** Positions of its edges: the first number in `xy`, and one past the last. */
  readonly from: number;
  readonly to: number;
  /** The chain that it is of; null: of several. */
  readonly chain: number | null;
  /** Only of rings, and of all their edges: whatever passes beside them crosses them an even number of times. */
  readonly closed: boolean;
  readonly children: readonly Node[];
}

export function treeOf({ xy, starts }: Edges): EdgeTree {
  let level: Node[] = [];
  for (let c = 0; c + 1 < starts.length; c++) leavesOf(xy, c, starts[c]!, starts[c + 1]!, level);
  let count = level.length;
  while (level.length > 1) {
    const parents: Node[] = [];
    for (let i = 0; i < level.length; i += FAN) parents.push(parentOf(xy, starts, level.slice(i, i + FAN)));
    level = parents;
    count += level.length;
  }
  const tree = { nodes: new Int32Array(3 * count), boxes: new Float64Array(4 * count) };
  level.reduce((at, node) => lay(tree, node, at), 0);
  return tree;
}

/**
 * As `edgesDistance2`, of the same edges, but never more than `most2` (squared metres). `first`: a leaf that is probably
 * near, or −1; the nearer, the fewer others are looked at. `side`: negative where the point is known to be inside, positive
 * where outside, 0 where it is not known.
 */
export function treeDistance2(
  xy: Float64Array,
  { nodes, boxes }: EdgeTree,
  lon: number,
  lat: number,
  kx: number,
  ky: number,
  first: number,
  side: number,
  most2: number,
): number {
  const begun =
    first < 0 ? most2 : runDistance2(xy, nodes[3 * first + 1]! - 1, nodes[3 * first + 2]! + 1, lon, lat, kx, ky);
  let nearest = Math.min(most2, Math.abs(begun));
  let bound = nearest * WHAT_IS_EQUAL;
  let odd = false;
  const end = nodes[0]!;
  let i = 0;
  while (i < end) {
    const next = nodes[3 * i]!;
    const west = boxes[4 * i]!;
    const south = boxes[4 * i + 1]!;
    const north = boxes[4 * i + 3]!;
    const dx = (lon < west ? west - lon : Math.max(0, lon - boxes[4 * i + 2]!)) * kx;
    const dy = (lat < south ? south - lat : Math.max(0, lat - north)) * ky;
    if (dx * dx + dy * dy < bound) {
      if (next > i + 1) {
        i += 1;
        continue;
      }
      const d2 = i === first ? begun : runDistance2(xy, nodes[3 * i + 1]! - 1, nodes[3 * i + 2]! + 1, lon, lat, kx, ky);
      if (d2 < 0) odd = !odd;
      if (Math.abs(d2) < nearest) {
        nearest = Math.abs(d2);
        bound = nearest * WHAT_IS_EQUAL;
      }
    } else if (side === 0 && lon < west && lat >= south && lat <= north) {
      // all of it is to the east: what begins on one side of the ray and ends on the other crosses it an odd number of times
      const head = nodes[3 * i + 1]!;
      if (head < 0) {
        i += 1;
        continue;
      }
      if (xy[head]! > lat !== xy[nodes[3 * i + 2]!]! > lat) odd = !odd;
    }
    i = next;
  }
  return (side === 0 ? odd : side < 0) ? -nearest : nearest;
}

/** A leaf that is near: from the whole, again and again into the nearest of the boxes within. */
export function leafNear({ nodes, boxes }: EdgeTree, lon: number, lat: number, kx: number, ky: number): number {
  let at = 0;
  while (nodes[3 * at]! > at + 1) {
    let least = Infinity;
    const end = nodes[3 * at]!;
    let nearest = at + 1;
    for (let i = at + 1; i < end; i = nodes[3 * i]!) {
      const dx = Math.max(boxes[4 * i]! - lon, 0, lon - boxes[4 * i + 2]!) * kx;
      const dy = Math.max(boxes[4 * i + 1]! - lat, 0, lat - boxes[4 * i + 3]!) * ky;
      const d2 = dx * dx + dy * dy;
      if (d2 >= least) continue;
      least = d2;
      nearest = i;
    }
    at = nearest;
  }
  return at;
}

function leavesOf(xy: Float64Array, chain: number, start: number, end: number, into: Node[]): void {
  const rings = xy[start] === xy[end - 2] && xy[start + 1] === xy[end - 1];
  // the last position of a leaf is the first of the next
  for (let from = start; from + 2 < end; from += 2 * LEAF_EDGES) {
    const to = Math.min(from + 2 * LEAF_EDGES + 2, end);
    const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let n = from; n < to; n += 2) {
      box[0] = Math.min(box[0], xy[n]!);
      box[1] = Math.min(box[1], xy[n + 1]!);
      box[2] = Math.max(box[2], xy[n]!);
      box[3] = Math.max(box[3], xy[n + 1]!);
    }
    into.push({ box, from, to, chain, closed: rings && from === start && to === end, children: [] });
  }
}

function parentOf(xy: Float64Array, starts: Int32Array, children: readonly Node[]): Node {
  const first = children[0]!;
  const { to } = children[children.length - 1]!;
  const { from } = first;
  const chain = children.every((child) => child.chain === first.chain) ? first.chain : null;
  const ring = chain !== null && from === starts[chain] && to === starts[chain + 1];
  return {
    box: [
      Math.min(...children.map(({ box }) => box[0])),
      Math.min(...children.map(({ box }) => box[1])),
      Math.max(...children.map(({ box }) => box[2])),
      Math.max(...children.map(({ box }) => box[3])),
    ],
    from,
    to,
    chain,
    closed: (ring && xy[from] === xy[to - 2] && xy[from + 1] === xy[to - 1]) || children.every(({ closed }) => closed),
    children,
  };
}

/** Writes a node and what is in it from `at` on; gives the place after them. */
function lay({ nodes, boxes }: EdgeTree, { box, from, to, chain, closed, children }: Node, at: number): number {
  const next = children.reduce((free, child) => lay({ nodes, boxes }, child, free), at + 1);
  // of whole rings any one latitude will do, for nothing lies between it and itself
  const tail = closed && children.length > 0 ? from + 1 : to - 1;
  nodes.set(chain === null && !closed ? [next, -1, -1] : [next, from + 1, tail], 3 * at);
  boxes.set(box, 4 * at);
  return next;
}
