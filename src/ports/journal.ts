/** The journal: what is acknowledged is in it, and the engine's answers can be derived from it alone. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';

export interface Journal {
  /**
   * Appends in call order, all of one call or none. Resolves with the position of the first entry when every entry is
   * durable (group commit: many calls, one sync). Rejects when it is not certain that they are; nothing may then be
   * acknowledged. After a rejected append the journal refuses further ones (`JournalFailed`) until it is opened anew.
   */
  append(entries: readonly JournalEntry[]): Promise<number>;
  /**
   * Durable entries from `position` on, in order, up to what is durable when the reader gets there. It begins later where the
   * first ones lie under keys that are destroyed.
   */
  read(position: number): AsyncIterable<PlacedEntry>;
  /** Position of the last durable entry; 0 = empty. */
  readonly last: number;
  /** Position of the oldest entry kept; `last + 1` where there is none. */
  readonly first: number;
  /** Drops whole segments that lie before `position`; one that begins before it takes no more entries. */
  trim(position: number): Promise<void>;
  /** Waits for what is under way, then releases the files. */
  close(): Promise<void>;
}

/** A new owner has opened the journal with a higher epoch, or a write failed: this one may write no more. */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed';
}
