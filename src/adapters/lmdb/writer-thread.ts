/** The thread that seals and writes batches of the hot stores: one after the other, each in a transaction of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { CompactReader } from '../../codec/compact-reader.js';
import { BorrowedKeys } from '../../crypto/lent-keys.js';
import { packed } from '../sealed-state.js';
import { BatchRows } from './batch-rows.js';
import { Environment } from './environment.js';
import { sealStates } from './states-batch.js';
import type { Answer, Asked, WriterData } from './thread-writer.js';
import { toldOf } from './told-failure.js';

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
  const answer = answerTo(asked);
  port.postMessage(answer, answer.sealed === null ? [] : [answer.sealed.buffer]);
});

function answerTo({ id, what, epoch, bytes }: NonNullable<Asked>): Answer {
  try {
    if (what === 'seal') {
      const sealed = keys.with(epoch, () => packed(sealStates(new CompactReader(bytes, 0), keys)));
      return { id, failure: null, sealed };
    }
    env.transactionNow(keys.with(epoch, () => rows.sealed(bytes, keys)));
    return { id, failure: null, sealed: null };
  } catch (error) {
    return { id, failure: toldOf(error), sealed: null };
  }
}
