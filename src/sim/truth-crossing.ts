/** Ways through an exclusion zone that no fix shows, cut at the zone's boundary and looked at piece by piece. */
import { metresBetween, metresPerDegree, signedDistance } from './ground.js';
import type { ZoneShapeJson } from './order-plan.js';
import type { TruthItem } from './truth.js';
import type { SeenFix, ZoneFacts } from './truth-zones.js';

const APART_MAX_MS = 120_000;

/** `seen`: the fixes of the facts, with their places. */
export function crossingTruth(
  facts: Omit<ZoneFacts, 'fixes'>,
  seen: readonly SeenFix[],
  shape: ZoneShapeJson,
): TruthItem[] {
  return seen.flatMap((to, i) => {
    const from = seen[i - 1];
    if (from === undefined || to.atMs - from.atMs > APART_MAX_MS) return [];
    if (!facts.windows.some((window) => window.startMs <= from.atMs && to.atMs < window.endMs)) return [];
    const distances = [from, to].map((fix) => signedDistance(shape, fix.lon, fix.lat));
    const outside = (distances[0] ?? 0) >= from.radiusM && (distances[1] ?? 0) >= to.radiusM;
    // too short a way to get there and back
    const far = (distances[0] ?? 0) + (distances[1] ?? 0) > 1.01 * metresBetween(from.lon, from.lat, to.lon, to.lat);
    if (!outside || far || metresInside(shape, from, to) <= 2 * Math.max(from.radiusM, to.radiusM)) return [];
    return [
      {
        orderId: facts.orderId,
        kind: 'alert' as const,
        type: 'zone.crossing_inferred',
        conditionId: facts.conditionId,
        deviceId: null,
        startMs: from.atMs,
        endMs: to.atMs,
        codes: [],
        endedBy: null,
        dueMs: to.atMs,
      },
    ];
  });
}

/** Of the straight way between two places; a piece between two cuts is inside if its middle is. */
export function metresInside(shape: ZoneShapeJson, from: SeenFix, to: SeenFix): number {
  const at = (share: number) => ({
    lon: from.lon + share * (to.lon - from.lon),
    lat: from.lat + share * (to.lat - from.lat),
  });
  const cuts = [0, ...cutsOf(shape, from, to).filter((share) => share > 0 && share < 1), 1].sort((a, b) => a - b);
  let inside = 0;
  for (let i = 1; i < cuts.length; i++) {
    const [a, b] = [cuts[i - 1] as number, cuts[i] as number];
    const middle = at((a + b) / 2);
    if (signedDistance(shape, middle.lon, middle.lat) < 0) inside += b - a;
  }
  return inside * metresBetween(from.lon, from.lat, to.lon, to.lat);
}

/** Where the way meets the boundary, as shares of it; some may lie beyond its ends. */
function cutsOf(shape: ZoneShapeJson, from: SeenFix, to: SeenFix): number[] {
  const per = metresPerDegree((from.lat + to.lat) / 2);
  const metres = (lon: number, lat: number): [number, number] => [
    (lon - from.lon) * per.lon,
    (lat - from.lat) * per.lat,
  ];
  const [dx, dy] = metres(to.lon, to.lat);
  if (shape.type === 'Circle') {
    const [cx, cy] = metres(shape.center[0], shape.center[1]);
    // |share · d − c| = radius
    const [a, b, c] = [dx * dx + dy * dy, dx * cx + dy * cy, cx * cx + cy * cy - shape.radius_m ** 2];
    const root = b * b - a * c;
    return root <= 0 || a === 0 ? [] : [(b - Math.sqrt(root)) / a, (b + Math.sqrt(root)) / a];
  }
  const rings = shape.type === 'Polygon' ? shape.coordinates : shape.coordinates.flat();
  return rings.flatMap((ring) =>
    ring.slice(1).flatMap((end, i) => {
      const [ax, ay] = metres(...(ring[i] as [number, number]));
      const [bx, by] = metres(...end);
      const turn = dx * (by - ay) - dy * (bx - ax);
      if (turn === 0) return [];
      const along = (dx * ay - dy * ax) / -turn;
      return along < 0 || along > 1 ? [] : [(ax * (by - ay) - ay * (bx - ax)) / turn];
    }),
  );
}
