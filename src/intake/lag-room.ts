/**
 * How much may be ahead of the engine: as much as it judges in a moment, as it goes now. A bound in records alone
 * is a second behind on one machine and half a minute on one that is busy or has a slow disk.
 */
export interface LagRoomLimits {
  /** However fast the engine is, no more; however slow, no less. */
  readonly recordsMax: number;
  readonly recordsMin: number;
  /** What was let in is to be judged within this. */
  readonly lagMsMax: number;
}

export class LagRoom {
  readonly #limits: LagRoomLimits;
  #records: number;
  /** What was let in before this cannot tell of the last cut. */
  #cutMs = Number.NEGATIVE_INFINITY;

  constructor(limits: LagRoomLimits) {
    this.#limits = limits;
    this.#records = limits.recordsMax;
  }

  get records(): number {
    return this.#records;
  }

  /** What was durable at `sinceMs` is judged at `nowMs` (monotonic): too late halves the room, in time widens it again. */
  judged(weight: number, sinceMs: number, nowMs: number): void {
    const { recordsMax, recordsMin, lagMsMax } = this.#limits;
    if (nowMs - sinceMs <= lagMsMax) {
      this.#records = Math.min(recordsMax, this.#records + weight / WIDENS_BY);
    } else if (sinceMs >= this.#cutMs) {
      this.#records = Math.max(recordsMin, this.#records / 2);
      this.#cutMs = nowMs;
    }
  }
}

/** So many records that were judged in time make room for one more. */
const WIDENS_BY = 8;
