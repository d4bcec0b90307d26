/**
 * When what waits for its place is to be put there. These due times are in the states' own as well; here they stand apart, for
 * after an interruption the others wait for a backlog to speak, and this is the backlog.
 */
import type { StreamKey } from '../domain/ids.js';
import type { LateWaiting, SubjectState } from '../domain/subject-state.js';
import { type Due, DueTimes } from './due-times.js';
import { WAITS_MS_MAX } from './late-arrivals.js';

export class LateTimes {
  readonly #due = new DueTimes();

  /** Null: nothing of the stream waits any more. */
  set(stream: StreamKey, waiting: Pick<LateWaiting, 'dueMs'> | null): void {
    this.#due.set(stream, waiting?.dueMs ?? null);
  }

  /** Takes out what is due at or before `nowMs`, earliest first, at most `max`. */
  take(nowMs: number, max: number): Due[] {
    return this.#due.take(nowMs, max);
  }
}

interface KeptStates {
  dueTimes(): Iterable<readonly [StreamKey, number]>;
  get(stream: StreamKey): SubjectState | null;
}

/** At a start: what waited when the gateway was last there. None of it was due later than so long afterwards. */
export function takeUpLate(states: KeptStates, lateTimes: LateTimes, aliveMs: number | null): void {
  if (aliveMs === null) return;
  for (const [stream, dueMs] of states.dueTimes()) {
    if (dueMs <= aliveMs + WAITS_MS_MAX) lateTimes.set(stream, states.get(stream)?.late?.waiting ?? null);
  }
}
