/** `scripts/mutate`: changes the rules in one place at a time and sees whether a test notices. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { baselines } from './baseline.js';
import { compare, nameOf, readEquivalents } from './equivalent.js';
import { Hunt, type Judged } from './hunt.js';
import { changed, type Mutant, type MutatedFile, mutantsOf, parses } from './mutants.js';
import { asJson, asText, isSurvivor, type Outcome, rowsOf, score, total } from './report.js';
import { compiledIn, importersOf, readSources, shownPath } from './sources.js';
import { WatchedWorker } from './watched-worker.js';

const HELP = `Usage: scripts/mutate [FILES…] [options]

Changes the compiled rules in one small place at a time (a comparison, a number, a call left out…), runs the tests that
reach that place, and tells which changes no test noticed: the survivors. FILES are parts of paths; without them, all of
src/rules.

  --jobs N      workers side by side (default 1)
  --sample P    only P per cent of the mutants, always the same ones
  --share F     random tests make this part of their runs (0 to 1, default 1); 0.1 for a first look
  --tests LIST  only test files whose path contains one of these, by comma ('windows,step')
  --list        only print the mutants
  --all         try those on the list too
  --only TEXT   only mutants whose report line contains TEXT ('windows.ts:120', 'comparison')
  --quick MS    only tests that take so long at most: a first look
  --again FILE  what died in a former run, whose --json is in FILE, is taken as dead; only the rest is tried
  --json        the outcome as JSON on standard output
  --seed N      seed of the random tests (default 1)

How to read it. Each survivor is a line of TypeScript, and what stood there → what stood there instead, while every
test passed. Either a test is missing: write it, as a sentence about what people are owed and not about the change. Or
the code is more than is needed: take it away. Or nothing can tell the two apart: then it goes, with the reason, on the
list tests/mutation/equivalent.json (file, scope, code and change, as --json prints them). A row of that list that no
longer names a mutant is reported, and fails the tests (tests/mutation/equivalent.test.ts).
The table counts, by file: killed (a test failed), timeout (no end, or out of memory: noticed too), survived, not reached
(no test runs that code at all), listed (not tried, but counted against the score).
score = (killed + timeout) / all; unlisted = the same without those on the list.

The quick way: a first look with few random cases, then all of them at what is left.
  scripts/mutate --quick 300 --share 0.05 --json > first.json
  scripts/mutate --again first.json --json > all.json
A second run with --again after a change of the rules or the tests tries what is new and what survived.

Exit code 0: no survivor that is not on the list, no row without need, no test red, and a score of 90 % or more.
The rules and the tests are taken as they are compiled in dist/ (npm run build).

Example: scripts/mutate windows civil-time --jobs 2
`;

/** Tests that run within one process; of these, those that import a rule that is changed. */
const TESTS = [
  ['tests/rules', '.test.js'],
  ['tests/codec', '.test.js'],
  ['tests/engine', 'late-data.test.js'],
  ['tests/engine', 'late-appointments.test.js'],
  ['tests/engine', 'late-editions.test.js'],
] as const;
const SCORE_MIN = 90;

const { values, positionals } = readArguments();
const startMs = performance.now();
const seed = wholeNumber('seed', values.seed, 2 ** 31);
const jobs = wholeNumber('jobs', values.jobs, 64);

const paths = compiledIn('src/rules', '.js').filter(
  (path) =>
    positionals.length === 0 || positionals.some((part) => shownPath(path).includes(part.replace(/\.js$/, '.ts'))),
);
if (paths.length === 0) stop(2, `no compiled rules match ${positionals.join(' ')}: is dist/ built?`);
const wanted = values.tests.split(',');
const tests = TESTS.flatMap(([folder, ending]) => compiledIn(folder, ending)).filter((path) =>
  wanted.some((part) => shownPath(path).includes(part)),
);
const sources = readSources([...tests, ...paths]);

let regions = 0;
const files: MutatedFile[] = [];
for (const path of paths) {
  const file = mutantsOf(path, sources.get(path)?.text ?? '', regions);
  regions += file.counted.regions.length;
  files.push(file);
}
const every = files.flatMap(({ mutants }) => mutants);
const { reasonOf, stale } = compare(
  readEquivalents().map(({ reason, mutants }) => ({
    reason,
    mutants: mutants.filter(({ file }) => files.some(({ path }) => shownPath(path) === file)),
  })),
  every,
);
const former = values.again === '' ? new Map<string, Judged>() : deathsOf(values.again);
const chosen = every.filter(isChosen);
const listed = values.all
  ? []
  : chosen.flatMap((mutant) => {
      const reason = reasonOf(mutant);
      return reason === null || former.has(keyOf(mutant)) ? [] : [{ mutant, reason }];
    });
const dead = chosen.flatMap((mutant) => {
  const verdict = former.get(keyOf(mutant))?.verdict;
  return verdict === undefined ? [] : [{ mutant, verdict, ms: 0 }];
});
const known = new Set(dead.map(({ mutant }) => mutant));
const tried = new Set(chosen.filter((mutant) => !known.has(mutant) && (values.all || reasonOf(mutant) === null)));

