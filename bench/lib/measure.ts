/** What a piece of work cost this process, and what it costs another: wall time and processor time. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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
