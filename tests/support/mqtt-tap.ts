/** A wire that listens: a TCP proxy that takes MQTT 5 packets apart as they pass, both ways, and can be cut. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Teardown } from './gateway.js';

export interface Passed {
  /** Which connection through the proxy, from 1. */
  readonly connection: number;
  readonly from: 'client' | 'broker';
  /** MQTT's packet type: 3 PUBLISH, 4 PUBACK, 9 SUBACK, … */
  readonly type: number;
  /** Of a PUBLISH with QoS 1 and of a PUBACK; 0 = none. */
  readonly packetId: number;
  /** Of a PUBLISH. */
  readonly topic: string;
  readonly duplicate: boolean;
  readonly payload: Buffer;
}

export class MqttTap {
  readonly passed: Passed[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(
    port: number,
    /** Called with every packet before it is passed on. */
    private readonly onPacket: (packet: Passed) => void,
  ) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
  }

  static async open(t: Teardown, port: number, onPacket: (packet: Passed) => void = () => {}): Promise<MqttTap> {
    const tap = new MqttTap(port, onPacket);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    t.teardown(() => {
      tap.cut();
      tap.#server.close();
    });
    return tap;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  of(from: Passed['from'], type: number): Passed[] {
    return this.passed.filter((packet) => packet.from === from && packet.type === type);
  }

  /** Ends every connection at once, in the midst of whatever passes. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket, broker: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    for (const [socket, other, from] of [
      [client, broker, 'client'],
      [broker, client, 'broker'],
    ] as const) {
      this.#sockets.add(socket);
      const frames = new Frames((first, body) => this.#hear(asPassed(connection, from, first, body)));
      socket.on('data', (chunk: Buffer) => {
        frames.push(chunk);
        other.write(chunk);
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #hear(packet: Passed): void {
    this.onPacket(packet);
    this.passed.push(packet);
  }
}

/** Cuts a stream of bytes into MQTT's packets (§2.1): the first byte, and what follows the length. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onFrame: (first: number, body: Buffer) => void) {}

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      let length = 0;
      let at = 1;
      for (let shift = 0; ; shift += 7, at += 1) {
        const byte = this.#rest[at];
        if (byte === undefined) return;
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      at += 1;
      if (this.#rest.length < at + length) return;
      const frame = this.#rest;
      this.#rest = frame.subarray(at + length);
      this.onFrame(frame[0] as number, frame.subarray(at, at + length));
    }
  }
}

/** A packet as it passed; `body` is what follows its length. */
export function asPassed(connection: number, from: Passed['from'], first: number, body: Buffer): Passed {
  const type = first >> 4;
  const none = { connection, from, type, packetId: 0, topic: '', duplicate: false, payload: Buffer.alloc(0) };
  if (type === 4) return { ...none, packetId: body.readUInt16BE(0) };
  if (type !== 3) return none;
  let at = 2 + body.readUInt16BE(0);
  const topic = body.subarray(2, at).toString();
  const packetId = (first & 6) === 0 ? 0 : body.readUInt16BE(at);
  at += packetId === 0 ? 0 : 2;
  // MQTT 5: the length of the properties, always below 128 here
  const payload = Buffer.from(body.subarray(at + 1 + (body[at] as number)));
  return { ...none, packetId, topic, duplicate: (first & 8) !== 0, payload };
}
