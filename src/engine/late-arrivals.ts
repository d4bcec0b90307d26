/** A backlog that pours in: when what is late waits for more of it, and until when. */
import type { LateArrivals, LateWaiting, SubjectState } from '../domain/subject-state.js';

/** A late upload so soon after another is of a backlog: it is kept, and put in with what follows. */
const QUIET_MS = 1_000;
/**
 * A backlog that goes on and on waits no longer than this, or than it has been pouring in, up to the second: each time it
 * is put in it is twice as long, so that newest first it costs about twice what it costs in order.
 */
const WAITS_MS = 10_000;
export const WAITS_MS_MAX = 120_000;

/** Another late upload came a moment ago, and what came then does not have to be put in yet. */
export function pouringIn({ late }: SubjectState, receivedMs: number): boolean {
  if (late === null || receivedMs - late.atMs >= QUIET_MS) return false;
  return late.waiting === null || receivedMs < late.waiting.dueMs;
}

/** What waits, with one more upload. */
export function waitsWith(before: SubjectState, receivedMs: number, fromMs: number, toMs: number): LateArrivals {
  const waiting = before.late?.waiting ?? null;
  const late = cameAt(before, receivedMs, null);
  const lastsMs = Math.min(Math.max(receivedMs - late.sinceMs, WAITS_MS), WAITS_MS_MAX);
  const latestMs = waiting?.latestMs ?? receivedMs + lastsMs;
  const all: LateWaiting = {
    fromMs: Math.min(fromMs, waiting?.fromMs ?? Infinity),
    toMs: Math.max(toMs, waiting?.toMs ?? -Infinity),
    latestMs,
    dueMs: Math.min(receivedMs + QUIET_MS, latestMs),
  };
  return { ...late, waiting: all };
}

/** One more upload that was late; after quiet it is the first. */
export function cameAt({ late }: SubjectState, atMs: number, waiting: LateWaiting | null): LateArrivals {
  const quiet = late === null || atMs - late.atMs >= QUIET_MS;
  return { atMs, sinceMs: quiet ? atMs : late.sinceMs, waiting };
}

/** Nothing waits any more. */
export const clear = ({ late }: SubjectState): SubjectState['late'] =>
  late === null ? null : { ...late, waiting: null };
