/** What the endpoint cuts or refuses before anything becomes a message. */
import t, { type Test } from 'tap';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import {
  ACCEPTED,
  connectPacket,
  PINGREQ,
  PINGRESP,
  packet,
  puback,
  publishPacket,
  RawClient,
  subscribePacket,
} from '../support/mqtt-raw.js';

const who = (name: string) => ({ clientId: name, username: name, password: 'right' });

async function connected(t: Test, port: number, name = 'TAG-1'): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.send(connectPacket(who(name)));
  t.same(await client.take(4), ACCEPTED, 'CONNACK');
  return client;
}

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

t.test('who spoke while this process stood still is not cut for our silence', async (t) => {
  const e = await testEndpoint(t, { sweepMs: 10 });
  const client = await RawClient.open(e.port);
  client.send(connectPacket({ ...who('A'), keepAliveS: 1 }));
  t.same(await client.take(4), ACCEPTED);
  client.send(PINGREQ);
  for (const untilMs = performance.now() + 1_700; performance.now() < untilMs; );
  t.same(await client.take(2), PINGRESP);
  t.same(e.refused, []);
});

t.test('a packet that trickles in for longer than it may is cut, one in time is not', async (t) => {
  const e = await testEndpoint(t, { packetTimeoutMs: 80, sweepMs: 10 }, false);
  const slow = await connected(t, e.port);
  const bytes = upload(1, Buffer.alloc(200));
  let at = 0;
  const trickle = setInterval(() => slow.socket.write(bytes.subarray(at, ++at)), 5);
  await slow.closed();
  clearInterval(trickle);
  await e.refusal('packet_timeout');
  t.equal(e.messages.length, 0);
  const patient = await connected(t, e.port);
  patient.send(bytes.subarray(0, 100));
  await new Promise((resolve) => setTimeout(resolve, 20));
  patient.send(bytes.subarray(100), upload(2).subarray(0, 3));
  t.same(await patient.take(4), puback(1));
});

t.test('a client that waits for room here is not cut for its silence', async (t) => {
  const e = await testEndpoint(t, { inflightPerClientMax: 1, packetTimeoutMs: 40, sweepMs: 10 });
  const client = await RawClient.open(e.port);
  client.send(connectPacket({ ...who('TAG-1'), keepAliveS: 1 }));
  t.same(await client.take(4), ACCEPTED);
  client.send(upload(1), upload(2), upload(3, Buffer.alloc(1_000)).subarray(0, 500));
  await e.arrived(1);
  await new Promise((resolve) => setTimeout(resolve, 1_700));
  e.messages[0]?.answer('ack');
  t.same(await client.take(4), puback(1), 'after more than one and a half keep-alives');
});

t.test('a client that never acknowledges what it is sent is cut, and its deliveries end', async (t) => {
  const e = await testEndpoint(t, { answerTimeoutMs: 50, sweepMs: 10 });
  const mute = await connected(t, e.port);
  mute.send(subscribePacket(1, 'down/TAG-1'));
  await mute.take(5);
  const delivered = e.endpoint.deliver('TAG-1', 'down/TAG-1', Buffer.from('x'));
  const alive = setInterval(() => mute.send(PINGREQ), 10);
  t.equal(await delivered, false);
  clearInterval(alive);
  await mute.closed();
  t.same(e.refused, ['no_puback']);
});

t.test('who acknowledges slowly, and gets on, is not cut', async (t) => {
  const e = await testEndpoint(t, { answerTimeoutMs: 120, sweepMs: 10 });
  const client = await connected(t, e.port);
  client.send(subscribePacket(1, 'down/TAG-1'));
  await client.take(5);
  const all = Promise.all([1, 2, 3, 4, 5].map(() => e.endpoint.deliver('TAG-1', 'down/TAG-1', Buffer.from('x'))));
  for (const id of [1, 2, 3, 4, 5]) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.send(puback(id));
  }
  t.same(await all, [true, true, true, true, true]);
  t.same(e.refused, []);
});

