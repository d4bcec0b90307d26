/** What the endpoint cuts or refuses before anything becomes a message. */
import t from 'tap';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import { ACCEPTED, connectPacket, publishPacket, RawClient } from '../support/mqtt-raw.js';

const who = (name: string) => ({ clientId: name, username: name, password: 'right' });

const upload = (id: number, payload: Uint8Array = Buffer.from([id])): Buffer =>
  publishPacket({ topic: 'up/TAG-1', payload, id });

t.test('a CONNECT that does not come in time is cut', async (t) => {
  const e = await testEndpoint(t, { connectTimeoutMs: 30 });
  const client = await RawClient.open(e.port);
  client.send(connectPacket(who('A')).subarray(0, 9));
  await client.closed();
  await e.refusal('connect_timeout');
  t.pass('the socket was closed, and the reason counted');
});

t.test('a client that falls silent is cut after one and a half keep-alives', async (t) => {
  const e = await testEndpoint(t);
  const client = await RawClient.open(e.port);
  client.send(connectPacket({ ...who('A'), keepAliveS: 1 }));
  t.same(await client.take(4), ACCEPTED);
  await client.closed();
  await e.refusal('keep_alive');
});

t.test('wrong credentials get return code 5, and nothing sent behind them is looked at', async (t) => {
  const e = await testEndpoint(t);
  const client = await RawClient.open(e.port);
  client.send(connectPacket({ ...who('TAG-1'), password: 'wrong' }), upload(1));
  t.same(await client.take(4), Buffer.from([0x20, 2, 0, 5]));
  await client.closed();
  await e.refusal('credentials');
  t.equal(e.messages.length, 0);
});
