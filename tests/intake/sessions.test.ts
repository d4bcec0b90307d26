/** Who may connect, to what, and what two sessions under one name mean; over real MQTT. */
import mqtt, { type IClientOptions } from 'mqtt';
import t, { type Test } from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import { Authentication } from '../../src/intake/authenticate.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { ACCEPTED, connectPacket, puback, publishPacket, RawClient, subscribePacket } from '../support/mqtt-raw.js';
import { KEK, NOW_MS, testIntake, until } from './harness.js';

async function connack(port: number, fields: Parameters<typeof connectPacket>[0]): Promise<number> {
  const client = await RawClient.open(port);
  client.send(connectPacket(fields));
  const answer = await client.take(4);
  client.socket.destroy();
  return answer[3] ?? -1;
}

t.test('only right credentials under the own name are let in', async (t) => {
  const { port, device, enrol } = await testIntake(t);
  const off = new TestDevice('OFF-1');
  await enrol(off, { disabledMs: NOW_MS });
  const { password } = device;
  const cases: [name: string, code: number, fields: Parameters<typeof connectPacket>[0]][] = [
    ['an enrolled device', 0, { clientId: 'TAG-1', username: 'TAG-1', password }],
    ['a wrong password', 5, { clientId: 'TAG-1', username: 'TAG-1', password: off.password }],
    ['no password', 5, { clientId: 'TAG-1', username: 'TAG-1' }],
    ["another's client id", 5, { clientId: 'TAG-2', username: 'TAG-1', password }],
    ["another's user name", 5, { clientId: 'TAG-1', username: 'TAG-2', password }],
    ['no client id', 5, { clientId: '', username: 'TAG-1', password }],
    ['a device that is not enrolled', 5, { clientId: 'TAG-2', username: 'TAG-2', password }],
    ['a disabled device', 5, { clientId: 'OFF-1', username: 'OFF-1', password: off.password }],
    ['an agency', 0, { clientId: 'x', username: 'agency:north', password: 'token of north' }],
    ['an agency without client id', 0, { clientId: '', username: 'agency:north', password: 'token of north' }],
    ["another agency's token", 5, { clientId: 'x', username: 'agency:north', password: 'token of south' }],
    ['an agency without token', 5, { clientId: 'x', username: 'agency:north' }],
    ['no agency', 5, { clientId: 'x', username: 'agency:', password: 'token of ' }],
    ['an agency with a slash', 5, { clientId: 'x', username: 'agency:no/rth', password: 'token of no/rth' }],
  ];
  for (const [name, code, fields] of cases) t.equal(await connack(port, fields), code, name);
});

t.test('a device publishes to its own topic and subscribes to its own, and to nothing else', async (t) => {
  const { port, device, endpoint } = await served(t);
  const client = await raw(port, device);
  const granted = async (at: RawClient, packetId: number, filter: string): Promise<number> => {
    at.send(subscribePacket(packetId, filter));
    return (await at.take(5))[4] ?? -1;
  };
  const others = ['em/v1/d/TAG-2/down', 'em/v1/d/TAG-1/up', 'em/v1/d/+/down', '#'];
  for (const [i, filter] of others.entries()) t.equal(await granted(client, i + 1, filter), 0x80, filter);
  client.send(publishPacket({ topic: 'em/v1/d/TAG-2/up', payload: Buffer.from('x') }));
  await client.closed();
  t.equal(client.pending.length, 0, 'not acknowledged');
  await until(() => endpoint.connections() === 0);
  // last, for what waits for the device comes as soon as it listens
  t.equal(await granted(await raw(port, device), 1, 'em/v1/d/TAG-1/down'), 1);
});

t.test('an agency hears its own alerts, publishes nothing, and takes over nobody', async (t) => {
  const { port, device, endpoint, intake } = await served(t);
  const tag = await raw(port, device);
  const agency = await RawClient.open(port);
  agency.send(connectPacket({ clientId: 'TAG-1', username: 'agency:north', password: 'token of north' }));
  t.same(await agency.take(4), ACCEPTED, 'under the client id of a device');
  agency.send(subscribePacket(1, 'em/v1/alerts/south'), subscribePacket(2, 'em/v1/alerts/north'));
  t.same(await agency.take(10), Buffer.from([0x90, 3, 0, 1, 0x80, 0x90, 3, 0, 2, 1]));
  await endpoint.publish('em/v1/alerts/south', Buffer.from('{}'), 1);
  await endpoint.publish('em/v1/alerts/north', Buffer.from('{"id":"1"}'), 1);
  const alert = await agency.take(2 + 2 + 'em/v1/alerts/north'.length + 2 + 10);
  t.equal(alert.subarray(-10).toString(), '{"id":"1"}');
  tag.send(
    publishPacket({ topic: device.topic, payload: device.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }) }),
  );
  t.same(await tag.take(4), puback(1), 'the device is still connected');
  agency.send(publishPacket({ topic: 'em/v1/alerts/north', payload: Buffer.from('{}') }));
  await agency.closed();
  t.equal(intake.counts()['refused.topic'], 1);
});

