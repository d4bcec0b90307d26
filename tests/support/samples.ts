/** Seeded values for tests of stores: synthetic ids, complete nouns, the same for the same seed. */
import { encodeState } from '../../src/codec/state-record.js';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { JournalEntry } from '../../src/domain/entry.js';
import {
  type AgencyId,
  type AlertId,
  type DeviceId,
  type OrderId,
  parseAgencyId,
  parseAlertId,
  parseConditionId,
  parseDeviceId,
  parseOrderId,
  parseSubjectId,
  parseZoneId,
  type StreamKey,
  type SubjectId,
  streamOfDevice,
  streamOfOrder,
  type ZoneId,
} from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import type { Result } from '../../src/domain/result.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { SharedZone } from '../../src/domain/zone.js';
import { initialState } from '../../src/rules/step.js';

/** Monday 2 March 2026, 19:00 UTC. */
export const T0 = Date.UTC(2026, 2, 2, 19);

function must<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}

export const orderId = (n: number): OrderId => must(parseOrderId(`ORD-${n}`));
export const subjectId = (n: number): SubjectId => must(parseSubjectId(`SUB-${n}`));
export const deviceId = (n: number): DeviceId => must(parseDeviceId(`HU-${n}`));
export const alertId = (n: number): AlertId => must(parseAlertId(`ALERT-${n}`));
export const zoneId = (n: number): ZoneId => must(parseZoneId(`ZONE-${n}`));
export const agencyId = (n: number): AgencyId => must(parseAgencyId(`agency-${n}`));
export const orderStream = (n: number): StreamKey => streamOfOrder(orderId(n));
export const deviceStream = (n: number): StreamKey => streamOfDevice(deviceId(n));
const conditionId = must(parseConditionId('C-1'));
const hash = (n: number) => Buffer.alloc(16, n % 251).toString('base64url');

/** mulberry32: small, seeded, good enough to pick cases. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An upload of one RF reading, told apart by `n`. */
export function uploadEntry(n: number): JournalEntry {
  return {
    kind: 'upload',
    stream: orderStream(n % 7),
    receivedMs: T0 + n,
    deviceId: deviceId(n % 7),
    sequence: BigInt(n) + 1n,
    index: 0,
    digest: hash(n),
    records: [
      {
        timeMs: T0 + n - 500,
        hash: hash(n + 1),
        body: { kind: 'rf', tagId: deviceId(100), event: 'PRESENT', rssiDbm: -60, status: null },
      },
    ],
  };
}

/** One entry of every kind that a store must keep, in turn. */
export function entry(n: number): JournalEntry {
  const stream = orderStream(n % 7);
  const receivedMs = T0 + n;
  switch (n % 4) {
    case 0:
      return { kind: 'tick', stream, receivedMs, atMs: T0 + n, cause: 'timer' };
    case 1:
      return {
        kind: 'quarantined',
        stream: deviceStream(n),
        receivedMs,
        deviceId: deviceId(n),
        reason: 'bad_seal',
        bytes: Buffer.alloc(100 + (n % 50), n % 256),
      };
    case 2:
      return { kind: 'integrity', stream, receivedMs, deviceId: deviceId(n % 7), type: 'integrity.bad_seal' };
    default:
      return uploadEntry(n);
  }
}

/** Told apart by `n` and `position`; what the rules keep inside is their own tests' matter. */
export const state = (n: number, position: number): SubjectState => ({
  ...initialState(),
  position,
  atMs: T0 + n,
  policyRevision: 1 + (n % 3),
  dueMs: T0 + 300_000 + n,
});

/** As stores take it. */
export const stateBytes = (n: number, position: number): Uint8Array => encodeState(state(n, position));

export function version(alert: number, number: number, change: Partial<AlertVersion> = {}): AlertVersion {
  return {
    alertId: alertId(alert),
    version: number,
    state: 'open',
    orderId: orderId(alert % 5),
    subjectId: must(parseSubjectId(`SUB-${alert % 5}`)),
    agency: agencyId(alert % 2),
    derivedMs: T0 + 1_000 * number,
    policyRevision: 1,
    rulesVersion: 1,
    kind: 'violation',
    type: 'curfew',
    conditionId,
    deviceId: deviceId(alert),
    eventMs: T0 + 300_000,
    startMs: T0,
    endMs: null,
    endedBy: null,
    codes: ['AL08'],
    confidence: null,
    marginM: null,
    mechanism: null,
    count: 1,
    cause: 'timer',
    records: [{ deviceId: deviceId(alert), timeMs: T0 - 60_000, hash: hash(alert) }],
    ...change,
  };
}

export function order(n: number, revision: number): Order {
  return {
    orderId: orderId(n),
    subjectId: must(parseSubjectId(`SUB-${n}`)),
    revision,
    effectiveMs: null,
    type: 'COMMUNITY',
    curfewOnly: true,
    hdc: false,
    under18: false,
    restricted: false,
    supervisor: agencyId(n % 2),
    timeZone: 'Europe/London',
    startMs: T0,
    endMs: T0 + 90 * 86_400_000,
    atvAllowanceMin: null,
    minorMaxMin: null,
    devices: [{ deviceId: deviceId(n), kind: 'home_unit', address: 'home', fromMs: T0, toMs: T0 + 90 * 86_400_000 }],
    addresses: { home: null },
    conditions: [
      {
        conditionId,
        kind: 'curfew',
        toleranceS: null,
        timetable: {
          weekly: [{ days: ['MONDAY'], startS: 68_400, endS: 25_200, addresses: ['home'] }],
          dated: [],
          absences: [],
        },
      },
    ],
    policy: {},
  };
}

export function zone(n: number, revision: number): SharedZone {
  return {
    zoneId: zoneId(n),
    revision,
    shape: { kind: 'circle', center: [-1.5 + n / 100, 53.8], radiusM: 100 + revision },
  };
}
