/** One run held against an earlier one: the ratio of each figure, and why the two may not be comparable. */
import { provenanceText } from './report.js';
import { type BenchResult, type Cell, type Column, figureOf, isSpread, type Row } from './result.js';
import { markdownTable } from './table.js';

/** The comparison with its warnings, to be printed as it is. */
export function comparisonText(now: BenchResult, before: BenchResult): string {
  const warnings = differences(now, before).map((line) => `! ${line}`);
  return [
    `As multiples of ${provenanceText(before)}:`,
    comparison(now, before),
    ...warnings,
    '"~": the runs of both overlap, so that the difference may be chance.',
    '',
  ].join('\n');
}

/** Each row's figures as multiples of an earlier run's; rows and columns that only one of them has are left out. */
export function comparison(now: BenchResult, before: BenchResult): string {
  const columns = now.columns.filter(({ key }) => before.columns.some((column) => column.key === key));
  const rows = now.rows.flatMap((row): Row[] => {
    const other = before.rows.find(({ label }) => label === row.label);
    if (other === undefined) return [];
    const cells = columns.map((column): [string, Cell] => [
      column.key,
      ratio(row.cells[column.key], other.cells[column.key], column.better),
    ]);
    return [{ label: row.label, cells: Object.fromEntries(cells) }];
  });
  const shown = columns.filter(({ key }) => rows.some(({ cells }) => cells[key] !== null));
  if (rows.length === 0 || shown.length === 0) return 'The two have no row and column in common.';
  return markdownTable({ labelTitle: now.labelTitle, columns: shown, rows });
}

/** What else than the code may be behind a difference, a sentence each; empty when nothing is known of. */
export function differences(now: BenchResult, before: BenchResult): string[] {
  const [machine, other] = [now.machine, before.machine];
  const said: string[] = [];
  const differs = (what: string, a: unknown, b: unknown, so = ''): void => {
    if (a !== b) said.push(`${what}: ${a} now, ${b} then${so}`);
  };
  differs('processor', machine.cpu, other.cpu, '; times say little');
  differs('cores', machine.cores, other.cores);
  differs('memory, GiB', machine.memoryGiB, other.memoryGiB);
  differs('system', machine.system, other.system);
  differs('Node', machine.node, other.node);
  if ([machine, other].some(isBusy)) {
    said.push(`load: ${machine.load} now, ${other.load} then; other work was in the way, trust processor time only`);
  }
  differs('commit', commitOf(now), commitOf(before));
  differs('seed', now.seed, before.seed, '; another input');
  differs('asked', asked(now), asked(before), '; perhaps another size');
  const only = (rows: readonly Row[], others: readonly Row[]): string =>
    rows.flatMap(({ label }) => (others.some((row) => row.label === label) ? [] : [label])).join('; ');
  const [added, gone] = [only(now.rows, before.rows), only(before.rows, now.rows)];
  if (added !== '') said.push(`only now: ${added}`);
  if (gone !== '') said.push(`only then: ${gone}`);
  return said;
}

/** By the minute before the run: so much else at work takes from what is measured. */
const isBusy = ({ load, cores }: BenchResult['machine']): boolean => load > cores / 2;

const commitOf = ({ commit, changed }: BenchResult): string =>
  `${commit ?? 'outside a checkout'}${changed ? ' with local changes' : ''}`;

/** The options without the seed, which is told apart. */
const asked = ({ command }: BenchResult): string => command.replace(/ --seed[ =]\S+/, '').replace('scripts/bench ', '');

function ratio(now: Cell | undefined, before: Cell | undefined, better: Column['better']): string | null {
  const [a, b] = [figureOf(now), figureOf(before)];
  if (a === null || b === null) return null;
  if (a === b) return '=';
  if (b === 0) return `${rounded(a)} (was 0)`;
  const times = `× ${rounded(a / b)}`;
  if (overlap(now, before)) return `${times} ~`;
  if (better === undefined) return times;
  return `${times} ${a > b === (better === 'more') ? 'better' : 'worse'}`;
}

/** Two digits after the point, or as many as a very small ratio needs. */
const rounded = (value: number): string =>
  Math.abs(value) >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);

const overlap = (a: Cell | undefined, b: Cell | undefined): boolean =>
  isSpread(a) && isSpread(b) && a.min <= b.max && b.min <= a.max;
