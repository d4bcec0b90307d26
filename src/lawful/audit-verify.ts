/**
 * Checks an audit log from its entries' bytes alone: every leaf, node and root is worked out anew and held against what
 * is stored, what the heads sign, and what a witness has seen. Nothing that the store says of itself is believed.
 */
import { HEAD_FAULTS } from '../crypto/audit-proof.js';
import { leafHash, MerkleFrontier } from '../crypto/merkle.js';
import { type HeadKey, openHead, type TreeHead } from '../crypto/signed-head.js';
import type { AuditRow, AuditRows } from '../ports/audit-rows.js';
import { type AuditFinding, Findings, guarded, isCount } from './audit-verify-findings.js';
import { againstLeaves, type LeavesFound, leadingLeaves } from './audit-verify-leaves.js';
import { OrderIndexCheck } from './audit-verify-orders.js';

/** What an outside witness kept. */
export interface AuditWitness {
  /** The signed head. */
  readonly jws: string;
  /** The leaves' hashes at that size, one behind the other; null: not kept. */
  readonly leaves: Buffer | null;
}

export interface AuditReport {
  /** Entries that lie in the log without a gap. */
  readonly entries: number;
  /** Signed heads that stand: rightly signed, and signing what is stored. */
  readonly heads: number;
  /** So many entries are what a head signs: nobody without the signing key changed them. */
  readonly signed: number;
  /** So many entries are what the witness saw: nobody changed them since, with whatever key. Null: no witness. */
  readonly witnessed: number | null;
  /** The first thousand of each kind. */
  readonly findings: readonly AuditFinding[];
  readonly count: number;
}

const HASH_BYTES = 32;
export function verifyAuditLog(
  rows: AuditRows,
  keys: readonly HeadKey[],
  witness: AuditWitness | null,
  progress: (entries: number) => void = () => {},
): AuditReport {
  const found = new Findings();
  const heads = new HeadCheck(rows, keys, found);
  const seen = witness === null ? null : openWitness(witness, keys, found);
  const orders = new OrderIndexCheck(found);
  const nodes = new NodeCheck(rows, found);
  const leaves: LeavesFound | null = seen?.leaves == null ? null : { hashes: [], claims: [] };
  const frontier = MerkleFrontier.empty();
  let witnessRoot = seen?.head.size === 0 ? frontier.root().toString('hex') : null;
  let gap = false;

  for (const { key, bytes } of guarded('entries', () => rows.entries(), found)) {
    if (!isCount(key)) {
      found.add('row_foreign', null, 'a row among the entries lies under a key that no entry has');
      continue;
    }
    const leaf = leafHash(bytes);
    const claim = orders.entry(key, bytes);
    leaves?.hashes.push(leaf);
    leaves?.claims.push(claim);
    if (key !== frontier.size && !gap) {
      gap = true;
      found.add('entry_missing', frontier.size, `entry ${frontier.size} is missing; the next one lies at ${key}`);
    }
    // behind a gap no root can be worked out any more; the leaves still tell what is there
    if (gap) continue;
    nodes.complete(frontier.push(leaf));
    heads.grown(frontier);
    if (frontier.size === seen?.head.size) witnessRoot = frontier.root().toString('hex');
    if (frontier.size % 10_000 === 0) progress(frontier.size);
  }
  progress(frontier.size);
  if (!gap) nodes.finish();
  heads.finish(frontier.size);
  orders.finish(rows);

  return {
    entries: frontier.size,
    heads: heads.good,
    signed: heads.signed,
    witnessed: witness === null ? null : seen === null ? 0 : hold(seen, witnessRoot, frontier.size, leaves, found),
    findings: found.list,
    count: found.count,
  };
}

interface SeenByWitness {
  readonly head: TreeHead;
  readonly leaves: Buffer | null;
}

/** A witness whose head nobody trusted signed proves nothing; leaves that are not those of its head say nothing. */
function openWitness({ jws, leaves }: AuditWitness, keys: readonly HeadKey[], found: Findings): SeenByWitness | null {
  const opened = openHead(jws, keys);
  if (!opened.ok) {
    found.add(
      'witness_unsigned',
      null,
      `the witnessed head is not signed by the key that is trusted (${HEAD_FAULTS[opened.fault]})`,
    );
    return null;
  }
  const head = opened.value;
  if (leaves === null) return { head, leaves };
  const tree = MerkleFrontier.empty();
  for (let at = 0; at < leaves.length; at += HASH_BYTES) tree.push(leaves.subarray(at, at + HASH_BYTES));
  if (tree.size === head.size && tree.root().toString('hex') === head.root) return { head, leaves };
  found.add(
    'witness_leaves_foreign',
    null,
    `the leaf hashes are not those of the witnessed head of ${head.size} entries`,
  );
  return { head, leaves: null };
}

