/**
 * When what waits for its place is to be put there. These due times are in the states' own as well; here they stand apart, for
 * after an interruption the others wait for a backlog to speak, and this is the backlog.
 */
import type { StreamKey } from '../domain/ids.js';
import type { LateWaiting, SubjectState } from '../domain/subject-state.js';
import { DueTimes } from './due-times.js';
import { WAITS_MS_MAX } from './late-arrivals.js';

export interface LateDue {
  readonly stream: StreamKey;
  readonly dueMs: number;
  /** Event time of the earliest record that waits. */
  readonly fromMs: number;
}

export class LateTimes {
  readonly #due = new DueTimes();
  readonly #fromMs = new Map<StreamKey, number>();

  /** Null: nothing of the stream waits any more. */
  set(stream: StreamKey, waiting: Pick<LateWaiting, 'dueMs' | 'fromMs'> | null): void {
    this.#due.set(stream, waiting?.dueMs ?? null);
    if (waiting === null) this.#fromMs.delete(stream);
    else this.#fromMs.set(stream, waiting.fromMs);
  }

  /** Takes out what is due at or before `nowMs`, earliest first, at most `max`. */
  take(nowMs: number, max: number): LateDue[] {
    return this.#due.take(nowMs, max).map(({ stream, dueMs }) => {
      const fromMs = this.#fromMs.get(stream);
      this.#fromMs.delete(stream);
      if (fromMs === undefined) throw new Error('something is due to be put in its place, and nothing waits');
      return { stream, dueMs, fromMs };
    });
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
