/** SIGTERM to a real gateway whose surroundings do not help: it ends by itself with 0, and says what it did not wait for. */
import { connect } from 'node:net';
import t from 'tap';
import { EventReader } from '../api/event-reader.js';
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
    t.equal(codes.at(-1), 'stopped', 'the last word');
    await stream.untilEnded();

    await gateway.start();
    const { json } = await gateway.api('GET', '/v1/alerts?limit=10');
    const versions = (json.events as { data: { version: number } }[]).reduce((sum, { data }) => sum + data.version, 0);
    t.equal(versions, 2, 'what was acknowledged is judged');
    await gateway.kill();
  },
);

t.test('while it drains it says that it is not ready, and a second signal ends it at once', async (t) => {
  const gateway = await TestGateway.start(t);
  const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, gateway.token);
  t.equal(stream.status, 200);
  t.equal((await gateway.api('GET', '/readyz')).status, 200);
  const first = gateway.stop();
  const second = gateway.stop();
  const [{ code, err }] = await Promise.all([first, second]);
  t.ok(code === 0 || code === 1, `code ${code}`);
  t.notMatch(err, /unhandled|at .*\.js/i);
});
