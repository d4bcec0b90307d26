/** A process that holds the write lock of an audit log until FOLDER/release appears: `audit-hold.js FOLDER`. Prints `held`. */
import { existsSync, writeSync } from 'node:fs';
import { Environment } from '../../../src/adapters/lmdb/environment.js';

const folder = process.argv[2] as string;
const env = Environment.open(folder).enter();
const nap = new Int32Array(new SharedArrayBuffer(4));
await env.transaction(() => {
  writeSync(1, 'held\n');
  while (!existsSync(`${folder}/release`)) Atomics.wait(nap, 0, 0, 5);
});
await env.leave();
