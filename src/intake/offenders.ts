/** Remembers who failed to authenticate, and how long the next refusal is to be put off. */

export interface OffenderLimits {
  /** Failures that cost nothing: a device that is being set up. */
  readonly free: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  /** Failures count half after this long. */
  readonly halfLifeMs: number;
  readonly offendersMax: number;
}

export const OFFENDER_LIMITS: OffenderLimits = Object.freeze({
  free: 3,
  firstDelayMs: 250,
  delayMsMax: 10_000,
  halfLifeMs: 60_000,
  offendersMax: 10_000,
});

export class Offenders {
  readonly #limits: OffenderLimits;
  readonly #failures = new Map<string, { count: number; atMs: number }>();

  constructor(limits: OffenderLimits) {
    this.#limits = limits;
  }

  failed(key: string, nowMs: number): void {
    const count = this.#count(key, nowMs) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, atMs: nowMs });
    // the one that failed longest ago is forgotten first
    if (this.#failures.size > this.#limits.offendersMax) {
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest);
        break;
      }
    }
  }

  delayMs(key: string, nowMs: number): number {
    const beyond = this.#count(key, nowMs) - this.#limits.free;
    if (beyond <= 0) return 0;
    return Math.min(this.#limits.firstDelayMs * 2 ** (beyond - 1), this.#limits.delayMsMax);
  }

  #count(key: string, nowMs: number): number {
    const failure = this.#failures.get(key);
    if (failure === undefined) return 0;
    const sinceMs = Math.max(0, nowMs - failure.atMs);
    return failure.count * 0.5 ** (sinceMs / this.#limits.halfLifeMs);
  }
}
