// The process as an operator sees it: how it stops, what it says when it cannot start, and how it treats connections.
import { once } from 'node:events';
import { createServer } from 'node:net';
import mqtt from 'mqtt';
import t from 'tap';
import { EventReader } from '../api/event-reader.js';
import { freePorts, TestGateway } from '../support/gateway.js';
import { closed, mosquitto, person, strap, subscribe } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';
import { startRedis } from '../support/redis-server.js';

t.test(
  'SIGTERM in the midst of uploads, a stream and a subscriber: exit 0, and nothing acknowledged is lost',
  async (t) => {
    const gateway = await TestGateway.start(t);
    const tag = await person(gateway, 1, Date.now());
    const agency = await subscribe(t, gateway, 'monitoring-centre', gateway.token);
    const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, gateway.token);
    const client = await tag.connect(gateway.mqttPort);
    client.on('error', () => {});
    const gone = closed(client);
    const startMs = Date.now();
    let acked = 0;
    const sending = (async () => {
      for (let n = 0; client.connected; n += 1) {
        const payload = tag.seal({ sequence: BigInt(n + 1), records: [strap(n, startMs + n)] });
        const answer = await Promise.race([
          client.publishAsync(tag.topic, payload, { qos: 1 }).then(
            () => 'ack',
            () => 'gone',
          ),
          gone.then(() => 'gone'),
        ]);
        if (answer === 'gone') return;
        acked += 1;
      }
    })();
    await agency.heard(20, /^\{/);
    const ended = await gateway.stop();
    t.equal(ended.code, 0, ended.err);
    await sending;
    client.end(true);
    await stream.untilEnded();
    t.ok(acked >= 20);

    await gateway.start();
    const events = (await gateway.api('GET', '/v1/alerts?limit=500')).json.events as { data: { version: number } }[];
    const versions = events.reduce((sum, { data }) => sum + data.version, 0);
    t.ok(versions >= acked && versions <= acked + 1, `${versions} versions of ${acked} acknowledged uploads`);
    t.equal((await gateway.stop()).code, 0);
  },
);

t.test('a stop with nobody there ends with 0, and leaves a folder that can be started on', async (t) => {
  const gateway = await TestGateway.start(t);
  t.equal((await gateway.stop()).code, 0);
  await gateway.start();
  t.equal((await gateway.stop()).code, 0, 'after a start on the same folder too');
});

t.test('a second gateway on the same folder is refused, and says who holds it; the first goes on', async (t) => {
  const gateway = await TestGateway.start(t);
  const [mqttPort, httpPort] = await freePorts(2);
  const second = await gateway.command(
    'serve',
    '--dev',
    '--mqtt-port',
    String(mqttPort),
    '--http-port',
    String(httpPort),
  );
  t.equal(second.code, 1);
  t.match(second.err, /fairwatch: .*data.*(in use|held|running|owner|process)/i);
  t.notMatch(second.err, /\n\s+at /, 'no stack');
  t.equal((await gateway.api('GET', '/readyz')).status, 200);
  await gateway.kill();
  await gateway.start();
  t.equal((await gateway.api('GET', '/readyz')).status, 200, 'a killed one holds nothing');
});

t.test('a port that is taken is named, and the process ends; the folder is free again', async (t) => {
  const gateway = await TestGateway.prepare(t);
  for (const port of [gateway.httpPort, gateway.mqttPort]) {
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const ended = await gateway.failToStart();
    t.equal(ended.code, 1, ended.err);
    t.match(ended.err, new RegExp(String(port)));
    squatter.close();
    await once(squatter, 'close');
  }
  await gateway.start();
});

t.test('Redis away at the start is warned of, and holds up nothing; once it is there, it is used', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  await redis.kill();
  const gateway = await TestGateway.start(t, { env: { REDIS_URL: redis.url } });
  const tag = await person(gateway, 1, Date.now());
  const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, gateway.token);
  const client = await tag.connect(gateway.mqttPort);
  const send = (n: number) =>
    client.publishAsync(tag.topic, tag.seal({ sequence: BigInt(n + 1), records: [strap(n, Date.now())] }), { qos: 1 });
  await send(0);
  await stream.until(() => stream.events.length === 1);
  await redis.start();
  for (let n = 1; (await redis.command('DBSIZE')) === 0; n += 1) await send(n);
  await client.endAsync();
  const ended = await gateway.stop();
  t.equal(ended.code, 0);
  t.match(ended.out, /"code":"redis_away_at_start"/);
  t.match(ended.out, /"code":"redis_connected"/);
  t.match(ended.out, /"code":"hot_state_rewritten"/);
});

t.test('Redis that goes away while it runs holds up no alert and no stop', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const gateway = await TestGateway.start(t, { env: { REDIS_URL: redis.url } });
  const tag = await person(gateway, 1, Date.now());
  const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, gateway.token);
  await redis.kill();
  const client = await tag.connect(gateway.mqttPort);
  await client.publishAsync(tag.topic, tag.seal({ sequence: 1n, records: [strap(0, Date.now())] }), { qos: 1 });
  await stream.until(() => stream.events.length === 1);
  await client.endAsync();
  t.equal((await gateway.stop()).code, 0);
});

t.test('a disabled device is cut off and kept out; a wrong password never gets in', async (t) => {
  const gateway = await TestGateway.start(t);
  const tag = await person(gateway, 1, Date.now());
  const pub = (password: string) =>
    mosquitto(gateway, 'mosquitto_pub', [
      ...['-i', tag.deviceId, '-u', tag.deviceId, '-P', password, '-t', tag.topic, '-q', '1', '-m', 'x'],
    ]);
  const wrong = pub('wrong');
  t.equal(await wrong.exit, 5, 'not authorised, in CONNACK');
  t.match(wrong.lines.join(), /not authori[sz]ed/i);
  const client = await tag.connect(gateway.mqttPort);
  const cut = closed(client);
  t.equal((await gateway.api('POST', `/v1/devices/${tag.deviceId}/disable`)).status, 200);
  await cut;
  t.equal(await pub(tag.password).exit, 5);
  const stranger = new TestDevice('TAG-NOBODY');
  await t.rejects(stranger.connect(gateway.mqttPort), /not authorized/i);
  await t.rejects(
    mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
      clientId: 'centre',
      username: 'agency:probation-north',
      password: 'no token',
      reconnectPeriod: 0,
    }),
    /not authorized/i,
  );
});
