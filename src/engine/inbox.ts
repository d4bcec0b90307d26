/** Entries on their way from the journal to the engine: in memory while it keeps up, from disk when it does not. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import type { Journal } from '../ports/journal.js';

/** The global one, as in intake and journal: a simulator that has it in hand decides what runs when. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Inbox {
  readonly #journal: Journal;
  readonly #max: number;
  /** From `#next` on, without a gap, behind those of `#taken` that were taken. */
  #inOrder: PlacedEntry[] = [];
  #taken = 0;
  /** What came before its turn. */
  readonly #early = new Map<number, PlacedEntry>();
  #next = 1;

  /** At `max` waiting entries further ones are let go: the journal has them, and gives them back in order. */
  constructor(journal: Journal, max: number) {
    this.#journal = journal;
    this.#max = max;
  }

  startAfter(position: number): void {
    this.#next = position + 1;
    this.#inOrder = [];
    this.#taken = 0;
    this.#early.clear();
  }

  put(entries: readonly PlacedEntry[]): void {
    for (const placed of entries) {
      const { position } = placed;
      const behind = this.#behind;
      if (position < behind || this.#waiting >= this.#max) continue;
      if (position > behind) this.#early.set(position, placed);
      else this.#inOrder.push(placed);
    }
    this.#closeRanks();
  }

  /** What was early and has its turn now. */
  #closeRanks(): void {
    if (this.#early.size === 0) return;
    for (let at = this.#behind, placed = this.#early.get(at); placed !== undefined; placed = this.#early.get(at)) {
      this.#inOrder.push(placed);
      this.#early.delete(at);
      at += 1;
    }
  }

  /** The position that the next entry in order has. */
  get #behind(): number {
    return this.#next + this.#inOrder.length - this.#taken;
  }

  get #waiting(): number {
    return this.#inOrder.length - this.#taken + this.#early.size;
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
    this.#closeRanks();
    const taken: PlacedEntry[] = [];
    let records = 0;
    const isFull = (): boolean => taken.length >= max || records >= recordsMax;
    for (let placed = this.#inOrder[this.#taken]; placed !== undefined && !isFull(); ) {
      taken.push(placed);
      records += recordsOf(placed.entry);
      this.#taken += 1;
      placed = this.#inOrder[this.#taken];
    }
    this.#next += taken.length;
    if (this.#taken * 2 >= this.#inOrder.length) {
      this.#inOrder = this.#inOrder.slice(this.#taken);
      this.#taken = 0;
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
      // it may have been handed over meanwhile
      if (this.#inOrder[this.#taken]?.position === placed.position) this.#taken += 1;
      this.#early.delete(placed.position);
      this.#next = placed.position + 1;
      records += recordsOf(placed.entry);
      if (isFull()) break;
    }
    if (taken.length === 0)
      throw new Error(`the journal does not give entry ${this.#next}, which it holds: its key is gone`);
    return taken;
  }
}

export const recordsOf = (entry: JournalEntry): number => (entry.kind === 'upload' ? entry.records.length : 1);
