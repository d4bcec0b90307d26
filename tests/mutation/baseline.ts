/** Every test on the unchanged rules, each by itself: does it pass, how long does it take, which stretches does it reach? */
import { relative } from 'node:path';
import type { RunOf } from './protocol.js';
import { ROOT } from './sources.js';
import type { WatchedWorker } from './watched-worker.js';

export interface Baseline {
  readonly run: RunOf;
  readonly name: string;
  readonly ms: number;
  readonly reached: ReadonlySet<number>;
}

/** No test of the rules takes so long. */
const LIMIT_MS = 40_000;

/**
 * A test that fails alone and passes among the others of its file stands for the whole file. What fails even so is left
 * out and named in `red`: it cannot tell a mutant from the original.
 */
export async function baselines(
  worker: WatchedWorker,
  files: readonly string[],
  share: number,
  told: (line: string) => void,
): Promise<{ readonly runs: readonly Baseline[]; readonly red: readonly string[] }> {
  const runs: Baseline[] = [];
  const red: string[] = [];
  const tried = async (run: Omit<RunOf, 'lenient'>, name: string): Promise<Baseline | string> => {
    const strict = await one(worker, { ...run, lenient: false }, name);
    return typeof strict === 'string' && share < 1 ? one(worker, { ...run, lenient: true }, name) : strict;
  };
  for (const file of files) {
    const shown = relative(ROOT, file);
    const names = await worker.ask({ kind: 'names', file }, () => LIMIT_MS);
    if (names.kind !== 'names') {
      red.push(`${shown}: ${'error' in names ? names.error : names.kind}`);
      continue;
    }
    const alone: (Baseline | string)[] = [];
    for (const [index, name] of names.names.entries()) alone.push(await tried({ file, index }, name));
    const failure = alone.find((result) => typeof result === 'string');
    // a file without tests asserts as it is loaded
    const apart = failure === undefined && names.names.length > 0;
    const whole = apart ? null : await tried({ file, index: null }, shown);
    if (whole !== null && typeof whole !== 'string') runs.push(whole);
    else for (const result of alone) if (typeof result !== 'string') runs.push(result);
    const ms = runs.reduce((sum, { run, ms }) => (run.file === file ? sum + ms : sum), 0);
    told(`${shown}: ${names.names.length} tests, ${Math.round(ms)} ms`);
    if (typeof whole === 'string') red.push(`${shown}: ${failure ?? whole}`);
  }
  return { runs, red };
}

async function one(worker: WatchedWorker, run: RunOf, name: string): Promise<Baseline | string> {
  const fate = await worker.ask({ kind: 'baseline', run }, () => LIMIT_MS);
  if (fate.kind !== 'baseline') return 'error' in fate ? fate.error : fate.kind;
  return fate.error !== null ? `${name}: ${fate.error}` : { run, name, ms: fate.ms, reached: new Set(fate.reached) };
}
