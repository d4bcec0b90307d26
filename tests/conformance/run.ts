/** Switches each mechanism of the conformance table off, and runs the tests that are named for it: every one must fail. */
import { parseArgs } from 'node:util';
import { CONFORMANCE, type Conformance, type NamedTest } from '../../src/lawful/conformance.js';
import { Scratch } from '../planted/scratch.js';
import type { Switch } from './switch.js';
import { SWITCHES } from './switches.js';

const USAGE = `Usage: scripts/conformance [ID…] [--list]

For each row of the table that \`fairwatch conformance\` prints: runs the tests that are named for it, which must pass; then
switches the row's mechanism off in a copy of the build and runs them again: every named test must fail. An ID is the id of a
row or a part of one. A line a test; exit 1 when one passes without its mechanism, fails with it, or a row has no switch.

Example:
  scripts/conformance
  scripts/conformance erasure
`;

const PATIENCE_MS = 120_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const rows = CONFORMANCE.filter(
    ({ id }) => positionals.length === 0 || positionals.some((part) => id.includes(part)),
  );
  if (rows.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (values.list) {
    for (const { id, paragraphs, promise } of rows) process.stdout.write(`${id}: ¶${paragraphs} ${promise}\n`);
    return 0;
  }
  return tryAll(rows);
}

async function tryAll(rows: readonly Conformance[]): Promise<number> {
  const scratch = new Scratch(`conformance-${process.pid}`);
  let wrong = 0;
  let proven = 0;
  const say = (good: boolean, text: string): void => {
    if (good) proven += 1;
    else wrong += 1;
    process.stdout.write(`${good ? 'ok' : 'NOT OK'} ${text}\n`);
  };
  try {
    for (const row of rows) {
      const off = SWITCHES.filter(({ id }) => id === row.id);
      if (off.length === 0) say(false, `${row.id}: nothing says how to switch it off`);
      const before = await failuresIn(scratch, row.tests);
      for (const test of row.tests) {
        if (fails(before, test)) say(false, `${row.id}: fails with the mechanism on: ${test.file}: ${test.name}`);
      }
      const during = await withAll(scratch, off, () => failuresIn(scratch, row.tests));
      for (const test of row.tests) say(fails(during, test), `${row.id}: ${test.file}: ${test.name}`);
    }
    process.stdout.write(`${proven} named tests fail without their mechanism, ${wrong} wrong\n`);
    return wrong === 0 ? 0 : 1;
  } finally {
    scratch.remove();
  }
}

/** Every edit of a row at once: a mechanism may have two legs. */
async function withAll<T>(scratch: Scratch, switches: readonly Switch[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = switches;
  if (first === undefined) return work();
  return scratch.with({ ...first, simulated: false, tests: [] }, () => withAll(scratch, rest, work));
}

/** Per file: the names of the tests that fail, or everything where the file does not come to its end. */
async function failuresIn(
  scratch: Scratch,
  tests: readonly NamedTest[],
): Promise<Map<string, 'all' | readonly string[]>> {
  const failures = new Map<string, 'all' | readonly string[]>();
  for (const file of new Set(tests.map((test) => test.file))) {
    const script = file.replace(/^tests\//, '').replace(/\.ts$/, '.js');
    const { code, stuck, output } = await scratch.run(script, [], PATIENCE_MS);
    const names = [...output.matchAll(/^not ok \d+ - (.*?)(?: #.*| \{)?$/gm)].map(([, name]) => name ?? '');
    if (code !== 0 || stuck) failures.set(file, names.length === 0 ? 'all' : names);
  }
  return failures;
}

function fails(failures: ReadonlyMap<string, 'all' | readonly string[]>, { file, name }: NamedTest): boolean {
  const failed = failures.get(file);
  return failed === 'all' || (failed?.some((known) => known === name) ?? false);
}

process.exitCode = await main();
