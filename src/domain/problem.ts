/** What is wrong with something a person gave us: where, what was expected, what came. */
export interface Problem {
  /** JSON path from the root, e.g. `conditions[1].zone.coordinates[0][3]`; empty: the whole. */
  readonly path: string;
  readonly expected: string;
  /** What came, shortened to 80 characters. */
  readonly got: string;
}

/** One line for people: `conditions[1].kind: expected …, got …`. */
export const formatProblem = ({ path, expected, got }: Problem): string =>
  `${path === '' ? '' : `${path}: `}expected ${expected}, got ${got}`;
