/**
 * Ten thousand known positions go through a real gateway with a real Redis, by every way in: fixes over MQTT, zones and
 * addresses of orders, a shared zone, poison. What is left behind is for the hunt.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { makeRecord } from '../../src/codec/record.js';
import { encodeUpload } from '../../src/codec/upload.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { temporaryFolder } from '../support/folder.js';
import { type Teardown, TestGateway } from '../support/gateway.js';
import { enrol, orderFor } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';
import { startRedis } from '../support/redis-server.js';
import { canaries } from './canaries.js';
import type { Canary } from './hunt.js';

export interface Remains {
  /** Everything that was sent, fixes first. */
  readonly canaries: readonly Canary[];
  /** Files by their path in the folder of the test, and what was printed, answered or traced, by name. */
  readonly places: ReadonlyMap<string, Buffer>;
  /** Texts and bytes that nothing may show either: ids of people and devices, poison as it was sent. */
  readonly secrets: readonly Buffer[];
  /** An answer that must hold positions, to show that the hunt could see them: the fixes under a grant. */
  readonly shown: Buffer;
}

const START_MS = Date.parse('2026-03-09T06:00:00Z');
const FIXES_PER_PERSON = 500;
const RECORDS_PER_UPLOAD = 20;
/** Corners of the order's zone, and its address. */
const PLACES_PER_ORDER = 4;
const HOUR_MS = 3_600_000;

