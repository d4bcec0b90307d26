/** One run of `fairwatch load` against a gateway, in a process of its own, and what it cost the gateway. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecondPercentiles } from '../../src/sim/percentiles.js';
import { MAIN, type RunningGateway } from './gateway.js';
import { type ThreadTimes, threadMsOf, threadTimes } from './measure.js';

export interface Load {
  readonly clients: number;
  /** Uploads a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly recordsPerUpload: number;
  readonly seed: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** What `load --json` prints, as far as it is used here. */
interface LoadFigures {
  readonly sent: number;
  readonly acked: number;
  readonly rate_per_s: number;
  readonly ack_ms: Percentiles;
  readonly alert_ms: Percentiles;
  readonly ack_ms_by_second: readonly SecondPercentiles[];
  readonly alert_ms_by_second: readonly SecondPercentiles[];
  readonly alerts: { readonly expected: number; readonly missed: number; readonly false: number };
  /** Of a core. */
  readonly generator_cpu: number;
}

export interface Loaded extends Load {
  readonly figures: LoadFigures;
  /** The alerts that were missed or false, a line each. */
  readonly wrong: readonly string[];
  /** While uploads came, all threads of the gateway. */
  readonly serverCpuMs: number;
  /** The same, by thread. */
  readonly serverThreads: ThreadTimes;
  readonly serverMiB: number;
}

/** The acknowledgement that a rate which is kept up needs at the most, 99 times in 100. */
const ACK_P99_MAX_MS = 500;
const KEPT_SHARE = 0.97;
const MARGIN_MS = 500;

/**
 * Rejects when the load could not be made (a busy machine, a gateway that is gone). `onBegin`: its first upload leaves in so
 * many ms.
 */
export async function runLoad(
  gateway: RunningGateway,
  load: Load,
  onBegin: (inMs: number) => void = () => {},
): Promise<Loaded> {
  const { clients, rate, seconds, recordsPerUpload, seed } = load;
  const args = ['--url', gateway.mqttUrl, '--api', gateway.apiUrl, '--token-file', gateway.tokenFile, '--json'];
  const shape = { '--clients': clients, '--rate': rate, '--seconds': seconds, '--seed': seed };
  for (const [name, value] of Object.entries(shape)) args.push(name, String(value));
  args.push('--records-per-upload', String(recordsPerUpload));
  const child = spawn(process.execPath, [MAIN, 'load', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const told: string[] = [];
  let serverCpu: Promise<ThreadTimes> | null = null;
  createInterface({ input: child.stderr }).on('line', (line) => {
    told.push(line);
    const beginsInS = /to begin in ([\d.]+) s$/.exec(line)?.[1];
    if (beginsInS !== undefined) onBegin(Number(beginsInS) * 1000);
    if (beginsInS !== undefined) serverCpu = cpuBetween(gateway.pid, Number(beginsInS) * 1000, seconds * 1000);
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.off('exit', kill);
  if (!printed.startsWith('{') || serverCpu === null) {
    throw new Error(`load ended with exit code ${code}:\n${told.join('\n')}`);
  }
  const figures = JSON.parse(printed) as LoadFigures;
  const wrong = told.filter((line) => /^(missed|false): /.test(line));
  const serverThreads: ThreadTimes = await serverCpu;
  const serverCpuMs = serverThreads.otherMs.reduce((sum, ms) => sum + ms, serverThreads.mainMs);
  return { ...load, figures, wrong, serverCpuMs, serverThreads, serverMiB: residentMiB(gateway.pid) };
}

/** From just before the first upload until what the last ones led to is done with: the silence around it is left out. */
async function cpuBetween(pid: number, beginsInMs: number, sendsForMs: number): Promise<ThreadTimes> {
  await sleep(beginsInMs - MARGIN_MS);
  const before = threadMsOf(pid);
  await sleep(sendsForMs + 2 * MARGIN_MS);
  return threadTimes(pid, before, threadMsOf(pid));
}

/** Everything was acknowledged, soon, and every alert came: the gateway can go on like that. */
export function isKeptUp({ rate, figures }: Pick<Loaded, 'rate' | 'figures'>): boolean {
  const { sent, acked, rate_per_s, ack_ms, alerts } = figures;
  const complete = acked === sent && alerts.missed === 0 && alerts.false === 0;
  return complete && rate_per_s >= KEPT_SHARE * rate && ack_ms.p99 <= ACK_P99_MAX_MS;
}

export function residentMiB(pid: number): number {
  return memoryMiB(pid, 'VmRSS');
}

/** Memory that is the process's own; pages of files that it has mapped (LMDB) are the system's to take back. */
export function ownMiB(pid: number): number {
  return memoryMiB(pid, 'RssAnon');
}

export function ownKiB(pid: number): number {
  return memoryKiB(pid, 'RssAnon');
}

function memoryMiB(pid: number, name: string): number {
  return Math.round(memoryKiB(pid, name) / 1024);
}

function memoryKiB(pid: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
