/** Ways to tamper with an audit log that somebody with the store, or with a signing key besides, might try. */
import type { KeyObject } from 'node:crypto';
import { copyOf, entriesOf, type LogImage, logAround } from './log-image.js';

export interface Attack {
  /** `drop/stolen key`: what was done, and how it was covered up. */
  readonly name: string;
  readonly image: LogImage;
  /** The first entry that is not what it was; null: the entries are what they were. */
  readonly first: number | null;
  /** Which findings must name what was done, when the witness kept the leaves. */
  readonly named: (finding: { readonly kind: string; readonly at: number | null }) => boolean;
}

export interface Chance {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
}

export interface Target {
  readonly image: LogImage;
  /** Entries before the witnessed head. */
  readonly witnessed: number;
  readonly stolenKey: KeyObject;
  readonly otherKey: KeyObject;
}

const COVERS = ['left as it is', 'tree rebuilt', 'signed by another key', 'signed by the stolen key'] as const;
type Cover = (typeof COVERS)[number];

interface Change {
  readonly name: string;
  readonly entries: Buffer[];
  readonly first: number;
  readonly named: Attack['named'];
}

export function attack(target: Target, chance: Chance): Attack {
  if (chance.below(10) < 6) return covered(target, change(target, chance), chance);
  return rowAttack(target, chance);
}

/** The entries changed, and the log laid around them as far as the attacker can. */
function covered(target: Target, { name, entries, first, named }: Change, chance: Chance): Attack {
  const cover = COVERS[chance.below(COVERS.length)] as Cover;
  const image = coverUp(target, entries, cover, chance);
  return { name: `${name}, ${cover}`, image, first, named };
}

function coverUp({ image, stolenKey, otherKey }: Target, entries: Buffer[], cover: Cover, chance: Chance): LogImage {
  switch (cover) {
    case 'left as it is': {
      const left = copyOf(image);
      left.entries.clear();
      for (const [index, bytes] of entries.entries()) left.entries.set(index, bytes);
      return left;
    }
    case 'tree rebuilt': {
      const rebuilt = logAround(entries, image, null);
      // the heads that sign too much go, for whoever looks only at the end
      if (chance.below(2) === 0) {
        for (const size of rebuilt.heads.keys()) if (size > entries.length) rebuilt.heads.delete(size);
      }
      return rebuilt;
    }
    case 'signed by another key':
      return logAround(entries, image, otherKey);
    case 'signed by the stolen key':
      return logAround(entries, image, stolenKey);
  }
}

