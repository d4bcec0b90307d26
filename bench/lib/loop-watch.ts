/**
 * Loaded into a gateway under test before its own code: how long its event loop stood still, told over the channel to its
 * parent, for nothing outside can see it. `read` answers with the longest since the answer before, ms; `memory` with what
 * is left of its memory after a collection (node --expose-gc).
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 2;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('message', (word) => {
  if (word === 'memory') {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  }
  if (word !== 'read') return;
  process.send?.({ longestMs: delay.count === 0 ? 0 : delay.max / 1e6 });
  delay.reset();
});
// the gateway ends when it has nothing more to do, whoever listens
process.channel?.unref();
