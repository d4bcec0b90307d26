/** Wrapped keys, one a file, in a folder of its own that is never inside the data folder or its backups. */
export interface KeyVault {
  /** The wrapped key of that name, or null. */
  read(name: string): Promise<string | null>;
  /** Durable when it resolves; never replaces one that is there. */
  create(name: string, wrapped: string): Promise<void>;
  /** Overwrites, syncs and unlinks. Resolves when the name is gone from disk. */
  destroy(name: string): Promise<void>;
  /** Names that begin so, or all, sorted. */
  list(prefix?: string): Promise<string[]>;
}
