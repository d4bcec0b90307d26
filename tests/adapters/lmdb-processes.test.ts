/** LMDB stores between processes, and what lies in their files. */
import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbLedgerReader } from '../../src/adapters/lmdb/lmdb-ledger-reader.js';
import { LmdbStates } from '../../src/adapters/lmdb/lmdb-states.js';
import { commands } from '../contracts/command-log.js';
import { device } from '../contracts/device-registry.js';
import { startChild } from '../support/child.js';
import { engineKeys, oneKey, temporaryFolder, testSeals } from '../support/folder.js';
import { deviceId, order, orderStream, stateBytes, T0, version, zone, zoneId } from '../support/samples.js';

const batch = (versions: ReturnType<typeof version>[]) => ({ epoch: 1, orders: [], zones: [], versions });

t.test('another process appends, enrols, waits and reads while this one serves', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const ledger = await LmdbLedger.open(`${folder.path}/engine`, oneKey(testSeals()));
  const log = LmdbCommandLog.open(`${folder.path}/commands`, oneKey(testSeals()));
  const registry = LmdbDeviceRegistry.open(`${folder.path}/devices`, testSeals());
  await ledger.claim(1);
  await ledger.commit(batch([version(1, 1)]));
  const appended = new Promise<void>((resolve) => void log.onAppend(resolve));
  const changed = new Promise<string>((resolve) => void registry.onChange(resolve));

  const child = startChild('adapters/children/other-process.js', [folder.path]);
  t.teardown(() => child.kill());
  t.equal(await child.line(/^head/), `head 1 of ${ledger.ledgerId}`);
  await appended;
  t.same(log.after(0), [{ place: 1, receivedMs: T0, command: commands[0] }]);
  t.equal(await changed, deviceId(4));
  t.same(registry.get(deviceId(4)), device(4));
  await log.settle(1, { ok: true, created: true });
  t.equal(await child.line(/^outcome/), 'outcome {"ok":true,"created":true}');

  await ledger.commit(batch([version(1, 2)]));
  t.equal(await child.line(/^woken/), 'woken at 2 with 1');
  // far more than the reader had mapped when it opened
  for (let n = 0; n < 5; n++) {
    await ledger.commit(batch(Array.from({ length: 1_000 }, (_, i) => version(10 + n * 1_000 + i, 1))));
  }
  t.match(await child.line(/^woken at 5002/), /with \d+$/);
  const told = child.lines.filter((line) => line.startsWith('woken')).map((line) => Number(line.split(' ').at(-1)));
  t.equal(
    told.reduce((sum, count) => sum + count, 0),
    5_001,
  );
  await Promise.all([ledger.close(), log.close(), registry.close()]);
});

t.test(
  'a reader knows of what another process has committed, though it has read in the same turn of the loop',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(folder.remove);
    const commit = (n: number): void => {
      execFileSync(process.execPath, [join(import.meta.dirname, 'children', 'one-version.js'), folder.path, String(n)]);
    };
    commit(1);
    const reader = LmdbLedgerReader.openReader(folder.path, oneKey(testSeals()));
    t.teardown(() => reader.close());
    t.equal(reader.versionsAfter(0, 10).length, 1);
    commit(2);
    t.equal(reader.head(), 2, 'whoever was told of it on a topic may ask with its cursor at once');
    t.equal(reader.versionsAfter(1, 10).length, 1);
  },
);

t.test('a reader of a folder without a ledger is told to start the gateway', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  t.throws(() => LmdbLedgerReader.openReader(`${folder.path}/engine`, oneKey(testSeals())), /start the gateway/);
});

t.test('a transaction that throws half way leaves nothing, and its neighbours stand', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const env = Environment.open(folder.path).enter();
  const db = env.db<string>('rows');
  const results = await Promise.allSettled([
    env.transaction(() => void db.put('a', Buffer.from('1'))),
    env.transaction(() => {
      db.put('b', Buffer.from('2'));
      throw new Error('half way');
    }),
    env.transaction(() => void db.put('c', Buffer.from('3'))),
  ]);
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.same([db.get('a')?.toString(), db.get('b'), db.get('c')?.toString()], ['1', undefined, '3']);
  await env.leave();
});

t.test('the files name no person, device, order or zone, and only their user may read the folder', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const path = join(folder.path, 'engine');
  const { ledger, states, quarantine, recentLog } = await openEngineStores(path, engineKeys(testSeals()));
  await ledger.claim(1);
  await states.claim(1);
  await ledger.commit({
    epoch: 1,
    orders: [{ position: 1, order: order(1, 1), receivedMs: T0, effectiveMs: T0 }],
    zones: [{ position: 2, zoneId: zoneId(1), zone: zone(1, 1), receivedMs: T0 }],
    versions: [version(1, 1)],
  });
  await states.replaceAll(1, 3, [[orderStream(1), stateBytes(1, 3)]]);
  await quarantine.keep([
    { position: 4, deviceId: deviceId(1), receivedMs: T0, reason: 'bad_seal', bytes: Buffer.from('from HU-1') },
  ]);
  const registry = LmdbDeviceRegistry.open(join(folder.path, 'devices'), testSeals());
  await registry.put(device(1));
  const log = LmdbCommandLog.open(join(folder.path, 'commands'), oneKey(testSeals()));
  await log.append(commands[0] as (typeof commands)[number], T0);
  await Promise.all([
    ledger.close(),
    states.close(),
    quarantine.close(),
    recentLog.close(),
    registry.close(),
    log.close(),
  ]);

  t.equal((await stat(path)).mode & 0o777, 0o700);
  for (const store of ['engine', 'devices', 'commands']) {
    for (const name of await readdir(join(folder.path, store))) {
      const bytes = await readFile(join(folder.path, store, name), 'latin1');
      t.notMatch(bytes, /ORD-1|SUB-1|HU-1|ZONE-1|ALERT-1|agency-|home_unit|curfew/, `${store}/${name}`);
    }
  }
});

t.test('a state moved under another name, or from another store, does not open', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const env = Environment.open(folder.path);
  const states = new LmdbStates(env, testSeals());
  await states.claim(1);
  await states.replaceAll(1, 1, [[orderStream(1), stateBytes(1, 1)]]);
  const db = env.db<string>('states');
  const seals = testSeals();
  const stolen = db.get(seals.pseudonym(orderStream(1))) as Buffer;
  await db.put(seals.pseudonym(orderStream(2)), stolen);
  await t.rejects(states.load([orderStream(2)]), { name: 'SealBroken' });
  await states.close();
});
