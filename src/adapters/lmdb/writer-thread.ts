/** The thread that seals and writes batches of the hot stores: one after the other, each in a transaction of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { BorrowedKeys } from '../../crypto/lent-keys.js';
import { BatchRows } from './batch-rows.js';
import { Environment } from './environment.js';
import type { Answer, Asked, WriterData } from './thread-writer.js';
import { type ToldFailure, toldOf } from './told-failure.js';

const { folder, keys: memory } = workerData as WriterData;
if (parentPort === null) throw new Error('this is started as a thread only');
const port = parentPort;
const env = Environment.open(folder).enter();
const keys = new BorrowedKeys(memory);
const rows = new BatchRows(env);

port.on('message', (asked: Asked) => {
  if (asked === null) {
    port.close();
    void env.leave();
    return;
  }
  const answer: Answer = { id: asked.id, failure: written(asked) };
  port.postMessage(answer);
});

/** Null: it is durable. */
function written({ epoch, bytes }: NonNullable<Asked>): ToldFailure | null {
  try {
    const put = keys.with(epoch, () => rows.sealed(bytes, keys));
    env.transactionNow(put);
    return null;
  } catch (error) {
    return toldOf(error);
  }
}
