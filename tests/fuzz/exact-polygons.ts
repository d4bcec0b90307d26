/** Polygons judged in whole numbers of any size, by the definition: nothing rounded, no library, no code of the gateway. */

type Point = readonly [bigint, bigint];
type Ring = readonly Point[];

const edgesMax = 400;
/** Doubles of up to 360 that are 0 or at least 2^-20 are whole numbers of 2^-80. */
const SHIFT = 80;
const least = 2 ** -20;
/** Positions are taken to mean the decimals they were written as, down to this (11 µm). */
const GRID = 1e10;

/**
 * Why rings cannot bound polygons, as far as is looked: two edges that cross, or a ring without an area. Null when there is
 * nothing, or when it is not for this judge: too many edges, numbers too small, or one that runs across the antimeridian.
 */
export function exactFault(polygons: readonly (readonly (readonly (readonly number[])[])[])[]): string | null {
  const rings = polygons.flat().filter((ring) => ring.length > 0);
  const numbers = rings.flat().flatMap(([x = 0, y = 0]) => [x, y]);
  if (numbers.length > 2 * edgesMax) return null;
  if (rings.some((ring) => ring.some(([x = 0], i) => i > 0 && Math.abs(x - (ring[i - 1]?.[0] ?? 0)) > 180)))
    return null;
  const areDecimals = numbers.every((value) => Math.abs(value * GRID - Math.round(value * GRID)) < 1e-3);
  if (!areDecimals && numbers.some((value) => value !== 0 && Math.abs(value) < least)) return null;
  const exact = areDecimals ? (value: number) => BigInt(Math.round(value * GRID)) : wholeOf;
  const points = rings.map((ring) => ring.map(([x = 0, y = 0]): Point => [exact(x), exact(y)]));
  if (points.some((ring) => twiceArea(ring) === 0n)) return 'a ring without an area';
  const edges = points.flatMap((ring) => ring.slice(1).map((to, i) => [ring[i] as Point, to] as const));
  for (const [i, [a, b]] of edges.entries()) {
    for (const [c, d] of edges.slice(i + 1)) if (cross(a, b, c, d)) return 'two edges that cross';
  }
  return null;
}

/** A double is a whole number of 2^-80 here, exactly. */
function wholeOf(value: number): bigint {
  // 2^52 steps at a time: each product is exact
  return (
    BigInt(Math.trunc(value * 2 ** 40)) * 2n ** BigInt(SHIFT - 40) +
    BigInt((value * 2 ** 40 - Math.trunc(value * 2 ** 40)) * 2 ** 40)
  );
}

function twiceArea(ring: Ring): bigint {
  let sum = 0n;
  for (const [i, [x, y]] of ring.entries()) {
    const [nextX, nextY] = ring[(i + 1) % ring.length] as Point;
    sum += x * nextY - nextX * y;
  }
  return sum;
}

/** Within both, and not at an end of either: each one's ends lie on different sides of the other. */
function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

function side([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): number {
  const turn = (bx - ax) * (py - ay) - (by - ay) * (px - ax);
  return turn > 0n ? 1 : turn < 0n ? -1 : 0;
}
