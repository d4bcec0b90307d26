/** An audit log as raw rows of LMDB: copied out, rewritten by an attacker, laid back row by row. */
import type { KeyObject } from 'node:crypto';
import { type Db, Environment, rows } from '../../../src/adapters/lmdb/environment.js';
import { type AuditDbs, openAuditDbs } from '../../../src/adapters/lmdb/lmdb-audit-log-dbs.js';
import { leafHash, MerkleFrontier } from '../../../src/crypto/merkle.js';
import { HeadSigner, headOf } from '../../../src/crypto/signed-head.js';

/** Every row of the log, by its key. Order rows are written `name index`. */
export interface LogImage {
  readonly entries: Map<number, Buffer>;
  readonly nodes: Map<number, Buffer>;
  readonly heads: Map<number, Buffer>;
  readonly byOrder: Map<string, Buffer>;
}

export const copyOf = (image: LogImage): LogImage => ({
  entries: new Map(image.entries),
  nodes: new Map(image.nodes),
  heads: new Map(image.heads),
  byOrder: new Map(image.byOrder),
});

/** The entries in order of their rows, gaps closed. */
export const entriesOf = (image: LogImage): Buffer[] =>
  [...image.entries].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);

/** The store of a log, below its API. */
export class RawLog {
  readonly env: Environment;
  readonly #dbs: AuditDbs;

  constructor(folder: string) {
    this.env = Environment.open(folder).enter();
    this.#dbs = openAuditDbs(this.env);
  }

  read(): LogImage {
    const whole = <K extends string | number | [string, number]>(db: Db<K>) =>
      [...rows(db)].map(({ key, value }) => [key, Buffer.from(value)] as const);
    return {
      entries: new Map(whole(this.#dbs.entries)),
      nodes: new Map(whole(this.#dbs.nodes)),
      heads: new Map(whole(this.#dbs.heads)),
      byOrder: new Map(whole(this.#dbs.byOrder).map(([key, value]) => [key.join(' '), value])),
    };
  }

  /** Makes the rows of `before`, which lie there, those of `after`. */
  async become(before: LogImage, after: LogImage): Promise<void> {
    await this.env.transaction(() => {
      for (const name of ['entries', 'nodes', 'heads'] as const) {
        differ(before[name], after[name], (key, value) => {
          if (value === null) this.#dbs[name].remove(key);
          else this.#dbs[name].put(key, value);
        });
      }
      differ(before.byOrder, after.byOrder, (key, value) => {
        const [order, index] = key.split(' ') as [string, string];
        if (value === null) this.#dbs.byOrder.remove([order, Number(index)]);
        else this.#dbs.byOrder.put([order, Number(index)], value);
      });
    });
    this.env.refresh();
  }

  close(): Promise<void> {
    return this.env.leave();
  }
}

function differ<K>(
  before: Map<K, Buffer>,
  after: Map<K, Buffer>,
  change: (key: K, value: Buffer | null) => void,
): void {
  for (const key of before.keys()) if (!after.has(key)) change(key, null);
  for (const [key, value] of after) if (before.get(key) !== value) change(key, value);
}

/**
 * A whole log around these entries, as its own writer would have left it: nodes, index of orders, and heads at the same
 * sizes and times. `key` null: the old heads stay as they are.
 */
export function logAround(entries: readonly Buffer[], old: LogImage, key: KeyObject | null): LogImage {
  const signer = key === null ? null : new HeadSigner(key);
  const times = [...old.heads.values()].map((jws) => headOf(jws.toString('latin1')));
  const atMsOf = new Map(times.map(({ size, atMs }) => [size, atMs]));
  const newest = times.at(-1);
  const image: LogImage = {
    entries: new Map(entries.map((bytes, index) => [index, bytes])),
    nodes: new Map(),
    heads: new Map(signer === null ? old.heads : []),
    byOrder: new Map(),
  };
  const frontier = MerkleFrontier.empty();
  entries.forEach((bytes, index) => {
    for (const node of frontier.push(leafHash(bytes))) image.nodes.set(image.nodes.size, node);
    const order = orderOf(bytes);
    if (order !== null) image.byOrder.set(`${order} ${index}`, Buffer.alloc(0));
    const last = index === entries.length - 1;
    const atMs = atMsOf.get(frontier.size) ?? (last ? newest?.atMs : undefined);
    if (signer === null || atMs === undefined) return;
    const head = { size: frontier.size, root: frontier.root().toString('hex'), atMs };
    image.heads.set(head.size, Buffer.from(signer.sign(head), 'latin1'));
  });
  return image;
}

function orderOf(bytes: Buffer): string | null {
  return /"order":"([0-9a-f]{32})"/.exec(bytes.toString('latin1'))?.[1] ?? null;
}
