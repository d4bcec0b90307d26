import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import {
  ACCEPTED,
  connectPacket,
  PINGREQ,
  PINGRESP,
  puback,
  publishPacket,
  RawClient,
  subscribePacket,
} from '../support/mqtt-raw.js';

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

t.test('a PUBACK leaves only when the verdict is ack', async (t) => {
  const e = await testEndpoint(t);
  const client = await connected(t, e.port);
  client.send(upload(7), PINGREQ);
  await e.arrived(1);
  t.same(await client.take(2), PINGRESP, 'the ping that came after it is answered first');
  t.equal(client.pending.length, 0, 'no PUBACK yet');
  e.messages[0]?.answer('ack');
  t.same(await client.take(4), puback(7));
  t.match(e.messages[0], { clientId: 'TAG-1', topic: 'up/TAG-1', qos: 1, payload: Buffer.from([7]) });
});

t.test('a client is not read while what it sends waits in its socket for room, and then again', async (t) => {
  const e = await testEndpoint(t, { inflightPerClientMax: 1 });
  t.equal(e.endpoint.reads('TAG-1'), false, 'who is not there');
  const client = await connected(t, e.port);
  t.equal(e.endpoint.reads('TAG-1'), true);
  client.send(upload(1), upload(2));
  await e.arrived(1);
  t.equal(e.endpoint.reads('TAG-1'), false);
  t.equal(e.endpoint.connected('TAG-1'), true);
  e.messages[0]?.answer('ack');
  await e.arrived(2);
  t.equal(e.endpoint.reads('TAG-1'), true);
});

t.test('PUBACKs leave in arrival order whatever the order of the verdicts', async (t) => {
  const e = await testEndpoint(t);
  const client = await connected(t, e.port);
  client.send(upload(1), upload(2), upload(3));
  await e.arrived(3);
  e.messages[2]?.answer('ack');
  e.messages[1]?.answer('ack');
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(client.pending.length, 0, 'the later ones wait for the first');
  e.messages[0]?.answer('ack');
  t.same(await client.take(12), Buffer.concat([puback(1), puback(2), puback(3)]));
});

t.test('a failed verdict closes the connection, and nothing after it is acknowledged', async (t) => {
  const e = await testEndpoint(t);
  const client = await connected(t, e.port);
  client.send(upload(1), upload(2), upload(3));
  await e.arrived(3);
  e.messages[2]?.answer('ack');
  e.messages[0]?.answer('ack');
  e.messages[1]?.answer('fail');
  await client.closed();
  t.same(client.pending, puback(1));
});

