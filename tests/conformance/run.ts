/** Switches each mechanism of the conformance table off, and runs the tests that are named for it: every one must fail. */
import { parseArgs } from 'node:util';
import type { KeptBySoftware, NamedTest } from '../../src/lawful/conformance/row.js';
import { CONFORMANCE } from '../../src/lawful/conformance.js';
import { type Ended, Scratch } from '../planted/scratch.js';
import type { Switch } from './switch.js';
import { SWITCHES } from './switches.js';

const USAGE = `Usage: scripts/conformance [ID…] [--list]

For each row of the table that \`fairwatch conformance\` prints: runs the tests that are named for it, which must pass; then
switches the row's mechanism off in a copy of the build, one switch after the other, and runs them again: every named test
must fail, and every switch must be noticed. An ID is the id of a row or a part of one. A line a test; exit 1 when one passes
without its mechanism, fails with it, or a row has no switch.

Example:
  scripts/conformance
  scripts/conformance erasure
`;

/** What says nothing for so long waits for something that the mechanism would have done. */
const PATIENCE_MS = 60_000;

interface Results {
  readonly passed: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const rows = CONFORMANCE.filter((row) => row.kind === 'software').filter(
    ({ id }) => positionals.length === 0 || positionals.some((part) => id.includes(part)),
  );
  if (rows.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (values.list) {
    for (const { id, paragraphs, promise } of rows) process.stdout.write(`${id} (${paragraphs}): ${promise}\n`);
    return 0;
  }
  return tryAll(rows);
}

async function tryAll(rows: readonly KeptBySoftware[]): Promise<number> {
  const scratch = new Scratch(`conformance-${process.pid}`);
  let wrong = 0;
  let proven = 0;
  const good = (text: string): void => {
    proven += 1;
    process.stdout.write(`ok ${text}\n`);
  };
  const bad = (text: string): void => {
    wrong += 1;
    process.stdout.write(`NOT OK ${text}\n`);
  };
  try {
    const before = await outcomes(
      scratch,
      rows.flatMap(({ tests }) => tests),
    );
    for (const row of rows) {
      for (const test of row.tests) {
        if (!before.passed.has(nameOf(test))) bad(`${row.id}: does not pass with its mechanism: ${nameOf(test)}`);
      }
      const noticed = await noticedBy(scratch, row, bad);
      for (const test of row.tests) {
        if (noticed.has(nameOf(test))) good(`${row.id}: ${nameOf(test)}`);
        else bad(`${row.id}: passes without its mechanism: ${nameOf(test)}`);
      }
    }
    process.stdout.write(`${proven} named tests of ${rows.length} rows fail without their mechanism, ${wrong} wrong\n`);
    return wrong === 0 ? 0 : 1;
  } finally {
    scratch.remove();
  }
}

/** The tests of a row that fail while some switch of it is off. */
async function noticedBy(scratch: Scratch, row: KeptBySoftware, bad: (text: string) => void): Promise<Set<string>> {
  const off: readonly Switch[] = SWITCHES.filter(({ id }) => id === row.id);
  if (off.length === 0) bad(`${row.id}: nothing says how to switch it off`);
  const noticed = new Set<string>();
  for (const one of off) {
    try {
      const { failed } = await scratch.with({ ...one, simulated: false, tests: [] }, () =>
        outcomes(scratch, row.tests),
      );
      if (failed.size === 0) bad(`${row.id}: no test notices that ${one.name}`);
      for (const name of failed) noticed.add(name);
    } catch (error) {
      // the code has changed, and the switch does not fit it any more
      bad(error instanceof Error ? error.message : String(error));
    }
  }
  return noticed;
}

/** What of the named tests passes and what fails, by never ending too; neither: it did not run. */
async function outcomes(scratch: Scratch, tests: readonly NamedTest[]): Promise<Results> {
  const [passed, failed] = [new Set<string>(), new Set<string>()];
  const files = [...new Set(tests.map(({ file }) => file))];
  const inTurn = async (): Promise<void> => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      const wanted = tests.filter((test) => test.file === file).map(({ name }) => name);
      const { output, stuck } = await runOnly(scratch, file, wanted);
      for (const [, not, name = ''] of output.matchAll(/^(not )?ok \d+ - (.*?)(?: # time=.*| \{)?$/gm)) {
        if (wanted.includes(name)) (not === undefined ? passed : failed).add(nameOf({ file, name }));
      }
      for (const name of stuck ? wanted.map((name) => nameOf({ file, name })) : []) {
        if (!passed.has(name)) failed.add(name);
      }
    }
  };
  await Promise.all([inTurn(), inTurn()]);
  return { passed, failed };
}

function runOnly(scratch: Scratch, file: string, names: readonly string[]): Promise<Ended> {
  const script = file.replace(/^tests\//, '').replace(/\.ts$/, '.js');
  const pattern = [...new Set(names)].map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
  // read when the process starts, which is at once
  process.env.TAP_GREP = `/^(${pattern})$/`;
  return scratch.run(script, [], PATIENCE_MS);
}

const nameOf = ({ file, name }: NamedTest): string => `${file}: ${name}`;

process.exitCode = await main();
