/** A process whose event loop is held up: `stuck-loop.js STUCK_MS END_MS HOLD_MS`; says `begun`, and `over` afterwards. */
import { writeSync } from 'node:fs';
import { watchEventLoop } from '../../../src/adapters/system/watchdog.js';

const [stuckMs, endMs, holdMs] = process.argv.slice(2).map(Number) as [number, number, number];
const stop = watchEventLoop({ stuckMs, endMs });
await new Promise((resolve) => setTimeout(resolve, 600));
writeSync(1, 'begun\n');
for (const untilMs = performance.now() + holdMs; performance.now() < untilMs; );
await new Promise((resolve) => setTimeout(resolve, 1_000));
await stop();
writeSync(1, 'over\n');