t.test('nobody is let in to an agency’s topic before it is noted who, nor where it cannot be noted', async (t) => {
  let noted: () => void = () => {};
  const noting = new Promise<void>((resolve) => {
    noted = resolve;
  });
  const names: unknown[] = [];
  let broken = false;
  const { port } = await served(t, {
    noteSignIn: async (signIn) => {
      names.push(signIn);
      if (broken) throw new Error('no space');
      await noting;
    },
  });
  const agency = await RawClient.open(port);
  const connect = (topicOf: string, token: string) =>
    connectPacket({ clientId: 'x', username: `agency:${topicOf}`, password: `token of ${token}` });
  agency.send(connect('north', 'north'));
  const answer = agency.take(4);
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'nothing yet'))]);
  t.equal(first, 'nothing yet');
  t.match(names, [{ user: 'ann', agency: 'north', topicOf: 'north', allowed: true }]);
  noted();
  t.same(await answer, ACCEPTED);

  const stranger = await RawClient.open(port);
  stranger.send(connect('north', 'south'));
  t.same(await stranger.take(4), Buffer.from([0x20, 2, 0, 5]));
  t.match(names[1], { agency: 'south', topicOf: 'north', allowed: false }, 'who tried another agency’s is named');

  broken = true;
  const unlucky = await RawClient.open(port);
  unlucky.send(connect('north', 'north'));
  t.same(await unlucky.take(4), Buffer.from([0x20, 2, 0, 5]));
});

t.test('an agency’s session ends with the token that it was opened with, a device’s goes on', async (t) => {
  const ends = Date.now() + 500;
  const { port, device, intake } = await testIntake(t, { tokensEndMs: () => ends, limits: { gapSweepMs: 10 } });
  await raw(port, device);
  const agency = await RawClient.open(port);
  agency.send(connectPacket({ clientId: 'x', username: 'agency:north', password: 'token of north' }));
  t.same(await agency.take(4), ACCEPTED);
  agency.send(subscribePacket(1, 'em/v1/alerts/north'));
  await agency.take(5);
  await agency.closed();
  t.ok(Date.now() >= ends, 'not before');
  await until(() => intake.endpoint.connections() === 1);
  t.ok(intake.endpoint.connected('TAG-1'));
});

t.test('disabling a device closes its live connection', async (t) => {
  const { port, device, enrol } = await testIntake(t);
  const client = await raw(port, device);
  await enrol(device, { disabledMs: NOW_MS });
  await client.closed();
  t.equal(await connack(port, { clientId: 'TAG-1', username: 'TAG-1', password: device.password }), 5);
});

t.test('a rotated key opens at once, for changes to a device are heard of', async (t) => {
  const { port, device, enrol, intake } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const send = (sequence: bigint, keyId: number) =>
    client.publishAsync(device.topic, device.seal({ sequence, keyId, records: [heartbeat(NOW_MS)] }), { qos: 1 });
  await send(1n, 1);
  await enrol(device, { keys: [await device.storedKey(KEK), await device.storedKey(KEK, 2)] });
  await send(2n, 2);
  await enrol(device, { keys: [await device.storedKey(KEK, 2)] });
  await until(() => intake.counts().accepted === 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await send(3n, 1);
  t.same(intake.counts(), { accepted: 2, 'quarantined.unknown_key': 1 });
});

t.test('two live sessions of one device: the newer wins, and it is told', async (t) => {
  const { port, device, journal, journalled } = await testIntake(t);
  const older = await device.connect(port);
  await older.publishAsync(device.topic, device.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }), { qos: 1 });
  const newer = await device.connect(port);
  t.teardown(() => newer.endAsync(true));
  await until(() => !older.connected);
  await newer.publishAsync(device.topic, device.seal({ sequence: 2n, records: [heartbeat(NOW_MS + 1)] }), { qos: 1 });
  await until(() => journal.last === 3);
  t.match(
    (await journalled()).find((entry) => entry.kind === 'integrity'),
    { type: 'integrity.double_session', deviceId: 'TAG-1', stream: '~TAG-1' },
  );
});

