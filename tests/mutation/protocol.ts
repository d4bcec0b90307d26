/** What the runner asks of a worker, and what it is told. */
import type { Sources } from './sources.js';

/** A test, or (`index` null) a test file as a whole, where its tests do not stand alone. */
export interface RunOf {
  readonly file: string;
  readonly index: number | null;
  /** With fewer runs it finds too little to be content: then only what is thrown counts, not what it asserts of itself. */
  readonly lenient: boolean;
}

export type Request =
  /** The names of a file's tests. */
  | { readonly kind: 'names'; readonly file: string }
  /** One run on the unchanged rules: does it pass, how long does it take, what does it reach? */
  | { readonly kind: 'baseline'; readonly run: RunOf }
  /** The runs one after the other on a changed file, until one fails. */
  | {
      readonly kind: 'mutant';
      readonly path: string;
      readonly text: string;
      /** The tests, what puts tests down, and all that import one of these or the changed file. */
      readonly fresh: ReadonlySet<string>;
      readonly runs: readonly RunOf[];
    };

export type Reply =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | {
      readonly kind: 'baseline';
      readonly error: string | null;
      readonly ms: number;
      readonly reached: readonly number[];
    }
  /** `failed`: which of the runs; null: none did. */
  | { readonly kind: 'mutant'; readonly failed: number | null; readonly error: string }
  /** The worker could not do what it was asked. */
  | { readonly kind: 'broken'; readonly error: string };

export interface WorkerSetup {
  readonly sources: Sources;
  /** The same for a change of any file of the rules. */
  readonly fresh: ReadonlySet<string>;
  /** The texts with counters, and how many counters there are. */
  readonly counted: ReadonlyMap<string, string>;
  readonly regions: number;
  /** Random tests make this part of their runs. */
  readonly share: number;
  /** Two numbers: the run that is under way, and how many have begun. */
  readonly progress: SharedArrayBuffer;
}
