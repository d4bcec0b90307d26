// A short run of every target, beginning with the whole corpus, and the fuzzer itself: that it finds what is planted.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startChild } from '../support/child.js';
import type { Chance } from './chance.js';
import { CORPUS, readCorpus } from './corpus.js';
import { Reached } from './counters.js';
import { type Finding, readFinding, writeFinding } from './finding.js';
import { fuzz, type RunOptions } from './run.js';
import { shrink } from './shrink.js';
import { must, type Target } from './target.js';
import { TARGETS } from './targets.js';
import '../support/plain-children.js';
import { seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`seed ${seed}`);
/** Of each target, beside its corpus. */
const RUNS = 300;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process of its own: there the judged code is counted, and here it is not. */
function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'fuzz.js'), ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

t.test('no input of the corpus, and none of some hundred new ones, breaks a promise of what reads it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairwatch-fuzz-test-'));
  const runs = String(RUNS);
  const { code, out, err } = await run(
    '--target',
    'all',
    '--runs',
    runs,
    '--seed',
    String(seed),
    '--json',
    '--findings',
    folder,
  );
  const rows = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const { name } of TARGETS) {
    const row = rows.find(({ target }) => target === name);
    t.match(row, { findings: 0 }, `${name}, seed ${seed}`);
    t.ok(row?.executions >= Math.max(RUNS, readCorpus(CORPUS, name).length), `${name}: the whole corpus, and more`);
    t.ok(row?.reached > row?.stretches / 4, `${name} is counted, and reached`);
  }
  t.equal(code, 0, err.slice(-2_000));
  t.same(await readdir(folder), [], 'no finding is left behind');
  await rm(folder, { recursive: true });
});

t.test('what was found once is found no more', async (t) => {
  const found = join(CORPUS, 'found');
  const { code, out } = await run('--replay', found);
  t.equal(code, 0, out);
  t.equal(out.trim().split('\n').length, (await readdir(found)).length, out);
});

t.test('every target has a corpus, small enough to live with', async (t) => {
  let bytes = 0;
  for (const { name } of TARGETS) {
    const inputs = readCorpus(CORPUS, name);
    t.ok(inputs.length >= 5, name);
    for (const input of inputs) bytes += input.length;
  }
  t.ok(bytes < 700_000, `${bytes} bytes`);
});

/** Reads `{`, a length and so many bytes; breaks on one text of them. */
const planted = (breaks: (body: string) => void, first = '{abc'): Target => ({
  name: 'planted',
  promise: 'nothing is wrong',
  judges: [],
  bytesMax: 100,
  seeds: () => [Buffer.from(first)],
  mutate: (input, _, chance: Chance) => {
    const at = chance.int(input.length);
    return Buffer.concat([input.subarray(0, at), Buffer.of(97 + chance.int(26)), input.subarray(at)]);
  },
  run: (input) => breaks(input.toString()),
});

async function findings(target: Target, over: Partial<RunOptions> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  await fuzz(target, {
    runs: 20_000,
    seed: 7,
    corpus: [],
    reached: new Reached([]),
    watchdog: null,
    rssMaxMib: 4_096,
    told: () => {},
    found: (finding) => void found.push(finding),
    ...over,
  });
  return found;
}

t.test('a planted fault is found, shrunk to what it takes, and the same again by its seed', async (t) => {
  const target = planted((body) => {
    if (body.includes('q')) throw new TypeError('a q');
  });
  const [finding, ...more] = await findings(target);
  t.match(finding, { kind: 'crash', target: 'planted', seed: 7 });
  t.equal(finding?.input.toString(), 'q');
  t.same(more, [], 'once');
  const [again] = await findings(target);
  t.same([again?.input, again?.run], [finding?.input, finding?.run]);
});

t.test('a broken promise, slowness and memory are findings too', async (t) => {
  const [broken] = await findings(planted((body) => must(!body.includes('z'), 'there is no z')));
  t.match(broken, { kind: 'broken', what: /there is no z/ });
  const slow = planted((body) => {
    const before = process.cpuUsage();
    while (body.includes('y') && process.cpuUsage(before).user < 300_000);
  }, 'y');
  t.match(await findings(slow, { runs: 1 }), [{ kind: 'slow' }]);
  const kept: unknown[] = [];
  const large = planted((body) => {
    if (body.includes('x') && kept.length < 3) kept.push(new Array(10_000_000).fill(0));
  }, 'x');
  t.match(await findings(large, { runs: 1 }), [{ kind: 'memory' }]);
});

t.test('an input that never ends is left in a file, and the run fails', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairwatch-fuzz-test-'));
  const child = startChild('fuzz/children/hang.js', [folder]);
  await child.ended;
  const [name = ''] = await readdir(folder);
  t.match(readFinding(join(folder, name)), { kind: 'hang', target: 'planted', seed: 1, input: Buffer.from('hang') });
  await rm(folder, { recursive: true });
});

t.test('a finding comes out of its file as it went in', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fairwatch-fuzz-test-'));
  const finding: Finding = {
    target: 'upload',
    kind: 'crash',
    what: 'x',
    seed: 1,
    run: 2,
    input: Buffer.from([0, 255, 10]),
  };
  t.same(readFinding(writeFinding(folder, finding)), finding);
  await writeFile(join(folder, 'y'), '');
  await rm(folder, { recursive: true });
});

t.test('shrinking keeps what shows the fault', async (t) => {
  const small = await shrink(Buffer.from('a lot of text before NEEDLE and after it'), async (input) =>
    input.includes('NEEDLE'),
  );
  t.equal(small.toString(), 'NEEDLE');
});

t.test('the command line says what it wants', async (t) => {
  const [help, list, none, unknown, number] = await Promise.all([
    run('--help'),
    run('--list'),
    run(),
    run('--target', 'nothing'),
    run('--target', 'upload', '--runs', 'many'),
  ]);
  t.match(help, { code: 0, out: /Example: scripts\/fuzz/ });
  t.equal(list?.out.trim().split('\n').length, TARGETS.length);
  t.match(none, { code: 2, err: /--target is missing/ });
  t.match(unknown, { code: 2, err: /there is no target nothing/ });
  t.match(number, { code: 2, err: /--runs is a whole number/ });
});