t.test('an upload cut into single bytes arrives whole', async (t) => {
  const e = await testEndpoint(t, {}, false);
  const client = await RawClient.open(e.port);
  client.socket.setNoDelay(true);
  const payload = Buffer.alloc(300, 5);
  for (const byte of Buffer.concat([connectPacket(who('TAG-1')), upload(9, payload)])) {
    client.send(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.same(await client.take(8), Buffer.concat([ACCEPTED, puback(9)]));
  t.same(e.messages[0]?.payload, payload);
});

t.test('what is sent right behind CONNECT waits for the CONNACK and is not lost', async (t) => {
  const e = await testEndpoint(t, {}, false);
  const client = await RawClient.open(e.port);
  const ids = Array.from({ length: 200 }, (_, i) => i + 1);
  client.send(connectPacket(who('TAG-1')), ...ids.map((id) => upload(id)));
  t.same(await client.take(4), ACCEPTED);
  t.same(await client.take(800), Buffer.concat(ids.map(puback)));
});

t.test('a client has at most its share in flight, and gets on as verdicts are given', async (t) => {
  const e = await testEndpoint(t, { inflightPerClientMax: 4 });
  const client = await connected(t, e.port);
  const ids = Array.from({ length: 40 }, (_, i) => i + 1);
  client.send(...ids.map((id) => upload(id)));
  let most = 0;
  for (let done = 0; done < ids.length; done += 1) {
    await e.arrived(done + 1);
    most = Math.max(most, e.messages.length - done);
    e.messages[done]?.answer('ack');
  }
  t.same(await client.take(160), Buffer.concat(ids.map(puback)));
  t.equal(most, 4);
});

t.test('all clients together have at most the total in flight, and one that waits is woken', async (t) => {
  const e = await testEndpoint(t, { inflightMax: 3, spareUploadBytesMax: -1 });
  const clients = await Promise.all(['A', 'B', 'C'].map((name) => connected(t, e.port, name)));
  for (const [i, client] of clients.entries()) {
    const topic = `up/${'ABC'[i]}`;
    client.send(...[1, 2, 3].map((id) => publishPacket({ topic, payload: nothing, id })));
  }
  await e.arrived(3);
  for (const client of clients) client.send(PINGREQ);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(e.messages.length, 3);
  let most = 0;
  for (let done = 0; done < 9; done += 1) {
    await e.arrived(done + 1);
    most = Math.max(most, e.messages.length - done);
    e.messages[done]?.answer('ack');
  }
  t.equal(most, 3);
  for (const client of clients) t.equal((await client.take(14)).length, 14, 'three PUBACKs and a PINGRESP');
});

t.test(
  'a short upload of a client with none in flight comes through though all room is taken by a backlog',
  async (t) => {
    const e = await testEndpoint(t, { inflightMax: 2, spareUploadBytesMax: 64 });
    const backlog = await connected(t, e.port, 'A');
    backlog.send(...[1, 2, 3].map((id) => publishPacket({ topic: 'up/A', payload: nothing, id })));
    await e.arrived(2);
    const long = await connected(t, e.port, 'B');
    long.send(publishPacket({ topic: 'up/B', payload: Buffer.alloc(100), id: 1 }));
    const live = await connected(t, e.port, 'C');
    live.send(...[1, 2].map((id) => publishPacket({ topic: 'up/C', payload: nothing, id })));
    await e.arrived(3);
    t.equal(e.messages[2]?.topic, 'up/C');
    await new Promise((resolve) => setTimeout(resolve, 30));
    t.equal(e.messages.length, 3, 'one, and no more: neither its second nor a long one');
    for (let i = 0; i < 6; i += 1) {
      await e.arrived(i + 1);
      e.messages[i]?.answer('ack');
    }
    for (const [client, count] of [
      [backlog, 3],
      [long, 1],
      [live, 2],
    ] as const) {
      t.equal((await client.take(4 * count)).length, 4 * count, 'all are taken in the end');
    }
  },
);

t.test('room goes to who has waited longest, and while more than half is used to many', async (t) => {
  const e = await testEndpoint(t, { inflightMax: 4, inflightCrowdedMax: 1, spareUploadBytesMax: -1 });
  const clients = [];
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) {
    const client = await connected(t, e.port, name);
    client.send(...[1, 2, 3].map((id) => publishPacket({ topic: `up/${name}`, payload: nothing, id })), PINGREQ);
    await new Promise((resolve) => setTimeout(resolve, 5));
    clients.push(client);
  }
  for (let i = 0; i < 18; i += 1) {
    await e.arrived(Math.min(i + 4, 18));
    e.messages[i]?.answer('ack');
  }
  const order = e.messages.map(({ clientId }) => clientId).join('');
  t.equal(order.slice(0, 6), 'AAABCD', 'A alone had three; then each one');
  t.same([...new Set(order)].join(''), 'ABCDEF', 'first come, first served');
  for (const client of clients) t.equal((await client.take(14)).length, 14);
});

t.test('a client that goes with uploads half sent gives its room back', async (t) => {
  const e = await testEndpoint(t, { inflightMax: 1, heldBytesMax: 1_024 }, false);
  const half = await connected(t, e.port, 'A');
  half.send(publishPacket({ topic: 'up/A', payload: Buffer.alloc(100), id: 1 }).subarray(0, 50), nothing);
  const other = await connected(t, e.port, 'B');
  half.socket.destroy();
  await half.closed();
  other.send(publishPacket({ topic: 'up/B', payload: nothing, id: 1 }));
  t.same(await other.take(4), puback(1));
});

t.test('an upload of exactly the packet limit passes', async (t) => {
  const e = await testEndpoint(t, {}, false);
  const client = await connected(t, e.port);
  const payload = Buffer.alloc(131_072 - 2 - 'up/TAG-1'.length - 2);
  client.send(upload(1, payload));
  t.same(await client.take(4), puback(1));
});

t.test('a QoS 0 upload is taken in without an answer', async (t) => {
  const e = await testEndpoint(t, {}, false);
  const client = await connected(t, e.port);
  client.send(publishPacket({ topic: 'up/TAG-1', payload: nothing, qos: 0 }), PINGREQ);
  t.same(await client.take(2), PINGRESP);
  await e.arrived(1);
  t.equal(e.messages[0]?.qos, 0);
});

t.test('a subscription that is not allowed gets 0x80, one that is gets its messages at QoS 1', async (t) => {
  const e = await testEndpoint(t);
  const client = await connected(t, e.port);
  client.send(subscribePacket(1, 'down/TAG-2'));
  t.same(await client.take(5), Buffer.from([0x90, 3, 0, 1, 0x80]));
  client.send(subscribePacket(2, '#'));
  t.same(await client.take(5), Buffer.from([0x90, 3, 0, 2, 0x80]));
  client.send(subscribePacket(3, 'down/TAG-1'));
  t.same(await client.take(5), Buffer.from([0x90, 3, 0, 3, 1]));
  await e.endpoint.publish('down/TAG-2', Buffer.from('not for you'), 1);
  await e.endpoint.publish('down/TAG-1', Buffer.from('alert'), 1);
  const received = await client.take(2 + 2 + 10 + 2 + 5);
  t.equal(received[0], 0x32, 'a PUBLISH at QoS 1');
  t.equal(received.subarray(-5).toString(), 'alert');
});

t.test('nothing that a client publishes reaches another client', async (t) => {
  const e = await testEndpoint(t, {}, false);
  e.handlers.maySubscribe = () => true;
  const listener = await connected(t, e.port, 'A');
  listener.send(subscribePacket(1, 'up/TAG-1'), subscribePacket(2, '$SYS/#'), subscribePacket(3, '#'));
  t.equal((await listener.take(15)).length, 15);
  const client = await connected(t, e.port);
  client.send(upload(1));
  t.same(await client.take(4), puback(1));
  listener.send(PINGREQ);
  t.same(await listener.take(2), PINGRESP);
  t.equal(listener.pending.length, 0);
});

t.test('a will is left out: the device is served, and its end publishes nothing', async (t) => {
  const e = await testEndpoint(t);
  const client = await RawClient.open(e.port);
  client.send(connectPacket({ ...who('TAG-1'), will: { topic: 'up/TAG-2', payload: 'x' } }));
  t.same(await client.take(4), ACCEPTED);
  client.socket.destroy();
  await client.closed();
  while (e.endpoint.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(e.messages.length, 0);
  t.same(e.refused, ['will_ignored']);
});

t.test('disconnect closes the live session, also after a take-over', async (t) => {
  const e = await testEndpoint(t);
  const first = await connected(t, e.port);
  const second = await connected(t, e.port);
  await first.closed();
  e.endpoint.disconnect('TAG-1');
  await second.closed();
  t.pass('both are closed');
});

t.test('no more connections than the bound are taken', async (t) => {
  const e = await testEndpoint(t, { connectionsMax: 1 });
  await connected(t, e.port);
  const second = await RawClient.open(e.port);
  await second.closed();
  await e.refusal('too_many_connections');
  t.equal(e.endpoint.connections(), 1);
});

t.test('closing waits for the verdicts under way, and their PUBACKs still leave', async (t) => {
  const e = await testEndpoint(t);
  const client = await connected(t, e.port);
  client.send(upload(1));
  await e.arrived(1);
  const closing = e.endpoint.close();
  client.send(upload(2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  e.messages[0]?.answer('ack');
  await closing;
  await client.closed();
  t.same(client.pending, puback(1));
  t.equal(e.messages.length, 1, 'what came later was not taken');
});

t.test('a real mqtt.js client uploads, and is served again after a reconnect', async (t) => {
  const e = await testEndpoint(t, {}, false);
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${e.port}`, {
    ...who('TAG-1'),
    clean: false,
    reconnectPeriod: 10,
  });
  t.teardown(() => client.endAsync(true));
  await client.publishAsync('up/TAG-1', Buffer.from('one'), { qos: 1 });
  e.endpoint.disconnect('TAG-1');
  await client.publishAsync('up/TAG-1', Buffer.from('two'), { qos: 1 });
  t.same([...new Set(e.messages.map((message) => message.payload.toString()))], ['one', 'two']);
});
