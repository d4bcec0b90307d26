/** Ways to answer one question, timed, and held against each other answer by answer. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { measured } from './measure.js';
import { type Spread, spread } from './stats.js';
import type { Matcher } from './zone-matchers.js';

export class Agreement {
  compared = 0;
  excluded = 0;

  /** Throws at the first fix of which two ways say different things. `mayDiffer`: a fix is too near to where that changes. */
  compare(
    fixes: number,
    ours: (fix: number) => readonly number[],
    theirs: (fix: number) => readonly number[],
    mayDiffer: (fix: number, zone: number) => boolean,
  ): void {
    for (let fix = 0; fix < fixes; fix++) {
      this.compared++;
      const [a, b] = [new Set(ours(fix)), new Set(theirs(fix))];
      const differing = [...a].filter((zone) => !b.has(zone)).concat([...b].filter((zone) => !a.has(zone)));
      if (differing.length === 0) continue;
      const zone = differing.find((one) => !mayDiffer(fix, one));
      if (zone !== undefined) throw new Error(`fix ${fix}, zone ${zone}: ours ${[...a]}, theirs ${[...b]}`);
      this.excluded++;
    }
  }
}

/** Runs shorter than this say little. */
const RUN_MS = 60;

/** Processor time of the process, µs a fix: one run to warm up, then as many as asked. Each gives the same sum. */
export function timed({ count }: Matcher, fixes: number, runs: number): Spread {
  const pass = (): number => {
    let sum = 0;
    for (let fix = 0; fix < fixes; fix++) sum += count(fix);
    return sum;
  };
  collectGarbage();
  const startMs = performance.now();
  const sum = pass();
  const passes = Math.max(1, Math.ceil(RUN_MS / (performance.now() - startMs)));
  const costs: number[] = [];
  for (let run = 0; run <= runs; run++) {
    let same = true;
    const { cpuMs } = measured(() => {
      for (let n = 0; n < passes; n++) if (pass() !== sum) same = false;
    });
    if (!same) throw new Error('two runs over the same fixes differ');
    if (run > 0) costs.push((1000 * cpuMs) / (passes * fixes));
  }
  return spread(costs);
}

/** What was made before is not to be collected at the expense of what is measured. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
