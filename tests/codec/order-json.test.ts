/** Orders into the contract's JSON and back, and the stores' bytes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { orderToJson, parseOrder } from '../../src/codec/order-json.js';
import { parsePolicy, policyJson } from '../../src/codec/order-policy.js';
import { decodeOrder, decodeZone, encodeOrder, encodeZone } from '../../src/codec/order-record.js';
import type { ZoneId } from '../../src/domain/ids.js';
import type { CurfewCondition, Order } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { formatProblem } from '../../src/domain/problem.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { seedOfRun } from '../rules/seeded.js';
import { arbitraryOrder, arbitraryShape } from '../support/arbitrary-orders.js';
import { validOrder, validOrders } from '../support/order-fixtures.js';

const seed = seedOfRun();
t.comment(`seed ${seed}`);

function parsed(json: unknown): Order {
  const result = parseOrder(json);
  if (!result.ok) throw new Error(result.fault.map(formatProblem).join('\n'));
  return result.value;
}

/** Throws with the counter-example, shrunk. */
function always<T>(what: fc.Arbitrary<T>, holds: (value: T) => void): void {
  fc.assert(fc.property(what, holds), { seed, numRuns: 200 });
}

t.test('an order that was written is read back as the same order', async (t) => {
  always(arbitraryOrder(), (order) => {
    assert.deepStrictEqual(parsed(JSON.parse(JSON.stringify(orderToJson(order)))), order);
  });
  t.pass();
});

t.test('the random orders are orders that would be stored', async (t) => {
  always(arbitraryOrder(['Z-1']), (order) => {
    const problems = checkOrder(order, { zoneExists: (id) => id === 'Z-1', overlapping: () => null });
    assert.deepStrictEqual(problems.map(formatProblem), []);
  });
  t.pass();
});

t.test('an order that was stored is the same order', async (t) => {
  always(arbitraryOrder(), (order) => assert.deepStrictEqual(decodeOrder(encodeOrder(order)), order));
  t.pass();
});

t.test('a shared zone that was stored is the same zone', async (t) => {
  always(arbitraryShape, (shape) => {
    const zone = { zoneId: 'Z-1' as ZoneId, revision: 3, shape };
    assert.deepStrictEqual(decodeZone(encodeZone(zone)), zone);
  });
  t.pass();
});

t.test('a stored order of a format that this gateway does not know is not guessed at', async (t) => {
  const bytes = encodeOrder(parsed(validOrder('community.json')));
  bytes[0] = 99;
  t.throws(() => decodeOrder(bytes), { name: 'FormatRefused', message: /format 99 is not known here, only 1/ });
  t.throws(() => decodeZone(new Uint8Array(0)), { name: 'FormatRefused' });
  // what a damaged disk gives: cut short, another thing, no thing
  for (const damaged of [bytes.subarray(1, 9), Buffer.of(0xde), Buffer.of(0x62)]) {
    t.throws(() => decodeOrder(Buffer.concat([Buffer.of(1), damaged])), { name: 'FormatRefused' });
  }
});

for (const { name, json } of validOrders()) {
  t.test(`what is read of ${name} and written is read the same again`, async (t) => {
    const order = parsed(json);
    t.same(parsed(orderToJson(order)), order);
  });
}

t.test(
  'an assignment that lasts as long as the order is written without an end, so that a later end takes it along',
  async (t) => {
    const devices = [
      { device_id: 'A', kind: 'tag', from: '2026-03-02T00:00:00Z' },
      { device_id: 'B', kind: 'tag', from: '2026-03-02T00:00:00Z', to: '2026-03-09T00:00:00Z' },
    ];
    const conditions = [{ condition_id: 'C', kind: 'trail' }];
    const span = { start: '2026-03-01T00:00:00Z', end: '2026-04-01T00:00:00Z' };
    const json = {
      order_id: 'O',
      subject_id: 'S',
      revision: 1,
      type: 'COMMUNITY',
      supervisor: 'a',
      ...span,
      devices,
      conditions,
    };
    const written = orderToJson(parsed(json)) as { devices: { to?: string }[] };
    t.notOk('to' in (written.devices[0] ?? {}));
    t.equal(written.devices[1]?.to, '2026-03-09T00:00:00.000Z');
    const longer = parsed({ ...written, revision: 2, end: '2026-05-01T00:00:00Z' });
    t.same(
      longer.devices.map((device) => device.toMs),
      [Date.UTC(2026, 4, 1), Date.UTC(2026, 2, 9)],
    );
  },
);

