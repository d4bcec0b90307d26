/** What the beats of an event loop tell at each look: nothing, or that it is stuck, back, or to be given up. */

export type Seen = 'event_loop_stuck' | 'event_loop_back' | 'event_loop_stuck_ending' | 'stood_still';

export interface EventLoopWatchOptions {
  readonly stuckMs: number;
  readonly endMs: number;
}

export class EventLoopWatch {
  readonly #o: EventLoopWatchOptions;
  #beats = -1;
  #beatMs = 0;
  #lookedMs: number | null = null;
  #stuck = false;
  /** How long it had been stuck when that was said last: it is said again after twice as long. */
  #saidMs = 0;

  constructor(options: EventLoopWatchOptions) {
    this.#o = options;
  }

  /** `nowMs`: time that passes whatever the clock is set to. Null: there is nothing to say. */
  look(beats: number, nowMs: number): { readonly what: Seen; readonly forMs: number } | null {
    const sinceLookMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs;
    const first = this.#lookedMs === null;
    this.#lookedMs = nowMs;
    // whoever watches stood still as well (SIGSTOP, a starved machine): the loop has its whole time once more
    if (first || sinceLookMs > Math.max(5_000, this.#o.stuckMs / 2)) {
      this.#beatMs = nowMs;
      this.#beats = beats;
      return first ? null : { what: 'stood_still', forMs: sinceLookMs };
    }
    const forMs = nowMs - this.#beatMs;
    if (beats !== this.#beats) {
      const wasStuck = this.#stuck;
      this.#beats = beats;
      this.#beatMs = nowMs;
      this.#stuck = false;
      this.#saidMs = 0;
      return wasStuck ? { what: 'event_loop_back', forMs } : null;
    }
    if (forMs >= this.#o.endMs) return { what: 'event_loop_stuck_ending', forMs };
    if (forMs < this.#o.stuckMs || forMs < 2 * this.#saidMs) return null;
    this.#stuck = true;
    this.#saidMs = forMs;
    return { what: 'event_loop_stuck', forMs };
  }
}
