/** Two connections under one name: which of them is served, and when that is two devices and not one that came again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { type TestEndpoint, testEndpoint } from '../support/mqtt-endpoint.js';
import { ACCEPTED, connectPacket, PINGREQ, PINGRESP, puback, publishPacket, RawClient } from '../support/mqtt-raw.js';

const who = { clientId: 'TAG-1', username: 'TAG-1', password: 'right' };
const upload = (id: number, payload: Uint8Array = Buffer.from([id])): Buffer =>
  publishPacket({ topic: 'up/TAG-1', payload, id });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const standStill = (ms: number): void => {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < ms);
};

async function connected(t: Test, port: number, allowHalfOpen = false): Promise<RawClient> {
  const client = await RawClient.open(port, allowHalfOpen);
  client.send(connectPacket(who));
  t.same(await client.take(4), ACCEPTED, 'CONNACK');
  return client;
}

/** One that has said something since its CONNECT. */
async function spoken(t: Test, port: number, allowHalfOpen = false): Promise<RawClient> {
  const client = await connected(t, port, allowHalfOpen);
  client.send(PINGREQ);
  t.same(await client.take(2), PINGRESP);
  return client;
}

/** Every take-over is over, and what the newer one says has been looked at. */
async function alone(e: TestEndpoint): Promise<void> {
  while (e.endpoint.connections() > 1) await sleep(5);
  await sleep(350);
}

t.test('two that live are told of, each time that one puts the other out', async (t) => {
  const e = await testEndpoint(t, { probeMs: 200, answerMs: 1_000 });
  let older = await spoken(t, e.port);
  for (let told = 1; told <= 2; ) {
    const newer = await spoken(t, e.port);
    await older.closed();
    await alone(e);
    older = newer;
    // a machine that is busy with other things may miss one: they come again
    if (e.takenOver.length === told) told += 1;
  }
  t.same(e.takenOver, ['TAG-1', 'TAG-1']);
});

t.test('a newer one that says something late is told of then', async (t) => {
  const e = await testEndpoint(t);
  while (e.takenOver.length === 0) {
    const older = await spoken(t, e.port);
    const newer = await connected(t, e.port);
    await older.closed();
    await alone(e);
    t.same(e.takenOver, [], 'that it came says nothing');
    newer.send(PINGREQ);
    await newer.take(2);
    await sleep(100);
  }
  t.same(e.takenOver, ['TAG-1']);
});

t.test('a newer one that says something and ends is a connection given up, of which some came late', async (t) => {
  const e = await testEndpoint(t, { probeMs: 300 });
  const older = await spoken(t, e.port);
  const givenUp = await spoken(t, e.port);
  givenUp.socket.end();
  await older.closed();
  await givenUp.closed();
  await sleep(400);
  t.same(e.takenOver, []);
});

t.test('nor is one whose last word comes late, with its end behind it', async (t) => {
  const e = await testEndpoint(t, { probeMs: 100 });
  const older = await spoken(t, e.port);
  const givenUp = await connected(t, e.port);
  await older.closed();
  await alone(e);
  givenUp.send(PINGREQ);
  givenUp.socket.end();
  await sleep(300);
  t.same(e.takenOver, []);
});

t.test('only the newer one is listened to', async (t) => {
  const e = await testEndpoint(t, { probeMs: 50 });
  const older = await spoken(t, e.port);
  const newer = await connected(t, e.port);
  older.send(upload(1));
  newer.send(upload(2));
  await older.closed();
  await e.arrived(1);
  t.same(
    e.messages.map((message) => message.payload[0]),
    [2],
  );
});

t.test(
  'a CONNECT that comes late, with its end behind it, does not end the session that the device has now',
  async (t) => {
    const e = await testEndpoint(t);
    const givenUp = await RawClient.open(e.port);
    const device = await spoken(t, e.port);
    givenUp.send(connectPacket(who));
    givenUp.socket.end();
    await givenUp.closed();
    t.equal(givenUp.pending.length, 0, 'it was not let in');
    await alone(e);
    device.send(upload(1));
    await e.arrived(1);
    e.messages[0]?.answer('ack');
    t.same(await device.take(4), puback(1));
    t.same(e.takenOver, []);
  },
);

t.test('one device whose abandoned connections speak late, again and again, is not accused', async (t) => {
  const e = await testEndpoint(t, { probeMs: 20, answerMs: 500 });
  for (let times = 0; times < 4; times += 1) {
    const givenUp = await RawClient.open(e.port);
    const device = await spoken(t, e.port);
    // its end is still under way when it is let in
    givenUp.send(connectPacket(who));
    await device.closed();
    await alone(e);
  }
  t.same(e.takenOver, []);
});

