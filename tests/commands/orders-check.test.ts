// `fairwatch orders check` over files of several orders: refusals, warnings, and the orders beside each other.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { chainsOf } from '../../src/commands/cli-import.js';
import { orderJson, zoneJson } from '../api/harness.js';
import { room } from './executable.js';

interface Checked {
  readonly order_id: string;
  readonly revision: number | null;
  readonly ok: boolean;
  readonly problems: readonly { path: string; expected: string; got: string }[];
  readonly warnings: readonly { path: string; warning: string }[];
}

const devices = (name: string, kind = 'tag') => [
  { device_id: `HU-${name}`, kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' },
  { device_id: `TAG-${name}`, kind, from: '2026-03-01T09:00:00Z' },
];
const order = (n: number, over: Record<string, unknown> = {}) =>
  orderJson({ order_id: `ORD-${n}`, devices: devices(String(n)), ...over });

async function check(t: Parameters<typeof room>[0], orders: readonly unknown[], ...flags: string[]) {
  const { run, folder } = room(t);
  const file = join(folder, 'orders.ndjson');
  writeFileSync(file, `${orders.map((one) => JSON.stringify(one)).join('\n')}\n`);
  const zones = join(folder, 'zones.json');
  writeFileSync(zones, JSON.stringify({ type: 'FeatureCollection', features: [zoneJson('Z-1')] }));
  const ran = await run('orders', 'check', file, '--json', ...flags.map((flag) => (flag === 'ZONES' ? zones : flag)));
  const lines = ran.out.split('\n').filter((line) => line !== '');
  return { ...ran, checked: lines.map((line) => JSON.parse(line) as Checked), file, zones, run };
}

t.test('each order is a line: what is wrong with it, or what is surely not meant', async (t) => {
  const { code, checked, err, run, file } = await check(t, [
    order(1),
    order(2, { end: '2026-02-01T00:00:00Z' }),
    order(3, { devices: devices('3').slice(0, 1) }),
    'no order',
  ]);
  t.equal(code, 1, 'one that is refused fails the command');
  t.match(err, /2 of 4 orders are refused/);
  t.match(err, /orders\.ndjson:2 ORD-2: end: expected a time after the start/);
  t.strictSame(
    checked.map(({ order_id, revision, ok, problems, warnings }) => [
      order_id,
      revision,
      ok,
      problems.length > 0,
      warnings.length,
    ]),
    [
      ['ORD-1', 1, true, false, 0],
      ['ORD-2', 1, false, true, 0],
      ['ORD-3', 1, true, false, 1],
      [null, null, false, true, 0],
    ],
  );
  t.match(checked[2]?.warnings, [{ path: 'conditions[0]', warning: 'no tag or rf_tag is assigned to the order' }]);
  t.match(
    (await run('orders', 'check', file)).out,
    /^warning: .*:3 ORD-3: conditions\[0] no tag or rf_tag is assigned/m,
  );
});

t.test('warnings alone are no failure', async (t) => {
  const { code, run, file } = await check(t, [order(1, { devices: devices('1').slice(0, 1) })]);
  t.equal(code, 0);
  t.match((await run('orders', 'check', file)).out, /warning: .*\n1 orders are in order\n$/);
});

t.test('shared zones are looked up when they are given, and it is said when they are not', async (t) => {
  const conditions = ['Z-1', 'Z-2'].map((zone_ref, i) => ({ condition_id: `C${i}`, kind: 'exclusion_zone', zone_ref }));
  const bare = order(1, { conditions, devices: devices('1').slice(1), addresses: {} });
  const [without, given] = await Promise.all([check(t, [bare]), check(t, [bare], '--zones', 'ZONES')]);
  t.equal(without.code, 0);
  t.match(without.checked[0]?.warnings, [
    { warning: /shared zones \(Z-1, Z-2\) that were not looked up.*--zones FILE/ },
  ]);
  t.equal(given.code, 1);
  t.match(given.checked[0]?.problems, [{ path: 'conditions[1].zone_ref', got: '"Z-2"' }]);
});

t.test('two orders of a file do not have the same device at the same time', async (t) => {
  const until = (to: string) => devices('1').map((device) => ({ ...device, to }));
  const from = (start: string) => devices('1').map((device) => ({ ...device, from: start }));
  const after = await check(t, [
    order(1, { devices: until('2026-04-01T00:00:00Z') }),
    order(2, { devices: from('2026-04-01T00:00:00Z') }),
  ]);
  t.equal(after.code, 0, 'one after the other');
  const both = await check(t, [
    order(1, { devices: until('2026-04-01T00:00:00.001Z') }),
    order(2, { devices: from('2026-04-01T00:00:00Z') }),
  ]);
  t.match(both.checked[1]?.problems, [
    { path: 'devices[0]', got: 'an overlap with order ORD-1' },
    { path: 'devices[1]', got: 'an overlap with order ORD-1' },
  ]);
  const kinds = await check(t, [
    order(1, { devices: until('2026-04-01T00:00:00Z') }),
    order(2, { devices: devices('1', 'rf_tag').map((device) => ({ ...device, from: '2026-04-02T00:00:00Z' })) }),
  ]);
  t.match(kinds.checked[1]?.warnings, [
    { path: 'devices[1].kind', warning: 'TAG-1 is a rf_tag here and a tag in order ORD-1' },
  ]);
});

t.test('revisions of one order are taken in ascending order, and each number once', async (t) => {
  const first = order(1);
  const { checked } = await check(t, [
    first,
    order(1, { revision: 2, devices: devices('1').slice(0, 1) }),
    order(2, { devices: devices('1').slice(1), addresses: {}, conditions: [{ condition_id: 'T', kind: 'trail' }] }),
    first,
    order(1, { revision: 2, supervisor: 'probation-south' }),
    order(1, { revision: 2, devices: devices('1').slice(0, 1) }),
    order(1, { revision: 3 }),
  ]);
  t.strictSame(
    checked.map(({ ok }) => ok),
    [true, true, true, false, false, true, false],
  );
  t.match(checked[3]?.problems, [{ path: 'revision', expected: /higher than 2, .*orders\.ndjson:2/, got: '1' }]);
  t.match(checked[4]?.problems[0], { path: 'revision', got: '2' }, 'another content under the same number');
  t.match(checked[5]?.warnings, [{ path: 'revision', warning: /is in .*:2 already/ }, {}]);
  t.match(
    checked[6]?.problems,
    [{ path: 'devices[1]', got: 'an overlap with order ORD-2' }],
    'given up, it is another’s',
  );
});

t.test('what has an order or a device in common is sent one after another', async (t) => {
  const things = [['A', 'd1'], ['B', 'd2'], ['C', 'd1', 'd3'], ['D'], ['A'], ['E', 'd2', 'd3'], ['D']];
  t.strictSame(chainsOf(things.map((concerns) => ({ id: concerns[0] ?? '', concerns }))), [
    [0, 1, 2, 4, 5],
    [3, 6],
  ]);
  t.strictSame(chainsOf([{ id: 'A' }, { id: 'B' }, { id: 'A' }]), [[0, 2], [1]]);
  t.strictSame(chainsOf([]), []);
});
