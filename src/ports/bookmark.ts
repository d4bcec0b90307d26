/** How far a follower of the ledger has come, kept over a restart. */
export interface Bookmark {
  /** 0 when none was ever written, or what was written cannot be read. */
  read(): Promise<number>;
  /** Durable when it resolves. */
  write(place: number): Promise<void>;
}
