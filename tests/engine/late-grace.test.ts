/** After an interruption ticks wait for the backlog to speak; what has come of the backlog does not wait with them. */
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import type { DeviceId } from '../../src/domain/ids.js';
import type { RecordBody } from '../../src/domain/record.js';
import { at, rf } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { openRoom, type Room } from './room.js';
import { setUp, tagOf, unitOf } from './story.js';

const [UNIT, TAG] = [unitOf(0), tagOf(0)];
const GRACE_MS = 120_000;

/** Not at home as the curfew begins; the gateway is last there at `lastMs`. */
async function evening(t: Test, lastMs: number, atLast: (room: Room) => Promise<void> = async () => {}) {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const before = await openRoom(folder.path, 1, { startMs: at('12:00') });
  await setUp(before, 1);
  await says(before, UNIT, 1, '18:30', rf('ENTER', TAG));
  await says(before, UNIT, 2, '18:50', rf('EXIT', TAG));
  await says(before, TAG, 1, '19:04:20', alive);
  await before.clock.advanceTo(lastMs);
  await atLast(before);
  await before.settled();
  await before.close();
  const room = await openRoom(folder.path, 2, { graceMs: GRACE_MS });
  t.teardown(() => room.close());
  return room;
}

const alive = { kind: 'heartbeat', firmware: '1', uptimeS: 1 } as const;
const strap = { kind: 'tag', batteryPct: null, flags: ['STRAP_TAMPER_START'] } as RecordBody;

/** At its time, or later where that has passed. */
async function says(room: Room, deviceId: DeviceId, sequence: number, time: string, body: RecordBody): Promise<void> {
  await room.clock.advanceTo(at(time));
  await room.upload(deviceId, sequence, [makeRecord(at(time), body)]);
}

const types = (room: Room): string[] => room.told().map(({ version }) => `${version.type} ${version.cause}`);

t.test('what pours in while ticks wait is put in when its time has come, and no timer is met by it', async (t) => {
  const room = await evening(t, at('19:04:30'));
  await room.clock.advanceTo(at('19:05:10'));
  t.ok(room.ticker.holding);
  await says(room, TAG, 2, '19:03', alive);
  await says(room, TAG, 3, '19:03:30', strap);
  await room.settled();
  t.same(types(room), [], 'more of it may come within the second');
  await room.clock.advanceTo(at('19:05:12'));
  t.ok(room.ticker.holding);
  t.same(types(room), ['tamper.strap late_data']);
  await room.clock.advanceTo(at('19:06:31'));
  t.same(types(room), ['tamper.strap late_data', 'curfew gateway_outage']);
});

t.test('what waited when the gateway went is put in while ticks wait', async (t) => {
  const room = await evening(t, at('19:04:30'), async (before) => {
    await says(before, TAG, 2, '19:03', alive);
    await says(before, TAG, 3, '19:03:30', strap);
  });
  t.same(types(room), []);
  await room.clock.advanceTo(at('19:05:20'));
  t.ok(room.ticker.holding);
  t.same(types(room), ['tamper.strap late_data']);
});

t.test('of an order that is erased meanwhile nothing is put in', async (t) => {
  const room = await evening(t, at('19:04:30'));
  await says(room, TAG, 2, '19:03', alive);
  await says(room, TAG, 3, '19:03:30', strap);
  room.follower.start();
  await room.command({ kind: 'erase_order', orderId: 'ORD-0' as never, by: 'test' });
  await room.clock.advanceTo(at('19:06:31'));
  t.same(types(room), []);
  t.same(room.failures, []);
});
