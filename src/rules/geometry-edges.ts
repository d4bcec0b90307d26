/** The edges of a zone as a point sees them: how far the nearest is, and how many are crossed on the way out. */

/** lon, lat, lon, lat, … of all chains one after the other, and where each chain begins (and one past the last). */
export interface Edges {
  readonly xy: Float64Array;
  readonly starts: Int32Array;
}

/** Chains as `chainsOf` gives them. */
export function edgesOf(chains: readonly number[][]): Edges {
  const starts = new Int32Array(chains.length + 1);
  chains.forEach((chain, i) => {
    starts[i + 1] = starts[i]! + chain.length;
  });
  return { xy: Float64Array.from(chains.flat()), starts };
}

/**
 * Squared metres to the nearest edge in a plane whose origin is the point, negative when a ray to the east crosses an odd
 * number of edges (even-odd rule). `kx` and `ky` are metres of a degree. On an edge (0) the sign says nothing.
 */
export function edgesDistance2({ xy, starts }: Edges, lon: number, lat: number, kx: number, ky: number): number {
  let nearest = Infinity;
  let odd = false;
  for (let c = 0; c + 1 < starts.length; c++) {
    const d2 = runDistance2(xy, starts[c]!, starts[c + 1]!, lon, lat, kx, ky);
    if (d2 < 0) odd = !odd;
    nearest = Math.min(nearest, Math.abs(d2));
  }
  return odd ? -nearest : nearest;
}

/** The same of the edges between some of the positions: `from` is the first of them in `xy`, `to` is past the last. */
export function runDistance2(
  xy: Float64Array,
  from: number,
  to: number,
  lon: number,
  lat: number,
  kx: number,
  ky: number,
): number {
  let nearest = Infinity;
  let odd = false;
  let ax = (xy[from]! - lon) * kx;
  let ay = (xy[from + 1]! - lat) * ky;
  for (let i = from + 2; i < to; i += 2) {
    const bx = (xy[i]! - lon) * kx;
    const by = (xy[i + 1]! - lat) * ky;
    const dx = bx - ax;
    const dy = by - ay;
    // half-open in y, so that a vertex on the ray is crossed once
    if (ay > 0 !== by > 0 && (ax * dy - ay * dx) * dy > 0) odd = !odd;
    const length2 = dx * dx + dy * dy;
    const t = length2 > 0 ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length2)) : 0;
    const px = ax + t * dx;
    const py = ay + t * dy;
    const d2 = px * px + py * py;
    if (d2 < nearest) nearest = d2;
    ax = bx;
    ay = by;
  }
  return odd ? -nearest : nearest;
}
