/** The tree against the published vectors of Certificate Transparency and a twin straight from the RFC's formulas. */
import t from 'tap';
import {
  consistencyPath,
  EMPTY_ROOT,
  inclusionPath,
  isConsistent,
  leafHash,
  MerkleFrontier,
  nodeCount,
  nodePlace,
  rootByInclusion,
  rootOf,
} from '../../src/crypto/merkle.js';
import { MerkleTwin } from '../support/merkle-twin.js';
import { randomFrom } from '../support/samples.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const flipped = (bytes: Uint8Array, bit: number) => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

/** Grows a tree and keeps its nodes as the log does: in the order in which they become complete. */
function grown(entries: readonly Uint8Array[]) {
  const nodes: Buffer[] = [];
  const frontier = MerkleFrontier.empty();
  const roots = [frontier.root()];
  for (const entry of entries) {
    nodes.push(...frontier.push(leafHash(entry)));
    roots.push(frontier.root());
  }
  const node = (level: number, n: number) => nodes[nodePlace(level, n)] as Buffer;
  return { nodes, roots, node, frontier };
}

// the eight leaves, roots and proofs of the reference implementation's tests (certificate-transparency, merkletree)
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const firstToEight = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
];
const eightPieces = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const fifth = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const inclusions: readonly [leaf: number, size: number, path: readonly string[]][] = [
  [0, 1, []],
  [0, 8, firstToEight],
  [5, 8, [fifth, eightPieces, roots[4] as string]],
  [2, 3, [roots[2] as string]],
  [1, 5, [roots[1] as string, firstToEight[1] as string, fifth]],
];
const consistencies: readonly [first: number, second: number, path: readonly string[]][] = [
  [1, 1, []],
  [1, 8, firstToEight],
  [6, 8, ['0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a', eightPieces, roots[4] as string]],
  [2, 5, [firstToEight[1] as string, fifth]],
];

t.test('roots, audit paths and consistency proofs are those of the reference implementation', async (t) => {
  const entries = leaves.map((leaf) => Buffer.from(leaf, 'hex'));
  const tree = grown(entries);
  t.same(tree.roots.map(hex), roots);
  t.equal(hex(EMPTY_ROOT), roots[0]);
  for (const [leaf, size, path] of inclusions) t.same(inclusionPath(leaf, size, tree.node).map(hex), path);
  for (const [first, second, path] of consistencies) t.same(consistencyPath(first, second, tree.node).map(hex), path);
});

t.test('the tree of seven leaves that RFC 6962 §2.1.3 draws has the proofs that it lists', async (t) => {
  // a..g are the leaves' hashes; h = ab, i = cd, j = ef, k = hi, l = jg
  const entries = Array.from({ length: 7 }, (_, n) => Buffer.from(`d${n}`));
  const [, b, c, d, , f, g] = entries.map((entry) => hex(leafHash(entry))) as string[];
  const twin = new MerkleTwin(entries);
  const [h, i, j, k, l] = [twin.mth(0, 2), twin.mth(2, 4), twin.mth(4, 6), twin.mth(0, 4), twin.mth(4, 7)].map(
    hex,
  ) as string[];
  const { node } = grown(entries);
  const path = (leaf: number) => inclusionPath(leaf, 7, node).map(hex);
  t.same(path(0), [b, i, l]);
  t.same(path(3), [c, h, l]);
  t.same(path(4), [f, g, k]);
  t.same(path(6), [j, k]);
  t.same(consistencyPath(3, 7, node).map(hex), [c, d, h, l]);
  t.same(consistencyPath(4, 7, node).map(hex), [l]);
  t.same(consistencyPath(6, 7, node).map(hex), [j, g, k]);
});

t.test(
  'at every size up to 4,000 the root is that of the recursive definition, and so are random proofs',
  async (t) => {
    const seed = Number(process.env.SEED ?? 6962);
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    const below = (n: number) => Math.floor(random() * n);
    const entries = Array.from({ length: 4_000 }, (_, n) => Buffer.from(`entry ${n}${'.'.repeat(below(80))}`));
    const tree = grown(entries);
    const twin = new MerkleTwin(entries);
    const wrong = entries.findIndex((_, n) => !twin.mth(0, n + 1).equals(tree.roots[n + 1] as Buffer));
    t.equal(wrong, -1, 'no size at which the roots differ');
    t.equal(tree.nodes.length, nodeCount(entries.length), 'nodes lie one behind the other, without a gap');

    let faults = 0;
    const check = (right: boolean) => {
      if (!right) faults++;
    };
    const same = (a: readonly Buffer[], b: readonly Buffer[]) =>
      a.length === b.length && a.every((x, i) => x.equals(b[i] as Buffer));
    const pairs: [number, number][] = [];
    for (let size = 1; size <= 66; size++) for (let m = 0; m < size; m++) pairs.push([m, size]);
    for (let n = 0; n < 3_000; n++) {
      const size = 1 + below(entries.length);
      pairs.push([below(size), size]);
    }
    for (const [m, size] of pairs) {
      const root = twin.mth(0, size);
      const path = inclusionPath(m, size, tree.node);
      check(same(path, twin.path(m, 0, size)));
      const leaf = leafHash(entries[m] as Buffer);
      const reached = rootByInclusion(leaf, m, size, path);
      check(reached !== null && root.equals(reached));
      const proof = consistencyPath(m + 1, size, tree.node);
      check(same(proof, twin.proof(m + 1, size)));
      check(isConsistent(m + 1, twin.mth(0, m + 1), size, root, proof));
    }
    t.equal(faults, 0, `${pairs.length} inclusion and consistency proofs`);
  },
);

