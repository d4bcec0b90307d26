// `fairwatch orders import --format hmpps-create-an-order` as an operator uses it: ask, draft, supply, store.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hmppsNames, hmppsOrder, ordersFolder } from '../support/hmpps-fixtures.js';
import { room } from './executable.js';

const format = ['--format', 'hmpps-create-an-order'];

interface Told {
  readonly outcome: string;
  readonly supply: readonly { path: string; example: unknown }[];
  readonly not_carried_over: readonly string[];
  readonly problems: readonly unknown[];
}

/** A folder whose keys are made with both KEKs, so that orders are logged before a gateway's first start. */
function withKek(t: Parameters<typeof room>[0]) {
  const here = room(t);
  const kek = join(here.folder, 'kek');
  writeFileSync(kek, Buffer.alloc(32, 9).toString('base64url'));
  const review = join(here.folder, 'review-kek');
  writeFileSync(review, Buffer.alloc(32, 7).toString('base64url'));
  Object.assign(here.env, { KEK_FILE: kek, REVIEW_KEK_FILE: review });
  return here;
}

t.test('what is missing is listed with examples, and nothing is stored', async (t) => {
  const { run, dataDir } = withKek(t);
  const files = hmppsNames().map((name) => join(ordersFolder, name));
  const [people, program] = await Promise.all([
    run('orders', 'import', ...format, ...files),
    run('orders', 'import', ...format, ...files, '--json'),
  ]);
  t.equal(people.code, 1);
  t.match(people.err, /nothing was stored/);
  t.match(people.err, /hmpps-curfew\.json .*: missing subject_id, supervisor, devices/);
  t.match(people.out, / {2}supply devices: every device/);
  t.match(people.out, / {2}not carried over: deviceWearer: firstName, lastName/);
  t.notMatch(people.out + people.err, /Synthetic|Placeholder|ZZ99/, 'no name and no address is printed');
  t.equal(program.code, 1);
  const told = program.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
  t.strictSame(
    told.map(({ outcome, problems }) => [outcome, problems]),
    Array(files.length).fill(['incomplete', []]),
  );
  t.ok(told.every(({ not_carried_over }) => not_carried_over.includes('deviceWearer.firstName')));
  t.notOk(existsSync(dataDir), 'not even a folder was made');
});

t.test('a draft is written for a person to complete, once, and for nobody else to read', async (t) => {
  const { run, folder } = room(t);
  const out = join(folder, 'draft.json');
  const args = ['orders', 'import', ...format, join(ordersFolder, 'hmpps-curfew.json'), '--out', out];
  t.match(await run(...args), { code: 1, err: /complete .*draft\.json and import it without --format/ });
  t.equal(statSync(out).mode & 0o777, 0o600);
  const draft = JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>;
  t.match(draft, { order_id: /^1111/, type: 'COMMUNITY', conditions: [{ condition_id: 'curfew', kind: 'curfew' }] });
  t.match(await run(...args), { code: 1, err: /is there already/ });

  const wanting = await run('orders', 'check', out);
  t.match(wanting, { code: 1, err: /subject_id: expected/ }, 'the check says what is missing, too');
  const devices = [
    { device_id: 'HU-1', kind: 'home_unit', address: 'primary', from: draft.start },
    { device_id: 'TAG-1', kind: 'rf_tag', from: draft.start },
  ];
  writeFileSync(out, JSON.stringify({ ...draft, subject_id: 'SUB-1', supervisor: 'probation-north', devices }));
  t.match(await run('orders', 'check', out), { code: 0, out: '1 orders are in order\n' });
});

t.test('with everything supplied the order is stored, as it was mapped', async (t) => {
  const { run, folder, dataDir } = withKek(t);
  const source = join(ordersFolder, 'hmpps-everything.json');
  const asked = await run('orders', 'import', ...format, source, '--json');
  const [told] = asked.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
  const conditions: Record<string, Record<string, unknown> | null> = {};
  const supply: Record<string, unknown> = { conditions };
  for (const { path, example } of told?.supply ?? []) {
    const [first = '', id, field] = path.split('.');
    if (id === undefined) supply[first] = example;
    else if (field === undefined) conditions[id] = null;
    else conditions[id] = { ...conditions[id], [field]: example };
  }
  const file = join(folder, 'supply.json');
  writeFileSync(file, JSON.stringify({ ...supply, subject_id: undefined }));
  t.match(await run('orders', 'import', ...format, source, '--supply', file), { code: 1, err: /missing subject_id\n/ });
  t.notOk(existsSync(dataDir));

  writeFileSync(file, JSON.stringify(supply));
  const stored = await run('orders', 'import', ...format, source, '--supply', file);
  t.match(stored, { code: 0, out: /1 orders: 1 logged/ }, stored.err);
  t.ok(existsSync(dataDir));

  writeFileSync(file, JSON.stringify({ ...supply, devices: [] }));
  t.match(
    await run('orders', 'import', ...format, source, '--supply', file),
    { code: 1, err: /conditions\[0]\.timetable\[0]\.addresses\[0]: expected an address where a home unit/ },
    'what is supplied is checked like any order',
  );
});

t.test('several orders take their supplies by order_id', async (t) => {
  const { run, folder } = withKek(t);
  const orders = ['hmpps-curfew.json', 'hmpps-curfew.json'].map((name, i) => hmppsOrder(name, { id: `ORD-${i}` }));
  const source = join(folder, 'orders.json');
  writeFileSync(source, JSON.stringify(orders));
  const from = '2026-10-01T00:00:00Z';
  const supply = (i: number) => ({
    order_id: `ORD-${i}`,
    subject_id: `SUB-${i}`,
    supervisor: 'probation-north',
    devices: [
      { device_id: `HU-${i}`, kind: 'home_unit', address: 'primary', from },
      { device_id: `TAG-${i}`, kind: 'rf_tag', from },
    ],
  });
  const file = join(folder, 'supply.ndjson');
  writeFileSync(file, JSON.stringify({ ...supply(0), order_id: undefined }));
  t.match(await run('orders', 'import', ...format, source, '--supply', file), {
    code: 2,
    err: /must say its order_id/,
  });
  writeFileSync(file, [supply(1), supply(0)].map((one) => JSON.stringify(one)).join('\n'));
  t.match(await run('orders', 'import', ...format, source, '--supply', file), { code: 0, out: /2 orders: 2 logged/ });
});

t.test('the flags of another format are refused without it', async (t) => {
  const { run } = room(t);
  const file = join(ordersFolder, 'by-hand.json');
  const [bare, unknown, ours] = await Promise.all([
    run('orders', 'import', file, '--supply', file),
    run('orders', 'import', file, '--format', 'else'),
    run('orders', 'import', ...format, file),
  ]);
  t.match(bare, { code: 2, err: /add --format/ });
  t.match(unknown, { code: 2, err: /hmpps-create-an-order/ });
  t.match(ours, { code: 1, err: /monitoringConditions: expected an order as the create-an-order API gives it/ });
});
