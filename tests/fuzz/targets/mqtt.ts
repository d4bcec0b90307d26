/** MQTT: a stranger's bytes over a duplex pair, in pieces, beside a well-behaved client that must go on being served. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Door, TakeConnection } from '../../../src/adapters/mqtt/door.js';
import { SocketEndpoint } from '../../../src/adapters/mqtt/socket-endpoint.js';
import type { InboundMessage } from '../../../src/ports/mqtt-endpoint.js';
import { connectPacket, PINGREQ, packet, publishPacket, subscribePacket } from '../../support/mqtt-raw.js';
import { mutateMqtt, packetsOf } from '../mutate-mqtt.js';
import { must } from '../target.js';

/** One end of a connection without a network; what one writes the other reads. */
class End extends Duplex {
  other!: End;
  remoteAddress = '127.0.0.1';
  #more: (() => void) | null = null;

  constructor() {
    super({ allowHalfOpen: false, highWaterMark: 16_384 });
  }
  override _read(): void {
    const more = this.#more;
    this.#more = null;
    more?.();
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.other.destroyed || this.other.push(chunk)) done();
    else this.other.#more = done;
  }
  override _final(done: () => void): void {
    if (!this.other.destroyed) this.other.push(null);
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const waiting = this.#more;
    this.#more = null;
    waiting?.();
    setImmediate(() => {
      if (!this.other.destroyed) this.other.destroy();
    });
    done(error);
  }
  // what the endpoint asks of a socket
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  destroySoon(): void {
    this.end(() => this.destroy());
  }
  resetAndDestroy(): this {
    return this.destroy();
  }
}

let take: TakeConnection | null = null;
let endpoint: SocketEndpoint | null = null;
const messages: InboundMessage[] = [];
const authenticated = new Set<string>();
const granted = new Set<string>();
let goodArrived = 0;
let stray: string | null = null;
const GOOD = 'GOOD-1';
/** Uploads that begin so are decided later, or not made durable. */
const [LATE, FAILED] = [0x6c, 0x66];