function change({ image, witnessed }: Target, chance: Chance): Change {
  const entries = entriesOf(image);
  const at = chance.below(witnessed);
  const is =
    (kind: string, place: number): Attack['named'] =>
    (finding) =>
      finding.kind === kind && finding.at === place;
  switch (chance.below(7)) {
    case 0:
      entries[at] = flipped(entries[at] as Buffer, chance);
      return { name: 'a bit of an entry', entries, first: at, named: is('entry_changed', at) };
    case 1: {
      const bytes = entries[at] as Buffer;
      const cut = chance.below(bytes.length);
      entries[at] = chance.below(2) === 0 ? bytes.subarray(0, cut) : Buffer.concat([bytes, bytes.subarray(cut)]);
      return { name: 'an entry cut or stretched', entries, first: at, named: is('entry_changed', at) };
    }
    case 2: {
      // well-formed in every way: another person looked
      const text = (entries[at] as Buffer).toString();
      entries[at] = Buffer.from(text.replace(/"user":"[^"]*"/, '"user":"somebody-else"'));
      if (entries[at]?.toString() === text) entries[at] = flipped(entries[at] as Buffer, chance);
      return { name: 'an entry rewritten', entries, first: at, named: is('entry_changed', at) };
    }
    case 3:
      entries.splice(at, 1);
      return { name: 'an entry dropped', entries, first: at, named: is('entry_dropped', at) };
    case 4: {
      const copied = entries[chance.below(entries.length)] as Buffer;
      // a copy of the last witnessed entry beside it would stand behind the witnessed head, where nothing is promised
      const behind = at === witnessed - 1 && copied === entries[at];
      const inserted = chance.below(2) === 0 && !behind ? copied : Buffer.from(copied.map((byte) => byte ^ 1));
      const original = entries[at];
      entries.splice(at, 0, inserted);
      // a copy beside its original: either may be taken for the one that was there
      const named: Attack['named'] = ({ kind, at: place }) =>
        kind === 'entry_inserted' && place !== null && (entries[place] as Buffer).equals(inserted);
      // a copy of the entry before which it stands: that place holds what it held
      const first = original?.equals(inserted) === true ? at + 1 : at;
      return { name: 'an entry inserted', entries, first, named };
    }
    case 5: {
      const to = (at + 1 + chance.below(witnessed - 1)) % witnessed;
      const [low, high] = [Math.min(at, to), Math.max(at, to)];
      const between: Attack['named'] = ({ kind, at: place }) =>
        kind === 'entry_moved' && place !== null && low <= place && place <= high;
      if (chance.below(2) === 0) {
        [entries[at], entries[to]] = [entries[to] as Buffer, entries[at] as Buffer];
        return { name: 'two entries swapped', entries, first: low, named: between };
      }
      const [moved] = entries.splice(at, 1);
      entries.splice(to, 0, moved as Buffer);
      return { name: 'an entry moved', entries, first: low, named: between };
    }
    default:
      entries.splice(at);
      return { name: 'the log truncated', entries, first: at, named: is('entry_dropped', at) };
  }
}

/** Single rows, the entries' bytes left alone. */
function rowAttack({ image, witnessed, otherKey }: Target, chance: Chance): Attack {
  const after = copyOf(image);
  const pick = <K>(keys: Iterable<K>): K => {
    const all = [...keys];
    return all[chance.below(all.length)] as K;
  };
  const made = (name: string, first: number | null = null, named: Attack['named'] = () => true): Attack => ({
    name,
    image: after,
    first,
    named,
  });
  const node = pick(after.nodes.keys());
  const size = pick(after.heads.keys());
  switch (chance.below(11)) {
    case 0:
      after.nodes.set(node, flipped(after.nodes.get(node) as Buffer, chance));
      return made('a bit of a node or leaf');
    case 1:
      after.nodes.delete(node);
      return made('a node or leaf dropped');
    case 2: {
      const other = pick([...after.nodes.keys()].filter((key) => key !== node));
      swap(after.nodes, node, other);
      return made('two nodes swapped');
    }
    case 3:
      after.nodes.set(after.nodes.size + chance.below(1_000), Buffer.alloc(32, chance.below(256)));
      return made('a node added');
    case 4:
      after.heads.set(size, flipped(after.heads.get(size) as Buffer, chance));
      return made('a bit of a head');
    case 5: {
      swap(after.heads, size, pick([...after.heads.keys()].filter((key) => key !== size)));
      return made('two heads swapped');
    }
    case 6: {
      const to = size + 1 + chance.below(3);
      after.heads.set(to, after.heads.get(size) as Buffer);
      return made('a head copied to another size');
    }
    case 7: {
      const key = pick(after.byOrder.keys());
      after.byOrder.delete(key);
      if (chance.below(2) === 0)
        after.byOrder.set(
          key.replace(/\d+$/, (index) => String(Number(index) + 1_000)),
          Buffer.alloc(0),
        );
      return made('a row of the index of orders dropped or moved');
    }
    case 8: {
      const at = chance.below(witnessed);
      after.entries.delete(at);
      return made(
        'an entry dropped, its place left empty',
        at,
        ({ kind, at: place }) => kind === 'entry_dropped' && place === at,
      );
    }
    case 9: {
      const anew = logAround(entriesOf(image), image, otherKey);
      for (const [key, jws] of anew.heads) after.heads.set(key, jws);
      return made('every head signed anew by another key');
    }
    default: {
      const newest = Math.max(...after.heads.keys());
      after.heads.delete(newest);
      return made('the newest head dropped');
    }
  }
}

function swap(rows: Map<number, Buffer>, a: number, b: number): void {
  const [first, second] = [rows.get(a) as Buffer, rows.get(b) as Buffer];
  rows.set(a, second);
  rows.set(b, first);
}

function flipped(bytes: Buffer, chance: Chance): Buffer {
  const copy = Buffer.from(bytes);
  const bit = chance.below(copy.length * 8);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}
