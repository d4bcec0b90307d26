/** Requests that anybody can make many of: each is logged, up to so many a minute; the rest is counted, for it must not fill the log. */

const MINUTE_MS = 60_000;

export class Flood {
  #minute = Number.NaN;
  #listed = 0;
  #unlisted = 0;

  constructor(private readonly perMinuteMax: number) {}

  /** `listed`: this one has an entry of its own; `unlisted`: so many since the last count had none. */
  note(nowMs: number): { readonly listed: boolean; readonly unlisted: number } {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let unlisted = 0;
    if (minute !== this.#minute) {
      unlisted = this.#unlisted;
      this.#minute = minute;
      this.#listed = 0;
      this.#unlisted = 0;
    }
    const listed = this.#listed < this.perMinuteMax;
    if (listed) this.#listed++;
    else this.#unlisted++;
    return { listed, unlisted };
  }
}
