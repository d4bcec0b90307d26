/** Zone violations, approaches and inferred crossings, straight from the definitions of rules.md §4. */
import type { FixJson, LonLat, ZoneConditionJson, ZoneFeatureJson, ZoneJson } from './contract.js';
import { isInside, metresInside, positionOf, signedDistance } from './earth.js';
import type { Case } from './evidence.js';
import type { Fix } from './fixes.js';
import type { FoundAlert, FoundViolation } from './lines.js';
import { mustDiffer } from './undecidable.js';
import { type Seen, type Visit, visitsOf } from './visits.js';
import { effectiveWindows, type Window } from './windows.js';

const CROSSING_MS = 120_000;

export interface ZoneFindings {
  readonly violations: readonly FoundViolation[];
  readonly alerts: readonly FoundAlert[];
}

/** `fixes`: the plausible ones, in event order. */
export function zoneFindings(c: Case, fixes: readonly Fix[], shared: readonly ZoneFeatureJson[]): ZoneFindings {
  const violations: FoundViolation[] = [];
  const alerts: FoundAlert[] = [];
  for (const condition of c.order.conditions) {
    if (condition.kind !== 'exclusion_zone' && condition.kind !== 'inclusion_zone') continue;
    const shape = shapeOf(condition, shared);
    const windows = effectiveWindows(c.order, condition);
    const distances = fixes.map((fix) => signedDistance(shape, fix.at));
    const visits = visitsFrom(c, fixes, distances, condition.kind === 'inclusion_zone');
    const toleranceMs =
      condition.kind === 'exclusion_zone' ? null : (condition.tolerance_s ?? c.policy.toleranceS) * 1_000;
    for (const window of windows)
      for (const visit of visits) violations.push(...part(condition, visit, window, toleranceMs));
    if (condition.kind === 'inclusion_zone') continue;
    const buffer = condition.buffer_m ?? 0;
    if (buffer > 0) {
      const near = visitsFrom(
        c,
        fixes,
        distances.map((d) => d - buffer),
        false,
        distances,
      );
      for (const window of windows)
        for (const visit of near) alerts.push(...approaches(condition, visit, visits, window));
    }
    alerts.push(...crossings(condition, shape, fixes, distances, windows));
  }
  return { violations, alerts };
}

export function shapeOf(condition: ZoneConditionJson, shared: readonly ZoneFeatureJson[]): ZoneJson {
  if (condition.zone !== undefined) return condition.zone;
  const feature = shared.find(({ id }) => id === condition.zone_ref);
  if (feature === undefined) throw new Error(`no zone ${condition.zone_ref}`);
  if (feature.geometry.type !== 'Point') return feature.geometry;
  return { type: 'Circle', center: feature.geometry.coordinates, radius_m: feature.properties.radius_m ?? 0 };
}

/** The radius of 95 %, metres. */
export const radiusOf = (fix: FixJson): number => {
  if (fix.accuracy_dm !== undefined && fix.accuracy_dm > 0) return fix.accuracy_dm / 10;
  return fix.mechanism === 'GNSS' ? 20 : fix.mechanism === 'WIFI' ? 100 : 1_500;
};
export const placeOf = (fix: FixJson): LonLat => positionOf(fix);

/** `sizes`: what was measured, where `distances` are less by a buffer. */
function visitsFrom(
  c: Case,
  fixes: readonly Fix[],
  distances: readonly number[],
  exchanged: boolean,
  sizes: readonly number[] = distances,
): Visit[] {
  const seen = fixes.map((fix, i): Seen => {
    const d = distances[i] as number;
    mustBeDecidable(d, fix.radiusM, sizes[i] as number);
    const inside = d <= -fix.radiusM;
    const outside = !inside && d >= fix.radiusM;
    const leansIn = inside || (!outside && d <= 0);
    return exchanged
      ? { timeMs: fix.timeMs, surely: outside, surelyNot: inside, leans: !leansIn }
      : { timeMs: fix.timeMs, surely: inside, surelyNot: outside, leans: leansIn };
  });
  return visitsOf(seen, c.policy.k, c.policy.gapS * 1_000, c.untilMs);
}

export function mustBeDecidable(distance: number, radius: number, size: number): void {
  mustDiffer(Math.abs(distance), radius, size);
  if (Math.abs(distance) < radius) mustDiffer(distance, 0, size);
}

