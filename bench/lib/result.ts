/** What a bench leaves behind: a table with its provenance, as JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Provenance } from './machine.js';
import type { Spread } from './stats.js';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** Digits after the point. */
  readonly digits?: number;
  /** Which way is an improvement; absent: neither, and a comparison does not judge it. */
  readonly better?: 'more' | 'less';
}

/** Null: not measured, shown as a dash. */
export type Cell = number | string | Spread | null;

/** `label` names a row from run to run. */
export interface Row {
  readonly label: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Axis {
  readonly title: string;
  /** Of its figures, e.g. `ms`; the title itself where what is counted is the unit (people). */
  readonly unit: string;
  readonly scale: 'linear' | 'log';
}

export interface Series {
  readonly label: string;
  /** (x, y), in the order in which they are joined. */
  readonly points: readonly (readonly [number, number])[];
}

/** What `bench/plots/BENCH-NAME.svg` is drawn from. */
export interface Plot {
  /** A word of lower-case letters, digits and dashes; one of its own for each plot of a bench. */
  readonly name: string;
  readonly title: string;
  /** A sentence for those who cannot see it. */
  readonly about: string;
  readonly x: Axis;
  readonly y: Axis;
  /** At most eight. */
  readonly series: readonly Series[];
}

export interface BenchResult extends Provenance {
  readonly format: 1;
  readonly bench: string;
  /** What it shows. */
  readonly about: string;
  /** What is to be reached. */
  readonly aim: string;
  readonly command: string;
  readonly seed: string;
  /** What the rows are made of. */
  readonly labelTitle: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Sentences that the figures need beside them. */
  readonly notes: readonly string[];
  /** Absent in results of before there were any. */
  readonly plots?: readonly Plot[];
}

export function writeResult(path: string, result: BenchResult): void {
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

/** Throws when the file is not a result of this format. */
export function readResult(path: string): BenchResult {
  const result = JSON.parse(readFileSync(path, 'utf8')) as BenchResult;
  if (result.format !== 1 || typeof result.bench !== 'string' || !Array.isArray(result.rows)) {
    throw new Error(`${path} is not the result of a bench`);
  }
  return result;
}

export function isSpread(cell: Cell | undefined): cell is Spread {
  return typeof cell === 'object' && cell !== null;
}

/** The figure that stands for a cell when two runs are compared; null where it holds none. */
export function figureOf(cell: Cell | undefined): number | null {
  if (isSpread(cell)) return cell.median;
  return typeof cell === 'number' ? cell : null;
}