t.test('a frontier taken up from stored nodes goes on as if it had never stopped', async (t) => {
  const entries = Array.from({ length: 130 }, (_, n) => Buffer.from([n]));
  const tree = grown(entries);
  for (let size = 0; size < entries.length; size++) {
    const again = MerkleFrontier.of(size, tree.node);
    t.equal(hex(again.root()), hex(tree.roots[size] as Buffer));
    again.push(leafHash(entries[size] as Buffer));
    t.equal(hex(again.root()), hex(tree.roots[size + 1] as Buffer));
    t.equal(hex(rootOf(size, tree.node)), hex(tree.roots[size] as Buffer));
  }
});

t.test('a proof of anything else is refused: each bit, another place, another size, a hash more or less', async (t) => {
  const entries = Array.from({ length: 23 }, (_, n) => Buffer.from(`entry ${n}`));
  const tree = grown(entries);
  const root = (size: number) => tree.roots[size] as Buffer;
  let [accepted, tried] = [0, 0];
  const refused = (taken: boolean) => {
    tried++;
    if (taken) accepted++;
  };
  for (let size = 1; size <= entries.length; size++) {
    for (let index = 0; index < size; index++) {
      const leaf = leafHash(entries[index] as Buffer);
      const path = inclusionPath(index, size, tree.node);
      const proves = (l: Buffer, i: number, n: number, p: readonly Buffer[]) => {
        const reached = rootByInclusion(l, i, n, p);
        return reached !== null && root(size).equals(reached);
      };
      const bit = (index * 31 + size) % 256;
      refused(proves(flipped(leaf, bit), index, size, path));
      for (const [at, hash] of path.entries()) refused(proves(leaf, index, size, path.with(at, flipped(hash, bit))));
      for (let other = 0; other < size; other++) if (other !== index) refused(proves(leaf, other, size, path));
      refused(proves(leaf, index, size, [...path, leaf]));
      if (path.length > 0) refused(proves(leaf, index, size, path.slice(1)));
      refused(proves(leaf, size, size, path));
      refused(proves(leaf, -1, size, path));
      refused(proves(leaf, 0.5, size, path));

      const first = index + 1;
      if (first === size) continue;
      const proof = consistencyPath(first, size, tree.node);
      refused(isConsistent(first, flipped(root(first), bit), size, root(size), proof));
      refused(isConsistent(first, root(first), size, flipped(root(size), bit), proof));
      for (const [at, hash] of proof.entries()) {
        refused(isConsistent(first, root(first), size, root(size), proof.with(at, flipped(hash, bit))));
      }
      refused(isConsistent(first, root(first), size, root(size), proof.slice(1)));
      refused(isConsistent(first, root(first), size, root(size), [...proof, leaf]));
      refused(isConsistent(first, root(first), size, root(size), []));
      refused(isConsistent(size, root(size), first, root(first), proof));
    }
  }
  t.equal(accepted, 0, `of ${tried} wrong proofs`);
  t.ok(tried > 5_000);
  t.notOk(isConsistent(0, EMPTY_ROOT, 3, root(3), []));
  t.notOk(isConsistent(3, root(2), 3, root(3), []));
  t.throws(() => inclusionPath(3, 3, tree.node), RangeError);
  t.throws(() => consistencyPath(0, 3, tree.node), RangeError);
  t.throws(() => consistencyPath(4, 3, tree.node), RangeError);
});

t.test('places of nodes stay exact far beyond 2^32', async (t) => {
  t.equal(nodePlace(0, 0), 0);
  t.same(
    [nodePlace(0, 1), nodePlace(1, 0), nodePlace(0, 2), nodePlace(0, 3), nodePlace(1, 1), nodePlace(2, 0)],
    [1, 2, 3, 4, 5, 6],
  );
  const n = 2 ** 40;
  t.equal(nodePlace(0, n), 2 * n - 1, 'a full tree of n leaves has 2n − 1 nodes');
  t.equal(nodePlace(40, 0), 2 * n - 2);
});
