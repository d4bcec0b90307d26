/**
 * Whether the clock can be believed for what cannot be undone: one that is set years ahead makes every retention period
 * look over, also of those who are being watched. The newest time that was believed is kept over a restart.
 */
import type { Bookmark } from '../ports/bookmark.js';
import type { Clock } from '../ports/clock.js';

/** Longer than any stop of a gateway that is looked after; short against years of retention. */
const LEAP_MS = 31 * 86_400_000;

export class CredibleTime {
  #startMs: number;
  #steadyAtStartMs: number;
  #credibleAtStart: boolean;

  private constructor(
    private readonly clock: Clock,
    private readonly steadyMs: () => number,
    private readonly mark: Bookmark,
    lastMs: number | null,
  ) {
    this.#startMs = clock.nowMs();
    this.#steadyAtStartMs = steadyMs();
    this.#credibleAtStart = lastMs === null || this.#startMs - lastMs <= LEAP_MS;
  }

  /**
   * `steadyMs`: time that passes whatever the clock is set to. `lastMs`: the newest time that the stores know of, for the first
   * start with a mark; null: none. They may have been written under a clock that had leapt, the mark never is.
   */
  static async open(
    clock: Clock,
    steadyMs: () => number,
    mark: Bookmark,
    lastMs: number | null,
  ): Promise<CredibleTime> {
    const markedMs = await mark.read();
    const time = new CredibleTime(clock, steadyMs, mark, markedMs > 0 ? markedMs : lastMs);
    // at once: what the stores are told under a clock that leaps later must not count at the next start
    await time.isCredible();
    return time;
  }

  /** Asked now and then: what is believed is marked. False once the clock is more than a month ahead of what has passed. */
  async isCredible(): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    const passedMs = this.steadyMs() - this.#steadyAtStartMs;
    const credible = this.#credibleAtStart && nowMs - this.#startMs - passedMs <= LEAP_MS;
    if (credible) await this.mark.write(nowMs);
    return credible;
  }

  /** A person has looked at the clock and acted by it. */
  async believe(): Promise<void> {
    this.#startMs = this.clock.nowMs();
    this.#steadyAtStartMs = this.steadyMs();
    this.#credibleAtStart = true;
    await this.mark.write(this.#startMs);
  }
}
