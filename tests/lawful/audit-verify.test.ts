/** What the check of a log says: how far it can be trusted, and what was done to which entries. */
import t from 'tap';
import { encodeAuditEntry } from '../../src/codec/audit-entry.js';
import { leafHash, MerkleFrontier } from '../../src/crypto/merkle.js';
import { HeadSigner } from '../../src/crypto/signed-head.js';
import { type AuditWitness, verifyAuditLog } from '../../src/lawful/audit-verify.js';
import type { AuditRow, AuditRows } from '../../src/ports/audit-rows.js';
import { auditEvent } from '../support/audit-events.js';
import { newSigningKey } from '../support/audit-keys.js';
import { randomFrom, T0 } from '../support/samples.js';

const signer = new HeadSigner(newSigningKey());
const other = new HeadSigner(newSigningKey());
const keys = [signer.verificationKey];

const entry = (n: number): Buffer => {
  const { orderId: _, subjectId: __, detail: ___, ...event } = auditEvent(n);
  return encodeAuditEntry({ index: n, event, order: null, under: 'office', sealed: Buffer.of(n & 255, n >> 8) });
};
const entries = (count: number) => Array.from({ length: count }, (_, n) => entry(n));

interface Parts {
  entries: AuditRow[];
  nodes: AuditRow[];
  heads: AuditRow[];
  byOrder: AuditRow[];
}

/** Rows as a writer would leave them around these entries: a head every five, and at the end. */
function logOf(bytes: readonly Buffer[], by = signer): AuditRows & { readonly parts: Parts } {
  const parts: Parts = {
    entries: bytes.map((value, key) => ({ key, bytes: value })),
    nodes: [],
    heads: [],
    byOrder: [],
  };
  const frontier = MerkleFrontier.empty();
  for (const value of bytes) {
    for (const node of frontier.push(leafHash(value))) parts.nodes.push({ key: parts.nodes.length, bytes: node });
    const { size } = frontier;
    if (size % 5 !== 0 && size !== bytes.length) continue;
    const jws = by.sign({ size, root: frontier.root().toString('hex'), atMs: T0 });
    parts.heads.push({ key: size, bytes: Buffer.from(jws) });
  }
  return {
    parts,
    entries: () => parts.entries,
    nodes: () => parts.nodes,
    heads: () => parts.heads,
    byOrder: () => parts.byOrder,
    entry: () => null,
    head: () => null,
    node: () => null,
    close: async () => {},
  };
}

function witnessOf(bytes: readonly Buffer[], by = signer): AuditWitness {
  const frontier = MerkleFrontier.empty();
  const hashes = bytes.map(leafHash);
  for (const leaf of hashes) frontier.push(leaf);
  const jws = by.sign({ size: frontier.size, root: frontier.root().toString('hex'), atMs: T0 });
  return { jws, leaves: Buffer.concat(hashes) };
}

const told = (rows: AuditRows, witness: AuditWitness | null) => {
  const { findings, ...rest } = verifyAuditLog(rows, keys, witness);
  return { ...rest, kinds: findings.map(({ kind, at }) => (at === null ? kind : `${kind} ${at}`)) };
};

t.test(
  'a log that stands is trusted up to its newest head, and up to the witnessed one by whoever kept it',
  async (t) => {
    const all = entries(23);
    t.same(told(logOf(all), null), { entries: 23, heads: 5, signed: 23, witnessed: null, count: 0, kinds: [] });
    t.match(told(logOf(all), witnessOf(all.slice(0, 12))), { witnessed: 12, count: 0 });
    t.match(told(logOf(all), witnessOf([])), { witnessed: 0, count: 0 }, 'a witness from before the first entry');
    t.match(told(logOf([]), null), { entries: 0, signed: 0, count: 0 });
  },
);

t.test('a head that is damaged takes away no trust in what a later one signs', async (t) => {
  const rows = logOf(entries(20));
  rows.parts.heads[1] = { key: 10, bytes: Buffer.from('damaged') };
  t.match(told(rows, null), { signed: 20, heads: 3, kinds: ['head_unsigned 10'] });
});

