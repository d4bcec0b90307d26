// Nobody is told of what is not durable; a checkpoint holds nothing that is not committed; what overflows is read back.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { AlertTopics } from '../../src/api/alert-topics.js';
import { makeRecord } from '../../src/codec/record.js';
import { decodeState } from '../../src/codec/state-record.js';
import type { AgencyId } from '../../src/domain/ids.js';
import type { SubjectStates } from '../../src/ports/subject-states.js';
import { at, rf, tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { around, Gate } from './around.js';
import { openRoom, type RoomOptions } from './room.js';
import { NOON, setUp, tagOf, unitOf } from './story.js';

async function roomOf(t: Test, people: number, o: RoomOptions = {}) {
  const folder = await temporaryFolder();
  const room = await openRoom(folder.path, 1, { startMs: NOON, ...o });
  await setUp(room, people);
  t.teardown(async () => {
    await room.close();
    await folder.remove();
  });
  return { room, folder: folder.path };
}
const cut = (n: number, timeMs = NOON) =>
  makeRecord(timeMs, tagSays(n % 2 === 0 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END'));
const nextTurns = async () => {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

t.test(
  'while a commit is under way nobody is told: no wake-up, no version, no topic, no position reached',
  async (t) => {
    const gate = new Gate();
    const { room } = await roomOf(t, 1, {
      wrapLedger: (ledger) =>
        around(ledger, {
          async commit(batch) {
            await gate.pass();
            await ledger.commit(batch);
          },
        }),
    });
    const published: string[] = [];
    let woken = 0;
    t.teardown(
      room.ledger.onCommit(() => {
        woken += 1;
      }),
    );
    let place = 0;
    const topics = new AlertTopics({
      keys: new Map(),
      throughBroker: false,
      ledger: room.ledger,
      endpoint: {
        publish: async (topic, payload) => published.push(`${topic} ${JSON.parse(payload.toString()).data.type}`) > 0,
      },
      bookmark: {
        read: async () => place,
        write: async (to) => {
          place = to;
        },
      },
      monitoringAgency: 'monitoring-centre' as AgencyId,
      restricted: () => false,
      source: '/test',
      onError: (error) => void t.fail(String(error)),
    });
    await topics.start();
    t.teardown(() => topics.stop());
    gate.shut();
    const position = await room.upload(tagOf(0), 1, [cut(0)]);
    let reached = false;
    const committed = room.engine.whenReached(position).then(() => {
      reached = true;
    });
    await gate.someone();
    await nextTurns();
    t.same([woken, reached, published, room.told(), place], [0, false, [], [], 0]);
    gate.open();
    await committed;
    await topics.stop();
    t.equal(woken, 1);
    t.equal(room.told().length, 1);
    t.same(published.sort(), [
      'em/v1/alerts/monitoring-centre tamper.strap',
      'em/v1/alerts/probation-north tamper.strap',
    ]);
  },
);

t.test('whoever is woken finds the version durable: another process sees it at that moment', async (t) => {
  const { room, folder } = await roomOf(t, 1);
  const script = fileURLToPath(new URL('./children/head.js', import.meta.url));
  const seen: number[] = [];
  const stop = room.ledger.onCommit(() => {
    seen.push(Number(execFileSync(process.execPath, [script, `${folder}/engine`]).toString()));
  });
  await room.upload(tagOf(0), 1, [cut(0)]);
  await room.settled();
  await room.upload(tagOf(0), 2, [cut(1, NOON + 1_000)]);
  await room.settled();
  stop();
  t.same(seen, [1, 2]);
});

t.test('a commit that fails stops the engine, and what waits is told so', async (t) => {
  const { room } = await roomOf(t, 1, {
    wrapLedger: (ledger) =>
      around(ledger, {
        commit: (batch) => (batch.versions.length > 0 ? Promise.reject(new Error('no space')) : ledger.commit(batch)),
      }),
  });
  const position = await room.upload(tagOf(0), 1, [cut(0)]);
  await t.rejects(room.engine.whenReached(position), /no space/);
  t.match(room.failures, [/no space/]);
  t.match(room.engine.failure, /no space/);
  await t.rejects(room.engine.whenReached(position), /no space/);
  await room.engine.checkpoint();
  t.same(room.told(), []);
});

t.test('a checkpoint holds no state whose alerts are not committed, however busy the engine is', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const gate = new Gate();
  const checkpoints: { position: number; newest: number }[] = [];
  const folder = await temporaryFolder();
  const room = await openRoom(folder.path, 1, {
    startMs: NOON,
    redisUrl: redis.url,
    limits: { batchEntriesMax: 1 },
    wrapLedger: (ledger) =>
      around(ledger, {
        async commit(batch) {
          if (batch.versions.length > 0) await gate.pass();
          await ledger.commit(batch);
        },
      }),
    wrapCheckpoints: (states: SubjectStates) =>
      around(states, {
        async save(batch) {
          const positions = [...batch.states.values()].map((state) =>
            state === null ? 0 : decodeState(state).position,
          );
          checkpoints.push({ position: batch.position, newest: Math.max(0, ...positions) });
          await states.save(batch);
        },
      }),
  });
  t.teardown(async () => {
    gate.open();
    await room.close();
    await folder.remove();
  });
  await setUp(room, 1);
  gate.shut();
  for (let n = 0; n < 6; n += 1) await room.upload(tagOf(0), n + 1, [cut(n, NOON + n * 1_000)]);
  for (let n = 0; n < 6; n += 1) {
    await gate.someone();
    const checkpoint = room.engine.checkpoint();
    gate.one();
    // the next batch never ends until it is let through: the checkpoint does not wait for it
    await checkpoint;
  }
  t.equal(checkpoints.length, 6);
  for (const { position, newest } of checkpoints) t.ok(newest <= position, `${newest} at ${position}`);
});

t.test('what does not fit into the inbox is read back from the journal, in order, each once', async (t) => {
  const gate = new Gate();
  const { room } = await roomOf(t, 1, {
    limits: { inboxMax: 3, batchEntriesMax: 5 },
    wrapLedger: (ledger) =>
      around(ledger, {
        async commit(batch) {
          await gate.pass();
          await ledger.commit(batch);
        },
      }),
  });
  gate.shut();
  for (let n = 0; n < 60; n += 1) await room.upload(tagOf(0), n + 1, [cut(n, NOON + n * 1_000)]);
  gate.open();
  await room.settled();
  const versions = room.told().map(({ version }) => `${version.eventMs - NOON} ${version.version}`);
  t.same(
    versions,
    Array.from({ length: 60 }, (_, n) => `${n * 1_000} ${(n % 2) + 1}`),
  );
});

t.test("entries that are handed over out of order are judged in the journal's order", async (t) => {
  const { room } = await roomOf(t, 1);
  const entries = [cut(0), cut(1, NOON + 1_000), cut(0, NOON + 2_000)].map((record, n) => ({
    kind: 'upload' as const,
    stream: room.assignments.streamOf(tagOf(0), NOON),
    receivedMs: NOON,
    deviceId: tagOf(0),
    sequence: BigInt(n + 1),
    index: 0,
    digest: 'AAAAAAAAAAAAAAAAAAAAAA',
    records: [record],
  }));
  const first = await room.journal.append(entries);
  for (const i of [2, 0, 1]) room.engine.deliver([{ position: first + i, entry: entries[i] as (typeof entries)[0] }]);
  room.engine.deliver([{ position: first, entry: entries[0] as (typeof entries)[0] }]);
  await room.settled();
  t.same(
    room.told().map(({ version }) => version.eventMs - NOON),
    [0, 1_000, 2_000],
  );
});

t.test('a reading of a tag that nobody wears leaves no trace in the states', async (t) => {
  const { room } = await roomOf(t, 1);
  const before = room.states.size;
  await room.upload(unitOf(0), 1, [makeRecord(at('12:00'), rf('PRESENT', 'TAG-OF-NOBODY' as never))]);
  await room.settled();
  t.equal(room.states.size, before);
  t.same(room.told(), []);
});
