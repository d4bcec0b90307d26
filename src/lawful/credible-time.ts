/**
 * Whether the clock can be believed for what cannot be undone: one that is set years ahead makes every retention period
 * look over, also of those who are being watched.
 */
import type { Clock } from '../ports/clock.js';

/** Longer than any stop of a gateway that is looked after; short against years of retention. */
const LEAP_MS = 31 * 86_400_000;

/**
 * `steadyMs`: time that passes whatever the clock is set to. `lastMs`: the newest time that the stores know of; null:
 * none. True until the clock is found more than a month ahead of what has passed.
 */
export function credibleTime(clock: Clock, steadyMs: () => number, lastMs: number | null): () => boolean {
  const startMs = clock.nowMs();
  const steadyAtStartMs = steadyMs();
  const credibleAtStart = lastMs === null || startMs - lastMs <= LEAP_MS;
  return () => credibleAtStart && clock.nowMs() - startMs - (steadyMs() - steadyAtStartMs) <= LEAP_MS;
}
