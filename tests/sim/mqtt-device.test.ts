// The fleet's own MQTT client, against an endpoint that is not ours.

import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import t, { type Test } from 'tap';
import { FleetDevice } from '../../src/sim/fleet-device.js';
import { MqttDevice, parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { FrameReader, publishFrame, topicField } from '../../src/sim/mqtt-frames.js';

interface Broker {
  readonly address: { host: string; port: number };
  readonly sockets: Set<Socket>;
  readonly received: { topic: string; payload: Buffer; dup: boolean }[];
  /** How many of the next uploads are answered by a closed connection. */
  refuseNext: number;
}

async function broker(t: Test): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: Broker = {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    sockets,
    received: [],
    refuseNext: 0,
  };
  aedes.authenticate = (client, username, password, done) =>
    done(null, client.id === username && password?.toString() === 'right');
  aedes.authorizePublish = (_, packet, done) => {
    if (state.refuseNext > 0) {
      state.refuseNext--;
      done(new Error('not now'));
      return;
    }
    state.received.push({ topic: packet.topic, payload: Buffer.from(packet.payload), dup: packet.dup === true });
    done(null);
  };
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    aedes.close();
    server.close();
  });
  return state;
}

const upload = (sequence: bigint) => ({
  sequence,
  oldestHeld: 0n,
  records: [{ timeMs: 1_780_668_000_000, hash: '', body: { kind: 'heartbeat' as const, firmware: 'x', uptimeS: 1 } }],
});
const keys = {
  kind: 'tag' as const,
  cipher: 'A256GCM' as const,
  session_key: Buffer.alloc(32, 7).toString('base64url'),
};

t.test('what it publishes arrives whole, in order, and is acknowledged by its packet id', async (t) => {
  const { address, received } = await broker(t);
  const acked: number[] = [];
  let all: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const device = new MqttDevice({
    address,
    deviceId: 'TAG-1',
    password: 'right',
    onAck: (id) => {
      acked.push(id);
      if (acked.length === 4) all();
    },
    onClose: () => undefined,
  });
  await device.connect();
  // lengths around each width of the length field
  const lengths = [1, 100, 200, 20_000];
  const sent = lengths.map((length) => device.publish(Buffer.alloc(length, length)));
  device.ping();
  await done;
  t.same(acked, sent);
  t.same(
    received.map(({ topic, payload }) => [topic, payload.length]),
    lengths.map((length) => ['em/v1/d/TAG-1/up', length]),
  );
  device.close();
});

t.test('wrong credentials are a refusal', async (t) => {
  const { address } = await broker(t);
  const device = new MqttDevice({
    address,
    deviceId: 'TAG-1',
    password: 'wrong',
    onAck: () => undefined,
    onClose: () => undefined,
  });
  await t.rejects(device.connect(), /return code/);
});

t.test('an upload that was not acknowledged is sent again byte for byte on a new connection', async (t) => {
  const state = await broker(t);
  const device = new FleetDevice(state.address, { device_id: 'TAG-1', password: 'right', ...keys });
  const first = upload(1n);
  await device.send(first);
  state.refuseNext = 1;
  const second = upload(2n);
  await t.rejects(device.send(second), { name: 'NotAcknowledged' });
  await device.send(second);
  await device.send(upload(3n));
  t.same(
    state.received.map(({ dup }) => dup),
    [false, true, false],
  );
  const again = new FleetDevice(state.address, { device_id: 'TAG-1', password: 'right', ...keys });
  await again.send(upload(2n));
  t.same(state.received[3]?.payload, state.received[1]?.payload, 'the bytes follow from key and sequence alone');
  device.close();
  again.close();
});

t.test('packets are told apart however the stream is cut', async (t) => {
  const seen: [number, number][] = [];
  const reader = new FrameReader((type, word) => seen.push([type, word]));
  const bytes = Buffer.from([0x20, 2, 0, 0, 0x40, 2, 1, 2, 0xd0, 0, 0x40, 2, 255, 255]);
  for (const byte of bytes) reader.push(Buffer.from([byte]));
  t.same(seen, [
    [2, 0],
    [4, 258],
    [13, 0],
    [4, 65_535],
  ]);
});

t.test('a publish is laid out as the standard has it', async (t) => {
  t.equal(
    publishFrame(topicField('a/b'), 10, Buffer.from('hi')).toString('hex'),
    '3209' + '0003612f62' + '000a' + '6869',
  );
  t.equal(publishFrame(topicField('a/b'), 10, Buffer.from('hi'), true)[0], 0x3a);
});

t.test('an address is an mqtt:// URL', async (t) => {
  t.same(parseMqttUrl('mqtt://127.0.0.1'), { host: '127.0.0.1', port: 1_883 });
  t.same(parseMqttUrl('mqtts://[::1]', Buffer.from('ca')), {
    host: '::1',
    port: 8_883,
    tls: { ca: Buffer.from('ca') },
  });
  t.throws(() => parseMqttUrl('http://127.0.0.1'));
  t.throws(() => parseMqttUrl('mqtt://127.0.0.1', Buffer.from('ca')));
});
