/** Entries on their way from the journal to the engine: in memory while it keeps up, from disk when it does not. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import type { Journal } from '../ports/journal.js';

/** The global one, as in intake and journal: a simulator that has it in hand decides what runs when. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Inbox {
  readonly #journal: Journal;
  readonly #max: number;
  readonly #waiting = new Map<number, JournalEntry>();
  #next = 1;

  /** At `max` waiting entries further ones are let go: the journal has them, and gives them back in order. */
  constructor(journal: Journal, max: number) {
    this.#journal = journal;
    this.#max = max;
  }

  startAfter(position: number): void {
    this.#next = position + 1;
    this.#waiting.clear();
  }

  put(entries: readonly PlacedEntry[]): void {
    for (const { position, entry } of entries) {
      if (position < this.#next || this.#waiting.size >= this.#max) continue;
      this.#waiting.set(position, entry);
    }
  }

  /** Whether the next entry is durable: in memory, or in the journal. */
  get ready(): boolean {
    return this.#journal.last >= this.#next;
  }

  /**
   * The next entries in the journal's order, at most `max`, and no more once they hold `recordsMax` records; empty when none
   * is durable yet.
   */
  async take(max: number, recordsMax: number, waited = false): Promise<PlacedEntry[]> {
    const taken: PlacedEntry[] = [];
    let records = 0;
    const isFull = (): boolean => taken.length >= max || records >= recordsMax;
    for (let entry = this.#waiting.get(this.#next); entry !== undefined && !isFull(); ) {
      taken.push({ position: this.#next, entry });
      records += recordsOf(entry);
      this.#waiting.delete(this.#next);
      this.#next += 1;
      entry = this.#waiting.get(this.#next);
    }
    if (taken.length > 0 || !this.ready) return taken;
    // What has just become durable is about to be handed over; only what was let go is read back.
    if (!waited) {
      await nextTurn();
      return this.take(max, recordsMax, true);
    }
    for await (const placed of this.#journal.read(this.#next)) {
      if (placed.position !== this.#next) {
        throw new Error(
          `the journal gives entry ${placed.position} where ${this.#next} is to be judged: it misses some`,
        );
      }
      taken.push(placed);
      this.#waiting.delete(placed.position);
      this.#next = placed.position + 1;
      records += recordsOf(placed.entry);
      if (isFull()) break;
    }
    if (taken.length === 0)
      throw new Error(`the journal does not give entry ${this.#next}, which it holds: its key is gone`);
    return taken;
  }
}

const recordsOf = (entry: JournalEntry): number => (entry.kind === 'upload' ? entry.records.length : 1);
