/** Processor time of this thread and of the whole process, to the nanosecond where Linux says it. */
import { readFileSync } from 'node:fs';

/** Of the thread that runs JavaScript first, ms. Throws where the kernel keeps no such figures (CONFIG_SCHED_INFO). */
function mainThreadMs(): number {
  const [ranNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(ranNs) / 1e6;
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface ThreadCost {
  /** Of the main thread: what no other core can take off it. */
  readonly mainMs: number;
  /** Of all threads: workers, V8's helpers, libuv's pool and LMDB's writers are in it. */
  readonly allMs: number;
  readonly wallMs: number;
}

export async function costOf(work: () => Promise<void>): Promise<ThreadCost> {
  const [main, all, wall] = [mainThreadMs(), processMs(), performance.now()];
  await work();
  return { mainMs: mainThreadMs() - main, allMs: processMs() - all, wallMs: performance.now() - wall };
}