t.test('a log that is signed by another key is trusted in nothing', async (t) => {
  const report = told(logOf(entries(12), other), witnessOf(entries(12)));
  t.match(report, {
    signed: 0,
    heads: 0,
    witnessed: 12,
    kinds: ['head_unsigned 5', 'head_unsigned 10', 'head_unsigned 12'],
  });
  t.match(told(logOf(entries(12)), witnessOf(entries(12), other)), { witnessed: 0, kinds: ['witness_unsigned'] });
});

t.test('leaf hashes that are not those of the witnessed head are not believed', async (t) => {
  const all = entries(9);
  const witness = { jws: witnessOf(all).jws, leaves: Buffer.concat(all.slice(1).map(leafHash)) };
  t.match(told(logOf(all), witness), { witnessed: 9, kinds: ['witness_leaves_foreign'] });
});

t.test('a store whose pages are damaged is a finding, and what was read before it counts', async (t) => {
  const rows = logOf(entries(20));
  const broken: AuditRows = {
    ...rows,
    *entries() {
      yield* rows.parts.entries.slice(0, 12);
      throw new Error('MDB_CORRUPTED');
    },
  };
  const report = told(broken, null);
  t.match(report, { entries: 12, signed: 10 });
  t.ok(report.kinds.includes('store_unreadable'));
});

t.test('several places left empty are each named', async (t) => {
  const rows = logOf(entries(30));
  rows.parts.entries = rows.parts.entries.filter(({ key }) => key !== 3 && key !== 4 && key !== 17);
  const report = told(rows, witnessOf(entries(20)));
  t.match(report, { entries: 3, signed: 0, witnessed: 3 });
  for (const kind of ['entry_missing 3', 'entry_dropped 3', 'entry_dropped 4', 'entry_dropped 17']) {
    t.ok(report.kinds.includes(kind), kind);
  }
});

t.test('what was logged after the witness came is no insertion', async (t) => {
  const all = entries(30);
  for (const [what, tampered, kinds] of [
    ['the last that it saw was dropped', all.toSpliced(19, 1), ['entry_dropped 19']],
    ['the last that it saw was changed', all.with(19, Buffer.from('{}')), ['entry_changed 19']],
    ['one was put behind it', all.toSpliced(10, 0, entry(77)), ['entry_inserted 10']],
  ] as const) {
    const report = told(logOf(tampered), witnessOf(all.slice(0, 20)));
    t.same(
      report.kinds.filter((kind) => /_(dropped|changed|inserted|moved) /.test(kind)),
      kinds,
      what,
    );
  }
});

t.test('any number of drops, changes and insertions at once are named, and nothing else is', async (t) => {
  const seed = Number(process.env.SEED ?? 7);
  t.comment(`seed ${seed}`);
  const random = randomFrom(seed);
  for (let round = 0; round < 60; round++) {
    const all = entries(40);
    const tampered: Buffer[] = [];
    const expected: string[] = [];
    let alone = true;
    all.forEach((bytes, n) => {
      // two acts side by side can be told in more than one way
      const act = alone ? Math.floor(random() * 12) : 9;
      alone = act > 2;
      if (act === 0) expected.push(`entry_dropped ${n}`);
      else if (act === 1) {
        expected.push(`entry_changed ${n}`);
        tampered.push(Buffer.concat([bytes, Buffer.of(round)]));
      } else if (act === 2) {
        expected.push(`entry_inserted ${tampered.length}`);
        tampered.push(entry(100 + n), bytes);
      } else tampered.push(bytes);
    });
    const report = told(logOf(tampered), witnessOf(all));
    const named = report.kinds.filter((kind) => /_(dropped|changed|inserted|moved) /.test(kind));
    t.same(named.sort(), expected.sort(), `round ${round}`);
  }
});

t.test('of a log that is wrong throughout, the first thousand of a kind are told and all are counted', async (t) => {
  const rows = logOf(entries(1_500));
  rows.parts.nodes = rows.parts.nodes.map(({ key }) => ({ key, bytes: Buffer.alloc(32) }));
  const { findings, count } = verifyAuditLog(rows, keys, null);
  t.equal(findings.length, 1_000);
  t.equal(count, rows.parts.nodes.length);
});
