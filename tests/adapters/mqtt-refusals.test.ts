/** What the endpoint cuts or refuses before anything becomes a message. */
import t, { type Test } from 'tap';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import { ACCEPTED, connectPacket, packet, publishPacket, RawClient } from '../support/mqtt-raw.js';

const nothing = Buffer.alloc(0);
const who = (name: string) => ({ clientId: name, username: name, password: 'right' });

async function connected(t: Test, port: number, name = 'TAG-1'): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.send(connectPacket(who(name)));
  t.same(await client.take(4), ACCEPTED, 'CONNACK');
  return client;
}

const upload = (id: number, payload: Uint8Array = Buffer.from([id])): Buffer =>
  publishPacket({ topic: 'up/TAG-1', payload, id });

t.test('what is cut, and why', async (t) => {
  const long = (first: number, length: number) => packet(first, Buffer.alloc(length)).subarray(0, 64);
  const cases: [name: string, reason: string, afterConnect: boolean, bytes: Buffer][] = [
    ['an upload announced over the packet limit', 'packet_too_long', true, long(0x32, 131_073)],
    ['a length of five bytes', 'packet_too_long', true, Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 0x01])],
    ['a length of zeros that never ends', 'not_mqtt', true, Buffer.from([0x32, 0x80, 0x80, 0x80, 0x80, 0x80])],
    ['CONNECT over its limit', 'connect_too_long', false, long(0x10, 4_097)],
    ['something other than CONNECT first', 'not_mqtt', false, Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a second CONNECT', 'packet_not_allowed', true, connectPacket(who('TAG-1'))],
    ['a packet of QoS 2', 'packet_not_allowed', true, Buffer.from([0x62, 2, 0, 1])],
    ['a server packet', 'packet_not_allowed', true, ACCEPTED],
    ['both QoS bits', 'malformed', true, packet(0x36, Buffer.from('\0\x03up/\0\x01'))],
    ['a QoS 2 upload', 'qos_2', true, publishPacket({ topic: 'up/TAG-1', payload: nothing, qos: 2 })],
    ['a retained upload', 'retained', true, publishPacket({ topic: 'up/TAG-1', payload: nothing, retain: true })],
    ['an upload to another topic', 'topic', true, publishPacket({ topic: 'up/TAG-2', payload: nothing })],
    ['a topic with NUL', 'topic', true, publishPacket({ topic: 'up/TAG-1\0', payload: nothing })],
    ['a client id with NUL', 'identifier', false, connectPacket({ ...who('A'), clientId: 'A\0' })],
    ['a user name with a control character', 'identifier', false, connectPacket({ ...who('A'), username: 'A\x07' })],
    [
      'a client id with a lone surrogate',
      'identifier',
      false,
      connectPacket({ ...who('A'), clientId: Buffer.from([0xed, 0xa0, 0x80]) }),
    ],
    ['no user name', 'identifier', false, connectPacket({ clientId: 'A' })],
  ];
  for (const [name, reason, afterConnect, bytes] of cases) {
    await t.test(`${name} (${reason})`, async (t) => {
      const e = await testEndpoint(t);
      const client = afterConnect ? await connected(t, e.port) : await RawClient.open(e.port);
      client.send(bytes);
      await client.closed();
      await e.refusal(reason);
      t.equal(client.pending.length, 0, 'nothing was answered');
      t.equal(e.messages.length, 0, 'and no message came of it');
    });
  }
});

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

t.test('protocol levels that are not served are told so', async (t) => {
  for (const level of [5, 6, 0x84]) {
    const e = await testEndpoint(t);
    const client = await RawClient.open(e.port);
    client.send(connectPacket({ ...who('A'), level }), upload(1));
    t.same(await client.take(4), Buffer.from([0x20, 2, 0, 1]), `level ${level}`);
    await client.closed();
    t.equal(e.messages.length, 0);
  }
});

t.test('an MQTT 5 CONNECT that comes in pieces gets the same answer', async (t) => {
  const e = await testEndpoint(t);
  const client = await RawClient.open(e.port);
  const bytes = connectPacket({ ...who('A'), level: 5 });
  client.send(bytes.subarray(0, 3));
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.send(bytes.subarray(3));
  t.same(await client.take(4), Buffer.from([0x20, 2, 0, 1]));
  await client.closed();
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