t.test('a device that lost its connection is not accused when it comes back', async (t) => {
  const { port, device, endpoint, journalled } = await served(t);
  const fields = { clientId: 'TAG-1', username: 'TAG-1', password: device.password };
  // Nobody answers on the old connection any more, as after a tunnel: the peer's end never comes.
  const lost = await RawClient.open(port, true);
  lost.send(connectPacket(fields));
  await lost.take(4);
  lost.socket.pause();
  const back = await raw(port, device);
  // This one had closed its old connection, but our end had not looked yet.
  const older = back;
  older.socket.end();
  const newest = await raw(port, device);
  newest.send(
    publishPacket({ topic: device.topic, payload: device.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }) }),
  );
  t.same(await newest.take(4), puback(1));
  await until(() => endpoint.connections() === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(
    (await journalled()).map((entry) => entry.kind),
    ['upload'],
  );
  newest.socket.destroy();
  lost.socket.destroy();
});

t.test('a gap is told when the time comes', async (t) => {
  const { port, device, intake, clock, journalled } = await testIntake(t, { limits: { gapSweepMs: 3_600_000 } });
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  for (const sequence of [1n, 3n]) {
    const payload = device.seal({ sequence, oldestHeld: 1n, records: [heartbeat(NOW_MS)] });
    await client.publishAsync(device.topic, payload, { qos: 1 });
  }
  await intake.onTime(clock.ms + 4_999);
  t.equal((await journalled()).length, 2);
  await intake.onTime(clock.ms + 5_000);
  t.match((await journalled())[2], { kind: 'integrity', type: 'integrity.sequence_gap', deviceId: 'TAG-1' });
});

t.test('no gap is told of what came while the gateway itself stood still', async (t) => {
  const { port, device, clock, journalled } = await testIntake(t, { limits: { gapSweepMs: 20 } });
  const client = await raw(port, device);
  const send = (sequence: number) => {
    const payload = device.seal({
      sequence: BigInt(sequence),
      records: [heartbeat(NOW_MS + sequence)],
      oldestHeld: 1n,
    });
    client.send(publishPacket({ topic: device.topic, payload, id: sequence }));
  };
  send(3);
  t.same(await client.take(4), puback(3));
  // newest first; what fills the hole lies in the socket while nobody reads it, for longer than a hole may last
  send(1);
  send(2);
  clock.ms += 60_000;
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < 1_500);
  t.same(await client.take(8), Buffer.concat([puback(1), puback(2)]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.same(
    (await journalled()).map((entry) => entry.kind),
    ['upload', 'upload', 'upload'],
  );
});

t.test('refusals are put off longer each time, right credentials never', async (t) => {
  const device = new TestDevice('TAG-1');
  const enrolled = await device.enrolled(KEK);
  let nowMs = NOW_MS;
  let asked = 0;
  const waited: number[] = [];
  const authentication = new Authentication({
    clock: { nowMs: () => nowMs },
    registry: { get: (id) => (id === device.deviceId ? enrolled : null) },
    verifyAgencyToken: async () => {
      asked += 1;
      return null;
    },
    noteSignIn: async () => {},
    offenders: { free: 2, firstDelayMs: 100, delayMsMax: 300, halfLifeMs: 60_000, offendersMax: 4 },
    wait: async (ms) => {
      waited.push(ms);
    },
  });
  const wrong = () => authentication.authenticate('TAG-1', 'TAG-1', Buffer.from('no'), '10.0.0.1');
  for (let i = 0; i < 6; i += 1) t.equal(await wrong(), false);
  t.same(waited, [100, 200, 300, 300], 'the first two cost nothing');
  waited.length = 0;
  t.equal(await authentication.authenticate('TAG-1', 'TAG-1', Buffer.from(device.password), '10.0.0.1'), true);
  t.same(waited, [], 'the device itself, from the same address');
  t.equal(await authentication.authenticate('agency:n/x', 'agency:n', Buffer.from('?'), '10.0.0.1'), false);
  t.same([asked, waited.length], [1, 2], 'a token from that address is checked late');
  waited.length = 0;
  t.equal(await authentication.authenticate('B', 'B', null, '10.0.0.2'), false);
  t.same(waited, [], 'another name from another address');
  nowMs += 20 * 60_000;
  t.equal(await wrong(), false);
  t.same(waited, [], 'and it is forgotten with time');
});

/** A served intake, its endpoint beside it. */
async function served(t: Test, options: Parameters<typeof testIntake>[1] = {}) {
  const it = await testIntake(t, options);
  return { ...it, endpoint: it.intake.endpoint };
}

async function raw(port: number, device: TestDevice): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.send(connectPacket({ clientId: device.deviceId, username: device.deviceId, password: device.password }));
  const answer = await client.take(4);
  if (!answer.equals(ACCEPTED)) throw new Error(`CONNACK ${answer.toString('hex')}`);
  return client;
}

