/** Devices at the edges: what was never heard, what is not due yet, what an end must close, what an alert is called. */
import t from 'tap';
import type { AlertType } from '../../src/domain/alert.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { RecordBody } from '../../src/domain/record.js';
import {
  countIntegrity,
  endEquipment,
  equipmentDueMs,
  equipmentRuns,
  equipmentTime,
  stepEquipment,
  UNHEARD,
  type Watched,
} from '../../src/rules/equipment.js';
import { open } from '../../src/rules/machine.js';
import { Book, device, ref } from './moments.js';

const tag: Watched = { deviceId: device('TAG-1'), kind: 'tag' };
const rfTag: Watched = { deviceId: device('TAG-1'), kind: 'rf_tag' };
const unit: Watched = { deviceId: device('HU-1'), kind: 'home_unit' };
const tagSays = (batteryPct: number | null, ...flags: Extract<RecordBody, { kind: 'tag' }>['flags']): RecordBody => ({
  kind: 'tag',
  flags,
  batteryPct,
});
const hear = (of: Watched, book: Book, body: RecordBody, atMs = 0, state = UNHEARD) =>
  stepEquipment(of, state, body, DEFAULT_POLICY, book.at(atMs, ref(atMs)));
const running = (book: Book) => [...book.running.values()].map(({ kind, type, codes }) => [kind, type, ...codes]);

t.test('of a device that was never heard nothing is known, and nothing is due', (t) => {
  t.strictSame(UNHEARD, {
    lastMs: null,
    silent: false,
    lastBatteryPct: null,
    chargePct: null,
    lastFix: null,
    motion: { sinceMs: null, spans: [] },
  });
  const book = new Book();
  t.equal(equipmentDueMs(tag, UNHEARD, DEFAULT_POLICY), null);
  t.equal(equipmentTime(tag, UNHEARD, DEFAULT_POLICY, book.at(9e12)), UNHEARD);
  t.strictSame(running(book), []);
  t.end();
});

t.test('a device is silent when its time is up, not a millisecond before, and once', (t) => {
  const book = new Book();
  const heard = hear(unit, book, { kind: 'heartbeat', firmware: '1', uptimeS: 1 }, 1_000);
  const dueMs = 1_000 + 7_500_000;
  t.equal(equipmentDueMs(unit, heard, DEFAULT_POLICY), dueMs);
  t.equal(equipmentTime(unit, heard, DEFAULT_POLICY, book.at(dueMs - 1)), heard);
  t.strictSame(running(book), []);
  const silent = equipmentTime(unit, heard, DEFAULT_POLICY, book.at(dueMs));
  t.strictSame(running(book), [['alert', 'device.silent']]);
  t.equal(equipmentTime(unit, silent, DEFAULT_POLICY, book.at(dueMs + 1)), silent);
  t.end();
});

t.test('an rf_tag that a unit lost is heard all the same when the reading brings its status', (t) => {
  const exit = { kind: 'rf', tagId: rfTag.deviceId, event: 'EXIT', rssiDbm: -90 } as const;
  const status = { kind: 'tag', flags: [], batteryPct: 80 } as const;
  t.equal(hear(rfTag, new Book(), { ...exit, status: null }, 5).lastMs, null);
  t.equal(hear(rfTag, new Book(), { ...exit, status }, 5).lastMs, 5);
  t.end();
});

t.test('an alert of a device is an alert, with the code that centres use', (t) => {
  const book = new Book();
  hear(tag, book, tagSays(10, 'STRAP_TAMPER_START', 'SELF_TEST_FAULT'));
  countIntegrity(book.at(0, ref(0)), 'integrity.replayed', tag.deviceId);
  t.strictSame(running(book), [
    ['alert', 'tamper.strap'],
    ['alert', 'device.fault', 'AL24'],
    ['alert', 'battery.low', 'AL21'],
    ['alert', 'battery.critical', 'AL21'],
    ['alert', 'integrity.replayed'],
  ]);
  t.end();
});

t.test('off the charger no level of it is remembered', (t) => {
  const book = new Book();
  const charging = hear(tag, book, tagSays(50, 'CHARGING_START'));
  t.equal(charging.chargePct, 50);
  const taken = hear(tag, book, tagSays(52, 'CHARGING_END'), 1, charging);
  t.equal(taken.chargePct, null);
  t.equal(hear(tag, book, tagSays(51), 2, taken).chargePct, null);
  t.end();
});

const kinds: readonly AlertType[] = [
  'tamper.unit_case',
  'unit.moved',
  'battery.dead',
  'device.silent',
  'device.no_fix',
];
for (const type of kinds) {
  t.test(`a running ${type} is seen, and ends with the assignment`, (t) => {
    const book = new Book();
    t.equal(equipmentRuns(book.at(0).running, tag.deviceId), false);
    open(book.at(0), { kind: 'alert', type, deviceId: tag.deviceId, startMs: 0 });
    t.equal(equipmentRuns(book.at(1).running, tag.deviceId), true);
    t.equal(equipmentRuns(book.at(1).running, unit.deviceId), false, "another device's is another's");
    t.equal(endEquipment(tag, book.at(9), 'ORDER_ENDED'), UNHEARD);
    t.match(book.ended, [{ type, endMs: 9, endedBy: 'ORDER_ENDED' }]);
    t.equal(equipmentRuns(book.at(9).running, tag.deviceId), false);
    t.end();
  });
}

t.test('a count that a timer goes on with rests on the records it rested on', (t) => {
  const book = new Book();
  const count = (atMs: number, of = ref(atMs) as ReturnType<typeof ref> | null) =>
    countIntegrity(book.at(atMs, of), 'integrity.sequence_gap', tag.deviceId);
  count(1);
  count(2);
  count(3, null);
  t.match(book.told.at(-1), { op: 'amend', count: 3, startMs: 1, records: [ref(1), ref(2)] });
  count(4);
  t.match(book.told.at(-1), { op: 'amend', count: 4, records: [ref(1), ref(4)] });
  t.end();
});
