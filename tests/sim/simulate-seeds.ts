/** Plays many seeds, in several processes: `simulate-seeds FROM TO [--jobs N]`, or one that failed: `--explain SEED`. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Counts } from './simulator/history.js';
import { judge } from './simulator/judge.js';
import { makePlan } from './simulator/plan.js';
import { explain, seedLine } from './simulator/report.js';

const USAGE = `Usage: scripts/simulate-seeds FROM TO [--jobs N] [--quiet] [--tries N]
       scripts/simulate-seeds --explain SEED [--tries N]

Plays the whole pipeline (intake, journal, engine, timers, stores, alert stream) once for each seed from FROM to TO, in one
process a job, on a simulated clock, network and disk, with faults: messages lost, delayed, repeated and out of order,
people who decide on what they are told, crashes between any two awaits, power cuts that lose what was not synced, a full disk, clock steps, an emptied Redis. Every
seed is judged by the seven invariants. A line a seed (--quiet: a line in a hundred); totals and time at the end; exit 1 with
the failing seeds, the first of them made as small as --tries plans allow (400).

Example:
  scripts/simulate-seeds 1 10000 --quiet
  scripts/simulate-seeds --explain 1164
`;

interface Told {
  readonly seed: number;
  readonly counts: Counts;
  readonly violations: readonly string[];
  readonly cpuMs: number;
}

async function play(seed: number): Promise<Told> {
  const before = process.cpuUsage();
  const { history, violations } = await judge(makePlan(seed));
  const { user, system } = process.cpuUsage(before);
  return { seed, counts: history.counts, violations, cpuMs: (user + system) / 1_000 };
}

/** In a process of its own: every `stride`-th seed. */
async function work(from: number, to: number, stride: number): Promise<void> {
  for (let seed = from; seed <= to; seed += stride) {
    const told = await play(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} could not be played`, { cause: error });
    });
    await new Promise((sent) => process.send?.(told, sent));
  }
  process.disconnect();
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: String(availableParallelism()) },
      quiet: { type: 'boolean', default: false },
      explain: { type: 'string' },
      tries: { type: 'string', default: '400' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [from, to, jobs, tries] = [positionals[0], positionals[1], values.jobs, values.tries].map(Number);
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.explain !== undefined) {
    process.stdout.write(`${(await explain(Number(values.explain), tries ?? 400)).join('\n')}\n`);
    return 1;
  }
  if (![from, to, jobs].every(Number.isSafeInteger) || from === undefined || to === undefined || to < from || !jobs) {
    process.stderr.write(USAGE);
    return 2;
  }
  const startedMs = performance.now();
  const failed: Told[] = [];
  const totals = new Map<string, number>();
  let seeds = 0;
  let cpuMs = 0;
  const take = (told: Told): void => {
    seeds += 1;
    cpuMs += told.cpuMs;
    for (const [name, count] of Object.entries(told.counts)) totals.set(name, (totals.get(name) ?? 0) + count);
    const bad = told.violations.length > 0;
    if (bad) failed.push(told);
    if (!bad && values.quiet && seeds % 100 !== 0) return;
    process.stdout.write(`${seedLine(told.seed, told.counts)}; ${bad ? `BROKEN: ${told.violations[0]}` : 'ok'}\n`);
  };
  const ends = Array.from({ length: Math.min(jobs, to - from + 1) }, (_, job) => run(from + job, to, jobs, take));
  const codes = await Promise.all(ends);
  const wallS = (performance.now() - startedMs) / 1_000;
  const all = [...totals].map(([name, count]) => `${name} ${count} (${(count / seeds).toFixed(2)} a seed)`);
  process.stdout.write(
    `${seeds} seeds in ${wallS.toFixed(1)} s, ${(cpuMs / seeds).toFixed(1)} ms CPU a seed\n${all.join('\n')}\n` +
      `${failed.length} seeds break an invariant${failed.length === 0 ? '' : `: ${failed.map(({ seed }) => seed).join(' ')}`}\n`,
  );
  const [first] = failed.sort((a, b) => a.seed - b.seed);
  if (first !== undefined) process.stdout.write(`${(await explain(first.seed, tries ?? 400)).join('\n')}\n`);
  const whole = codes.every((code) => code === 0) && seeds === to - from + 1;
  if (!whole) process.stdout.write('not every seed was played\n');
  return failed.length === 0 && whole ? 0 : 1;
}

function run(from: number, to: number, stride: number, take: (told: Told) => void): Promise<number | null> {
  const child = fork(fileURLToPath(import.meta.url), ['--work', String(from), String(to), String(stride)], {
    // a run makes much that is soon forgotten: in a wider nursery it dies young
    execArgv: ['--enable-source-maps', '--max-semi-space-size=64'],
  });
  child.on('message', (message) => take(message as Told));
  return new Promise((resolve) => child.on('close', resolve));
}

if (process.argv[2] === '--work') {
  const [from = 0, to = 0, stride = 1] = process.argv.slice(3).map(Number);
  await work(from, to, stride);
} else process.exitCode = await main();
