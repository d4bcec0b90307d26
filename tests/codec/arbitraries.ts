/** Random uploads, records, states and alerts within the wire's bounds, for the laws of the codecs. */
import fc from 'fast-check';
import { makeRecord } from '../../src/codec/record.js';
import { INTEGRITY_TYPES } from '../../src/domain/alert.js';
import type { JournalEntry } from '../../src/domain/entry.js';
import type { DeviceId, StreamKey, ZoneId } from '../../src/domain/ids.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { Order } from '../../src/domain/order.js';
import {
  ALCOHOL_FLAGS,
  type DeviceRecord,
  MECHANISMS,
  type RecordBody,
  RF_KINDS,
  TAG_FLAGS,
  type TagStatus,
  UNIT_FLAGS,
  type Upload,
} from '../../src/domain/record.js';
import type { SharedZone } from '../../src/domain/zone.js';
import { seedOfRun } from '../rules/seeded.js';

/** Printed by each random test so that a failure can be had again. */
export const seed = seedOfRun();

/** `fc.record` makes objects without a prototype now and then; nouns have one. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const keysOf = <N extends string>(numbers: Record<N, number>) => Object.keys(numbers) as N[];
const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }));
const sint32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const percent = fc.option(fc.integer({ min: 0, max: 100 }));
const flags = <N extends string>(numbers: Record<N, number>) =>
  fc.array(fc.constantFrom(...keysOf(numbers)), { maxLength: 4 });

export const deviceIds: fc.Arbitrary<DeviceId> = fc
  .stringMatching(/^[A-Za-z0-9._-]{1,64}$/)
  .filter((id) => !(id in {})) as unknown as fc.Arbitrary<DeviceId>;

export const sequences = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
  fc.constantFrom(1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n),
);

export const timesMs = fc.integer({ min: LIMITS.timeMsMin, max: LIMITS.timeMsMax });

const tagStatuses: fc.Arbitrary<TagStatus> = plain({
  kind: fc.constant('tag'),
  batteryPct: percent,
  flags: flags(TAG_FLAGS),
});

export const bodies: fc.Arbitrary<RecordBody> = fc.oneof(
  plain({
    kind: fc.constant('fix' as const),
    latE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
    lonE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
    accuracyDm: uint32,
    speedCmS: uint32,
    headingCdeg: fc.integer({ min: 0, max: 35_999 }),
    satellites: uint32,
    hdopCenti: uint32,
    mechanism: fc.constantFrom(...keysOf(MECHANISMS)),
    altitudeDm: sint32,
  }),
  plain({
    kind: fc.constant('rf' as const),
    tagId: deviceIds,
    event: fc.constantFrom(...keysOf(RF_KINDS)),
    rssiDbm: sint32,
    status: fc.option(tagStatuses),
  }),
  tagStatuses,
  plain({ kind: fc.constant('unit' as const), flags: flags(UNIT_FLAGS), batteryPct: percent }),
  plain({ kind: fc.constant('alcohol' as const), tacUgL: uint32, flags: flags(ALCOHOL_FLAGS) }),
  plain({
    kind: fc.constant('heartbeat' as const),
    firmware: fc.string({ unit: 'grapheme', maxLength: 20 }),
    uptimeS: uint32,
  }),
  fc.constant({ kind: 'unknown' as const }),
);

export const records: fc.Arbitrary<DeviceRecord> = fc.tuple(timesMs, bodies).map(([t, body]) => makeRecord(t, body));

export const uploads: fc.Arbitrary<Upload> = plain({
  sequence: sequences,
  oldestHeld: fc.oneof(fc.constant(0n), sequences),
  records: fc.array(records, { minLength: 1, maxLength: 8 }),
});

const streams = fc.oneof(
  deviceIds,
  deviceIds.map((id) => `~${id}`),
) as unknown as fc.Arbitrary<StreamKey>;
const ids = deviceIds as fc.Arbitrary<string>;
const hashes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b).toString('base64url'));
/** Any value that a state or an order may hold, brands and exact shapes aside. */
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, ''),
    fc.integer(),
    timesMs,
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(ids, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const objects = fc.dictionary(ids, values, { maxKeys: 5, noNullPrototype: true });

export const entries: fc.Arbitrary<JournalEntry> = fc.oneof(
  plain({
    kind: fc.constant('upload' as const),
    stream: streams,
    receivedMs: timesMs,
    deviceId: deviceIds,
    sequence: sequences,
    index: fc.nat(600),
    digest: hashes,
    records: fc.array(records, { maxLength: 6 }),
  }),
  plain({
    kind: fc.constant('tick' as const),
    stream: streams,
    receivedMs: timesMs,
    atMs: timesMs,
    cause: fc.constantFrom('timer' as const, 'gateway_outage' as const, 'late_data' as const),
  }),
  plain({
    kind: fc.constant('order' as const),
    stream: streams,
    receivedMs: timesMs,
    order: objects as unknown as fc.Arbitrary<Order>,
  }),
  plain({
    kind: fc.constant('zone' as const),
    stream: streams,
    receivedMs: timesMs,
    zoneId: ids as unknown as fc.Arbitrary<ZoneId>,
    zone: fc.option(objects as unknown as fc.Arbitrary<SharedZone>),
  }),
  plain({
    kind: fc.constant('integrity' as const),
    stream: streams,
    receivedMs: timesMs,
    deviceId: deviceIds,
    type: fc.constantFrom(...INTEGRITY_TYPES),
  }),
  plain({
    kind: fc.constant('quarantined' as const),
    stream: streams,
    receivedMs: timesMs,
    deviceId: deviceIds,
    reason: fc.constantFrom('bad_seal' as const, 'out_of_bounds' as const),
    bytes: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  }),
  plain({ kind: fc.constant('alive' as const), stream: streams, receivedMs: timesMs }),
);
