/**
 * The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes, growth, audit paths, consistency proofs, and their checks.
 *
 * `node(level, n)` is the hash of the perfect subtree over leaves n·2^level to (n+1)·2^level − 1. Those are never
 * changed by growth, so they are what is kept; every root and proof is made of them with O(log n) hashes.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
/** §2.1: the hash of an empty tree is the hash of an empty string. */
export const EMPTY_ROOT: Buffer = hash('sha256', Buffer.alloc(0), 'buffer');

/** The hash of a perfect subtree that is complete in the tree in question. */
export type NodeReader = (level: number, n: number) => Uint8Array;

/** MTH({d(0)}) = SHA-256(0x00 ‖ d(0)). */
export function leafHash(entry: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = 0x00;
  input.set(entry, 1);
  return hash('sha256', input, 'buffer');
}

// one input for every call: nodes are hashed once an entry and more, and nothing here is ever called twice at a time
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash('sha256', pair, 'buffer');
}

/**
 * Where a node is kept: nodes are numbered in the order in which growth completes them (a leaf, then the subtrees that
 * it closes), so that a store of them only ever grows at its end.
 */
export function nodePlace(level: number, n: number): number {
  let leaf = n;
  for (let l = level; l > 0; l--) leaf = 2 * leaf + 1;
  let place = level;
  for (; leaf > 0; leaf = Math.floor(leaf / 2)) place += leaf;
  return place;
}

/** How many nodes a tree of `size` leaves keeps. */
export const nodeCount = (size: number): number => nodePlace(0, size);

/** The right edge of a growing tree: the perfect subtrees that its leaves fall into, largest first. */
export class MerkleFrontier {
  private constructor(
    private count: number,
    private readonly edge: Buffer[],
  ) {}

  static empty(): MerkleFrontier {
    return new MerkleFrontier(0, []);
  }

  static of(size: number, node: NodeReader): MerkleFrontier {
    return new MerkleFrontier(
      size,
      subtrees(0, size).map(({ level, n }) => Buffer.from(node(level, n))),
    );
  }

  get size(): number {
    return this.count;
  }

  /** Adds a leaf; gives the nodes that are complete with it, in the order of their places: the leaf itself first. */
  push(leaf: Buffer): Buffer[] {
    const complete = [leaf];
    let newest = leaf;
    for (let n = this.count; n % 2 === 1; n = (n - 1) / 2) {
      newest = nodeHash(this.edge.pop() as Buffer, newest);
      complete.push(newest);
    }
    this.edge.push(newest);
    this.count++;
    return complete;
  }

  root(): Buffer {
    return joined(this.edge);
  }
}

/** MTH(D[0:size]). */
export const rootOf = (size: number, node: NodeReader): Buffer => rangeRoot(0, size, node);

/** §2.1.1: PATH(index, D[size]), leaf first. Throws `RangeError` for an index outside the tree. */
export function inclusionPath(index: number, size: number, node: NodeReader): Buffer[] {
  if (!isSize(size) || !isSize(index) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: Buffer[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + powerBelow(end - begin);
    if (index < middle) {
      path.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.push(rangeRoot(begin, middle, node));
      begin = middle;
    }
  }
  return path.reverse();
}

/** §2.1.2: PROOF(first, D[second]). Throws `RangeError` unless 0 < first ≤ second. */
export function consistencyPath(first: number, second: number, node: NodeReader): Buffer[] {
  if (!isSize(first) || !isSize(second) || first < 1 || first > second) {
    throw new RangeError(`no tree of ${first} within one of ${second}`);
  }
  const path: Buffer[] = [];
  let [begin, end] = [0, second];
  while (first < end) {
    const middle = begin + powerBelow(end - begin);
    if (first <= middle) {
      path.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.push(rangeRoot(begin, middle, node));
      begin = middle;
    }
  }
  // SUBPROOF's `b`: the whole old tree is known to who asks, a part of it is not
  if (begin > 0) path.push(rangeRoot(begin, end, node));
  return path.reverse();
}

/** The root that a leaf and its audit path amount to (RFC 9162 §2.1.3.2); null: a path of another length or tree. */
export function rootByInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (!isSize(index) || !isSize(size) || index >= size) return null;
  let [place, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      root = nodeHash(sibling, root);
      for (; place % 2 === 0 && place !== 0; place /= 2) last = Math.floor(last / 2);
    } else root = nodeHash(root, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}

/** Whether the tree of `first` leaves with that root is a beginning of the second (RFC 9162 §2.1.4.2). */
export function isConsistent(
  first: number,
  firstRoot: Uint8Array,
  second: number,
  secondRoot: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!isSize(first) || !isSize(second) || first < 1 || first > second) return false;
  if (first === second) return path.length === 0 && equal(firstRoot, secondRoot);
  const whole = powerBelow(first + 1) === first;
  const [start, ...rest] = whole ? [firstRoot, ...path] : path;
  if (start === undefined || path.length === 0) return false;
  let [place, last] = [first - 1, second - 1];
  for (; place % 2 === 1; place = Math.floor(place / 2)) last = Math.floor(last / 2);
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      for (; place % 2 === 0 && place !== 0; place /= 2) last = Math.floor(last / 2);
    } else newer = nodeHash(newer, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(older, firstRoot) && equal(newer, secondRoot);
}

/** `begin` is a multiple of the smallest power of two that is not below `end − begin`, as every range of a proof is. */
function rangeRoot(begin: number, end: number, node: NodeReader): Buffer {
  return joined(subtrees(begin, end).map(({ level, n }) => Buffer.from(node(level, n))));
}

/** Subtrees from left to right: the right ones are joined first, as MTH splits at the largest power of two. */
function joined(edge: readonly Buffer[]): Buffer {
  let root: Buffer | null = null;
  for (let i = edge.length - 1; i >= 0; i--) {
    const left = edge[i] as Buffer;
    root = root === null ? left : nodeHash(left, root);
  }
  return root ?? EMPTY_ROOT;
}

/** The perfect subtrees that make up a range, largest first. */
function subtrees(begin: number, end: number): { readonly level: number; readonly n: number }[] {
  const found: { level: number; n: number }[] = [];
  for (let from = begin; from < end; ) {
    const width = powerBelow(end - from + 1);
    found.push({ level: Math.log2(width), n: from / width });
    from += width;
  }
  return found;
}

/** The largest power of two smaller than `count` (2 or more): §2.1's k. */
function powerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
