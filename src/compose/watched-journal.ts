/** A journal that knows how long the oldest append has been waiting; an append that never returns is found by it alone. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import type { Journal } from '../ports/journal.js';

export class WatchedJournal implements Journal {
  readonly #journal: Journal;
  /** Monotonic ms at which each append under way began; they end in their order. */
  readonly #since: number[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** 0: nothing waits. */
  waitingMs(): number {
    const since = this.#since[0];
    return since === undefined ? 0 : performance.now() - since;
  }

  async append(entries: readonly JournalEntry[]): Promise<number> {
    this.#since.push(performance.now());
    try {
      return await this.#journal.append(entries);
    } finally {
      this.#since.shift();
    }
  }

  read(position: number): AsyncIterable<PlacedEntry> {
    return this.#journal.read(position);
  }
  get last(): number {
    return this.#journal.last;
  }
  get first(): number {
    return this.#journal.first;
  }
  trim(position: number): Promise<void> {
    return this.#journal.trim(position);
  }
  close(): Promise<void> {
    return this.#journal.close();
  }
}
