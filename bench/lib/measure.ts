/** What a piece of work cost this process, and what it costs another: wall time and processor time. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Cost {
  readonly wallMs: number;
  /** User and system time of the whole process: garbage collection and compilation on other threads are in it. */
  readonly cpuMs: number;
}

export function measured(work: () => void): Cost {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  work();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** As `measured`, of work that waits now and then: what others did meanwhile in this process is in it. */
export async function measuredAsync(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** User and system time of a process so far, all its threads, ms; Linux only. Throws when there is no such process. */
export function cpuMsOf(pid: number): number {
  return ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) * msPerTick();
}

/** The same, thread by thread: of the first of them, and of the others, the busiest first, since `before`. */
export interface ThreadTimes {
  readonly mainMs: number;
  readonly otherMs: readonly number[];
}

/** By thread number; Linux only. */
export function threadMsOf(pid: number): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const name of readdirSync(`/proc/${pid}/task`)) {
    try {
      times.set(Number(name), ticksOf(readFileSync(`/proc/${pid}/task/${name}/stat`, 'utf8')) * msPerTick());
    } catch {
      // it has ended since the folder was read
    }
  }
  return times;
}

/** What each thread took between two readings; one that is new began at nothing. */
export function threadTimes(pid: number, before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>) {
  const took = (thread: number): number => (after.get(thread) ?? 0) - (before.get(thread) ?? 0);
  const others = [...after.keys()].filter((thread) => thread !== pid).map(took);
  const times: ThreadTimes = { mainMs: took(pid), otherMs: others.sort((a, b) => b - a) };
  return times;
}

/** `utime + stime` of a line of /proc/PID/stat (proc(5)); a process may have spaces and brackets in its name. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`not a line of /proc/PID/stat: ${stat}`);
  return ticks;
}

let tickMs: number | null = null;

function msPerTick(): number {
  tickMs ??= 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return tickMs;
}
