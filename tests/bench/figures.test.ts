/** What the benches make of their runs: medians, tables, comparisons, the report. No figure is judged here. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { comparison, comparisonText, differences } from '../../bench/lib/comparison.js';
import { missingIn } from '../../bench/lib/in-short.js';
import { ticksOf } from '../../bench/lib/measure.js';
import { readResults, reportOf, withFigures } from '../../bench/lib/report.js';
import { type BenchResult, type Row, readResult, writeResult } from '../../bench/lib/result.js';
import { median, spread } from '../../bench/lib/stats.js';
import { markdownTable } from '../../bench/lib/table.js';
import { inParallel } from '../../src/sim/gateway-api.js';

// a process each, of a dozen benches, on a machine that does more
t.setTimeout(120_000);

const machine = { cpu: 'a processor', cores: 2, memoryGiB: 4, system: 'Linux 6 x64', node: 'v20.20.2', load: 0.25 };

function resultOf(rows: readonly Row[], more: Partial<BenchResult> = {}): BenchResult {
  return {
    format: 1,
    bench: 'made-up',
    about: 'Nothing.',
    aim: 'none',
    command: 'scripts/bench made-up',
    seed: '7',
    date: '2026-03-01T12:00:00Z',
    commit: '0123456789ab',
    changed: false,
    machine,
    labelTitle: 'people',
    columns: [
      { key: 'rate', title: 'records/s' },
      { key: 'cost', title: 'µs', digits: 2 },
      { key: 'word', title: 'word' },
    ],
    rows,
    notes: ['A sentence.'],
    ...more,
  };
}

t.test('the median of an odd number of runs is the middle one, of an even number halfway', async (t) => {
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.same(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  t.throws(() => median([]), 'nothing has no median');
});

t.test('the processor time of a process is read past a name with spaces and brackets', async (t) => {
  const after = ['S', 1, 1, 1, 0, -1, 4194560, 5, 6, 7, 8, 120, 34, 0, 0, 20, 0, 11, 0].join(' ');
  t.equal(ticksOf(`4242 (node (a) b) ${after}`), 154);
  t.throws(() => ticksOf('4242 (node) S 1'), 'a line that is cut short');
});

t.test('a table shows median, least and most of several runs, and a dash for what was not measured', async (t) => {
  const rows = [
    { label: '100', cells: { rate: { median: 12_345.6, min: 9_000, max: 20_000 }, cost: 0.5, word: 'yes' } },
    { label: '1,000', cells: { rate: 7, cost: null } },
  ];
  t.equal(
    markdownTable(resultOf(rows)),
    [
      '| people |             records/s |   µs | word |',
      '| ------ | --------------------: | ---: | ---: |',
      '| 100    | 12,346 (9,000–20,000) | 0.50 |  yes |',
      '| 1,000  |                     7 |    – |    – |',
    ].join('\n'),
  );
});

t.test('a comparison gives medians as multiples, of the rows and columns that both runs have', async (t) => {
  const before = resultOf([
    { label: '100', cells: { rate: { median: 100, min: 90, max: 110 }, cost: 0.5, word: 'yes' } },
    { label: 'gone', cells: { rate: 1, cost: 1 } },
  ]);
  const now = resultOf([
    { label: '100', cells: { rate: { median: 150, min: 1, max: 999 }, cost: 0.5, word: 'no' } },
    { label: 'new', cells: { rate: 1, cost: 1 } },
  ]);
  t.equal(
    comparison(now, before),
    ['| people | records/s |  µs |', '| ------ | --------: | --: |', '| 100    |  × 1.50 ~ |   = |'].join('\n'),
  );
});

t.test('a comparison says which way is better, and where the runs of both overlap', async (t) => {
  const columns = [
    { key: 'rate', title: 'records/s', better: 'more' },
    { key: 'cost', title: 'µs', better: 'less' },
    { key: 'small', title: 'share' },
  ] as const;
  const [a, b] = [
    { rate: { median: 200, min: 150, max: 210 }, cost: 3, small: 0.001 },
    { rate: { median: 100, min: 90, max: 120 }, cost: 2, small: 0.05 },
  ].map((cells) => resultOf([{ label: '100', cells }], { columns })) as [BenchResult, BenchResult];
  t.match(comparison(a, b), '× 2.00 better | × 1.50 worse | × 0.020 |');
  t.match(comparison(b, a), '× 0.50 worse | × 0.67 better | × 50.00 |');
  const wide = resultOf([{ label: '100', cells: { rate: { median: 110, min: 80, max: 160 } } }], { columns });
  t.match(comparison(wide, b), /× 1\.10 ~ +\|/);
  const none = resultOf([{ label: '100', cells: { rate: 5 } }], { columns });
  t.match(comparison(none, resultOf([{ label: '100', cells: { rate: 0 } }], { columns })), '5.00 (was 0)');
  t.match(comparison(none, resultOf([], { columns })), /no row and column in common/);
});

t.test('what else than the code may be behind a difference is said', async (t) => {
  const rows = [{ label: '100', cells: { rate: 1 } }];
  const before = resultOf(rows);
  t.same(differences(resultOf(rows), before), [], 'the same in all but the figures');
  const other = resultOf([{ label: '1,000', cells: { rate: 1 } }], {
    machine: { ...machine, cpu: 'another', cores: 8, node: 'v22.0.0', load: 4.5 },
    commit: 'fedcba987654',
    changed: true,
    seed: '8',
    command: 'scripts/bench made-up --seed 8 --people 5',
  });
  t.same(differences(other, before), [
    'processor: another now, a processor then; times say little',
    'cores: 8 now, 2 then',
    'Node: v22.0.0 now, v20.20.2 then',
    'load: 4.5 now, 0.25 then; other work was in the way, trust processor time only',
    'commit: fedcba987654 with local changes now, 0123456789ab then',
    'seed: 8 now, 7 then; another input',
    'asked: made-up --people 5 now, made-up then; perhaps another size',
    'only now: 1,000',
    'only then: 100',
  ]);
  t.match(comparisonText(other, before), '! cores: 8 now, 2 then');
});

t.test(
  'a bench that is held against an earlier result ends with 0, against what is none with 2 before it runs',
  async (t) => {
    const folder = t.testdir({ 'bad.json': '{}' });
    const kept = join(folder, 'windows.json');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['dist/bench/windows.bench.js', '--smallest', ...args], { encoding: 'utf8' });
    t.equal(run('--out', kept).status, 0);
    const again = run('--against', kept, '--seed', 'other');
    t.equal(again.status, 0, again.stderr);
    t.match(again.stdout, /As multiples of/);
    t.match(again.stdout, /^! seed: other now, bench then/m);
    const asJson = run('--against', kept, '--json');
    t.equal((JSON.parse(asJson.stdout) as BenchResult).bench, 'windows', 'stdout is JSON alone');
    t.match(asJson.stderr, /As multiples of/);
    for (const path of [join(folder, 'bad.json'), join(folder, 'none.json'), 'bench/results/step.json']) {
      const refused = run('--against', path);
      t.equal(refused.status, 2, path);
      t.equal(refused.stdout, '');
    }
    const compare = spawnSync(process.execPath, ['dist/bench/compare.js', kept, kept], { encoding: 'utf8' });
    t.equal(compare.status, 0);
    t.match(compare.stdout, /\| +=/);
    t.equal(spawnSync(process.execPath, ['dist/bench/compare.js', kept, 'bench/results/step.json']).status, 2);
  },
);

t.test('the report says of each result where, when and of which commit it is', async (t) => {
  const folder = t.testdir({});
  mkdirSync(join(folder, 'results'));
  writeResult(join(folder, 'results', 'b.json'), resultOf([{ label: '1', cells: { rate: 1 } }], { bench: 'b' }));
  writeResult(join(folder, 'results', 'a.json'), resultOf([], { bench: 'a', changed: true, commit: null }));
  const report = reportOf(readResults(join(folder, 'results')));
  t.ok(report.indexOf('## bench/a') < report.indexOf('## bench/b'), 'in the order of their names');
  t.match(report, '`scripts/bench made-up`, seed 7, 2026-03-01T12:00:00Z, commit 0123456789ab; a processor, 2 cores');
  t.match(report, 'outside a checkout');
  t.match(report, '- A sentence.');
  writeFileSync(join(folder, 'not.json'), '{"format": 2}');
  t.throws(() => readResult(join(folder, 'not.json')), /not the result of a bench/);
});

t.test('bench/RESULTS.md is what bench/results say, and was typed by nobody', async (t) => {
  const results = readResults('bench/results');
  t.equal(readFileSync('bench/RESULTS.md', 'utf8'), reportOf(results));
  t.same(missingIn(results), [], 'nothing that is shown in short is left out unseen');
  const readme = readFileSync('README.md', 'utf8');
  t.equal(readme, withFigures(readme, results), 'nor are the figures of the README');
});

t.test('every bench explains itself, and refuses an option that it does not know with exit 2', async (t) => {
  const benches = execFileSync('scripts/bench', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  t.ok(benches.includes('step') && benches.includes('ingest'));
  const run = async (bench: string, ...args: string[]): Promise<{ status: number; stdout: string }> => {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [`dist/bench/${bench}.bench.js`, ...args]);
      return { status: 0, stdout };
    } catch (error) {
      return { status: (error as { code: number }).code, stdout: '' };
    }
  };
  await inParallel(benches, 2, async (bench) => {
    const help = await run(bench, '--help');
    t.equal(help.status, 0);
    t.match(
      help.stdout,
      new RegExp(
        `Usage: scripts/bench ${bench}[^]*--smallest[^]*Examples:\\n {2}scripts/bench ${bench} --seed 7[^]*--cpu-prof`,
      ),
    );
    t.equal((await run(bench, '--no-such-thing')).status, 2, bench);
  });
  t.equal((await run('step', '--seed')).status, 2, 'a value is missing');
});
