/** The data folders that benches fill in bulk are what a gateway leaves that was told the same. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ALIVE_MS, edgePeople, ORDERED_MS, OWN_ZONES } from '../../bench/lib/edge-people.js';
import { openPopulation } from '../../bench/lib/population.js';
import { fillStore } from '../../bench/lib/population-store.js';
import { dataFolder } from '../../src/adapters/files/data-folder.js';
import { EpochKeys } from '../../src/adapters/files/epoch-keys.js';
import { FileOrderKeyRing } from '../../src/adapters/files/order-key-ring.js';
import { mustHave, openTiers } from '../../src/adapters/files/tiers.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { orderToJson } from '../../src/codec/order-json.js';
import { decodeState } from '../../src/codec/state-record.js';
import { zoneToJson } from '../../src/codec/zone-json.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { type OrderId, type StreamKey, streamOfOrder } from '../../src/domain/ids.js';
import { temporaryFolder } from '../support/folder.js';
import { TestGateway } from '../support/gateway.js';
import { enrol } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

const PEOPLE = 6;
const crowd = { seed: 'population.test', absentEvery: 3, ...OWN_ZONES };
const people = edgePeople(crowd);
const persons = Array.from({ length: PEOPLE }, (_, index) => people.person(index));

t.test('a filled folder holds what a gateway has kept that was told and heard the same', async (t) => {
  const gateway = await TestGateway.start(t, { clockStart: new Date(ORDERED_MS).toISOString() });
  await tell(gateway);
  t.equal((await gateway.stop()).code, 0);
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const filled = { dataDir: join(folder.path, 'data'), vaultDir: join(folder.path, 'vault') };
  await fillStore({ ...filled, crowd, people: PEOPLE, parts: 2 });
  const told = await readStores({ dataDir: gateway.dataDir, vaultDir: `${gateway.dataDir}-vault` });
  const made = await readStores(filled);
  t.same(made.keys, PEOPLE);
  t.same(told.keys, PEOPLE);
  t.equal(made.zones.size, people.shared.size);
  for (const kind of ['zones', 'orders', 'histories', 'standings', 'states', 'uploads', 'snapshots'] as const) {
    t.same([...made[kind].keys()].sort(), [...told[kind].keys()].sort(), kind);
    // one by one, for what differs is shown
    for (const [id, one] of made[kind]) t.same(one, told[kind].get(id), `${kind} ${id}`);
  }
});

/** By the doors that anybody uses. */
async function tell(gateway: TestGateway): Promise<void> {
  const api = async (...request: Parameters<TestGateway['api']>): Promise<void> => {
    const { status, json } = await gateway.api(...request);
    if (status > 201) throw new Error(JSON.stringify(json));
  };
  for (const [zoneId, shape] of people.shared) {
    await api('PUT', `/v1/zones/${zoneId}`, zoneToJson({ zoneId, revision: 1, shape }));
  }
  for (const { order } of persons) {
    await api('PUT', `/v1/orders/${order.orderId}`, orderToJson(order));
    for (const { deviceId, kind } of order.devices) await enrol(gateway, new TestDevice(deviceId), kind);
  }
  const uploads = persons.flatMap((person) => person.uploads).sort((a, b) => a.receivedMs - b.receivedMs);
  for (const { receivedMs, deviceId, sequence, records } of uploads) {
    await api('POST', '/v1/dev/clock', { to_ms: receivedMs });
    const device = new TestDevice(deviceId);
    const client = await device.connect(gateway.mqttPort);
    await client.publishAsync(device.topic, device.seal({ sequence, records }), { qos: 1 });
    await client.endAsync();
  }
  await api('POST', '/v1/dev/clock', { to_ms: ALIVE_MS });
}

