/** The stores that an upload passes on its way, each as `bench/commit` writes batches to it. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { openThreadedStores } from '../../src/adapters/lmdb/engine-stores.js';
import { RedisSubjectStates } from '../../src/adapters/redis/redis-states.js';
import { encodeState } from '../../src/codec/state-record.js';
import { EpochSeals, epochAt } from '../../src/crypto/epoch-seals.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { Pseudonyms } from '../../src/crypto/pseudonyms.js';
import { TierSeals } from '../../src/crypto/seals.js';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { UploadEntry } from '../../src/domain/entry.js';
import type { StreamKey } from '../../src/domain/ids.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { SubjectStates } from '../../src/ports/subject-states.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { startRedis } from './redis.js';

/** One upload, and the state that it leads to. */
export interface CommittedUpload {
  readonly stream: StreamKey;
  readonly entry: UploadEntry;
  readonly state: SubjectState;
  readonly version: AlertVersion;
}

export interface CommitStore {
  readonly name: string;
  /** Durable when it resolves; `position` is that of the first, and rises by one. */
  commit(batch: readonly CommittedUpload[], position: number): Promise<void>;
}

export interface CommitStores {
  readonly stores: readonly CommitStore[];
  readonly hasRedis: boolean;
  close(): Promise<void>;
}

const EPOCH = 1;
/** No secret: what is measured lies in a folder that is removed. */
const KEY = Buffer.alloc(32, 7);
const fail = (error: Error): never => {
  throw error;
};
const silent: Telemetry = { count() {}, observe() {}, gauge() {}, log() {} };

export async function openCommitStores(folder: string, nowMs: number): Promise<CommitStores> {
  const seals = new EpochSeals(new Pseudonyms(KEY), () => nowMs);
  seals.add(epochAt(nowMs), KEY);
  const shared = TierSeals.fromKey(KEY, 1);
  const reader = new OneReader(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
  const orders = { nameOf: () => '0'.repeat(32), sealsNamed: () => shared };
  const journal = await FileJournal.open({ folder: join(folder, 'journal'), seals, epoch: EPOCH, telemetry: silent });
  const { ledger, states, quarantine, recentLog, writer } = await openThreadedStores(
    join(folder, 'engine'),
    {
      hot: seals,
      shared,
      orders,
      reader,
    },
    fail,
  );
  await ledger.claim(EPOCH);
  await recentLog.claim(EPOCH);
  const redis = await startRedis();
  const redisStates =
    redis === null
      ? null
      : await RedisSubjectStates.open({ url: redis.url, partition: 'bench', seals, sealer: writer, telemetry: silent });

  const stores: CommitStore[] = [
    {
      name: 'journal',
      async commit(batch) {
        // each upload is a call of its own, as the intake makes it; they share a block
        await Promise.all(batch.map(({ entry }) => journal.append([entry])));
      },
    },
    {
      name: 'recent log',
      commit: (batch, position) =>
        recentLog.commit(
          EPOCH,
          batch.map(({ stream, entry }, n) => ({
            stream,
            uploads: [{ position: position + n, entry }],
            kept: [],
            snapshots: [],
            dropped: [],
            arrivedMs: entry.receivedMs,
          })),
        ),
    },
    await statesStore('states in LMDB', states),
    ...(redisStates === null ? [] : [await statesStore('states in Redis', redisStates)]),
    {
      name: 'ledger (an alert an upload)',
      commit: (batch) =>
        ledger.commit({ epoch: EPOCH, orders: [], zones: [], versions: batch.map(({ version }) => version) }),
    },
  ];
  const close = async (): Promise<void> => {
    await redisStates?.close();
    await redis?.stop();
    await journal.close();
    for (const store of [writer, ledger, states, quarantine, recentLog]) await store.close();
  };
  return { stores, hasRedis: redis !== null, close };
}

async function statesStore(name: string, states: SubjectStates): Promise<CommitStore> {
  await states.claim(EPOCH);
  await states.replaceAll(EPOCH, 0, []);
  let previousPosition = 0;
  return {
    name,
    async commit(batch, first) {
      const position = first + batch.length;
      const saved = batch.map(({ stream, state }) => [stream, encodeState(state)] as const);
      await states.save({ epoch: EPOCH, previousPosition, position, states: new Map(saved) });
      previousPosition = position;
    },
  };
}