t.test('what comes right behind a CONNECT is served, also where another is put out first', async (t) => {
  const e = await testEndpoint(t);
  const older = await spoken(t, e.port);
  const newer = await RawClient.open(e.port);
  newer.send(connectPacket(who), upload(1));
  t.same(await newer.take(4), ACCEPTED);
  newer.send(upload(2));
  await e.arrived(2);
  await older.closed();
  t.same(
    e.messages.map((message) => message.payload[0]),
    [1, 2],
  );
});

// Each of these would be two devices, but for one thing.

t.test('a session that said nothing since its CONNECT is not called live', async (t) => {
  const e = await testEndpoint(t, { probeMs: 20 });
  const older = await connected(t, e.port);
  await spoken(t, e.port);
  await older.closed();
  await alone(e);
  t.same(e.takenOver, [], 'a device that gave up waiting for CONNACK and came again');
});

t.test('a session that has been silent is closed without being called live', async (t) => {
  const e = await testEndpoint(t, { activeMs: 300 });
  const older = await spoken(t, e.port);
  await sleep(350);
  await spoken(t, e.port);
  await older.closed();
  await alone(e);
  t.same(e.takenOver, []);
});

t.test('a session that waited for room is not called live: nobody knows when it sent what is read now', async (t) => {
  const e = await testEndpoint(t, { inflightPerClientMax: 1 });
  const older = await spoken(t, e.port);
  older.send(upload(1), upload(2));
  await e.arrived(1);
  t.equal(e.endpoint.reads('TAG-1'), false);
  await sleep(100);
  await spoken(t, e.port);
  await older.closed();
  await alone(e);
  t.same(e.takenOver, []);
});

t.test('a session from which something still comes is not called live: its end may stand behind it', async (t) => {
  const e = await testEndpoint(t, { probeMs: 250 });
  const older = await spoken(t, e.port);
  await spoken(t, e.port);
  older.send(upload(1));
  await older.closed();
  await alone(e);
  t.same(e.takenOver, []);
});

t.test('an end behind something that still came answers nothing', async (t) => {
  const e = await testEndpoint(t, { answerMs: 1_000 });
  const older = await spoken(t, e.port, true);
  older.socket.once('end', () => older.socket.end(PINGREQ));
  await spoken(t, e.port);
  await older.closed();
  await alone(e);
  t.same(e.takenOver, []);
});

t.test('a session whose peer does not answer is not called live', async (t) => {
  const e = await testEndpoint(t, { answerMs: 50 });
  const older = await spoken(t, e.port, true);
  await spoken(t, e.port);
  await alone(e);
  older.socket.destroy();
  t.same(e.takenOver, []);
});

t.test('a gateway that stands still while it waits accuses nobody', async (t) => {
  const e = await testEndpoint(t, { probeMs: 100 });
  const older = await spoken(t, e.port);
  await spoken(t, e.port);
  standStill(400);
  await older.closed();
  await alone(e);
  t.same(e.takenOver, []);
});

t.test('a device that went while the gateway was busy is not accused, though its end is read late', async (t) => {
  const e = await testEndpoint(t, { probeMs: 150 });
  const frames = Buffer.concat([connectPacket(who), PINGREQ]).toString('hex');
  // in a process of its own: it goes while this one stands still
  const device = spawn(process.execPath, ['-e', GOES, String(e.port), frames], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => device.kill('SIGKILL'));
  await once(device.stdout, 'data');
  device.stdin.write('go');
  await spoken(t, e.port);
  standStill(700);
  await alone(e);
  t.same(e.takenOver, []);
});

/** Connects, sends a PINGREQ, says that both were answered; told to go, it goes 100 ms later. */
const GOES = `
  const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
  socket.write(Buffer.from(process.argv[2], 'hex'));
  let heard = 0;
  socket.on('data', (data) => { heard += data.length; if (heard === 6) process.stdout.write('answered'); });
  process.stdin.once('data', () => setTimeout(() => socket.end(), 100));
`;

t.test('a session whose peer has ended it is not live, though its backlog is still unread', async (t) => {
  const e = await testEndpoint(t, { inflightPerClientMax: 1, probeMs: 200 });
  const older = await spoken(t, e.port);
  const payload = Buffer.alloc(60_000);
  older.send(...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => upload(id, payload)));
  await e.arrived(1);
  older.socket.end();
  const newer = await connected(t, e.port);
  newer.send(upload(9));
  await e.arrived(2);
  await alone(e);
  t.same(e.takenOver, []);
});
