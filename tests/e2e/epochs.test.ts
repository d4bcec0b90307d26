/** Hours pass: what lay under their keys is noise, and nobody who was quiet meanwhile is forgotten. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TestGateway } from '../support/gateway.js';
import { enrol, orderFor, strap } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

const START = Date.parse('2026-03-09T20:00:00Z');
const HOUR = 3_600_000;

t.test('the state of a person who is quiet for four days outlives the keys of that time, and a kill', async (t) => {
  const gateway = await TestGateway.start(t, { clockStart: new Date(START).toISOString() });
  const tag = new TestDevice('TAG-1');
  await enrol(gateway, tag, 'tag');
  const devices = [{ device_id: tag.deviceId, kind: 'tag', from: new Date(START - 24 * HOUR).toISOString() }];
  t.equal((await gateway.api('PUT', '/v1/orders/ORD-1', orderFor('ORD-1', devices, START))).status, 201);
  const step = async (ms: number) => t.equal((await gateway.api('POST', '/v1/dev/clock', { to_ms: ms })).status, 200);
  const say = async (sequence: number, n: number, atMs: number) => {
    const client = await tag.connect(gateway.mqttPort);
    const sealed = tag.seal({ sequence: BigInt(sequence), records: [strap(n, atMs)] });
    await client.publishAsync(tag.topic, sealed, { qos: 1 });
    await client.endAsync();
  };
  const straps = async () => {
    const { json } = await gateway.api('GET', '/v1/alerts?type=tamper.strap');
    return (json.events as { data: { start: string; end: string | null } }[]).map(({ data }) => [data.start, data.end]);
  };
  const hours = (tier: string) =>
    readdirSync(join(`${gateway.dataDir}-vault`, tier))
      .filter((name) => name.startsWith('epoch-'))
      .map((name) => Number(/\d+/.exec(name)?.[0]))
      .sort((a, b) => a - b);

  await step(START + 60_000);
  await say(1, 0, START + 60_000);
  await step(START + 120_000);
  const begun = new Date(START + 60_000).toISOString();
  t.same(await straps(), [[begun, null]]);
  const first = Math.floor(START / HOUR);
  t.ok(hours('ingest').includes(first));
  t.same(hours('review'), hours('ingest'));

  const later = START + 97 * HOUR;
  await step(later);
  for (const tier of ['ingest', 'review']) {
    t.ok(Math.min(...hours(tier)) > first + 23, `${tier}: every copy is destroyed 73 hours after its hour began`);
  }
  await gateway.kill();
  await gateway.start();
  t.same(await straps(), [[begun, null]], 'it goes on from a state that was sealed anew');
  await step(later + 60_000);
  await say(2, 1, later + 60_000);
  await step(later + 120_000);
  const ended = new Date(later + 60_000).toISOString();
  t.same(await straps(), [[begun, ended]], 'what ends now is the alert of four days ago, and no other');
});
