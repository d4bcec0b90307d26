/** What was kept in quarantine is tried again: through intake into the journal, or left with the reason that it has now. */
import t, { type Test } from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import { QuarantineRetry } from '../../src/engine/quarantine-retry.js';
import type { Quarantined } from '../../src/ports/quarantine.js';
import { MemoryQuarantine } from '../support/memory-quarantine.js';
import { heartbeat, type TestDevice } from '../support/mqtt-device.js';
import { HeldJournal, KEK, NOW_MS, type TestIntakeOptions, testIntake, until } from './harness.js';

const HOUR = 3_600_000;

async function opened(t: Test, o: TestIntakeOptions = {}) {
  const room = await testIntake(t, o);
  const quarantine = new MemoryQuarantine(new Map());
  const retries = new QuarantineRetry({ quarantine, retry: (item) => room.intake.retry(item) });
  /** Sends it; what was kept of it lies in the quarantine afterwards, as the engine puts it there. */
  const send = async (device: TestDevice, payload: Buffer): Promise<Quarantined> => {
    const client = await device.connect(room.port);
    await client.publishAsync(device.topic, payload, { qos: 1 });
    await client.endAsync();
    const entries = await room.journalled();
    const position = entries.findLastIndex(({ kind }) => kind === 'quarantined') + 1;
    const kept = entries[position - 1];
    if (kept?.kind !== 'quarantined') throw new Error('nothing was kept');
    const item: Quarantined = { position, ...kept };
    await quarantine.keep([item]);
    return (await quarantine.open(position)) as Quarantined;
  };
  const retry = (item: Quarantined) => retries.carryOut({ kind: 'retry_quarantine', item, by: 'ann' });
  return { ...room, quarantine, send, retry };
}
const kinds = (entries: readonly JournalEntry[]) => entries.map(({ kind }) => kind);

for (const form of ['seal', 'sealJwe'] as const) {
  t.test(`a late enrolment lets it in (${form}), as of now, once, and it is gone from the quarantine`, async (t) => {
    const s = await opened(t);
    const item = await s.send(s.device, s.device[form]({ sequence: 4n, keyId: 2, records: [heartbeat(NOW_MS)] }));
    t.equal(item.reason, 'unknown_key');
    s.clock.ms += HOUR;
    t.match(await s.retry(item), { ok: false, problems: [{ got: 'unknown_key' }] });
    t.equal(s.quarantine.has(item.position), true);
    await s.enrol(s.device, { keys: [await s.device.storedKey(KEK), await s.device.storedKey(KEK, 2)] });
    t.same(await s.retry(item), { ok: true, created: true });
    const entries = await s.journalled();
    t.same(kinds(entries), ['quarantined', 'integrity', 'upload'], 'no second alert');
    t.match(entries[2], { sequence: 4n, receivedMs: NOW_MS + HOUR, records: [{ timeMs: NOW_MS }] });
    t.equal(s.delivered.at(-1)?.entry.kind, 'upload', 'the engine has it');
    t.equal(s.quarantine.size(), 0);
    t.same(await s.retry(item), { ok: true, created: false }, 'again it changes nothing');
    t.equal((await s.journalled()).length, 3);
    t.equal(s.intake.counts().retried, 1);
  });
}

t.test('the key is judged by when the upload came, not by when it is tried again', async (t) => {
  const s = await opened(t);
  const item = await s.send(s.device, s.device.seal({ sequence: 4n, keyId: 2, records: [heartbeat(NOW_MS)] }));
  const restored = await s.device.storedKey(KEK, 2, NOW_MS - 73 * HOUR);
  await s.enrol(s.device, { keys: [restored] });
  s.clock.ms += 20 * 24 * HOUR;
  t.same(await s.retry(item), { ok: true, created: true });
});

t.test('what is still not understood is left, under the reason that it has now', async (t) => {
  const s = await opened(t);
  const forged = s.device.seal({ sequence: 4n, keyId: 2, records: [heartbeat(NOW_MS)] });
  forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
  const item = await s.send(s.device, forged);
  await s.enrol(s.device, { keys: [await s.device.storedKey(KEK), await s.device.storedKey(KEK, 2)] });
  t.match(await s.retry(item), { ok: false, code: 'conflict', problems: [{ got: 'bad_seal' }] });
  t.same(
    [...s.quarantine.list()].map(({ reason }) => reason),
    ['bad_seal'],
  );
  t.same(kinds(await s.journalled()), ['quarantined', 'integrity']);
});

t.test('a number that stands for another upload is refused also then', async (t) => {
  const s = await opened(t);
  const item = await s.send(s.device, s.device.seal({ sequence: 4n, keyId: 2, records: [heartbeat(NOW_MS)] }));
  const client = await s.device.connect(s.port);
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(s.device.topic, s.device.seal({ sequence: 4n, records: [heartbeat(NOW_MS)] }), { qos: 1 });
  await s.enrol(s.device, { keys: [await s.device.storedKey(KEK), await s.device.storedKey(KEK, 2)] });
  t.match(await s.retry(item), { ok: false, problems: [{ got: 'sequence_reused' }] });
});

t.test('of what was too large only the beginning is there', async (t) => {
  const s = await opened(t);
  const item = await s.send(s.device, Buffer.alloc(65_537, 1));
  t.match(await s.retry(item), { ok: false, problems: [{ got: 'too_large' }] });
});

t.test('it leaves the quarantine only when its records are durable', async (t) => {
  let held: HeldJournal | null = null;
  const s = await opened(t, {
    wrap: (journal) => {
      held = new HeldJournal(journal);
      return held;
    },
  });
  const holder = held as unknown as HeldJournal;
  const sending = s.send(s.device, s.device.seal({ sequence: 4n, keyId: 2, records: [heartbeat(NOW_MS)] }));
  await until(() => holder.held.length === 1);
  holder.held[0]?.release();
  const item = await sending;
  await s.enrol(s.device, { keys: [await s.device.storedKey(KEK), await s.device.storedKey(KEK, 2)] });
  const retrying = s.retry(item);
  await until(() => holder.held.length === 2);
  t.equal(s.quarantine.has(item.position), true);
  holder.held[1]?.refuse();
  t.match(await retrying, { ok: false });
  t.equal(s.quarantine.has(item.position), true, 'a failed append loses nothing');
});