if (values.list) {
  writeFileSync(1, [...tried].map((mutant) => `${lineOf(mutant)}\n`).join(''));
  process.exit(0);
}

const rules = new Set(compiledIn('src/rules', '.js'));
const setup = {
  sources,
  fresh: importersOf(sources, (path) => rules.has(path) || isTest(path)),
  counted: new Map(files.map(({ path, counted }) => [path, counted.text])),
  regions,
  share: Number(values.share),
};
const workers = Array.from({ length: jobs }, () => new WatchedWorker(setup, seed));
const first = workers[0] as WatchedWorker;
const reachable = importersOf(sources, (path) => paths.includes(path));
const { runs, red } = await baselines(
  first,
  tests.filter((test) => reachable.has(test)),
  setup.share,
  progress,
);
const baselineS = (performance.now() - startMs) / 1000;
progress(`${runs.length} runs ready after ${baselineS.toFixed(0)} s; ${tried.size} mutants`);

const judged: Judged[] = [...dead];
const waiting = files.flatMap((file) =>
  file.mutants
    .filter((mutant) => tried.has(mutant) && parses(changed(file.text, mutant.mutation)))
    .map((mutant) => ({ file, mutant })),
);
const fresh = new Map(files.map((file) => [file, importersOf(sources, (path) => path === file.path || isTest(path))]));
const quickMs = values.quick === '' ? Infinity : Number(values.quick);
const used = runs.filter(({ ms }) => ms <= quickMs);
const hunt = new Hunt(used, (file) => fresh.get(file) ?? new Set());
// its modules carry counters
await first.close();
await Promise.all(
  workers.map(async (worker) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const one = await hunt.judge(worker, next.file, next.mutant);
      judged.push(one);
      if (isSurvivor(one)) progress(`${one.verdict.kind}: ${lineOf(one.mutant)}`);
      if (judged.length % 100 === 0) progress(`${judged.length - dead.length} of ${tried.size}`);
    }
    await worker.close();
  }),
);
judged.sort((a, b) =>
  a.mutant.file < b.mutant.file ? -1 : a.mutant.file > b.mutant.file ? 1 : a.mutant.line - b.mutant.line,
);
const standing = new Set(judged.filter(isSurvivor).map(({ mutant }) => nameOf(mutant)));
const needless = judged.map(({ mutant }) => mutant).filter((m) => reasonOf(m) !== null && !standing.has(nameOf(m)));
const outcome: Outcome = {
  judged,
  listed,
  stale: [...stale, ...needless],
  red,
  seed,
  tookMs: performance.now() - startMs,
};
// a pipe takes what it is given at once, before the process ends
writeFileSync(1, `${values.json ? asJson(outcome) : asText(outcome)}\n`);
const open = judged.filter((one) => isSurvivor(one) && reasonOf(one.mutant) === null);
const good = open.length + outcome.stale.length + red.length === 0 && score(total(rowsOf(outcome))) >= SCORE_MIN;
process.exit(good ? 0 : 1);

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        jobs: { type: 'string', default: '1' },
        sample: { type: 'string', default: '100' },
        share: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        tests: { type: 'string', default: '' },
        quick: { type: 'string', default: '' },
        again: { type: 'string', default: '' },
        list: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!parsed.values.help) return parsed;
  } catch (error) {
    stop(2, `${(error as Error).message}\n\n${HELP}`);
  }
  console.log(HELP);
  process.exit(0);
}

function wholeNumber(name: string, text: string, max: number): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > max)
    stop(2, `--${name} must be a whole number from 1 to ${max}, not ${text}`);
  return n;
}

function stop(code: number, message: string): never {
  console.error(message);
  process.exit(code);
}

function progress(line: string): void {
  console.error(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(5)} s  ${line}`);
}

/** What a former run saw die. */
function deathsOf(file: string): Map<string, Judged> {
  const { mutants } = JSON.parse(readFileSync(file, 'utf8')) as { mutants: (Mutant & Judged['verdict'])[] };
  const deaths = mutants.map((row): [string, Judged] => [keyOf(row), { mutant: row, verdict: row, ms: 0 }]);
  return new Map(deaths.filter(([, one]) => !isSurvivor(one)));
}

/** The same for a mutant before and after other lines of its file have changed. */
function keyOf({ file, scope, column, code, change }: Mutant): string {
  return JSON.stringify([file, scope, column, code, change]);
}

/** Tests, and what puts them down for others: they are told to a `t` of their own each time. */
function isTest(path: string): boolean {
  return tests.includes(path) || sources.get(path)?.imports.includes('tap') === true;
}

function lineOf({ file, line, column, mutator, change, code }: Mutant): string {
  return `${file}:${line}:${column}  ${mutator}: ${change}   in   ${code}`;
}

/** By the mutant's name, so that the sample is the same each time and in each part of the code. */
function isChosen(mutant: Mutant): boolean {
  const name = lineOf(mutant);
  if (!name.includes(values.only)) return false;
  let hash = 2_166_136_261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16_777_619) >>> 0;
  return (hash / 2 ** 32) * 100 < Number(values.sample);
}
