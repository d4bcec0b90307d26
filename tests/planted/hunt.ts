/** Looks for what notices a bug: the simulator's seeds first, then the tests that are named for it. */
import type { PlantedBug } from './bug.js';
import type { Scratch } from './scratch.js';

export interface Limits {
  /** Seeds from 1 to this one. */
  readonly seeds: number;
  /** Processor time for the seeds of one bug, seconds. */
  readonly cpuSeconds: number;
  /** What says nothing for so long comes to no end, milliseconds. */
  readonly patienceMs: number;
}

/** What fails in the build as it is: it notices nothing. */
export interface Baseline {
  readonly seeds: readonly Broken[];
  readonly tests: readonly Broken[];
}

export interface Broken {
  /** A seed of the simulator, or a test file. */
  readonly by: number | string;
  readonly what: string;
}

/** Seeds that break something; one that comes to no end is the last. */
async function playSeeds(
  scratch: Scratch,
  limits: Limits,
  until: 'first' | 'all',
  skipped: readonly Broken[] = [],
): Promise<Broken[]> {
  const { seeds, cpuSeconds, patienceMs } = limits;
  const args = [`${seeds}`, `${cpuSeconds}`, until, skipped.map(({ by }) => by).join()];
  const ended = await scratch.run('planted/play-seeds.js', args, patienceMs);
  const broken = [...ended.output.matchAll(/^seed (\d+): (.*)$/gm)].map(([, seed, what]) => ({
    by: Number(seed),
    what: what ?? '',
  }));
  const last = Number(/.*^playing (\d+)$/ms.exec(ended.output)?.[1] ?? 1);
  if (ended.stuck) return [...broken, { by: last, what: 'it comes to no end' }];
  if (ended.code === 0) return broken;
  return [...broken, { by: last, what: `the process ends: ${lastLine(ended.output)}` }];
}

async function runTest(scratch: Scratch, file: string, { patienceMs }: Limits): Promise<Broken | null> {
  const { code, stuck, output } = await scratch.run(file, [], patienceMs);
  if (stuck) return { by: file, what: 'it comes to no end' };
  if (code === 0) return null;
  const failed = /^\s*not ok \d+ - (.*?)(?: #.*| \{)?$/m.exec(output);
  return { by: file, what: failed?.[1] ?? lastLine(output) };
}

/** The build as it is: all seeds, and every test that is named. */
export async function checkBaseline(scratch: Scratch, bugs: readonly PlantedBug[], limits: Limits): Promise<Baseline> {
  const played = bugs.some(({ simulated }) => simulated) ? playSeeds(scratch, limits, 'all') : [];
  const tests: Broken[] = [];
  for (const file of [...new Set(bugs.flatMap((bug) => bug.tests))].sort()) {
    const broken = await runTest(scratch, file, limits);
    if (broken !== null) tests.push(broken);
  }
  return { seeds: await played, tests };
}

/** Null: nothing notices it. */
export async function hunt(
  scratch: Scratch,
  bug: PlantedBug,
  baseline: Baseline,
  limits: Limits,
): Promise<Broken | null> {
  const knownTests = new Set(baseline.tests.map(({ by }) => by));
  return scratch.with(bug, async () => {
    const [seed] = bug.simulated ? await playSeeds(scratch, limits, 'first', baseline.seeds) : [];
    if (seed !== undefined) return seed;
    for (const file of bug.tests) {
      if (knownTests.has(file)) continue;
      const broken = await runTest(scratch, file, limits);
      if (broken !== null) return broken;
    }
    return null;
  });
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? '';
