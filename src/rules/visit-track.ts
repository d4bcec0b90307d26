/** Where a person is in relation to a zone, read fix by fix (§4): when a visit begins, goes on, ends, or is lost. */
import type { Mechanism, RecordRef } from '../domain/record.js';
import type { LeaningFix, VisitState } from '../domain/subject-state.js';

/** A fix as one zone is asked about it. */
export interface ZoneFix {
  readonly timeMs: number;
  /** Signed metres to the boundary, negative where a visit is. */
  readonly distanceM: number;
  readonly radiusM: number;
  readonly mechanism: Mechanism;
  readonly ref: RecordRef;
}

export type VisitTrack = Pick<VisitState, 'startMs' | 'lastFixMs' | 'run'>;

export const NO_VISIT: VisitTrack = Object.freeze({ startMs: null, lastFixMs: null, run: [] });

/** What a fix makes of the visit. */
export type VisitTurn =
  /** No visit runs, and the fix leans out. */
  | { readonly kind: 'away' }
  /** No visit runs; so many fixes in a row lean in, fewer than `k`. */
  | { readonly kind: 'approaching'; readonly inRow: number }
  /** A visit has begun: at the fix that is inside, or at the first of the `k`. Its fixes, the newest last. */
  | { readonly kind: 'began'; readonly fixes: readonly LeaningFix[] }
  | { readonly kind: 'went-on'; readonly fix: LeaningFix }
  /** The visit runs, though the fix leans out. */
  | { readonly kind: 'wavered' }
  /** The visit ended at `out`; so many fixes, the newest last, are no more of it. */
  | { readonly kind: 'left'; readonly out: LeaningFix; readonly outside: number };

export interface TrackedFix {
  readonly track: VisitTrack;
  /** More than the gap had passed: what ran before this fix was over by then, and counting starts anew with it. */
  readonly lost: boolean;
  readonly turn: VisitTurn;
  readonly fix: LeaningFix;
}

const AWAY: VisitTurn = Object.freeze({ kind: 'away' });

/** Takes the next plausible fix of the order's tags. Null: nobody was near, and nobody is. */
export function trackFix(
  { k, gapMs }: { readonly k: number; readonly gapMs: number },
  before: VisitTrack,
  seen: ZoneFix,
): TrackedFix | null {
  const { timeMs, distanceM, radiusM, mechanism, ref } = seen;
  const inside = distanceM <= -radiusM;
  const outside = !inside && distanceM >= radiusM;
  const leansIn = inside || (!outside && distanceM <= 0);
  if (!leansIn && before.startMs === null && before.run.length === 0) return null;

  const lost = before.lastFixMs !== null && timeMs - before.lastFixMs > gapMs;
  const { startMs, run } = lost ? NO_VISIT : before;
  const fix: LeaningFix = { timeMs, distanceM, certain: inside, mechanism, ref };
  const row = [...run, fix];
  const tracked = (track: VisitTrack, turn: VisitTurn): TrackedFix => ({ track, lost, turn, fix });

  if (startMs === null) {
    if (!leansIn) return tracked(NO_VISIT, AWAY);
    // Where both are complete at one fix, the shorter visit stands.
    const fixes = inside ? [fix] : row;
    if (!inside && row.length < k) {
      return tracked({ startMs: null, lastFixMs: timeMs, run: row }, { kind: 'approaching', inRow: row.length });
    }
    return tracked({ startMs: (fixes[0] ?? fix).timeMs, lastFixMs: timeMs, run: [] }, { kind: 'began', fixes });
  }
  if (leansIn) return tracked({ startMs, lastFixMs: timeMs, run: [] }, { kind: 'went-on', fix });
  if (row.length >= k) return tracked(NO_VISIT, { kind: 'left', out: row[0] ?? fix, outside: row.length });
  if (outside) return tracked(NO_VISIT, { kind: 'left', out: fix, outside: 1 });
  return tracked({ startMs, lastFixMs: timeMs, run: row }, { kind: 'wavered' });
}

/** When the running visit will have been without a fix for too long; null: none runs. */
export function lostMs({ gapMs }: { readonly gapMs: number }, { startMs, lastFixMs }: VisitTrack): number | null {
  return startMs === null || lastFixMs === null ? null : lastFixMs + gapMs;
}
