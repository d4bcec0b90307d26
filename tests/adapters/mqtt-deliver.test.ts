/** What is delivered to one client is known to have arrived, or known not to have. */
import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { testEndpoint } from '../support/mqtt-endpoint.js';

const connect = async (t: Test, port: number, clientId = 'dev-1'): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId,
    username: clientId,
    reconnectPeriod: 0,
  });
  t.teardown(() => client.endAsync(true));
  return client;
};
const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once('close', () => resolve()));

t.test('true when the PUBACK has come, and not before', async (t) => {
  const { endpoint, port, subscribed } = await testEndpoint(t);
  const client = await connect(t, port);
  let acknowledge = (): void => {};
  const came = new Promise<string>((resolve) => {
    client.handleMessage = (packet, done) => {
      acknowledge = () => done();
      resolve(String('payload' in packet ? packet.payload : ''));
    };
  });
  await client.subscribeAsync('down/dev-1', { qos: 1 });
  t.same(subscribed, ['dev-1 down/dev-1']);
  let arrived: boolean | null = null;
  const delivering = endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('hello')).then((is) => {
    arrived = is;
  });
  t.equal(await came, 'hello');
  t.equal(arrived, null);
  acknowledge();
  await delivering;
  t.equal(arrived, true);
});

t.test('many at once, and large ones, each with a PUBACK of its own', async (t) => {
  const { endpoint, port } = await testEndpoint(t);
  const client = await connect(t, port);
  const heard: number[] = [];
  client.on('message', (_topic, payload) => heard.push(payload.length));
  await client.subscribeAsync('down/dev-1', { qos: 1 });
  const sizes = [1, 100, 127, 128, 16_383, 16_384, 20_000];
  const all = await Promise.all(sizes.map((size) => endpoint.deliver('dev-1', 'down/dev-1', Buffer.alloc(size, 1))));
  t.same(
    all,
    sizes.map(() => true),
  );
  t.same(heard, sizes);
});

t.test('at once where the client asked for QoS 0', async (t) => {
  const { endpoint, port } = await testEndpoint(t);
  const client = await connect(t, port);
  const came = new Promise((resolve) => client.on('message', (_topic, _payload, { qos }) => resolve(qos)));
  await client.subscribeAsync('down/dev-1', { qos: 0 });
  t.equal(await endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('x')), true);
  t.equal(await came, 0);
});

t.test('false to who is not there, does not listen, listens no more, or may not', async (t) => {
  const { endpoint, port } = await testEndpoint(t);
  t.equal(await endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('x')), false);
  const client = await connect(t, port);
  t.equal(await endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('x')), false);
  await t.rejects(client.subscribeAsync('down/dev-2', { qos: 1 }));
  t.equal(await endpoint.deliver('dev-1', 'down/dev-2', Buffer.from('x')), false);
  await client.subscribeAsync('down/dev-1', { qos: 1 });
  await client.unsubscribeAsync('down/dev-1');
  t.equal(await endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('x')), false);
});

t.test('false when the connection ends before the PUBACK, or another one has taken the session over', async (t) => {
  const { endpoint, port } = await testEndpoint(t);
  const client = await connect(t, port);
  client.handleMessage = () => client.end(true);
  await client.subscribeAsync('down/dev-1', { qos: 1 });
  t.equal(await endpoint.deliver('dev-1', 'down/dev-1', Buffer.from('x')), false);

  const older = await connect(t, port, 'dev-2');
  older.handleMessage = () => {};
  await older.subscribeAsync('down/dev-2', { qos: 1 });
  const waiting = endpoint.deliver('dev-2', 'down/dev-2', Buffer.from('x'));
  const gone = closed(older);
  await connect(t, port, 'dev-2');
  t.equal(await endpoint.deliver('dev-2', 'down/dev-2', Buffer.from('y')), false, 'the newer one does not listen yet');
  older.end(true);
  await gone;
  t.equal(await waiting, false);
});
