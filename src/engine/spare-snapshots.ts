/** Which snapshots of a stream are not needed: there are many of lately, and one for each hour that will be forgotten. */
import type { Snapshot } from '../domain/subject-state.js';

/** Of what is older than this fewer are enough: late data of that age is rare, and an hour or two run again soon. */
const DENSE_MS = 12 * 3_600_000;
const HOUR_MS = 3_600_000;
const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/**
 * Event times of those that can go. When an hour is forgotten, a re-run begins at the earliest snapshot that does without
 * all that arrived up to its end: for each hour one stays. What does without too little is of no use (`sinceMs`).
 * `snapshots`: all of the stream, the latest event time first; one that has judged nothing stands at -1.
 */
export function spareSnapshots(snapshots: readonly Snapshot[], sinceMs: number): number[] {
  const timeOf = ({ state }: Snapshot): number => state.atMs ?? -1;
  const denseMs = (snapshots[0] === undefined ? 0 : timeOf(snapshots[0])) - DENSE_MS;
  const spare: number[] = [];
  let hour = hourOf(sinceMs) - 1;
  for (const snapshot of [...snapshots].reverse()) {
    const needed = snapshot.coversMs >= sinceMs && hourOf(snapshot.coversMs) > hour;
    if (needed) hour = hourOf(snapshot.coversMs);
    else if (timeOf(snapshot) < denseMs || snapshot.coversMs < sinceMs) spare.push(timeOf(snapshot));
  }
  return spare;
}
