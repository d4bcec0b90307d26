/** What every bench does around its work: options, help, machine, table, JSON, comparison with an earlier run. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { comparisonText } from './comparison.js';
import { provenance } from './machine.js';
import { type Growth, growthPlot } from './plots.js';
import { provenanceText } from './report.js';
import { type BenchResult, type Column, type Plot, type Row, readResult, writeResult } from './result.js';
import { markdownTable } from './table.js';

export interface Option {
  readonly type: 'string' | 'boolean';
  /** As `--help` shows it, e.g. `N` in `--people N`. */
  readonly value?: string;
  readonly help: string;
}

export interface Definition {
  readonly bench: string;
  readonly about: string;
  readonly aim: string;
  readonly labelTitle: string;
  readonly columns: readonly Column[];
  readonly options: Readonly<Record<string, Option>>;
  /** Commands of its own for `--help`, beside the common ones: what follows `scripts/bench NAME`. */
  readonly examples?: readonly string[];
  /** Drawn from the rows when the report is made. */
  readonly growth?: Growth;
  readonly run: (context: Context) => Promise<Measured>;
}

export interface Context {
  readonly seed: string;
  /** As few and as short as still shows that it works. */
  readonly smallest: boolean;
  /** A whole number ≥ 1 given by an option, or what stands in for it. */
  readonly number: (name: string, otherwise: number) => number;
  /** What was given; null: nothing. */
  readonly text: (name: string) => string | null;
  /** Whole numbers ≥ 1 with commas between them. */
  readonly numbers: (name: string, otherwise: readonly number[]) => readonly number[];
  /** Whether an option without a value was given. */
  readonly flag: (name: string) => boolean;
  /** Progress, on stderr. */
  readonly say: (line: string) => void;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** Besides `growth`. */
  readonly plots?: readonly Plot[];
}

const COMMON: Readonly<Record<string, Option>> = {
  seed: { type: 'string', value: 'S', help: 'the same seed makes the same input (default: bench)' },
  smallest: { type: 'boolean', help: 'a few seconds: shows that it works, not how fast' },
  json: { type: 'boolean', help: 'print the result as JSON' },
  out: { type: 'string', value: 'FILE', help: 'also write the JSON to a file' },
  against: { type: 'string', value: 'FILE', help: 'hold the result against an earlier one (JSON)' },
  help: { type: 'boolean', help: 'this' },
};

/** An option that cannot be understood: exit 2. */
class Misused extends Error {}

/** Runs a bench file's definition with the process's arguments. Sets exit 1 when it fails, 2 when it is misused. */
export async function main(definition: Definition): Promise<void> {
  const options = { ...definition.options, ...COMMON };
  try {
    const values = parsed(process.argv.slice(2), options);
    if (values.help === true) process.stdout.write(help(definition, options));
    else await measure(definition, values);
  } catch (error) {
    const misused = error instanceof Misused;
    process.stderr.write(`${misused ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exitCode = misused ? 2 : 1;
  }
}

async function measure(definition: Definition, values: Values): Promise<void> {
  const seed = textOf(values, 'seed') ?? 'bench';
  const [out, against] = [textOf(values, 'out'), textOf(values, 'against')];
  const before = against === null ? null : earlier(against, definition.bench);
  const taken = provenance();
  const {
    rows,
    notes,
    plots = [],
  } = await definition.run({
    seed,
    smallest: values.smallest === true,
    number: (name, otherwise) => numbersOf(values, name)?.[0] ?? otherwise,
    text: (name) => textOf(values, name),
    numbers: (name, otherwise) => numbersOf(values, name) ?? otherwise,
    flag: (name) => values[name] === true,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const { bench, about, aim, labelTitle, columns } = definition;
  const command = ['scripts/bench', bench, ...shownArguments(process.argv.slice(2))].join(' ');
  const what = { format: 1, bench, about, aim, command, seed, ...taken } as const;
  const growth = definition.growth === undefined ? null : growthPlot(rows, columns, definition.growth);
  const drawn = growth === null ? plots : [growth, ...plots];
  const result: BenchResult = { ...what, labelTitle, columns, rows, notes, plots: drawn };
  if (out !== null) writeResult(out, result);
  if (values.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`${[markdownTable(result), ...notes, provenanceText(result)].join('\n')}\n`);
  // JSON alone on stdout is for programs
  if (before !== null) process[values.json === true ? 'stderr' : 'stdout'].write(`\n${comparisonText(result, before)}`);
}

/** Before the run: an hour's work is not lost to a wrong file name. */
function earlier(path: string, bench: string): BenchResult {
  let result: BenchResult;
  try {
    result = readResult(path);
  } catch (error) {
    throw new Misused(`--against ${path}: ${error instanceof Error ? error.message : error}`);
  }
  if (result.bench !== bench) throw new Misused(`--against ${path}: of bench/${result.bench}, not of bench/${bench}`);
  return result;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parsed(args: readonly string[], options: Readonly<Record<string, Option>>): Values {
  const config = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
  try {
    return parseArgs({ args: [...args], options: config as ParseArgsConfig['options'] }).values as Values;
  } catch (error) {
    throw new Misused(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}

function textOf(values: Values, name: string): string | null {
  const text = values[name];
  return typeof text === 'string' ? text : null;
}

function numbersOf(values: Values, name: string): readonly number[] | null {
  const text = textOf(values, name);
  if (text === null) return null;
  const numbers = text.split(',').map(Number);
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new Misused(`--${name} ${text}: expected whole numbers of at least 1`);
  }
  return numbers;
}

/** Of these it does not matter what they were. */
const PLACES = ['--out', '--against', '--population', '--dir'];

/** How the figures were made, without where anything was put. */
function shownArguments(args: readonly string[]): string[] {
  return args.filter((arg, i) => {
    const [name = '', before = ''] = [arg.split('=')[0], args[i - 1]];
    return name !== '--json' && !PLACES.includes(name) && !PLACES.includes(before);
  });
}

function help({ bench, about, aim, examples = [] }: Definition, options: Readonly<Record<string, Option>>): string {
  const lines = Object.entries(options).map(([name, { value, help: what }]) => {
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(24)} ${what}`;
  });
  const profile = `node --cpu-prof --cpu-prof-dir=/tmp/prof dist/bench/${bench}.bench.js`;
  const given = ['--seed 7', `--against bench/results/${bench}.json`, ...examples];
  const shown = given.map((args) => `  scripts/bench ${bench} ${args}`).join('\n');
  return [
    `Usage: scripts/bench ${bench} [options]`,
    about,
    `Aim: ${aim}`,
    lines.join('\n'),
    `Examples:\n${shown}\nWhere the time goes (open the file in Chrome's performance panel):\n  ${profile}\n`,
  ].join('\n\n');
}
