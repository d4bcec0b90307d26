/** SIGTERM to a real gateway whose surroundings do not help: it ends by itself with 0, and says what it did not wait for. */
import { connect } from 'node:net';
import t from 'tap';
import { EventReader } from '../api/event-reader.js';
import { startChild } from '../support/child.js';
import { TestGateway } from '../support/gateway.js';
import { person, strap, subscribe } from '../support/gateway-people.js';
import { startRedis } from '../support/redis-server.js';

const codesIn = (out: string): string[] =>
  out.split('\n').flatMap((line) => (line.startsWith('{') ? [(JSON.parse(line) as { code: string }).code] : []));

t.test(
  'with a frozen Redis, an open stream, a subscriber and a socket that says nothing it still ends with 0',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const gateway = await TestGateway.start(t, { env: { REDIS_URL: redis.url } });
    const tag = await person(gateway, 1, Date.now());
    await subscribe(t, gateway, 'monitoring-centre', gateway.token);
    const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, gateway.token);
    const mute = [gateway.httpPort, gateway.mqttPort].map((port) => connect(port, '127.0.0.1').on('error', () => {}));
    const client = await tag.connect(gateway.mqttPort);
    client.on('error', () => {});
    const send = (n: number) =>
      client.publishAsync(tag.topic, tag.seal({ sequence: BigInt(n), records: [strap(n - 1, Date.now())] }), {
        qos: 1,
      });
    await send(1);
    await stream.until(() => stream.events.length === 1);
    redis.freeze();
    await send(2);
    const ended = await gateway.stop();
    for (const socket of mute) socket.destroy();
    client.end(true);
    t.equal(ended.code, 0, ended.err);
    const codes = codesIn(ended.out);
    t.ok(codes.indexOf('stopping') >= 0 && codes.indexOf('stopping') < codes.indexOf('stopped'), codes.join());
    // what Redis never answered may be given up after it
    t.equal(codes.filter((code) => code !== 'state_save_failed').at(-1), 'stopped', 'the last word');
    await stream.untilEnded();

    await gateway.start();
    const { json } = await gateway.api('GET', '/v1/alerts?limit=10');
    const versions = (json.events as { data: { version: number } }[]).reduce((sum, { data }) => sum + data.version, 0);
    t.equal(versions, 2, 'what was acknowledged is judged');
    await gateway.kill();
  },
);

t.test('while it drains it is not ready; what hangs is named and left, and judged after the next start', async (t) => {
  const gateway = await TestGateway.start(t);
  const tag = await person(gateway, 1, Date.now());
  const holder = startChild('adapters/children/audit-hold.js', [`${gateway.dataDir}/engine`]);
  t.teardown(() => holder.kill());
  await holder.line(/^held/);
  const client = await tag.connect(gateway.mqttPort);
  client.on('error', () => {});
  await client.publishAsync(tag.topic, tag.seal({ sequence: 1n, records: [strap(0, Date.now())] }), { qos: 1 });
  const stopping = gateway.stop();
  let readiness = { status: 200, json: {} as Record<string, unknown> };
  while (readiness.status === 200) readiness = await gateway.api('GET', '/readyz');
  t.match(readiness, { status: 503, json: { ready: false, reasons: ['stopping'] } });
  const { code, signal, out, err } = await stopping;
  t.same([code, signal], [null, 'SIGTERM'], `no exit waits for a thread that hangs: ${err}`);
  t.match(out, /"step":"(judging|engine|states)".*"code":"stop_not_waited_for"/);
  t.equal(codesIn(out).at(-1), 'stopped', out);
  client.end(true);
  await holder.kill();
  await gateway.start();
  const told = async () => ((await gateway.api('GET', '/v1/alerts')).json.events as unknown[]).length;
  for (let n = 0; n < 100 && (await told()) === 0; n++) await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(await told(), 1, 'what was acknowledged is judged');
});

t.test('a second signal ends it at once', async (t) => {
  const gateway = await TestGateway.start(t);
  const tag = await person(gateway, 1, Date.now());
  const holder = startChild('adapters/children/audit-hold.js', [`${gateway.dataDir}/engine`]);
  t.teardown(() => holder.kill());
  await holder.line(/^held/);
  const client = await tag.connect(gateway.mqttPort);
  client.on('error', () => {});
  await client.publishAsync(tag.topic, tag.seal({ sequence: 1n, records: [strap(0, Date.now())] }), { qos: 1 });
  const first = gateway.stop();
  while ((await gateway.api('GET', '/readyz')).status === 200);
  process.kill(gateway.pid, 'SIGTERM');
  const { code, signal, out } = await first;
  client.end(true);
  t.same([code, signal], [null, 'SIGTERM'], 'though a thread hangs in a store');
  t.notOk(codesIn(out).includes('stopped'), 'without waiting for anything');
});
