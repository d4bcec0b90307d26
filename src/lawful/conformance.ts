/** The Code of Practice, paragraph by paragraph: what keeps each promise, and the tests that fail where it is not kept. */

export interface NamedTest {
  /** From the root of the repository. */
  readonly file: string;
  /** As it stands there. */
  readonly name: string;
}

export interface Conformance {
  /** One word or a few, for the command line. */
  readonly id: string;
  /** Of the Code, or the Act. */
  readonly paragraphs: string;
  readonly promise: string;
  readonly mechanism: string;
  readonly tests: readonly [NamedTest, ...NamedTest[]];
}

export const CONFORMANCE: readonly Conformance[] = [];
