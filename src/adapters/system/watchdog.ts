/**
 * A watch over the event loop from outside of it: a thread that counts the loop's beats. It says when they cease, and when they
 * come back; after minutes it ends the process by SIGALRM (142 to a shell), so that a supervisor starts it anew.
 */
import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** Without a beat for so long the loop counts as stuck. */
  readonly stuckMs: number;
  /** After so long the process is ended. */
  readonly endMs: number;
}

/** What the thread is given: `beats[0]` is counted up by the loop; `beats[1]` is set to 1 when the watch is over. */
export interface WatchdogData extends WatchdogOptions {
  readonly beats: Int32Array;
}

const BEAT_EVERY_MS = 250;

/** Returns the way to end the watch. */
export function watchEventLoop(options: WatchdogOptions): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const data: WatchdogData = { ...options, beats };
  const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
    workerData: data,
    // nothing of the process is the thread's: no keys from its environment, no loaders, hardly any memory
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.unref();
  // a machine that gives no thread is no reason to watch nobody: then the supervisor's own probe is all there is
  thread.on('error', () => {});
  const beat = setInterval(() => void Atomics.add(beats, 0, 1), BEAT_EVERY_MS).unref();
  return async () => {
    clearInterval(beat);
    Atomics.store(beats, 1, 1);
    Atomics.notify(beats, 1);
    await thread.terminate();
  };
}