t.test('what an order leaves out takes the defaults of the contract', async (t) => {
  const order = parsed({
    order_id: 'O',
    subject_id: 'S',
    revision: 1,
    type: 'BAIL',
    supervisor: 'A',
    start: '2026-03-01T01:00:00+01:00',
    end: '2026-04-01T00:00:00.5Z',
    devices: [{ device_id: 'T', kind: 'tag', from: '2026-03-02T00:00:00Z', to: null }],
    conditions: [
      { condition_id: 'C', kind: 'alcohol_level', threshold_ug_l: 800 },
      { condition_id: 'Z', kind: 'exclusion_zone', zone_ref: 'Z-1' },
    ],
  });
  t.same(order, {
    orderId: 'O',
    subjectId: 'S',
    revision: 1,
    effectiveMs: null,
    type: 'BAIL',
    curfewOnly: false,
    hdc: false,
    under18: false,
    restricted: false,
    supervisor: 'A',
    timeZone: 'Europe/London',
    startMs: Date.UTC(2026, 2, 1),
    endMs: Date.UTC(2026, 3, 1) + 500,
    atvAllowanceMin: null,
    minorMaxMin: null,
    devices: [
      {
        deviceId: 'T',
        kind: 'tag',
        address: null,
        fromMs: Date.UTC(2026, 2, 2),
        toMs: Date.UTC(2026, 3, 1) + 500,
      },
    ],
    addresses: {},
    conditions: [
      { conditionId: 'C', kind: 'alcohol_level', thresholdUgL: 800, consecutive: 2 },
      {
        conditionId: 'Z',
        kind: 'exclusion_zone',
        zone: { kind: 'shared', zoneId: 'Z-1' },
        bufferM: 0,
        toleranceS: null,
        timetable: { weekly: null, dated: [], absences: [] },
      },
    ],
    policy: {},
  });
});

t.test('a zone with dated rows and no timetable is active on those dates, not always', async (t) => {
  const order = parsed(validOrder('two-addresses.json'));
  const zone = order.conditions.find(({ conditionId }) => conditionId === 'C2');
  t.match(zone, { timetable: { weekly: [], dated: [{ date: '2026-03-28', startS: 43_200, endS: 64_800 }] } });
});

t.test('times of day are read to the second', async (t) => {
  const [curfew] = parsed(validOrder('two-addresses.json')).conditions as [CurfewCondition];
  t.same(
    curfew.timetable.weekly?.map(({ startS, endS }) => [startS, endS]),
    [
      [68_400, 25_200],
      [25_200, 45_030],
      [68_400, 68_400],
    ],
  );
});

t.test('every problem is told at once, in the order of the document', async (t) => {
  const result = parseOrder({
    ...(validOrder('split-night.json') as object),
    revision: 1.5,
    type: 'X',
    hdc: 1,
    zzz: 0,
  });
  t.same(result.ok ? [] : result.fault.map(({ path, got }) => [path, got]), [
    ['revision', '1.5'],
    ['type', '"X"'],
    ['hdc', '1'],
    ['zzz', 'one that is not known'],
  ]);
});

t.test('thousands of wrong positions are told in a hundred lines', async (t) => {
  const ring = Array.from({ length: 15_000 }, () => [0, 91]);
  const zone = { type: 'Polygon', coordinates: [ring] };
  const conditions = [{ condition_id: 'C', kind: 'exclusion_zone', zone }];
  const result = parseOrder({ ...(validOrder('split-night.json') as object), conditions });
  t.equal(result.ok ? 0 : result.fault.length, 100);
});

t.test('parsing never throws, whatever it is given', async (t) => {
  always(fc.anything({ withNullPrototype: true }), (value) => {
    const result = parseOrder(value);
    assert(!result.ok && result.fault.length > 0 && result.fault.every(({ got }) => got.length <= 80));
  });
  t.pass();
});

t.test('an address called __proto__ reaches no object', async (t) => {
  const json = JSON.parse('{"addresses":{"__proto__":{"position":[-1,53]}}}') as object;
  const result = parseOrder({ ...(validOrder('split-night.json') as object), ...json });
  t.equal(result.ok, false);
});

t.test('the policy of a configuration takes every number that the domain names, in snake case', async (t) => {
  const json = policyJson(DEFAULT_POLICY);
  t.match(json, { tolerance_s: 300, k: 3, gap_s: 600, tag_silence_s: 3_900, jump_m_s: 100, battery_low_pct: 20 });
  t.same(parsePolicy(json), { ok: true, value: DEFAULT_POLICY });
  t.match(parsePolicy({ gap: 1 }), { ok: false, fault: [{ path: 'gap' }] });
});
