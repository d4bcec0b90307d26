/** The audit log's rows in LMDB, for checking and copying out: of a gateway that runs, or of a folder by itself. */
import { nodePlace } from '../../crypto/merkle.js';
import type { AuditRow, AuditRows } from '../../ports/audit-rows.js';
import { type Db, Environment, type Key, rows } from './environment.js';
import { type AuditDbs, newestHead, openAuditDbs } from './lmdb-audit-log-dbs.js';

/**
 * Read without an await in between, everything is of one moment, however much a running gateway adds meanwhile: the
 * process has one read transaction a turn of its event loop.
 */
export class LmdbAuditRows implements AuditRows {
  readonly #dbs: AuditDbs;

  private constructor(private readonly env: Environment) {
    env.enter();
    this.#dbs = openAuditDbs(env);
  }

  /** Throws while nothing was ever logged in `folder`. */
  static open(folder: string): LmdbAuditRows {
    return new LmdbAuditRows(Environment.openReadOnly(folder));
  }

  /** In an environment that is open already. */
  static inside(env: Environment): LmdbAuditRows {
    return new LmdbAuditRows(env);
  }

  entries(): Iterable<AuditRow> {
    return plain(this.#dbs.entries);
  }

  nodes(): Iterable<AuditRow> {
    return plain(this.#dbs.nodes);
  }

  heads(): Iterable<AuditRow> {
    return plain(this.#dbs.heads);
  }

  byOrder(): Iterable<AuditRow> {
    return plain(this.#dbs.byOrder);
  }

  entry(index: number): Uint8Array | null {
    return this.#dbs.entries.get(index) ?? null;
  }

  head(size?: number): string | null {
    if (size === undefined) return newestHead(this.#dbs)?.jws ?? null;
    return this.#dbs.heads.get(size)?.toString('latin1') ?? null;
  }

  node(level: number, n: number): Uint8Array | null {
    return this.#dbs.nodes.get(nodePlace(level, n)) ?? null;
  }

  close(): Promise<void> {
    return this.env.leave();
  }
}

function* plain<K extends Key>(db: Db<K>): Generator<AuditRow> {
  for (const { key, value } of rows(db)) yield { key, bytes: value };
}