function connect(): { readonly ours: End; readonly theirs: End } {
  const [ours, theirs] = [new End(), new End()];
  ours.other = theirs;
  theirs.other = ours;
  ours.on('error', () => {});
  must(take !== null, 'the endpoint is open');
  take(theirs as unknown as Socket, null);
  return { ours, theirs };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client that reads all that comes; `answers` waits until there are so many bytes. */
class Client {
  readonly end: End;
  received = Buffer.alloc(0);
  constructor(end: End) {
    this.end = end;
    end.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
  }
  async ask(bytes: Buffer, answer: Buffer, what: string): Promise<void> {
    this.received = Buffer.alloc(0);
    this.end.write(bytes);
    for (let turns = 0; this.received.length < answer.length && turns < 2_000; turns++) await turn();
    must(this.received.equals(answer), `${what}: ${this.received.toString('hex') || 'no answer'}`);
  }
}

let good: Client | null = null;
let runs = 0;

async function goodClient(): Promise<void> {
  if (good === null || good.end.destroyed) {
    good = new Client(connect().ours);
    await good.ask(
      connectPacket({ clientId: GOOD, username: GOOD, password: 'right', keepAliveS: 0 }),
      Buffer.of(0x20, 2, 0, 0),
      'a good client is let in',
    );
  }
  await good.ask(PINGREQ, Buffer.of(0xd0, 0), 'a good client is answered');
  const before = goodArrived;
  await good.ask(
    publishPacket({ topic: `up/${GOOD}`, payload: Buffer.from('good'), id: 7 }),
    Buffer.of(0x40, 2, 0, 7),
    'a good client gets its PUBACK',
  );
  must(goodArrived === before + 1, 'the upload of a good client arrives');
}

/** Nothing but packets that a server sends, CONNACK first. */
function checkAnswers(received: Buffer): void {
  const { packets, rest } = packetsOf(received);
  must(rest.length === 0, 'what is answered is whole packets');
  const [first] = packets;
  must(first === undefined || first.first === 0x20, 'the first answer is CONNACK');
  for (const { first: type, body } of packets.slice(1)) {
    // PUBACK, SUBACK, UNSUBACK, PINGRESP; PUBLISH of what was granted
    if ([0x40, 0x90, 0xb0, 0xd0].includes(type)) continue;
    must(type === 0x30 || type === 0x32, `a server does not send ${type.toString(16)}`);
    const topic = body.subarray(2, 2 + body.readUInt16BE(0)).toString();
    must(granted.has(topic), 'nothing is sent that was not subscribed to');
  }
  const refused = first !== undefined && first.body[1] !== 0;
  must(!refused || packets.length === 1, 'after a refusal nothing more is said');
  must(first !== undefined || packets.length === 0, 'nothing is answered before CONNECT');
}

export const target = {
  bytesMax: 16_384,
  seeds(): Buffer[] {
    const me = { clientId: 'FUZZ', username: 'FUZZ', password: 'right' };
    const publish = (id: number) => publishPacket({ topic: 'up/FUZZ', payload: Buffer.from(`upload ${id}`), id });
    const streams = [
      [connectPacket(me), publish(1), publish(2), PINGREQ, Buffer.of(0xe0, 0)],
      [
        connectPacket(me),
        subscribePacket(1, 'down/FUZZ'),
        packet(0xa2, Buffer.from('00020009646f776e2f46555a5a', 'hex')),
        publish(3),
      ],
      [connectPacket(me), subscribePacket(1, 'down/FUZZ'), Buffer.of(0x40, 2, 0, 1), PINGREQ, Buffer.of(0x40, 2, 0, 2)],
      [
        connectPacket(me),
        ...['late', 'now', 'fail', 'after'].map((word, i) =>
          publishPacket({ topic: 'up/FUZZ', payload: Buffer.from(word), id: i + 1 }),
        ),
      ],
      [connectPacket({ ...me, level: 5 })],
      [connectPacket({ ...me, level: 3 })],
      [
        connectPacket({ ...me, will: { topic: 'up/FUZZ', payload: 'gone' } }),
        publishPacket({ topic: 'up/FUZZ', payload: Buffer.alloc(300), qos: 0 }),
      ],
      [connectPacket({ ...me, password: 'wrong' })],
      [connectPacket(me), publishPacket({ topic: 'up/OTHER', payload: Buffer.from('x'), id: 1 })],
      [connectPacket(me), publishPacket({ topic: 'up/FUZZ', payload: Buffer.from('x'), id: 1, qos: 2 })],
      [connectPacket(me), publishPacket({ topic: 'up/FUZZ', payload: Buffer.from('x'), id: 1, retain: true })],
      [connectPacket(me), connectPacket(me)],
      [connectPacket({ clientId: 'x', username: 'agency:north', password: 'right' }), subscribePacket(9, '#', 0)],
      [connectPacket(me), Buffer.of(0x40, 2, 0, 1), Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f)],
      [Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
      [Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)],
    ];
    // the first byte says in what pieces the rest arrives
    return streams.map((stream, i) => Buffer.concat([Buffer.of(i % 3 === 0 ? 0 : i), ...stream]));
  },
  mutate(input: Buffer, other: Buffer, chance: Parameters<typeof mutateMqtt>[2]): Buffer {
    const pieces = chance.oneIn(8) ? chance.int(256) : (input[0] ?? 0);
    return Buffer.concat([Buffer.of(pieces), mutateMqtt(input.subarray(1), other.subarray(1), chance)]);
  },
  async open(): Promise<void> {
    endpoint = new SocketEndpoint(
      {
        authenticate: async (name, _username, password) => {
          const right = password?.toString() !== 'wrong';
          if (right) authenticated.add(name);
          return right;
        },
        takenOver: () => {},
        mayPublish: (name, topic) => topic === `up/${name}`,
        maySubscribe: (name, filter) => filter === `down/${name}`,
        subscribed: (name, filter) => {
          if (!authenticated.has(name)) stray = 'a subscription was granted to a client that was not let in';
          if (filter !== `down/${name}`) stray = 'a subscription was granted to another topic';
          granted.add(filter);
          void endpoint?.deliver(name, filter, Buffer.from('for you'));
          void endpoint?.publish(filter, Buffer.from('for all'), 0);
        },
        message: async (message, settle) => {
          if (message.clientId === GOOD) goodArrived += 1;
          else messages.push({ ...message, payload: Buffer.from(message.payload) });
          if (!authenticated.has(message.clientId)) stray = 'an upload was taken of a client that was not let in';
          const first = message.payload[0];
          if (first === LATE) for (let turns = 0; turns < 5; turns++) await turn();
          settle(first === FAILED ? 'fail' : 'ack');
        },
        refused: () => {},
      },
      // a thousand strangers a second are one stranger's number here
      { probeMs: 1, answerMs: 1, subscribesPerMinuteMax: 1_000 },
    );
    const door = (given: TakeConnection): Door => {
      take = given;
      return { listen: async () => 1, close: async () => {} };
    };
    await endpoint.open(door, '127.0.0.1', 0);
    await goodClient();
  },
  async close(): Promise<void> {
    good?.end.destroy();
    good = null;
    await endpoint?.close();
    endpoint = null;
  },
  async run(input: Buffer): Promise<void> {
    messages.length = 0;
    granted.clear();
    authenticated.clear();
    authenticated.add(GOOD);
    const [bytes, pieces] = [input.subarray(1), input[0] ?? 0];
    const { ours, theirs } = connect();
    const stranger = new Client(ours);
    const size = pieces === 0 ? bytes.length : Math.max(1, Math.min(bytes.length, pieces));
    for (let at = 0; at < bytes.length && !ours.destroyed; at += size) {
      ours.write(bytes.subarray(at, at + size));
      // not after every byte of a long stream
      if (at < 64 * size) await turn();
    }
    if (!ours.destroyed) ours.end();
    for (let turns = 0; !theirs.destroyed && turns < 2_000; turns++) await turn();
    must(theirs.destroyed, 'a connection whose client has gone is closed');
    await turn();
    ours.destroy();

    must(stray === null, stray ?? '');
    checkAnswers(stranger.received);
    for (const { payload, topic, clientId, qos } of messages) {
      must(topic === `up/${clientId}`, 'an upload is for the topic of its client');
      must(qos === 0 || qos === 1, 'an upload has QoS 0 or 1');
      must(bytes.includes(payload), 'an upload was sent');
    }
    const pubacks = packetsOf(stranger.received).packets.filter(({ first }) => first === 0x40).length;
    // what comes behind one that is not durable is not acknowledged either: the device sends all of it again, in order
    const failed = messages.findIndex(({ payload }) => payload[0] === FAILED);
    const durable = failed < 0 ? messages : messages.slice(0, failed);
    must(
      pubacks <= durable.filter(({ qos }) => qos === 1).length,
      'no PUBACK but for what is durable, and all before it',
    );
    runs += 1;
    if (runs % 8 === 0) await goodClient();
    else if (good !== null) await good.ask(PINGREQ, Buffer.of(0xd0, 0), 'a good client is answered');
    must(endpoint?.connections() === 1, 'of connections that ended none is kept');
  },
};
