/** The hours of the recent log: the oldest go whole, a piece at a time, and it costs two look-ups when none is due. */
import { type Db, type Environment, numberValue, readNumber } from './environment.js';
import type { RecentDbs } from './recent-batch.js';
import { hourDigits, hourOfKey, hourOfSnapshot, snapshotOfHourKey } from './recent-rows.js';

const HOUR_MS = 3_600_000;
const KEPT_FROM = 'recent.kept-from';

export class RecentHours {
  readonly #env: Environment;
  readonly #meta: Db<string>;
  readonly #dbs: RecentDbs;

  constructor(env: Environment, meta: Db<string>, dbs: RecentDbs) {
    this.#env = env;
    this.#meta = meta;
    this.#dbs = dbs;
  }

  /** What arrived before this may be gone. */
  get keptFromMs(): number {
    return readNumber(this.#meta.get(KEPT_FROM)) ?? Number.NEGATIVE_INFINITY;
  }

  /** The hours from one on in which something arrived; one that a wrong clock has said costs no more than others. */
  *from(hour: number): Generator<number> {
    for (let next = this.#next(Math.max(hour, 0)); next !== null; next = this.#next(next + 1)) yield next;
  }

  #next(hour: number): number | null {
    const start = hourDigits(hour);
    const [uploads, kept] = [firstHour(this.#dbs.uploads, start), firstHour(this.#dbs.kept, start)];
    return uploads === null || kept === null ? (uploads ?? kept) : Math.min(uploads, kept);
  }

  /** At most `max` rows of hours before this one; how many went. */
  async expire(hour: number, max: number, check: () => void): Promise<number> {
    if (!this.#isDue(hour)) return 0;
    return this.#env.transaction(() => {
      check();
      const end = hourDigits(Math.max(hour, 0));
      let gone = 0;
      // listed before they are removed: no cursor walks over what changes under it
      for (const db of [this.#dbs.uploads, this.#dbs.kept]) {
        const keys = [...db.getKeys({ end, limit: max - gone })];
        for (const key of keys) db.remove(key);
        gone += keys.length;
        if (gone >= max) break;
      }
      if (gone < max) {
        const keys = [...this.#dbs.snapshotHours.getKeys({ end, limit: max - gone })];
        for (const key of keys) this.#removeSnapshot(key, hour);
        gone += keys.length;
      }
      const keptFromMs = hour * HOUR_MS;
      if (gone > 0 && keptFromMs > this.keptFromMs) this.#meta.put(KEPT_FROM, numberValue(keptFromMs));
      return gone;
    });
  }

  /** One that was written anew since goes with a later hour. */
  #removeSnapshot(hourKey: string, hour: number): void {
    const place = snapshotOfHourKey(hourKey);
    const row = this.#dbs.snapshots.get(place);
    if (row !== undefined && hourOfSnapshot(row) < hour) this.#dbs.snapshots.remove(place);
    this.#dbs.snapshotHours.remove(hourKey);
  }

  #isDue(hour: number): boolean {
    const { uploads, kept, snapshotHours } = this.#dbs;
    return [uploads, kept, snapshotHours].some((db) => (firstHour(db) ?? Infinity) < hour);
  }
}

function firstHour(db: Db<string>, start = ''): number | null {
  const [key] = db.getKeys({ start, limit: 1 });
  return key === undefined ? null : hourOfKey(key);
}