export async function leaveCanaries(t: Teardown, fixes: number, seed: number): Promise<Remains> {
  const people = Math.ceil(fixes / FIXES_PER_PERSON);
  const all = canaries(fixes + people * PLACES_PER_ORDER + 3, seed);
  const take = supply(all);
  const redisFolder = await temporaryFolder();
  t.teardown(() => redisFolder.remove());
  const redis = await startRedis(redisFolder.path);
  t.teardown(() => redis.stop());
  const gateway = await TestGateway.start(t, {
    clockStart: new Date(START_MS).toISOString(),
    // a copy of the build in which one store's seal is the identity reads which (`scripts/canaries`)
    env: { REDIS_URL: redis.url, LOG_LEVEL: 'debug', IDENTITY: process.env.IDENTITY ?? '' },
  });
  mkdirSync(join(gateway.folder, 'answers'));

  const sent = Array.from({ length: people }, (_, n) => take(Math.min(FIXES_PER_PERSON, fixes - n * FIXES_PER_PERSON)));
  await put(gateway, '/v1/zones/Z-CANARY', {
    type: 'Feature',
    id: 'Z-CANARY',
    properties: {},
    geometry: { type: 'Polygon', coordinates: [ring(take(3))] },
  });
  const moveTo = async (toMs: number): Promise<void> => {
    const { status, json } = await gateway.api('POST', '/v1/dev/clock', { to_ms: toMs });
    if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(json)}`);
  };
  const tags: TestDevice[] = [];
  for (let n = 0; n < people; n++) tags.push(await person(gateway, n, take(3), take(1)));
  // the day passes, and everybody sends as it does
  await moveTo(START_MS + 9 * HOUR_MS);
  const poison: Buffer[] = [];
  for (const [n, tag] of tags.entries()) poison.push(await send(gateway, tag, sent[n] ?? []));
  const shown = await fixesUnderGrant(gateway, 0);
  // the next day the compactor gathers what came
  for (let hour = 10; hour <= 36; hour++) await moveTo(START_MS + hour * HOUR_MS);
  await redis.command('CONFIG', 'SET', 'save', '');
  await saved(() => redis.command('SAVE'));
  await saved(() => redis.command('BGREWRITEAOF'));
  const answers = await Promise.all(
    ['/metrics', '/readyz', '/livez'].map(async (path) => [path, await rawGet(gateway, path)] as const),
  );
  const ended = await gateway.crash();
  const places = new Map<string, Buffer>([
    ...filesOf(gateway.folder),
    ...filesOf(redisFolder.path, 'redis/'),
    ...answers,
    ['standard output', Buffer.from(ended.out)],
    ['standard error', Buffer.from(ended.err)],
  ]);
  const names = tags.flatMap((tag, n) => [tag.deviceId, subjectOf(n)]).map((name) => Buffer.from(name));
  return { canaries: all, places, secrets: [...names, ...poison], shown };
}

const subjectOf = (n: number): string => `SUB-CANARY-${n}`;

/** An order whose zone and address are canaries, and its tag. */
async function person(
  gateway: TestGateway,
  n: number,
  corners: readonly Canary[],
  [home]: readonly Canary[],
): Promise<TestDevice> {
  const tag = new TestDevice(`TAG-CANARY-${n}`, n % 2 === 0 ? 'A256GCM' : 'C20P');
  await enrol(gateway, tag, 'tag');
  const begins = new Date(START_MS - 24 * HOUR_MS).toISOString();
  const devices = [{ device_id: tag.deviceId, kind: 'tag', from: begins }];
  const order = orderFor(`ORD-${n}`, devices, START_MS, {
    subject_id: subjectOf(n),
    addresses: { primary: { position: home === undefined ? null : position(home) } },
    conditions: [
      {
        condition_id: 'Z1',
        kind: 'exclusion_zone',
        zone: { type: 'Polygon', coordinates: [ring(corners)] },
      },
      { condition_id: 'Z2', kind: 'exclusion_zone', zone_ref: 'Z-CANARY' },
    ],
  });
  await put(gateway, `/v1/orders/ORD-${n}`, order);
  return tag;
}

/** A fix a minute, in uploads of twenty; and one upload that is poison for the number inside, canaries and all. */
async function send(gateway: TestGateway, tag: TestDevice, fixes: readonly Canary[]): Promise<Buffer> {
  const client = await tag.connect(gateway.mqttPort);
  const records = fixes.map((canary, i) => fix(START_MS + i * 60_000, canary));
  let sequence = 0n;
  const uploads: Promise<unknown>[] = [];
  const publish = (held: readonly DeviceRecord[]): void => {
    sequence += 1n;
    uploads.push(client.publishAsync(tag.topic, tag.seal({ sequence, records: held }), { qos: 1 }));
  };
  for (let at = 0; at < records.length; at += RECORDS_PER_UPLOAD) publish(records.slice(at, at + RECORDS_PER_UPLOAD));
  sequence += 1n;
  const plaintext = encodeUpload({ sequence: sequence + 1_000n, oldestHeld: 0n, records: records.slice(0, 3) });
  const poison = tag.seal({ sequence, plaintext });
  uploads.push(client.publishAsync(tag.topic, poison, { qos: 1 }));
  await Promise.all(uploads);
  await client.endAsync();
  return poison;
}

const fix = (timeMs: number, { latE7, lonE7 }: Canary): DeviceRecord =>
  makeRecord(timeMs, {
    kind: 'fix',
    latE7,
    lonE7,
    accuracyDm: 80,
    speedCmS: 120,
    headingCdeg: 9_000,
    satellites: 9,
    hdopCenti: 110,
    mechanism: 'GNSS',
    altitudeDm: 310,
  });

/** What an officer reads who saves a life: the positive control. */
async function fixesUnderGrant(gateway: TestGateway, n: number): Promise<Buffer> {
  const headers = { 'fairwatch-purpose': 'safeguarding' };
  const token = (
    await gateway.command('token', '--role', 'monitoring_officer', '--agency', 'monitoring-centre', '--user', 'ann')
  ).out.trim();
  const asked = await fetch(`${gateway.url}/v1/grants`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      subject_id: subjectOf(n),
      from: new Date(START_MS).toISOString(),
      to: new Date(START_MS + 9 * HOUR_MS).toISOString(),
      purpose: 'safeguarding',
      legal_basis: 'DPA 2018 s.35(2)(b)',
      trigger: 'safeguarding_life',
    }),
  });
  const grant = (await asked.json()) as { grant_id?: string };
  if (!asked.ok || grant.grant_id === undefined) throw new Error(`no grant: ${JSON.stringify(grant)}`);
  const read = await fetch(`${gateway.url}/v1/grants/${grant.grant_id}/fixes`, {
    headers: { ...headers, authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
  });
  return Buffer.from(await read.arrayBuffer());
}

/** Redis refuses while it is saving in the background by itself. */
async function saved(save: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const refusal = await save().then(
      () => null,
      (error: unknown) => error,
    );
    if (refusal === null) return;
    if (tries === 100) throw refusal;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function put(gateway: TestGateway, path: string, body: unknown): Promise<void> {
  const { status, json } = await gateway.api('PUT', path, body);
  if (status > 201) throw new Error(`${path}: ${JSON.stringify(json)}`);
}

async function rawGet(gateway: TestGateway, path: string): Promise<Buffer> {
  const answer = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${gateway.token}` } });
  return Buffer.from(await answer.arrayBuffer());
}

function* filesOf(folder: string, prefix = ''): Generator<[string, Buffer]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield [prefix + relative(folder, path), readFileSync(path)];
  }
}

const position = ({ latE7, lonE7 }: Canary): [number, number] => [lonE7 / 1e7, latE7 / 1e7];

/** Closed; three corners make no crossing. */
function ring(corners: readonly Canary[]): [number, number][] {
  const positions = corners.map(position);
  return [...positions, ...positions.slice(0, 1)];
}

function supply(all: readonly Canary[]): (count: number) => Canary[] {
  let at = 0;
  return (count) => {
    const taken = all.slice(at, at + count);
    at += count;
    return taken;
  };
}
