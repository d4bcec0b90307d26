/** A proof stands by itself, and none of its members can be changed. */
import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { type AuditProof, auditProof, checkAuditProof } from '../../src/crypto/audit-proof.js';
import { inclusionPath, leafHash, MerkleFrontier, nodePlace } from '../../src/crypto/merkle.js';
import { HeadSigner } from '../../src/crypto/signed-head.js';

const signer = new HeadSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const other = new HeadSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const keys = [signer.verificationKey];
const entries = Array.from({ length: 13 }, (_, n) => Buffer.from(`{"index":${n}}`));
const nodes: Buffer[] = [];
const frontier = MerkleFrontier.empty();
for (const entry of entries) nodes.push(...frontier.push(leafHash(entry)));
const jws = signer.sign({ size: 13, root: frontier.root().toString('hex'), atMs: 1_772_478_000_000 });

function proofOf(index: number): AuditProof {
  const path = inclusionPath(index, 13, (level, n) => nodes[nodePlace(level, n)] as Buffer);
  const hex = path.map((hash) => hash.toString('hex'));
  return auditProof(index, entries[index] as Buffer, hex, jws, signer.verificationKey.jwk);
}

t.test('the proof of every entry stands, also after a journey as JSON', async (t) => {
  for (let index = 0; index < 13; index++) {
    const checked = checkAuditProof(JSON.parse(JSON.stringify(proofOf(index))), keys);
    t.match(checked, { ok: true, value: { index, head: { size: 13, atMs: 1_772_478_000_000 } } });
    t.same(checked.ok && checked.value.entry, entries[index]);
  }
});

t.test('what is changed in a proof is told', async (t) => {
  const proof = proofOf(5);
  const faults: readonly [string, unknown, RegExp][] = [
    ['no proof', null, /no proof/],
    ['a list', [], /no proof/],
    ['another place', { ...proof, index: 4 }, /does not lead from entry 4/],
    ['a place outside', { ...proof, index: 13 }, /does not lead/],
    ['another entry', { ...proof, entry: Buffer.from('{}').toString('base64') }, /leaf is not the hash/],
    ['another entry with its leaf', { ...proofOf(6), index: 5, path: proof.path }, /does not lead/],
    ['an entry spelled otherwise', { ...proof, entry: `${proof.entry}\n` }, /not base64/],
    ['a path too short', { ...proof, path: proof.path.slice(1) }, /does not lead/],
    ['a path of something else', { ...proof, path: ['zz'] }, /not a list of SHA-256/],
    ['a head of another size', { ...proof, head: { ...proof.head, size: 12 } }, /other than what is signed/],
    ['no head', { ...proof, head: undefined }, /damaged/],
    [
      'a head of another key',
      { ...proof, head: { ...proof.head, jws: other.sign({ ...proof.head, atMs: 1 }) } },
      /key that is not trusted/,
    ],
  ];
  for (const [what, changed, words] of faults) {
    const checked = checkAuditProof(changed, keys);
    t.match(checked.ok ? 'it stands' : checked.fault, words, what);
  }
  // the key that a proof brings along is not what it is checked with
  const forged = {
    ...proof,
    key: other.verificationKey.jwk,
    head: { ...proof.head, jws: other.sign({ ...proof.head, atMs: 1 }) },
  };
  t.match(checkAuditProof(forged, keys), { ok: false });
});
