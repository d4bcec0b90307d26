/** A mechanism of the conformance table switched off in the compiled code, to see that the tests named for it fail. */
import type { Edit } from '../planted/bug.js';

export interface Switch {
  /** The row of the table: its `id`. */
  readonly id: string;
  /** What is switched off, as a sentence. */
  readonly name: string;
  /** Below `dist/`. */
  readonly file: string;
  readonly edits: readonly [Edit, ...Edit[]];
}
