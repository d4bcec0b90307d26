/** What visits to zones and to their buffers amount to, read from the whole series of fixes. */
import type { Interval } from '../domain/timetable.js';
import { signedDistance } from './ground.js';
import type { ZoneShapeJson } from './order-plan.js';
import type { Report } from './report.js';
import type { TruthItem } from './truth.js';
import { exchangedSides, type SeriesFacts, type SidedFix, sideOf, type Visit, visitsOf } from './truth-visits.js';

export interface ZoneFacts extends SeriesFacts {
  readonly orderId: string;
  readonly conditionId: string;
  readonly windows: readonly Interval[];
}

/** Degrees, metres. */
export interface SeenFix {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly radiusM: number;
}

export function seenFixes(reports: readonly Report[]): SeenFix[] {
  return reports.flatMap((report) =>
    report.bodies.flatMap((body) => {
      if (body.kind !== 'fix') return [];
      if (body.accuracyDm === 0) throw new Error('the simulated devices always give an accuracy');
      return [{ atMs: report.timeMs, lon: body.lonE7 / 1e7, lat: body.latE7 / 1e7, radiusM: body.accuracyDm / 10 }];
    }),
  );
}

/** The fixes against one zone, or against what lies within `bufferM` of it. */
export const sidedFixes = (fixes: readonly SeenFix[], shape: ZoneShapeJson, bufferM = 0): SidedFix[] =>
  fixes.map(({ atMs, lon, lat, radiusM }) => ({
    atMs,
    side: sideOf(signedDistance(shape, lon, lat) - bufferM, radiusM),
  }));

export const exclusionTruth = (facts: ZoneFacts): TruthItem[] => violations(facts, 'exclusion', -1);

/** Parts longer than `toleranceMs`. */
export const inclusionTruth = (facts: ZoneFacts, toleranceMs: number): TruthItem[] =>
  violations({ ...facts, fixes: exchangedSides(facts.fixes) }, 'inclusion', toleranceMs);

function violations(facts: ZoneFacts, type: string, toleranceMs: number): TruthItem[] {
  return visitsOf(facts).flatMap((visit) =>
    facts.windows.flatMap((window) => {
      const times = visit.leaningIn.map((place) => (facts.fixes[place] as SidedFix).atMs);
      const inWindow = times.filter((at) => window.startMs <= at && at < window.endMs);
      const startMs = Math.max(visit.startMs, window.startMs);
      const knownMs = Math.min(visit.endMs ?? visit.lastInMs, window.endMs);
      if (inWindow.length === 0 || knownMs - startMs <= toleranceMs) return [];
      const reachesEnd = knownMs >= window.endMs;
      const endMs = reachesEnd ? window.endMs : visit.endMs;
      // known to be longer: from a fix in it, or from what shows that it went on
      const longMs = times.find((at) => at >= (inWindow[0] ?? 0) && Math.min(at, window.endMs) - startMs > toleranceMs);
      return [
        {
          orderId: facts.orderId,
          kind: 'violation' as const,
          type,
          conditionId: facts.conditionId,
          deviceId: null,
          startMs,
          endMs,
          codes: [],
          endedBy: endMs === null ? null : reachesEnd ? 'window' : visit.endedBy,
          dueMs: Math.max(visit.shownMs, inWindow[0] ?? 0, longMs ?? visit.endShownMs ?? 0),
        },
      ];
    }),
  );
}

/** `near`: the fixes against the zone and its buffer. What the visits to the zone leave of the visits to that. */
export function approachTruth(facts: ZoneFacts, near: readonly SidedFix[]): TruthItem[] {
  const inZone = visitsOf(facts);
  return visitsOf({ ...facts, fixes: near }).flatMap((visit) =>
    stretchesOf(visit, inZone).flatMap((stretch) =>
      facts.windows.flatMap((window) => approach(facts, stretch, window)),
    ),
  );
}

interface Stretch {
  readonly sinceMs: number;
  /** When it was known that it had begun. */
  readonly shownMs: number;
  /** Places in the series. */
  readonly fixes: readonly number[];
  /** Null: it runs. */
  readonly endMs: number | null;
  /** It ended as the zone itself was entered. */
  readonly entered: boolean;
}

function stretchesOf(visit: Visit, inZone: readonly Visit[]): Stretch[] {
  const firstOf = (other: Visit): number => other.leaningIn[0] ?? 0;
  const cuts = inZone.filter((other) => firstOf(other) < visit.until && other.until > firstOf(visit));
  const found: Stretch[] = [];
  let [sinceMs, shownMs, from] = [visit.startMs, visit.shownMs, 0];
  for (const cut of cuts) {
    const fixes = visit.leaningIn.filter((place) => place >= from && place < firstOf(cut));
    found.push({ sinceMs, shownMs, fixes, endMs: cut.startMs, entered: true });
    if (cut.endMs === null) return found;
    [sinceMs, shownMs, from] = [cut.endMs, cut.endShownMs ?? cut.endMs, cut.until];
  }
  found.push({
    sinceMs,
    shownMs,
    fixes: visit.leaningIn.filter((place) => place >= from),
    endMs: visit.endMs,
    entered: false,
  });
  return found;
}

function approach(facts: ZoneFacts, stretch: Stretch, window: Interval): TruthItem[] {
  const times = stretch.fixes.map((place) => (facts.fixes[place] as SidedFix).atMs);
  const inWindow = times.filter((at) => window.startMs <= at && at < window.endMs);
  const startMs = Math.max(stretch.sinceMs, window.startMs);
  if (inWindow.length === 0 || (stretch.entered && startMs === stretch.endMs)) return [];
  const reachesEnd = (stretch.endMs ?? times.at(-1) ?? 0) >= window.endMs;
  return [
    {
      orderId: facts.orderId,
      kind: 'alert',
      type: 'zone.approach',
      conditionId: facts.conditionId,
      deviceId: null,
      startMs,
      endMs: reachesEnd ? window.endMs : stretch.endMs,
      codes: [],
      endedBy: null,
      dueMs: Math.max(stretch.shownMs, inWindow[0] ?? 0),
    },
  ];
}
