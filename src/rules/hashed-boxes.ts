/** Boxes that are stored once and found by where they are: cells as large as the boxes, and a table of the cells in use. */

/** Degrees. */
export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** Of a degree, 11 cm: what is compared is whole numbers, so that a box is missed or met by one branch. */
const PER_DEGREE = 2 ** 20;
/** Longitudes run past ±180 by at most a turn; what lies beyond stands at the rim. */
const LOWEST = -540;
const HIGHEST = 540;
const UNITS_MAX = (HIGHEST - LOWEST) * PER_DEGREE;

/** Boxes whose longer side is more than half a cell's and at most a cell's: each lies in at most four cells. */
interface Level {
  /** A place shifted by so much is a cell. */
  readonly shift: number;
  readonly count: number;
  /** Several cells may share a bucket: buckets are a power of two, this is one less. */
  readonly mask: number;
  /** Where each bucket begins in `items`, and the end. */
  readonly starts: Int32Array;
  /** Number, west, south, east, north of each box, bucket by bucket, each box once a bucket. */
  readonly items: Int32Array;
}
const ITEM = 5;

/**
 * A look at a place reads one bucket a level, whose boxes lie side by side; boxes of 100 m to 10 km make eight levels. On
 * the zones of bench/zones it takes a third of the time of a tree packed into arrays, and of a tree of objects (rbush) a
 * third with a hundred boxes and an eighth with a hundred thousand; a million take 90 MB.
 */
export class HashedBoxes {
  readonly #levels: readonly Level[];
  /** Numbers (places in what was given) of what the last look met, in no order; only the first so many are of it. */
  hits = new Int32Array(64);

  constructor(boxes: readonly Box[]) {
    const places = new Int32Array(4 * boxes.length);
    const levels = new Map<number, number[]>();
    boxes.forEach(({ minX, minY, maxX, maxY }, i) => {
      const [west, south, east, north] = [unitsOf(minX), unitsOf(minY), unitsOf(maxX), unitsOf(maxY)];
      places.set([west, south, east, north], 4 * i);
      const shift = 32 - Math.clz32(Math.max(east - west, north - south, 1) - 1);
      const level = levels.get(shift);
      if (level === undefined) levels.set(shift, [i]);
      else level.push(i);
    });
    this.#levels = [...levels].map(([shift, numbers]) => levelOf(shift, numbers, places));
  }

  /**
   * How many boxes meet this one (degrees), edges included; their numbers begin `hits`. Some may be a unit beside it:
   * what it is for looks closer.
   */
  look(minX: number, minY: number, maxX: number, maxY: number): number {
    if (minX === maxX && minY === maxY) return this.#lookAt(unitsOf(minX), unitsOf(minY));
    const [west, south, east, north] = [unitsOf(minX), unitsOf(minY), unitsOf(maxX), unitsOf(maxY)];
    let found = 0;
    for (let i = 0; i < this.#levels.length; i++) {
      const level = this.#levels[i]!;
      const { shift, count, mask } = level;
      const [firstColumn, lastColumn] = [west >> shift, east >> shift];
      const [firstRow, lastRow] = [south >> shift, north >> shift];
      if ((lastColumn - firstColumn + 1) * (lastRow - firstRow + 1) > count) {
        for (let bucket = 0; bucket <= mask; bucket++) {
          found = this.#lookInto(level, bucket, -1, -1, west, south, east, north, found);
        }
        continue;
      }
      for (let column = firstColumn; column <= lastColumn; column++) {
        for (let row = firstRow; row <= lastRow; row++) {
          const bucket = bucketOf(column, row, mask);
          found = this.#lookInto(level, bucket, column, row, west, south, east, north, found);
        }
      }
    }
    return found;
  }