t.test('one with too many messages un-acknowledged is cut, and holds up nobody', async (t) => {
  const e = await testEndpoint(t, { outgoingMax: 3 });
  const mute = await connected(t, e.port);
  mute.send(subscribePacket(1, 'down/TAG-1'));
  await mute.take(5);
  for (let i = 0; i < 4; i += 1) t.equal(await e.endpoint.publish('down/TAG-1', Buffer.from('x'), 1), true);
  await mute.closed();
  t.same(e.refused, ['slow_subscriber']);
});

t.test('a client that asks and does not read is read no more, then cut; memory stays where it is', async (t) => {
  const e = await testEndpoint(t, { answerBytesMax: 16_384, answerTimeoutMs: 100, sweepMs: 10 });
  const client = await connected(t, e.port);
  client.socket.pause();
  const flood = Buffer.concat(Array(50_000).fill(PINGREQ));
  const pump = (): void => {
    while (!client.socket.destroyed && client.socket.write(flood));
  };
  client.socket.on('drain', pump);
  pump();
  await e.refusal('slow_subscriber');
  client.socket.destroy();
  t.pass('the answers that it did not take stopped the reading, and then the time was over');
});

t.test('more subscriptions than a client may have are refused one by one', async (t) => {
  const e = await testEndpoint(t, { subscriptionsMax: 2 });
  e.handlers.maySubscribe = () => true;
  const client = await connected(t, e.port);
  client.send(...['a', 'b', 'c', 'a'].map((filter, i) => subscribePacket(i + 1, filter)));
  const codes = await client.take(20);
  t.same(
    [4, 9, 14, 19].map((at) => codes[at]),
    [1, 1, 0x80, 1],
    'the third is one too many, the first again is not',
  );
});

t.test('a flood of SUBSCRIBE and UNSUBSCRIBE is cut', async (t) => {
  const e = await testEndpoint(t, { subscribesPerMinuteMax: 5 });
  const client = await connected(t, e.port);
  const unsubscribe = packet(0xa2, Buffer.from([0, 9, 0, 10, ...Buffer.from('down/TAG-1')]));
  for (let i = 0; i < 3; i += 1) client.send(subscribePacket(1, 'down/TAG-1'), unsubscribe);
  await client.closed();
  t.same(e.refused, ['subscribe_flood']);
  t.equal(e.subscribed.length, 3);
});

t.test('packets that have begun share a bounded memory; who asks for more is cut, others are served', async (t) => {
  const e = await testEndpoint(t, { heldBytesMax: 100_000 }, false);
  const half = publishPacket({ topic: 'up/A', payload: Buffer.alloc(80_000), id: 1 });
  const first = await connected(t, e.port, 'A');
  first.send(half.subarray(0, 70_000));
  await new Promise((resolve) => setTimeout(resolve, 30));
  const second = await connected(t, e.port, 'B');
  second.send(half.subarray(0, 70_000));
  await second.closed();
  t.same(e.refused, ['held_bytes']);
  const third = await connected(t, e.port);
  third.send(upload(1));
  t.same(await third.take(4), puback(1), 'a whole packet needs none of it');
  first.send(half.subarray(70_000));
  t.same(await first.take(4), puback(1));
});

t.test('a session that ended itself is not one that was taken over', async (t) => {
  const e = await testEndpoint(t, { probeMs: 100 });
  const older = await RawClient.open(e.port, true);
  older.send(connectPacket(who('TAG-1')));
  t.same(await older.take(4), ACCEPTED);
  older.send(Buffer.from([0xe0, 0]));
  while (e.endpoint.connected('TAG-1')) await new Promise((resolve) => setTimeout(resolve, 1));
  await connected(t, e.port);
  older.socket.end();
  await older.closed();
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.same(e.takenOver, []);
});

t.test('credentials that cannot be looked at are no wrong credentials: return code 3', async (t) => {
  const e = await testEndpoint(t);
  e.handlers.authenticate = () => Promise.reject(new Error('the registry is not there'));
  const client = await RawClient.open(e.port);
  client.send(connectPacket(who('TAG-1')));
  t.same(await client.take(4), Buffer.from([0x20, 2, 0, 3]));
  await client.closed();
  t.same(e.refused, ['unavailable']);
});
