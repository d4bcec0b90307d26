/** The loop: an input out of those that led somewhere new, changed a little, run, and kept if it leads on. */
import { getHeapStatistics } from 'node:v8';
import { Chance } from './chance.js';
import type { Reached } from './counters.js';
import type { Finding } from './finding.js';
import { shrink } from './shrink.js';
import { Broken, type Target } from './target.js';
import type { Watchdog } from './watchdog.js';

export interface RunOptions {
  readonly runs: number;
  readonly seed: number;
  readonly corpus: readonly Buffer[];
  readonly reached: Reached;
  readonly watchdog: Watchdog | null;
  readonly rssMaxMib: number;
  readonly told: (line: Progress) => void;
  readonly found: (finding: Finding) => void;
}

export interface Progress {
  readonly executions: number;
  readonly corpus: number;
  readonly reached: number;
  readonly rssMib: number;
}

export interface RunResult {
  readonly executions: number;
  readonly findings: number;
  readonly corpus: readonly Buffer[];
  readonly rssMaxMib: number;
  readonly slowestMs: number;
}

/** One run of a target that works at once is given this long, of the processor's time, in the quickest of three. */
const SLOW_MS = 250;
/** What one input of some kilobytes may leave on the heap. */
const HEAP_STEP_BYTES = 64 * 2 ** 20;
const FINDINGS_MAX = 10;
const LOOK_EVERY = 256;
const MIB = 2 ** 20;

/** What an error that nobody caught was about; the input that runs is blamed. */
let stray: unknown = null;
export function catchStrays(): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => {
      stray ??= error ?? new Error(event);
    });
  }
}

export async function fuzz(target: Target, o: RunOptions): Promise<RunResult> {
  const chance = new Chance(o.seed);
  const kept: Buffer[] = [];
  const first = [...target.seeds(), ...o.corpus];
  const told = new Set<string>();
  let rssMax = 0;
  let slowestMs = 0;
  let executions = 0;
  const report = () => o.told({ executions, corpus: kept.length, reached: o.reached.count, rssMib: rssMax / MIB });

  // the whole corpus in any case
  const runs = Math.max(o.runs, first.length);
  for (; executions < runs; executions++) {
    const input = first[executions] ?? target.mutate(choose(kept, chance), choose(kept, chance), chance);
    const bytes = input.length > target.bytesMax ? input.subarray(0, target.bytesMax) : input;
    const { fault, ms } = await runOnce(target, bytes, o);
    if (fault === null) {
      slowestMs = Math.max(slowestMs, ms);
      if (o.reached.note() || kept.length === 0) kept.push(Buffer.from(bytes));
    } else if (!told.has(fault.name)) {
      told.add(fault.name);
      const small = await shrink(bytes, async (candidate) => {
        return (await runOnce(target, candidate, o)).fault?.name === fault.name;
      });
      o.found({ target: target.name, kind: fault.kind, what: fault.what, seed: o.seed, run: executions, input: small });
      if (told.size === FINDINGS_MAX) break;
    }
    if (executions % LOOK_EVERY === 0) {
      const rss = process.memoryUsage.rss();
      rssMax = Math.max(rssMax, rss);
      if (rss > o.rssMaxMib * MIB) {
        const what = `${Math.round(rss / MIB)} MiB resident, over ${o.rssMaxMib}`;
        o.found({ target: target.name, kind: 'memory', what, seed: o.seed, run: executions, input: bytes });
        told.add('memory');
        break;
      }
      if (executions % (LOOK_EVERY * 16) === 0) report();
    }
  }
  report();
  return { executions, findings: told.size, corpus: kept, rssMaxMib: rssMax / MIB, slowestMs };
}

/** Half of the time one of the newest: they stand at the edge of what is known. */
function choose(kept: readonly Buffer[], chance: Chance): Buffer {
  const newest = chance.oneIn(2) ? Math.max(0, kept.length - 64) : 0;
  return kept[newest + chance.int(kept.length - newest)] ?? Buffer.alloc(0);
}

export interface Fault {
  readonly kind: 'crash' | 'broken' | 'slow' | 'memory';
  readonly what: string;
  /** The same for the same fault of another input. */
  readonly name: string;
}

type Guard = Pick<RunOptions, 'reached' | 'watchdog'>;

export async function runOnce(
  target: Target,
  input: Buffer,
  { reached, watchdog }: Guard,
): Promise<{ readonly fault: Fault | null; readonly ms: number }> {
  watchdog?.begin(input);
  try {
    reached.begin();
    const heap = heapBytes();
    const beganMs = performance.now();
    const running = target.run(input);
    const waited = running instanceof Promise;
    if (waited) await running;
    const ms = performance.now() - beganMs;
    if (stray !== null) throw stray;
    const grown = heapBytes() - heap;
    if (grown > HEAP_STEP_BYTES) return { fault: fault('memory', `${Math.round(grown / MIB)} MiB for one input`), ms };
    const least = waited || ms < SLOW_MS ? ms : leastMs(target, input);
    if (waited || least < SLOW_MS) return { fault: null, ms: least };
    return { fault: fault('slow', `${Math.round(least)} ms for ${input.length} bytes`), ms };
  } catch (error) {
    stray = null;
    return { fault: fault(error instanceof Broken ? 'broken' : 'crash', storyOf(error), nameOf(error)), ms: 0 };
  } finally {
    watchdog?.end();
  }
}

const fault = (kind: Fault['kind'], what: string, name: string = kind): Fault => ({ kind, what, name });

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Other processes may have had the machine: what counts is the processor's time. */
function leastMs(target: Target, input: Buffer): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && least >= SLOW_MS; tries++) {
    const before = process.cpuUsage();
    void target.run(input);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

const storyOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Where it was thrown, and what kind it is: messages quote the input. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 80);
  const place = error.stack?.split('\n').find((line) => line.includes('/dist/') && !line.includes('/fuzz/target.'));
  return `${error.name} ${error instanceof Broken ? error.message.replace(/\d+/g, 'N').slice(0, 80) : ''} ${place ?? ''}`;
}
