/**
 * The alert versions that this process has committed last, by place: whoever follows the ledger asks for them at once (the
 * stream, the topics, the escalation), and need not each read, open and decode what the process had in its hands.
 */
import type { AlertVersion } from '../../domain/alert.js';
import type { LedgerPlace, PlacedVersion } from '../../ports/ledger.js';

/** Some 2 KiB each. */
const KEPT_MAX = 8_192;

export class RecentVersions {
  /** By place, without a gap, oldest first; null: its order is gone. */
  #kept: (PlacedVersion | null)[] = [];
  #first: LedgerPlace = 0;

  /** They are durable, the first of them at `first`. */
  add(first: LedgerPlace, versions: readonly AlertVersion[]): void {
    if (first !== this.#first + this.#kept.length) {
      this.#kept = [];
      this.#first = first;
    }
    for (const [i, version] of versions.entries()) this.#kept.push({ place: first + i, version });
    const over = this.#kept.length - KEPT_MAX;
    // in halves: to move the rest up at each commit costs more than to keep it
    if (over < KEPT_MAX / 2) return;
    this.#kept.splice(0, over);
    this.#first += over;
  }

  /** Those after a place that `stands` lets through, at most `max`; null: what follows that place is not all here. */
  after(place: LedgerPlace, max: number, stands: (version: AlertVersion) => boolean): PlacedVersion[] | null {
    const from = place + 1 - this.#first;
    if (from < 0 || from >= this.#kept.length) return null;
    const found: PlacedVersion[] = [];
    for (let i = from; i < this.#kept.length && found.length < max; i++) {
      const placed = this.#kept[i] ?? null;
      if (placed !== null && stands(placed.version)) found.push(placed);
    }
    // nothing of it stands: what may follow it is not known here
    return found.length === 0 ? null : found;
  }

  forget(places: ReadonlySet<LedgerPlace>): void {
    for (const place of places) {
      if (place >= this.#first && place < this.#first + this.#kept.length) this.#kept[place - this.#first] = null;
    }
  }
}