/** By the ports that a gateway reads them through; without places in the journal, and what an upload looked like sealed. */
async function readStores({ dataDir, vaultDir }: { readonly dataDir: string; readonly vaultDir: string }) {
  const tiers = await openTiers({ vaultDir, dev: true }, { make: false, wanted: ['ingest'] });
  const tier = mustHave(tiers.ingest, 'ingest', vaultDir);
  const { seals } = await EpochKeys.open(tier, () => ALIVE_MS);
  const orders = new FileOrderKeyRing(tier);
  const keys = { shared: tier.shared, orders, hot: seals, reader: new OneReader(tier.peer.publicKey) };
  const stores = await openEngineStores(dataFolder(dataDir).engine, keys);
  const { ledger, recentLog } = stores;
  const of = <T>(read: (stream: StreamKey, orderId: OrderId) => T) =>
    new Map<string, T>(persons.map(({ order: { orderId } }) => [orderId, read(streamOfOrder(orderId), orderId)]));
  const states = new Map<string, object>();
  for await (const [stream, bytes] of stores.states.scan()) states.set(stream, withoutPlaces(decodeState(bytes)));
  const found = {
    zones: new Map<string, object>([...ledger.zones()].map((zone) => [zone.zoneId, zone])),
    orders: new Map<string, object>([...ledger.orders()].map((one) => [one.order.orderId, withoutPlaces(one)])),
    histories: new Map<string, object>(
      [...ledger.histories()].map((all) => [all[0]?.order.orderId ?? '', all.map(withoutPlaces)]),
    ),
    standings: of((_, orderId) => ledger.standing(orderId)),
    states,
    uploads: of((stream) => recentLog.uploads(stream, 0).map(({ entry: { digest: _, ...entry } }) => entry)),
    snapshots: of((stream) =>
      [...recentLog.snapshots(stream)].map(({ state, coversMs }) => ({ state: withoutPlaces(state), coversMs })),
    ),
    keys: (await readdir(join(vaultDir, 'ingest'))).filter((name) => name.startsWith('order-')).length,
  };
  for (const store of Object.values(stores)) await store.close();
  return found;
}

/** An edition is called by positions as well. */
function withoutPlaces<T extends { readonly position: number; readonly edition?: string }>(one: T) {
  const { position: _, edition: _also, ...rest } = one;
  return rest;
}

t.test('what is kept is filled once, given as a copy, and filled anew where a fill was cut short', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const said: string[] = [];
  const kept = join(folder.path, 'kept');
  const options = { kept, folder: folder.path, crowd, people: 3, say: (line: string) => void said.push(line) };
  const states = async (home: string) =>
    (await readStores({ dataDir: join(home, 'data'), vaultDir: join(home, 'vault') })).states;
  const first = await openPopulation(options);
  const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')];
  await first.copyTo(one);
  await first.remove();
  const before = await states(one);
  t.equal(before.size, 3);
  await rm(join(one, 'data'), { recursive: true });
  t.ok(said.every((line) => !line.includes('found')));
  const again = await openPopulation(options);
  t.match(said.at(-1), /^3 people found in /);
  t.equal(again.position, first.position);
  await again.giveTo(two);
  t.same(await states(two), before, 'whatever became of the first copy');
  await openPopulation({ ...options, people: 4 });
  t.equal((await readdir(kept)).length, 2, 'others beside them');
  for (const name of await readdir(kept)) {
    await rm(join(kept, name, 'population.json'));
    await rm(join(kept, name, 'vault'), { recursive: true });
  }
  const whole = join(folder.path, 'whole');
  await (await openPopulation(options)).copyTo(whole);
  t.same(await states(whole), before, 'the same people');
});

t.test('what is not kept is gone with its last copy', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const filled = await openPopulation({ kept: null, folder: folder.path, crowd, people: 2, say: () => {} });
  const home = join(folder.path, 'home');
  await filled.giveTo(home);
  await filled.remove();
  t.same(await readdir(folder.path), ['home']);
  t.same((await readdir(home)).sort(), ['data', 'vault']);
});
