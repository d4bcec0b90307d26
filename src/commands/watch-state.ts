/** What a watcher elsewhere makes of what it hears from a gateway, and above all of what it does not hear. */

export interface WatchStateOptions {
  /** Hearing nothing for so long is an alarm; the stream says something every 15 s. */
  readonly silenceMs: number;
  /** Not being ready for so long is an alarm: a restart is none. */
  readonly notReadyMs: number;
}

/** Why a centre must not take silence for calm: `no_answer`, `stream_silent`, `token_refused`, or the gateway's own words. */
export type Cause = string;

/** Looks that lie further apart: whoever watches was asleep itself, and begins anew. */
const ASLEEP_MS = 30_000;

export class WatchState {
  readonly #o: WatchStateOptions;
  #answeredMs: number;
  #heardMs: number;
  #lookedMs: number;
  /** Since when it says that it is not ready, and why. */
  #notReady: { readonly sinceMs: number; readonly reasons: readonly string[] } | null = null;
  #stalled: readonly string[] | null = null;
  #refused = false;

  constructor(options: WatchStateOptions, nowMs: number) {
    this.#o = options;
    this.#answeredMs = nowMs;
    this.#heardMs = nowMs;
    this.#lookedMs = nowMs;
  }

  /** `/readyz` has answered. */
  answered(nowMs: number, ready: boolean, reasons: readonly string[]): void {
    this.#answeredMs = nowMs;
    this.#notReady = ready ? null : { sinceMs: this.#notReady?.sinceMs ?? nowMs, reasons };
    // the stream has told of it, and may have been cut off before it told that it is over
    if (ready) this.#stalled = null;
  }

  /** Something came by the stream, if only a comment. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#refused = false;
  }

  stalled(reasons: readonly string[] | null): void {
    this.#stalled = reasons;
  }

  /** It cannot be watched with this token. */
  refused(): void {
    this.#refused = true;
  }

  /** None: all is well. What is not ready for a moment (a restart) is no alarm; what the gateway tells of itself is one at once. */
  causes(nowMs: number): Cause[] {
    const asleepMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    if (asleepMs > ASLEEP_MS) {
      this.#answeredMs += asleepMs;
      this.#heardMs += asleepMs;
    }
    const late = (sinceMs: number): boolean => nowMs - sinceMs > this.#o.silenceMs;
    const { sinceMs, reasons } = this.#notReady ?? { sinceMs: Number.POSITIVE_INFINITY, reasons: [] };
    const notReady = nowMs - sinceMs >= this.#o.notReadyMs ? reasons : [];
    return [
      ...new Set([
        ...(this.#refused ? ['token_refused'] : []),
        ...(late(this.#answeredMs) ? ['no_answer'] : []),
        ...(late(this.#heardMs) && !this.#refused ? ['stream_silent'] : []),
        ...(this.#stalled ?? []),
        ...notReady,
      ]),
    ];
  }
}
