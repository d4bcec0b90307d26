// With every key of the ingest tier and a copy of all data nobody reads what is older than the horizon (¶17, ¶33).
import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { canaries } from '../canaries/canaries.js';
import { type Canary, CanaryHunt } from '../canaries/hunt.js';
import { openEverything } from '../opener/program.js';
import { TestGateway } from '../support/gateway.js';
import { enrol, orderFor } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

const START_MS = Date.parse('2026-03-09T06:00:00Z');
const HOUR_MS = 3_600_000;
const HORIZON_HOURS = 73;
const SEED = 11;
const FIXES = 40;

t.test('what was sent 73 hours ago is opened by no key of the ingest tier; what came lately is', async (t) => {
  const [kek, reviewKek] = [randomBytes(32), randomBytes(32)];
  const gateway = await TestGateway.start(t, {
    clockStart: new Date(START_MS).toISOString(),
    env: { KEK: kek.toString('base64url'), REVIEW_KEK: reviewKek.toString('base64url') },
  });
  const moveTo = async (toMs: number): Promise<void> => {
    const { status, json } = await gateway.api('POST', '/v1/dev/clock', { to_ms: toMs });
    if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(json)}`);
  };
  const all = canaries(4 * FIXES, SEED);
  const [once, early, late, lately] = [0, 1, 2, 3].map((n) => all.slice(n * FIXES, (n + 1) * FIXES)) as [
    Canary[],
    Canary[],
    Canary[],
    Canary[],
  ];
  // one who falls silent, one who goes on, one who is there at the end alone
  const [silent, steady, fresh] = await Promise.all(['SILENT', 'STEADY', 'FRESH'].map((name) => person(gateway, name)));
  await moveTo(START_MS + 3 * HOUR_MS);
  await send(gateway, silent, once, START_MS);
  await send(gateway, steady, early, START_MS);
  // a copy of that day, as of a backup: what is trimmed later lies in it for ever, and only the loss of keys closes it
  const former = join(gateway.folder, 'former');
  await gateway.kill();
  cpSync(gateway.dataDir, former, { recursive: true });
  const then = join(gateway.folder, 'then-ingest');
  cpSync(join(`${gateway.dataDir}-vault`, 'ingest'), then, { recursive: true });
  await gateway.start();
  for (let hour = 6; hour <= HORIZON_HOURS + 6; hour += 6) await moveTo(START_MS + hour * HOUR_MS);
  await send(gateway, steady, late, START_MS + (HORIZON_HOURS + 3) * HOUR_MS, 100n);
  await send(gateway, fresh, lately, START_MS + (HORIZON_HOURS + 3) * HOUR_MS);
  const copy = join(gateway.folder, 'copy');
  await gateway.kill();
  cpSync(gateway.dataDir, copy, { recursive: true });

  const opened = async (
    canariesOf: readonly Canary[],
    keyFolders: readonly string[],
    keks: readonly Buffer[],
    dataFolders = [copy, former],
  ) => {
    const hunt = new CanaryHunt(canariesOf);
    const isSecret = (plain: Buffer) => hunt.in(plain, 1).length > 0;
    return openEverything({ keyFolders, keks, dataFolders, isSecret });
  };
  const ingest = [join(`${gateway.dataDir}-vault`, 'ingest')];
  const old = await opened([...once, ...early], ingest, [kek]);
  t.same(old.secretsAt, [], `${old.keys} keys on ${old.ciphertexts} ciphertexts`);
  t.equal(old.segmentsOpened, 0, 'no archive segment opens');
  const atTheTime = await opened([...once, ...early], [then], [kek], [former]);
  t.ok(atTheTime.secretsAt.length > 0, 'the keys of that time did open the copy of that time');
  const recent = await opened([...late, ...lately], ingest, [kek]);
  t.ok(recent.secretsAt.length > 0, 'the program does open what is younger than the horizon');
  const both = await opened([...once, ...early], [`${gateway.dataDir}-vault`], [kek, reviewKek]);
  t.ok(both.segmentsOpened > 0, 'the review tier’s key opens the archive: nothing was lost');
});

async function person(gateway: TestGateway, name: string): Promise<TestDevice> {
  const tag = new TestDevice(`TAG-${name}`);
  await enrol(gateway, tag, 'tag');
  const devices = [{ device_id: tag.deviceId, kind: 'tag', from: new Date(START_MS).toISOString() }];
  const put = await gateway.api('PUT', `/v1/orders/ORD-${name}`, orderFor(`ORD-${name}`, devices, START_MS));
  if (put.status !== 201) throw new Error(JSON.stringify(put.json));
  return tag;
}

async function send(
  gateway: TestGateway,
  tag: TestDevice | undefined,
  fixes: readonly Canary[],
  fromMs: number,
  firstSequence = 1n,
): Promise<void> {
  if (tag === undefined) throw new Error('nobody sends');
  const client = await tag.connect(gateway.mqttPort);
  const records = fixes.map(({ latE7, lonE7 }, i) =>
    makeRecord(fromMs + i * 60_000, {
      kind: 'fix',
      latE7,
      lonE7,
      accuracyDm: 60,
      speedCmS: 100,
      headingCdeg: 0,
      satellites: 9,
      hdopCenti: 100,
      mechanism: 'GNSS',
      altitudeDm: 0,
    }),
  );
  for (let at = 0; at < records.length; at += 20) {
    const sequence = firstSequence + BigInt(at / 20);
    await client.publishAsync(tag.topic, tag.seal({ sequence, records: records.slice(at, at + 20) }), { qos: 1 });
  }
  await client.endAsync();
}
