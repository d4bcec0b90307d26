// A backup is taken from a gateway at work, and what stands up from it elsewhere tells the same alerts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import t from 'tap';
import { temporaryFolder } from '../support/folder.js';
import { TestGateway } from '../support/gateway.js';
import { person, strap } from '../support/gateway-people.js';

/** The journal position that the states of a copy stand for: as far as its ledger goes, too. */
async function statesPosition(folder: string): Promise<number> {
  const root = open<Buffer, string>({ path: folder, readOnly: true, maxDbs: 64, encoding: 'binary' });
  const value = root.openDB<Buffer, string>({ name: 'meta', encoding: 'binary' }).get('states.position');
  const position = value?.readDoubleBE(0) ?? 0;
  await root.close();
  return position;
}

/** Every version of every alert, by alert. */
async function alertsOf(gateway: TestGateway): Promise<Map<string, unknown[]>> {
  const { json } = await gateway.api('GET', '/v1/alerts?limit=500');
  const all = new Map<string, unknown[]>();
  for (const { data } of json.events as { data: { alert_id: string } }[]) {
    const one = await gateway.api('GET', `/v1/alerts/${data.alert_id}`);
    all.set(data.alert_id, one.json.versions as unknown[]);
  }
  return all;
}

t.test(
  'a backup taken in the midst of uploads is restored into empty folders, and the alerts are the same',
  async (t) => {
    const gateway = await TestGateway.start(t);
    const tag = await person(gateway, 1, Date.now());
    const client = await tag.connect(gateway.mqttPort);
    const startMs = Date.now();
    const send = (n: number) =>
      client.publishAsync(tag.topic, tag.seal({ sequence: BigInt(n + 1), records: [strap(n, startMs + n)] }), {
        qos: 1,
      });
    for (let n = 0; n < 40; n++) await send(n);
    const before = await alertsOf(gateway);
    const out = await temporaryFolder();
    t.teardown(() => out.remove());
    let going = true;
    const sending = (async () => {
      for (let n = 40; going; n++) await send(n);
    })();
    const taken = await gateway.command(
      'backup',
      '--json',
      '--data-out',
      join(out.path, 'd'),
      '--vault-out',
      join(out.path, 'v'),
    );
    going = false;
    await sending;
    t.equal(taken.code, 0, taken.err);
    const [data, vault] = taken.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.ok(data.journal_position >= 40, `${data.journal_position} entries`);
    t.equal(Date.parse(vault.expires_at) - Date.parse(vault.made_at), 7 * 86_400_000);
    t.same(
      readdirSync(join(out.path, 'd')).filter((name) => /key|token/.test(name)),
      [],
      'no key is with the data',
    );
    await client.endAsync();
    const after = await alertsOf(gateway);
    await gateway.kill();

    const other = await TestGateway.prepare(t);
    const restored = await other.command(
      'restore',
      '--data-from',
      join(out.path, 'd'),
      '--vault-from',
      join(out.path, 'v'),
    );
    t.equal(restored.code, 0, restored.err);
    t.match(restored.out, new RegExp(`journal entry ${data.journal_position}`));
    const reached = await statesPosition(join(other.dataDir, 'engine'));
    t.ok(
      reached >= 40 && reached <= data.journal_position,
      `the states stand at ${reached}, the journal ends at ${data.journal_position}`,
    );
    await other.start();
    const stood = await alertsOf(other);
    for (const [id, versions] of before) {
      t.same(stood.get(id)?.slice(0, versions.length), versions, 'what was told before the backup is told');
    }
    for (const [id, versions] of stood) {
      t.same(versions, after.get(id)?.slice(0, versions.length), 'nothing is told that the first gateway did not tell');
    }
    t.ok(before.size > 0);
  },
);

t.test('a backup is refused that is damaged, of the wrong kind, or a vault of more than seven days', async (t) => {
  const gateway = await TestGateway.start(t);
  await person(gateway, 1, Date.now());
  const out = await temporaryFolder();
  t.teardown(() => out.remove());
  const [d, v] = [join(out.path, 'd'), join(out.path, 'v')];
  t.equal((await gateway.command('backup', '--data-out', d, '--vault-out', v)).code, 0);
  const restore = async (data: string, vault: string) => {
    const other = await TestGateway.prepare(t);
    return other.command('restore', '--data-from', data, '--vault-from', vault);
  };
  const swapped = await restore(v, d);
  t.equal(swapped.code, 1);
  t.match(swapped.err, /backup of the vault, not of the data/);

  const manifestPath = join(v, 'BACKUP.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  writeFileSync(manifestPath, JSON.stringify({ ...manifest, expiresAt: '2026-01-01T00:00:00Z' }));
  const old = await restore(d, v);
  t.equal(old.code, 1);
  t.match(old.err, /older than 7 days.*destroy it/);
  writeFileSync(manifestPath, JSON.stringify(manifest));

  const victim = join(d, 'engine', 'data.mdb');
  const bytes = readFileSync(victim);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(victim, bytes);
  const damaged = await restore(d, v);
  t.equal(damaged.code, 1);
  t.match(damaged.err, /data\.mdb is damaged/);

  t.match((await gateway.command('backup', '--data-out', d)).err, /not empty/, 'never over another');
  t.equal((await gateway.command('backup')).code, 2);
});
