// A hot store that may forget is not waited for: it may hang, fail or be lost, and holds up nobody's alert.
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { decodeState } from '../../src/codec/state-record.js';
import type { Ledger } from '../../src/ports/ledger.js';
import { type StateBatch, StatesLost, Superseded } from '../../src/ports/subject-states.js';
import { tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { around, Gate } from './around.js';
import { openRoom } from './room.js';
import { NOON, setUp, tagOf } from './story.js';

type Save = (batch: StateBatch) => Promise<void>;

/** A room over Redis whose saves go through the test; `replaced` has the positions of whole rewrites. */
async function roomOf(t: Test, save: (real: Save) => Save, wrapLedger = (ledger: Ledger): Ledger => ledger) {
  const redis = await startRedis();
  const folder = await temporaryFolder();
  const replaced: number[] = [];
  const room = await openRoom(folder.path, 1, {
    startMs: NOON,
    redisUrl: redis.url,
    limits: { batchEntriesMax: 1 },
    wrapLedger,
    wrapStates: (states) =>
      around(states, {
        save: save((batch) => states.save(batch)),
        async replaceAll(epoch, position, all) {
          const whole = [...all];
          for (const [, state] of whole)
            t.ok(decodeState(state).position <= position, 'nothing beyond what is committed');
          replaced.push(position);
          await states.replaceAll(epoch, position, whole);
        },
      }),
  });
  t.teardown(async () => {
    await room.close();
    await redis.stop();
    await folder.remove();
  });
  await setUp(room, 3);
  const cut = async (n: number) => {
    const flag = n % 2 === 0 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END';
    for (const who of [0, 1, 2]) await room.upload(tagOf(who), n + 1, [makeRecord(NOON + n * 1_000, tagSays(flag))]);
  };
  return { room, cut, replaced };
}

t.test('while a save hangs every alert is told; afterwards all that was left goes in one', async (t) => {
  const gate = new Gate();
  const saves: StateBatch[] = [];
  let beside = 0;
  const { room, cut } = await roomOf(t, (real) => async (batch) => {
    beside += 1;
    t.equal(beside, 1, 'one at a time');
    for (const state of batch.states.values())
      t.ok((state === null ? 0 : decodeState(state).position) <= batch.position);
    await gate.pass();
    saves.push(batch);
    await real(batch);
    beside -= 1;
  });
  await room.states.settled();
  gate.shut();
  for (let n = 0; n < 10; n += 1) await cut(n);
  await room.settled();
  t.equal(room.told().length, 30);
  const before = saves.length;
  gate.open();
  await room.states.settled();
  t.equal(saves.length, before + 2, 'the one that hung, and one with all the rest');
  t.equal(saves.at(-1)?.position, room.journal.last);
  t.equal(saves.at(-1)?.states.size, 3);
});

t.test('after saves that failed nothing is missing in the store', async (t) => {
  let away = false;
  const { room, cut, replaced } = await roomOf(t, (real) => async (batch) => {
    if (away) throw new Error('away');
    await real(batch);
  });
  await room.states.settled();
  away = true;
  for (let n = 0; n < 4; n += 1) await cut(n);
  await room.settled();
  away = false;
  await room.upload(tagOf(0), 99, [makeRecord(NOON + 90_000, tagSays('STRAP_TAMPER_START'))]);
  await room.settled();
  await room.states.settled();
  const held = new Map<string, number>();
  if (room.redis !== null) {
    for await (const [stream, state] of room.redis.scan()) held.set(stream, decodeState(state).position);
  }
  t.same(held, new Map([...room.states.entries()].map(([stream, state]) => [stream, state.position])));
  t.equal(await room.redis?.position(), room.journal.last);
  t.same(replaced.slice(1), [], 'without writing everything anew');
});

t.test('a store that was lost is written anew as a whole, at a moment when all of it is committed', async (t) => {
  let lost = false;
  const { room, cut, replaced } = await roomOf(t, (real) => async (batch) => {
    if (lost) {
      lost = false;
      throw new StatesLost('emptied');
    }
    await real(batch);
  });
  for (let n = 0; n < 6; n += 1) {
    lost = n === 2;
    await cut(n);
  }
  await room.settled();
  await room.states.settled();
  t.ok(replaced.length >= 1);
  t.equal(await room.redis?.position(), room.journal.last);
  t.equal(room.told().length, 18);
});

t.test('a store that turns out to be lost beside a batch gets nothing that is not committed', async (t) => {
  const [saving, committing] = [new Gate(), new Gate()];
  let lost = false;
  const { room, replaced } = await roomOf(
    t,
    (real) => async (batch) => {
      await saving.pass();
      if (lost) throw new StatesLost('emptied');
      await real(batch);
    },
    (ledger) =>
      around(ledger, {
        async commit(batch) {
          if (batch.versions.length > 0) await committing.pass();
          await ledger.commit(batch);
        },
      }),
  );
  const cutBy = (who: number) => room.upload(tagOf(who), 1, [makeRecord(NOON, tagSays('STRAP_TAMPER_START'))]);
  await room.states.settled();
  const before = replaced.length;
  saving.shut();
  await cutBy(0);
  await saving.someone();
  committing.shut();
  await cutBy(1);
  await committing.someone();
  lost = true;
  saving.open();
  await room.states.settled();
  t.equal(replaced.length, before, 'the next save brings the whole');
  committing.open();
  await room.settled();
  await room.states.settled();
  t.same(replaced.slice(before), [room.journal.last]);
  t.equal(room.told().length, 2);
});

t.test('what is sent while a batch is under way is what was committed before it', async (t) => {
  const [saving, committing] = [new Gate(), new Gate()];
  const sent: StateBatch[] = [];
  const { room } = await roomOf(
    t,
    (real) => async (batch) => {
      await saving.pass();
      sent.push(batch);
      await real(batch);
    },
    (ledger) =>
      around(ledger, {
        async commit(batch) {
          if (batch.versions.length > 0) await committing.pass();
          await ledger.commit(batch);
        },
      }),
  );
  await room.states.settled();
  sent.length = 0;
  const cut = (n: number) => {
    const flag = n % 2 === 0 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END';
    return room.upload(tagOf(0), n + 1, [makeRecord(NOON + n * 1_000, tagSays(flag))]);
  };
  saving.shut();
  await cut(0);
  await saving.someone();
  await cut(1);
  await room.settled();
  const committed = room.journal.last;
  committing.shut();
  await cut(2);
  await committing.someone();
  // the one that hung, and what came behind it; the third is stepped, and nobody has been told of it yet
  saving.open();
  await room.states.settled();
  const positions = sent.flatMap(({ position, states }) =>
    [...states.values()].map((bytes) => [bytes === null ? 0 : decodeState(bytes).position, position] as const),
  );
  t.equal(positions.at(-1)?.[1], committed);
  for (const [of, position] of positions) t.ok(of <= position, `a state of ${of} under ${position}`);
  committing.open();
  await room.settled();
  await room.states.settled();
  t.equal(room.told().length, 3);
});

t.test('a newer owner of the store stops this one', async (t) => {
  let superseded = false;
  const { room, cut } = await roomOf(t, (real) => async (batch) => {
    if (superseded) throw new Superseded('epoch 9');
    await real(batch);
  });
  superseded = true;
  for (let n = 0; n < 3; n += 1) await cut(n);
  await t.rejects(room.settled(), Superseded);
  t.match(room.failures, [Superseded]);
});
