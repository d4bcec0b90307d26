/** Takes out of a zone the edges that exist only because it was cut in two at the antimeridian. */

/**
 * RFC 7946 §3.1.9 cuts a zone that crosses the antimeridian into two polygons. Both then have edges on the meridian of
 * 180° that are no boundary: a person in the middle of the zone would seem to stand at its edge. Stretches of that
 * meridian that an even number of edges cover are left out; what is left comes back as chains (`lon, lat, lon, lat, …`,
 * rings as they were where they do not touch the seam). An even number of edges changes no even-odd rule.
 */
export function joinSeam(rings: readonly number[][]): number[][] {
  const ends = new Map<number, Set<number>>();
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      if (!onSeam(ring, i)) continue;
      const key = ring[i]!;
      const lats = ends.get(key) ?? new Set<number>();
      ends.set(key, lats);
      // each end of an odd number of edges is an end of what is left
      for (const lat of [ring[i - 1]!, ring[i + 1]!]) if (!lats.delete(lat)) lats.add(lat);
    }
  }
  if (ends.size === 0) return [...rings];
  const chains: number[][] = [];
  for (const ring of rings) cut(ring, chains);
  for (const [lon, lats] of ends) {
    const sorted = [...lats].sort((a, b) => a - b);
    for (let i = 0; i + 1 < sorted.length; i += 2) chains.push([lon, sorted[i]!, lon, sorted[i + 1]!]);
  }
  return chains;
}

/** Does the edge that ends at `i` lie on the meridian of 180°? */
function onSeam(ring: readonly number[], i: number): boolean {
  return ring[i] === ring[i - 2] && Math.abs(ring[i]! % 360) === 180;
}

/** The pieces of a ring between its edges on the seam. */
function cut(ring: readonly number[], into: number[][]): void {
  let chain: number[] = ring.slice(0, 2);
  for (let i = 2; i < ring.length; i += 2) {
    if (onSeam(ring, i)) {
      if (chain.length > 2) into.push(chain);
      chain = [];
    }
    chain.push(ring[i]!, ring[i + 1]!);
  }
  if (chain.length > 2) into.push(chain);
}
