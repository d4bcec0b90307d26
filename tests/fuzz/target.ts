/** What is fuzzed: how inputs come about, how one is run, and what must hold whatever it is. */
import type { Chance } from './chance.js';

export interface Target {
  readonly name: string;
  /** What must hold, in a sentence for people. */
  readonly promise: string;
  /** Where the judged code lies: folders or beginnings of file names of the repository, `src/codec/upload.`. */
  readonly judges: readonly string[];
  /** Inputs to begin with: well-formed ones. */
  seeds(): readonly Buffer[];
  /** Another input made of `input`, and perhaps of parts of `other`. */
  mutate(input: Buffer, other: Buffer, chance: Chance): Buffer;
  /** Throws `Broken` where the promise is broken, and whatever the judged code throws; both are findings. */
  run(input: Buffer): void | Promise<void>;
  /** Longest input. */
  readonly bytesMax: number;
  open?(): Promise<void>;
  close?(): Promise<void>;
}

/** The promise of a target does not hold for an input. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}
