/** The mutants that no test can or need kill, each with the reason; a list that is held against the source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants.js';
import { ROOT } from './sources.js';

/** As `--json` shows it. Where a line has the same change twice, or stands in its function twice, all are meant. */
export interface Listed {
  readonly file: string;
  readonly scope: string;
  readonly code: string;
  readonly change: string;
}

export interface Reason {
  readonly reason: string;
  readonly mutants: readonly Listed[];
}

export function readEquivalents(): readonly Reason[] {
  return JSON.parse(readFileSync(join(ROOT, 'tests', 'mutation', 'equivalent.json'), 'utf8'));
}

/** The same for a mutant and for its row of the list. */
export const nameOf = ({ file, scope, code, change }: Listed): string => JSON.stringify([file, scope, code, change]);

/** Which mutants are listed and why, and which rows of the list name none of them. */
export function compare(
  reasons: readonly Reason[],
  mutants: readonly Mutant[],
): { readonly reasonOf: (mutant: Listed) => string | null; readonly stale: readonly Listed[] } {
  const known = new Map(reasons.flatMap(({ reason, mutants }) => mutants.map((m) => [nameOf(m), reason] as const)));
  const names = new Set(mutants.map(nameOf));
  const stale = reasons.flatMap(({ mutants }) => mutants.filter((m) => !names.has(nameOf(m))));
  return { reasonOf: (mutant) => known.get(nameOf(mutant)) ?? null, stale };
}
