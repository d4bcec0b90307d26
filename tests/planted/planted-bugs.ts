/** Plants bugs that people make, one after the other, and says what notices each: `planted-bugs [NAME…] [--list]`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { PlantedBug } from './bug.js';
import { BUGS } from './bugs.js';
import { type Broken, checkBaseline, hunt, type Limits } from './hunt.js';
import { Scratch } from './scratch.js';

const USAGE = `Usage: scripts/planted-bugs [NAME…] [--list] [--seeds N] [--cpu SECONDS] [--jobs N]

Plants bugs that people make in the compiled gateway (an acknowledgement before the commit, a tick that overtakes an upload,
a stale snapshot, …), each in a copy of the build of its own, and looks for what notices it: the simulator's seeds from 1 to
N (200) for at most SECONDS (60) of processor time, then the tests that are named for it. The build as it is must pass all of
that first. A NAME is the name of a bug or a part of one; --list prints them all. A line a bug; exit 1 when one is not
caught.

Example:
  scripts/planted-bugs
  scripts/planted-bugs tick --seeds 1000
`;

const PATIENCE_MS = 120_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '200' },
      cpu: { type: 'string', default: '60' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [seeds = 0, cpuSeconds = 0, jobs = 0] = [values.seeds, values.cpu, values.jobs].map(Number);
  const bugs = positionals.length === 0 ? BUGS : BUGS.filter(({ id }) => positionals.some((name) => id.includes(name)));
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (![seeds, cpuSeconds, jobs].every((count) => Number.isSafeInteger(count) && count > 0) || bugs.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (values.list) {
    for (const { id, name, file } of bugs) process.stdout.write(`${id}: ${name} (${file})\n`);
    return 0;
  }
  return plantAll(bugs, { seeds, cpuSeconds, patienceMs: PATIENCE_MS }, jobs);
}

async function plantAll(bugs: readonly PlantedBug[], limits: Limits, jobs: number): Promise<number> {
  const scratches = Array.from({ length: Math.min(jobs, bugs.length) }, (_, i) => new Scratch(`${process.pid}-${i}`));
  const [first] = scratches;
  if (first === undefined) throw new Error('there is nothing to do');
  try {
    const baseline = await checkBaseline(first, bugs, limits);
    const broken = [...baseline.seeds, ...baseline.tests];
    for (const one of broken) process.stdout.write(`without any bug: ${told(one)}\n`);
    const left = [...bugs];
    let caught = 0;
    const work = async (scratch: Scratch): Promise<void> => {
      for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
        const found = await hunt(scratch, bug, baseline, limits);
        if (found !== null) caught += 1;
        process.stdout.write(`${bug.id}: ${found === null ? 'NOT CAUGHT' : `caught by ${told(found)}`}\n`);
      }
    };
    await Promise.all(scratches.map(work));
    process.stdout.write(`${caught} of ${bugs.length} caught\n`);
    return caught === bugs.length && broken.length === 0 ? 0 : 1;
  } finally {
    for (const scratch of scratches) scratch.remove();
  }
}

const told = ({ by, what }: Broken): string =>
  `${typeof by === 'number' ? `simulator seed ${by}` : `tests/${by}`}: ${what.slice(0, 200)}`;

process.exitCode = await main();
