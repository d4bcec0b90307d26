/** One connection of a device: MQTT 3.1.1 by hand, both ways, for thousands of them in one process. */
import { connect, type Socket } from 'node:net';
import { connectFrame, DISCONNECT, PINGREQ, publishFrame, topicField } from '../../src/sim/mqtt-frames.js';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly deviceId: string;
  readonly password: string;
  /** A topic to subscribe to at QoS 1; the session is then persistent. */
  readonly subscribe: string | null;
  /** CONNACK came, and SUBACK where something was subscribed to. */
  readonly onUp: () => void;
  readonly onAck: (packetId: number) => void;
  readonly onMessage: (payload: Buffer) => void;
  /** Once, whoever ended it and whether or not it was ever up. `bytes` may be reused afterwards. */
  readonly onDown: (reason: string) => void;
}

const KEEP_ALIVE_S = 300;
const CONNECT_WITHIN_MS = 30_000;
const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const SUBACK = 9;

/** One buffer for every socket: what is read is taken apart before the next read. */
const shared = Buffer.allocUnsafe(65_536);

export class Link {
  readonly #o: LinkOptions;
  readonly #socket: Socket;
  readonly #topic: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #up = false;
  #packetId = 0;
  /** When anything came from the other side; monotonic ms. */
  heardMs = performance.now();
  #reason = 'closed';

  constructor(options: LinkOptions) {
    this.#o = options;
    const { host, port, deviceId, password, subscribe } = options;
    this.#topic = topicField(`em/v1/d/${deviceId}/up`);
    const frame = connectFrame(deviceId, deviceId, password, KEEP_ALIVE_S);
    // clean session (§3.1.2.4) is bit 1 of the connect flags, the tenth byte of a frame with one length byte or two
    if (subscribe !== null) clearCleanSession(frame);
    const onread = {
      buffer: shared,
      callback: (count: number): boolean => {
        this.#read(shared.subarray(0, count));
        return true;
      },
    };
    this.#socket = connect({ host, port, noDelay: true, onread });
    const patience = setTimeout(() => this.end('no answer to CONNECT'), CONNECT_WITHIN_MS);
    this.#socket.on('connect', () => this.#socket.write(frame));
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', () => {
      clearTimeout(patience);
      this.#up = false;
      options.onDown(this.#reason);
    });
    this.#whenUp = () => {
      clearTimeout(patience);
      this.#up = true;
      options.onUp();
    };
  }

  readonly #whenUp: () => void;

  get up(): boolean {
    return this.#up;
  }

  /** Returns the packet id that the acknowledgement will carry. */
  publish(payload: Uint8Array, again: boolean): number {
    this.#packetId = (this.#packetId % 65_535) + 1;
    this.#socket.write(publishFrame(this.#topic, this.#packetId, payload, again));
    return this.#packetId;
  }

  ping(): void {
    this.#socket.write(PINGREQ);
  }

  /** In order. */
  close(): void {
    this.#reason = 'done';
    this.#socket.end(DISCONNECT);
  }

  /** At once. */
  end(reason: string): void {
    this.#reason = reason;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.heardMs = performance.now();
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const head = lengthAt(bytes, at + 1);
      if (head === null || head.from + head.length > bytes.length) break;
      this.#packet(bytes[at] as number, bytes.subarray(head.from, head.from + head.length));
      at = head.from + head.length;
      if (this.#socket.destroyed) return;
    }
    this.#rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }

  #packet(first: number, body: Buffer): void {
    switch (first >> 4) {
      case CONNACK:
        if (body[1] !== 0) this.end(`refused with return code ${body[1]}`);
        else if (this.#o.subscribe === null) this.#whenUp();
        else this.#socket.write(subscribeFrame(this.#o.subscribe));
        return;
      case SUBACK:
        if (body[2] === 0x80) this.end('the subscription was refused');
        else this.#whenUp();
        return;
      case PUBACK:
        this.#o.onAck(body.readUInt16BE(0));
        return;
      case PUBLISH: {
        const topicLength = body.readUInt16BE(0);
        const qos = (first >> 1) & 3;
        const from = 2 + topicLength + (qos > 0 ? 2 : 0);
        this.#o.onMessage(Buffer.from(body.subarray(from)));
        // what it says has been taken in: nothing is kept of it that an end of this process could lose
        if (qos > 0 && !this.#socket.destroyed) {
          this.#socket.write(Buffer.from([0x40, 2, body[2 + topicLength] ?? 0, body[3 + topicLength] ?? 0]));
        }
        return;
      }
      default:
    }
  }
}

const EMPTY = Buffer.alloc(0);

/** Remaining length (§2.2.3) and where the packet's body begins; null while it is not all there. */
function lengthAt(bytes: Buffer, at: number): { length: number; from: number } | null {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    length |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) === 0) return { length, from: at + i + 1 };
  }
  throw new Error('a remaining length of more than four bytes');
}

function clearCleanSession(frame: Buffer): void {
  const lengthBytes = (frame[1] as number) & 0x80 ? 2 : 1;
  const flagsAt = 1 + lengthBytes + 7;
  frame[flagsAt] = (frame[flagsAt] as number) & ~0x02;
}

/** SUBSCRIBE (§3.8) to one topic at QoS 1. */
function subscribeFrame(topic: string): Buffer {
  const filter = topicField(topic);
  return Buffer.concat([Buffer.from([0x82, 2 + filter.length + 1, 0, 1]), filter, Buffer.from([1])]);
}
