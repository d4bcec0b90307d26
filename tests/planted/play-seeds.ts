/**
 * Plays seeds of the simulator one after the other, in a process of its own: `play-seeds TO CPU_SECONDS all|first SKIPPED`.
 * Prints `playing N` before each, and `seed N: what it breaks` for those that break something; with `first` it ends there.
 */
import { judge } from '../sim/simulator/judge.js';
import { makePlan } from '../sim/simulator/plan.js';

const [to, cpuSeconds] = process.argv.slice(2, 4).map(Number) as [number, number];
const stopsAtFirst = process.argv[4] === 'first';
const skipped = new Set((process.argv[5] ?? '').split(',').map(Number));

async function broken(seed: number): Promise<string | null> {
  try {
    return (await judge(makePlan(seed))).violations[0] ?? null;
  } catch (error) {
    return `it cannot be played: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const cpuUsed = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

for (let seed = 1; seed <= to && cpuUsed() < cpuSeconds; seed += 1) {
  if (skipped.has(seed)) continue;
  process.stdout.write(`playing ${seed}\n`);
  const fault = await broken(seed);
  if (fault === null) continue;
  process.stdout.write(`seed ${seed}: ${fault.split('\n', 1)[0]}\n`);
  if (stopsAtFirst) break;
}
// whatever the bug has left behind that would keep the process alive
process.exit(0);
