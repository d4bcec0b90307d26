/** Time as the gateway knows it: arrival times and due times come from here, never from `Date.now` in a rule. */
export interface Clock {
  /** UTC milliseconds. */
  nowMs(): number;
}

/** A clock that moves only when told (`serve --clock stepped`). */
export interface SteppedClock extends Clock {
  /**
   * Fires every timer due before `toMs`, each at its own time, waits until what they led to is committed, then sets
   * the time to `toMs`. Timers due exactly at `toMs` wait for the next step: records of that moment come first.
   * A time at or before now changes nothing.
   */
  advanceTo(toMs: number): Promise<void>;
}