/** Visit ∩ window, if one of the fixes that lean in lies in it; of a running visit no more than up to its last one. */
function part(
  condition: ZoneConditionJson,
  visit: Visit,
  window: Window,
  toleranceMs: number | null,
): FoundViolation[] {
  const within = visit.fixes.filter((f) => window.fromMs <= f.timeMs && f.timeMs < window.toMs);
  if (within.length === 0) return [];
  const fromMs = Math.max(visit.fromMs, window.fromMs);
  const knownMs = visit.end?.atMs ?? (visit.fixes.at(-1) as Seen).timeMs;
  const reaches = knownMs >= window.toMs;
  if (toleranceMs !== null && Math.min(knownMs, window.toMs) - fromMs <= toleranceMs) return [];
  return [
    {
      type: condition.kind === 'exclusion_zone' ? 'exclusion' : 'inclusion',
      conditionId: condition.condition_id,
      fromMs,
      toMs: reaches ? window.toMs : (visit.end?.atMs ?? null),
      endedBy: reaches ? 'window' : (visit.end?.by ?? null),
      codes: [],
      confidence: within.some((f) => f.surely) ? 'certain' : 'probable',
    },
  ];
}

interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A visit to the buffer, while not in the zone itself: what visits to the zone leave of it. */
function approaches(condition: ZoneConditionJson, near: Visit, inZone: readonly Visit[], window: Window): FoundAlert[] {
  const lastMs = (near.fixes.at(-1) as Seen).timeMs;
  const fromMs = Math.max(near.fromMs, window.fromMs);
  const toMs = Math.min(near.end?.atMs ?? Number.POSITIVE_INFINITY, window.toMs);
  if (!near.fixes.some((f) => fromMs <= f.timeMs && f.timeMs < window.toMs)) return [];
  let pieces: Piece[] = [{ fromMs, toMs }];
  for (const visit of inZone) {
    const out = visit.end?.atMs ?? Number.POSITIVE_INFINITY;
    pieces = pieces.flatMap((p) => [
      { fromMs: p.fromMs, toMs: Math.min(p.toMs, visit.fromMs) },
      { fromMs: Math.max(p.fromMs, out), toMs: p.toMs },
    ]);
  }
  // what ends at the last fix that leans in has that moment in it: one fix is enough, and its length is 0
  const isMoment = (p: Piece) => p.fromMs === p.toMs && near.end?.by === 'gap' && p.toMs === near.end.atMs;
  const isFree = (p: Piece) =>
    inZone.every(
      (v) =>
        !(v.fixes.at(-1)?.timeMs === p.fromMs || (v.fromMs <= p.fromMs && p.fromMs < (v.end?.atMs ?? p.fromMs + 1))),
    );
  pieces = pieces.filter((p) => p.fromMs < p.toMs || (isMoment(p) && isFree(p)));
  // a visit that ends by the gap ends with its last fix, which is in what is left of it
  const endsWithFix = (p: Piece) => near.end?.by === 'gap' && p.toMs === near.end.atMs;
  const lies = (ms: number, p: Piece) =>
    p.fromMs <= ms && (ms < p.toMs || p.fromMs === p.toMs || (ms === p.toMs && endsWithFix(p)));
  return pieces
    .filter((p) => near.fixes.some((f) => lies(f.timeMs, p)))
    .map((p) => {
      const runs = near.end === null && p.toMs === toMs && lastMs < window.toMs;
      return {
        type: 'zone.approach',
        conditionId: condition.condition_id,
        fromMs: p.fromMs,
        toMs: runs ? null : p.toMs,
      };
    });
}

/** Two consecutive fixes, both outside, whose straight way is inside for more than twice the larger radius. */
function crossings(
  condition: ZoneConditionJson,
  shape: ZoneJson,
  fixes: readonly Fix[],
  distances: readonly number[],
  windows: readonly Window[],
): FoundAlert[] {
  const found: FoundAlert[] = [];
  for (let i = 1; i < fixes.length; i++) {
    const [p, q] = [fixes[i - 1] as Fix, fixes[i] as Fix];
    if (q.timeMs - p.timeMs > CROSSING_MS) continue;
    if ((distances[i - 1] as number) < p.radiusM || (distances[i] as number) < q.radiusM) continue;
    if (!windows.some((w) => w.fromMs <= p.timeMs && q.timeMs < w.toMs)) continue;
    if (isInside(shape, p.at) || isInside(shape, q.at)) continue;
    const metres = metresInside(shape, p.at, q.at);
    const bound = 2 * Math.max(p.radiusM, q.radiusM);
    if (metres === 0) continue;
    mustDiffer(metres, bound, 2 * metres);
    if (metres > bound)
      found.push({
        type: 'zone.crossing_inferred',
        conditionId: condition.condition_id,
        fromMs: p.timeMs,
        toMs: q.timeMs,
      });
  }
  return found;
}
