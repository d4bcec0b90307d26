/** Which entries were changed, dropped, moved or inserted, told from the leaf hashes that a witness kept. */
import type { Findings } from './audit-verify-findings.js';

const HASH_BYTES = 32;

/** The leaves as they lie in the log, without what is missing. */
export interface LeavesFound {
  readonly hashes: Buffer[];
  /** The index that each entry gives itself; −1: it cannot be read. */
  readonly claims: number[];
}

/** How many leaves from the first on are those that the witness kept. */
export function leadingLeaves(expected: Buffer, leaves: readonly Buffer[]): number {
  const count = expected.length / HASH_BYTES;
  for (let at = 0; at < count; at++) if (leaves[at]?.equals(leafAt(expected, at)) !== true) return at;
  return count;
}

/**
 * The longest run of leaves that stand in the witness's order stays; of the others, one that the witness knows was moved,
 * and between two that stay one gone and one that is new are one changed entry, as long as there are both.
 */
export function againstLeaves(expected: Buffer, { hashes, claims }: LeavesFound, found: Findings): void {
  const count = expected.length / HASH_BYTES;
  const wanted = new Map<string, number>();
  for (let at = 0; at < count; at++) wanted.set(nameOf(leafAt(expected, at)), at);
  const places = placesOf(hashes, wanted, count);
  const stays = increasing(places);

  const present = new Set<number>(places.filter((place) => place >= 0));
  let from = 0;
  let next = 0;
  const between = (toPlace: number, toAt: number): void => {
    const gone: number[] = [];
    for (; next < toPlace; next++) if (!present.has(next)) gone.push(next);
    const strange: number[] = [];
    for (; from < toAt; from++) {
      const place = places[from] as number;
      if (place >= 0) found.add('entry_moved', place, `entry ${place} was moved: it lies at ${from}`);
      else strange.push(from);
    }
    tell(gone, toAt === hashes.length ? strange.filter((at) => (claims[at] ?? -1) < count) : strange, found);
  };
  for (const at of stays) {
    const place = places[at] as number;
    between(place, at);
    from = at + 1;
    next = place + 1;
  }
  between(count, hashes.length);
}

function tell(gone: readonly number[], strange: readonly number[], found: Findings): void {
  const changed = Math.min(gone.length, strange.length);
  for (const place of gone.slice(0, changed)) found.add('entry_changed', place, `entry ${place} was changed`);
  for (const place of gone.slice(changed)) found.add('entry_dropped', place, `entry ${place} was dropped`);
  for (const at of strange.slice(changed)) {
    found.add('entry_inserted', at, `what lies at ${at} was inserted: the witness never saw it`);
  }
}

/** For each leaf of the log its place with the witness, or −1; of copies of one entry, the one in its own place counts. */
function placesOf(hashes: readonly Buffer[], wanted: ReadonlyMap<string, number>, count: number): number[] {
  const places = hashes.map((hash) => wanted.get(nameOf(hash)) ?? -1);
  const taken = new Int32Array(count).fill(-1);
  places.forEach((place, at) => {
    if (place >= 0 && (taken[place] === -1 || place === at)) taken[place] = at;
  });
  return places.map((place, at) => (place >= 0 && taken[place] === at ? place : -1));
}

/** Where the longest increasing subsequence of the places that are not −1 lies (patience sorting, O(n log n)). */
function increasing(places: readonly number[]): number[] {
  const tails: number[] = [];
  const before = new Int32Array(places.length).fill(-1);
  places.forEach((place, at) => {
    if (place < 0) return;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[tails[middle] as number] as number) < place) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : (tails[low - 1] as number);
    tails[low] = at;
  });
  const run: number[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = before[at] as number) run.push(at);
  return run.reverse();
}

const leafAt = (leaves: Buffer, at: number): Buffer => leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
const nameOf = (hash: Buffer): string => hash.toString('latin1');