t.test('a backlog that is cut again and again arrives whole, each upload once', async (t) => {
  const { port, device, journalled, intake } = await testIntake(t);
  const options: IClientOptions = {
    clientId: device.deviceId,
    username: device.deviceId,
    password: device.password,
    clean: false,
    reconnectPeriod: 1,
  };
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options);
  t.teardown(() => client.endAsync(true));
  const count = 300;
  const sending = Array.from({ length: count }, (_, i) => {
    const payload = device.seal({ sequence: BigInt(i + 1), oldestHeld: 1n, records: [heartbeat(NOW_MS, i)] });
    return client.publishAsync(device.topic, payload, { qos: 1 });
  });
  for (let cut = 0; cut < 5; cut += 1) {
    const before = intake.counts().accepted ?? 0;
    await until(() => (intake.counts().accepted ?? 0) > before || intake.counts().accepted === count);
    intake.endpoint.disconnect(device.deviceId);
  }
  await Promise.all(sending);
  const sequences = (await journalled()).map((entry) =>
    entry.kind === 'upload' ? Number(entry.sequence) : entry.kind,
  );
  t.same(
    sequences.toSorted((a, b) => Number(a) - Number(b)),
    Array.from({ length: count }, (_, i) => i + 1),
  );
});

t.test('a certificate stands in for the password of the device that it names, and for nothing else', async (t) => {
  const [tag, off] = [new TestDevice('TAG-1'), new TestDevice('OFF-1')];
  const devices = new Map([
    [tag.deviceId, await tag.enrolled(KEK)],
    [off.deviceId, await off.enrolled(KEK, { disabledMs: NOW_MS })],
  ]);
  const tokens: string[] = [];
  const shared = {
    clock: { nowMs: () => NOW_MS },
    registry: { get: (id: DeviceId) => devices.get(id) ?? null },
    verifyAgencyToken: async (token: string) => {
      tokens.push(token);
      return null;
    },
    noteSignIn: async () => {},
    wait: async () => {},
  };
  const right = Buffer.from(tag.password);
  for (const certificatesRequired of [false, true]) {
    const authentication = new Authentication({ ...shared, certificatesRequired });
    const asks = (session: string, user: string, password: Buffer | null, named: string | null) =>
      authentication.authenticate(session, user, password, '10.0.0.1', named);
    const rule = certificatesRequired ? 'required' : 'optional';
    t.equal(await asks('TAG-1', 'TAG-1', null, 'TAG-1'), true, `${rule}: a certificate, no password`);
    t.equal(await asks('TAG-1', 'TAG-1', Buffer.from('wrong'), 'TAG-1'), true, `${rule}: whatever the password is`);
    t.equal(await asks('TAG-1', 'TAG-1', right, null), !certificatesRequired, `${rule}: a password`);
    t.equal(await asks('TAG-1', 'TAG-1', right, 'TAG-2'), false, `${rule}: another's certificate and the password`);
    t.equal(await asks('TAG-1/x', 'TAG-1', null, 'TAG-1'), false, `${rule}: another client id`);
    t.equal(await asks('TAG-2', 'TAG-2', null, 'TAG-2'), false, `${rule}: a device that is not enrolled`);
    t.equal(await asks('OFF-1', 'OFF-1', null, 'OFF-1'), false, `${rule}: a disabled device`);
    t.equal(await asks('TAG-1', 'TAG-1', null, ''), false, `${rule}: a certificate of nobody`);
    t.equal(
      await asks('agency:north/x', 'agency:north', Buffer.from('t'), 'agency:north'),
      false,
      `${rule}: an agency`,
    );
  }
  t.same(tokens, ['t', 't'], 'an agency is known by its token alone');
});

t.test('a stop waits for the sweep that is under way: what it reads is closed afterwards', async (t) => {
  const { intake } = await testIntake(t, { limits: { gapSweepMs: 5 } });
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let sweeps = 0;
  intake.onTime = () => {
    sweeps += 1;
    return held;
  };
  await until(() => sweeps > 0);
  let stopped = false;
  const stopping = intake.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.notOk(stopped, 'it reads the registry still');
  goOn();
  await stopping;
  t.ok(stopped);
});
