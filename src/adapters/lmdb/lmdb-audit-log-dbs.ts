/** The audit log's databases: which row lies under which key. Rows are only ever added at the end. */
import type { Db, Environment } from './environment.js';

export interface AuditDbs {
  /** Index → the entry's bytes. */
  readonly entries: Db<number>;
  /** Place (`nodePlace`) → hash of a perfect subtree, 32 bytes; level 0 are the leaves. */
  readonly nodes: Db<number>;
  /** Size → the signed head (JWS, compact, ASCII). The newest one's size is the log's. */
  readonly heads: Db<number>;
  /** (order's pseudonym, index) → nothing: which entries concern an order. */
  readonly byOrder: Db<[string, number]>;
}

export function openAuditDbs(env: Environment): AuditDbs {
  return {
    entries: env.db('audit-entries'),
    nodes: env.db('audit-nodes'),
    heads: env.db('audit-heads'),
    byOrder: env.db('audit-by-order'),
  };
}

/** The newest head as it stands in the store, or null. */
export function newestHead(dbs: AuditDbs): { readonly size: number; readonly jws: string } | null {
  const [row] = dbs.heads.getRange({ reverse: true, limit: 1 });
  return row === undefined ? null : { size: row.key, jws: row.value.toString('latin1') };
}
