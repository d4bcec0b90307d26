/** The thread of the watchdog: sleeps, looks whether the loop has beaten, and writes to standard error by itself. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { EventLoopWatch } from './event-loop-watch.js';
import type { WatchdogData } from './watchdog.js';

const { beats, stuckMs, endMs } = workerData as WatchdogData;
const watch = new EventLoopWatch({ stuckMs, endMs });
const LOOK_EVERY_MS = Math.min(1_000, stuckMs / 4);

function say(level: 'warn' | 'error' | 'info', code: string, seconds: number): void {
  const line = { level, time: new Date().toISOString(), pid: process.pid, seconds, code };
  try {
    writeSync(2, `${JSON.stringify(line)}\n`);
  } catch {
    // nobody reads it; the process is ended in time all the same
  }
}

// no event loop here either: the thread sleeps in one call, until the time is over or the watch is
while (Atomics.wait(beats, 1, 0, LOOK_EVERY_MS) === 'timed-out') {
  const seen = watch.look(Atomics.load(beats, 0), performance.now());
  if (seen === null) continue;
  const { what, forMs } = seen;
  say(what === 'event_loop_back' ? 'info' : what === 'stood_still' ? 'warn' : 'error', what, Math.round(forMs / 1_000));
  if (what !== 'event_loop_stuck_ending') continue;
  // without a core dump, which would hold keys; a code of its own, unlike that of the kernel's out-of-memory killer
  process.kill(process.pid, 'SIGALRM');
  Atomics.wait(beats, 1, 0, 2_000);
  process.kill(process.pid, 'SIGKILL');
}
