/** How much of the judged code an input runs through, and whether it did anything that no input did before. */
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { REACHED } from '../mutation/regions.js';

export interface LoaderData {
  /** URLs of the files that are counted begin so. */
  readonly prefixes: readonly string[];
}

/** One loaded file: where its counters lie. */
interface CountedFile {
  readonly url: string;
  readonly offset: number;
  readonly count: number;
}

/** Where loaded files announce themselves: `globalThis[FILES]`. */
export const FILES = '__fairwatchCounted';
const COUNTERS_MAX = 1 << 17;
/** How often, in steps that matter (as AFL has them): 1, 2, 3, 4–7, 8–15, 16–31, 32–127, more. */
const BUCKET = Uint8Array.from({ length: 256 }, (_, n) =>
  n < 3 ? [0, 1, 2][n]! : n === 3 ? 4 : n < 8 ? 8 : n < 16 ? 16 : n < 32 ? 32 : n < 128 ? 64 : 128,
);

const dist = new URL('../../', import.meta.url).href;
const counters = new Uint8Array(COUNTERS_MAX);
const files: CountedFile[] = [];

/** Call before the targets are loaded. `folders` are of the repository: `src/codec/`, or a file `src/codec/upload.`. */
export function countFrom(folders: readonly string[]): void {
  Object.assign(globalThis, { [REACHED]: counters, [FILES]: files });
  const data: LoaderData = { prefixes: folders.map((folder) => dist + folder) };
  register(pathToFileURL(new URL('loader.js', import.meta.url).pathname), { data });
}

/** What the inputs of one target have reached so far. */
export class Reached {
  readonly #ranges: readonly CountedFile[];
  readonly #seen = new Uint8Array(COUNTERS_MAX);
  #count = 0;

  /** Of the files in these folders; the target must have been loaded. */
  constructor(folders: readonly string[]) {
    const mine = files.filter(({ url }) => folders.some((folder) => url.startsWith(dist + folder)));
    const ranges: { -readonly [K in keyof CountedFile]: CountedFile[K] }[] = [];
    for (const file of mine.toSorted((a, b) => a.offset - b.offset)) {
      const last = ranges.at(-1);
      // neighbours as one: fewer turns of a loop that runs for each input
      if (last !== undefined && last.offset + last.count === file.offset) last.count += file.count;
      else ranges.push({ ...file });
    }
    this.#ranges = ranges;
  }

  /** Stretches of code that some input ran through. */
  get count(): number {
    return this.#count;
  }

  /** Stretches of code that there are. */
  get total(): number {
    return this.#ranges.reduce((sum, { count }) => sum + count, 0);
  }

  begin(): void {
    for (const { offset, count } of this.#ranges) counters.fill(0, offset, offset + count);
  }

  /** Whether the input since `begin` reached something, or turned a loop so often, as none did before. */
  note(): boolean {
    let isNew = false;
    for (const { offset, count } of this.#ranges) {
      for (let at = offset; at < offset + count; at++) {
        const times = counters[at] as number;
        if (times === 0) continue;
        const before = this.#seen[at] as number;
        const after = before | (BUCKET[times] as number);
        if (after === before) continue;
        if (before === 0) this.#count += 1;
        this.#seen[at] = after;
        isNew = true;
      }
    }
    return isNew;
  }

  /** What the input since `begin` reached: one number a stretch, and another where it was passed more than once. */
  features(): number[] {
    const found: number[] = [];
    for (const { offset, count } of this.#ranges) {
      for (let at = offset; at < offset + count; at++) {
        const times = counters[at] as number;
        if (times > 0) found.push(2 * at);
        if (times > 1) found.push(2 * at + 1);
      }
    }
    return found;
  }
}
