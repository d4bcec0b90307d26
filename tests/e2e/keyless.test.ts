/** An order whose keys are gone is as if it had never been: the gateway starts, says so, and watches everybody else. */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TestGateway } from '../support/gateway.js';
import { enrol, orderFor, strap } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

const START = Date.parse('2026-03-09T20:00:00Z');

t.test('a start passes over an order without keys, loudly, and nobody else is lost', async (t) => {
  const gateway = await TestGateway.start(t, { clockStart: new Date(START).toISOString() });
  const vault = (tier: string) => join(`${gateway.dataDir}-vault`, tier);
  const orderKeys = (tier: string) => readdirSync(vault(tier)).filter((name) => name.startsWith('order-'));
  const tags = [1, 2].map((n) => new TestDevice(`TAG-${n}`));
  for (const [i, tag] of tags.entries()) {
    await enrol(gateway, tag, 'tag');
    const devices = [{ device_id: tag.deviceId, kind: 'tag', from: new Date(START - 3_600_000).toISOString() }];
    const order = orderFor(`ORD-${i + 1}`, devices, START);
    t.equal((await gateway.api('PUT', `/v1/orders/ORD-${i + 1}`, order)).status, 201);
    if (i === 0) t.equal(orderKeys('ingest').length, 1);
  }
  const say = async (sequence: bigint, n: number) => {
    for (const tag of tags) {
      const client = await tag.connect(gateway.mqttPort);
      const at = START + Number(sequence) * 60_000;
      await client.publishAsync(tag.topic, tag.seal({ sequence, records: [strap(n, at)] }), { qos: 1 });
      await client.endAsync();
    }
  };
  const seen = async () => {
    const { json } = await gateway.api('GET', '/v1/alerts?type=tamper.strap');
    const events = json.events as { subject: string; data: { end: string | null } }[];
    return events.map(({ subject, data }) => `${subject} ${data.end === null ? 'goes on' : 'is over'}`).sort();
  };
  t.equal((await gateway.api('POST', '/v1/dev/clock', { to_ms: START + 60_000 })).status, 200);
  await say(1n, 0);
  t.equal((await gateway.api('POST', '/v1/dev/clock', { to_ms: START + 120_000 })).status, 200);
  t.same(await seen(), ['ORD-1 goes on', 'ORD-2 goes on']);

  await gateway.kill();
  const [gone] = orderKeys('ingest');
  for (const tier of ['ingest', 'review']) unlinkSync(join(vault(tier), gone as string));
  await gateway.start();
  const [left, ...more] = await seen();
  t.same(more, []);
  t.match(left, /^ORD-[12] goes on$/);
  await say(2n, 1);
  t.equal((await gateway.api('POST', '/v1/dev/clock', { to_ms: START + 180_000 })).status, 200);
  t.same(await seen(), [`${left?.slice(0, 5)} is over`]);
});