/** Holds what is stored against what the witness saw; gives how many entries agree. */
function hold(
  { head, leaves: expected }: SeenByWitness,
  root: string | null,
  entries: number,
  leaves: LeavesFound | null,
  found: Findings,
): number {
  if (root === head.root) return head.size;
  if (root === null && entries < head.size) {
    found.add('witness_beyond', entries, `the witness saw ${head.size} entries; only ${entries} can be read in order`);
  } else {
    found.add('witness_contradicted', head.size, `the first ${head.size} entries are not those that the witness saw`);
  }
  if (expected === null || leaves === null) return 0;
  againstLeaves(expected, leaves, found);
  return leadingLeaves(expected, leaves.hashes);
}

/** Stored nodes in the order of their places, which is the order in which growth completes them. */
class NodeCheck {
  readonly #rows: Iterator<AuditRow>;
  #place = 0;
  #row: IteratorResult<AuditRow>;

  constructor(
    rows: AuditRows,
    private readonly found: Findings,
  ) {
    this.#rows = guarded('nodes', () => rows.nodes(), found)[Symbol.iterator]();
    this.#row = this.#rows.next();
  }

  complete(nodes: readonly Buffer[]): void {
    for (const node of nodes) {
      const place = this.#place++;
      while (this.#row.done !== true && !isAtOrAfter(this.#row.value.key, place)) this.#foreign(this.#row.value);
      if (this.#row.done === true || this.#row.value.key !== place) {
        this.found.add('node_missing', place, `node ${place} of the tree is missing`);
        continue;
      }
      if (Buffer.compare(this.#row.value.bytes, node) !== 0) {
        this.found.add('node_wrong', place, `node ${place} of the tree is not the hash of what lies below it`);
      }
      this.#row = this.#rows.next();
    }
  }

  /** Nothing lies behind the last node. */
  finish(): void {
    while (this.#row.done !== true) this.#foreign(this.#row.value);
  }

  #foreign({ key }: AuditRow): void {
    this.found.add('node_foreign', isCount(key) ? key : null, 'a node lies where the tree has none');
    this.#row = this.#rows.next();
  }
}

const isAtOrAfter = (key: unknown, place: number): boolean => typeof key === 'number' && key >= place;

/** Signed heads by size: each must be signed, lie under its own size, and sign the entries below it. */
class HeadCheck {
  good = 0;
  signed = 0;
  readonly #heads = new Map<number, TreeHead>();
  #newest = 0;

  constructor(
    rows: AuditRows,
    keys: readonly HeadKey[],
    private readonly found: Findings,
  ) {
    for (const { key, bytes } of guarded('heads', () => rows.heads(), found)) {
      const head = openHead(Buffer.from(bytes).toString('latin1'), keys);
      const at = isCount(key) ? key : null;
      if (!head.ok)
        found.add('head_unsigned', at, `the head at ${at ?? 'no size'} does not stand: ${HEAD_FAULTS[head.fault]}`);
      else if (head.value.size !== key) {
        found.add(
          'head_contradicted',
          at,
          `the head of ${head.value.size} entries lies where that of ${at ?? 'none'} belongs`,
        );
      } else this.#heads.set(key, head.value);
      if (at !== null && at > this.#newest) this.#newest = at;
    }
  }

  grown(frontier: MerkleFrontier): void {
    const head = this.#heads.get(frontier.size);
    if (head === undefined) return;
    this.#heads.delete(frontier.size);
    if (head.root === frontier.root().toString('hex')) {
      this.good++;
      this.signed = frontier.size;
    } else {
      this.found.add('head_contradicted', head.size, `the head of ${head.size} entries signs others than are stored`);
    }
  }

  finish(entries: number): void {
    for (const size of this.#heads.keys()) {
      this.found.add('head_beyond', size, `a head signs ${size} entries, and only ${entries} can be read in order`);
    }
    if (entries > this.#newest) {
      this.found.add('entry_unsigned', this.#newest, `no head covers the entries from ${this.#newest} on`);
    }
  }
}