  /** Whatever holds a place lies in its cell, once in its bucket. */
  #lookAt(x: number, y: number): number {
    let found = 0;
    for (let i = 0; i < this.#levels.length; i++) {
      const { shift, mask, starts, items } = this.#levels[i]!;
      const bucket = bucketOf(x >> shift, y >> shift, mask);
      const end = starts[bucket + 1]!;
      for (let at = starts[bucket]!; at < end; at += ITEM) {
        if (((x - items[at + 1]!) | (items[at + 3]! - x) | (y - items[at + 2]!) | (items[at + 4]! - y)) < 0) continue;
        if (found === this.hits.length) this.#grow();
        this.hits[found++] = items[at]!;
      }
    }
    return found;
  }

  /** `column` −1: all cells of the bucket. */
  #lookInto(
    { shift, mask, starts, items }: Level,
    bucket: number,
    column: number,
    row: number,
    west: number,
    south: number,
    east: number,
    north: number,
    before: number,
  ): number {
    let found = before;
    const end = starts[bucket + 1]!;
    for (let i = starts[bucket]!; i < end; i += ITEM) {
      const w = items[i + 1]!;
      const s = items[i + 2]!;
      // negative where any of the four is
      if (((east - w) | (items[i + 3]! - west) | (north - s) | (items[i + 4]! - south)) < 0) continue;
      // it may lie in several of the cells, or in none of this bucket's: told in the first that both have
      const x = Math.max(west, w) >> shift;
      const y = Math.max(south, s) >> shift;
      if (column < 0 ? bucketOf(x, y, mask) !== bucket : x !== column || y !== row) continue;
      if (found === this.hits.length) this.#grow();
      this.hits[found++] = items[i]!;
    }
    return found;
  }

  #grow(): void {
    const more = new Int32Array(2 * this.hits.length);
    more.set(this.hits);
    this.hits = more;
  }
}

/** Never the other way round: of two places the one that is farther east (north) has as many or more. */
function unitsOf(degrees: number): number {
  // comparisons, for they are foretold: Math.min and Math.max also look for NaN and -0
  return degrees < HIGHEST ? (degrees > LOWEST ? ((degrees - LOWEST) * PER_DEGREE) | 0 : 0) : UNITS_MAX;
}

function bucketOf(column: number, row: number, mask: number): number {
  const mixed = Math.imul(column, 0x9e37_79b1) ^ Math.imul(row, 0x85eb_ca6b);
  return (mixed >>> 8) & mask;
}

function levelOf(shift: number, numbers: readonly number[], places: Int32Array): Level {
  let cells = 0;
  for (const number of numbers) cells += cellsOf(number, shift, places);
  const mask = 2 ** Math.ceil(Math.log2(cells + 1)) - 1;
  const starts = new Int32Array(mask + 2);
  eachBucket(shift, numbers, places, mask, (_, bucket) => {
    starts[bucket + 1]! += ITEM;
  });
  for (let bucket = 0; bucket <= mask; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const free = starts.slice();
  const items = new Int32Array(starts[mask + 1]!);
  eachBucket(shift, numbers, places, mask, (number, bucket) => {
    const at = free[bucket]!;
    free[bucket] = at + ITEM;
    items[at] = number;
    for (let i = 0; i < 4; i++) items[at + 1 + i] = places[4 * number + i]!;
  });
  return { shift, count: numbers.length, mask, starts, items };
}

function cellsOf(number: number, shift: number, places: Int32Array): number {
  const at = 4 * number;
  const columns = (places[at + 2]! >> shift) - (places[at]! >> shift) + 1;
  return Math.max(0, columns) * Math.max(0, (places[at + 3]! >> shift) - (places[at + 1]! >> shift) + 1);
}

/** Calls with each box and each bucket that one of its cells is in, once. */
function eachBucket(
  shift: number,
  numbers: readonly number[],
  places: Int32Array,
  mask: number,
  put: (number: number, bucket: number) => void,
): void {
  const last = new Int32Array(mask + 1).fill(-1);
  for (const number of numbers) {
    const at = 4 * number;
    for (let column = places[at]! >> shift; column <= places[at + 2]! >> shift; column++) {
      for (let row = places[at + 1]! >> shift; row <= places[at + 3]! >> shift; row++) {
        const bucket = bucketOf(column, row, mask);
        if (last[bucket] === number) continue;
        last[bucket] = number;
        put(number, bucket);
      }
    }
  }
}
