/** What came of the mutants: a table by file, and every survivor with its line. */
import type { Listed } from './equivalent.js';
import type { Judged } from './hunt.js';
import type { Mutant } from './mutants.js';

export interface Outcome {
  readonly judged: readonly Judged[];
  /** Not tried: they stand on the list. */
  readonly listed: readonly { readonly mutant: Mutant; readonly reason: string }[];
  /** Rows of the list that name no mutant, or one that a test kills. */
  readonly stale: readonly Listed[];
  /** Tests that fail on the unchanged rules. */
  readonly red: readonly string[];
  readonly seed: number;
  readonly tookMs: number;
}

interface Row {
  file: string;
  killed: number;
  timeout: number;
  survived: number;
  'not reached': number;
  listed: number;
}

const NAMES = ['killed', 'timeout', 'survived', 'not reached', 'listed'] as const;

/** Per cent of all mutants, those on the list too: what is excused is not killed. */
export function score(row: Omit<Row, 'file'>): number {
  const dead = row.killed + row.timeout;
  const all = dead + row.survived + row['not reached'] + row.listed;
  return all === 0 ? 100 : (100 * dead) / all;
}

/** The same of those alone that are not on the list. */
export function scoreUnlisted(row: Omit<Row, 'file'>): number {
  return score({ ...row, listed: 0 });
}

export function rowsOf({ judged, listed }: Outcome): Row[] {
  const rows = new Map<string, Row>();
  const rowOf = (file: string): Row => {
    const row = rows.get(file) ?? { file, killed: 0, timeout: 0, survived: 0, 'not reached': 0, listed: 0 };
    rows.set(file, row);
    return row;
  };
  for (const { mutant, verdict } of judged) {
    rowOf(mutant.file)[verdict.kind === 'crash' ? 'timeout' : verdict.kind]++;
  }
  for (const { mutant } of listed) rowOf(mutant.file).listed++;
  return [...rows.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

export function total(rows: readonly Row[]): Row {
  const sum: Row = { file: 'all', killed: 0, timeout: 0, survived: 0, 'not reached': 0, listed: 0 };
  for (const row of rows) for (const name of NAMES) sum[name] += row[name];
  return sum;
}

export function isSurvivor({ verdict }: Judged): boolean {
  return verdict.kind === 'survived' || verdict.kind === 'not reached';
}

export function asText(outcome: Outcome): string {
  const rows = rowsOf(outcome);
  const width = Math.max(20, ...rows.map(({ file }) => file.length));
  const line = (row: Row): string =>
    [
      row.file.padEnd(width),
      ...NAMES.map((name) => String(row[name]).padStart(12)),
      `${score(row).toFixed(1)} %`.padStart(9),
      `${scoreUnlisted(row).toFixed(1)} %`.padStart(10),
    ].join('');
  const survivors = outcome.judged.filter(isSurvivor).map(({ mutant, verdict }) => {
    const { file, line, column, code, mutator, change } = mutant;
    return `${file}:${line}:${column}  ${mutator}: ${change}${verdict.kind === 'not reached' ? '  (no test reaches it)' : ''}\n    ${code}`;
  });
  return [
    ...section('Tests that fail on the unchanged rules, and so were not asked', outcome.red),
    ...section('Survivors', survivors),
    ...section(
      'On the list without need: no such mutant, or a test kills it',
      outcome.stale.map(({ file, code, change }) => `${file}  ${change}\n    ${code}`),
    ),
    [
      'file'.padEnd(width),
      ...NAMES.map((name) => name.padStart(12)),
      'score'.padStart(9),
      'unlisted'.padStart(10),
    ].join(''),
    ...rows.map(line),
    line(total(rows)),
    `${(outcome.tookMs / 1000).toFixed(0)} s, SEED=${outcome.seed}`,
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}

export function asJson(outcome: Outcome): string {
  const rows = rowsOf(outcome);
  const shown = ({ file, line, column, scope, code, mutator, change }: Mutant) => ({
    file,
    line,
    column,
    scope,
    code,
    mutator,
    change,
  });
  return JSON.stringify(
    {
      seed: outcome.seed,
      took_ms: Math.round(outcome.tookMs),
      files: [...rows, total(rows)].map((row) => ({
        ...row,
        score: Number(score(row).toFixed(2)),
        score_unlisted: Number(scoreUnlisted(row).toFixed(2)),
      })),
      mutants: outcome.judged.map(({ mutant, verdict, ms }) => ({ ...shown(mutant), ...verdict, ms: Math.round(ms) })),
      listed: outcome.listed.map(({ mutant, reason }) => ({ ...shown(mutant), reason })),
      stale: outcome.stale,
      red: outcome.red,
    },
    null,
    1,
  );
}
