/** A broker of our own that does what it is told, and nothing else: MQTT 5 by hand. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Teardown } from './gateway.js';
import { packet } from './mqtt-raw.js';
import { asPassed, Frames, type Passed } from './mqtt-tap.js';

export class HandBroker {
  /** PUBACKs that came. */
  readonly acks: { readonly connection: number; readonly packetId: number }[] = [];
  /** PUBLISHes that came. */
  readonly heard: Passed[] = [];
  /** How often the uploads were subscribed to: once a connection. */
  subscribed = 0;
  /** What a PUBLISH that comes is answered with; null: nothing. */
  reason: number | null = null;
  readonly #sockets: Socket[] = [];

  private constructor(readonly url: string) {}

  static async open(t: Teardown): Promise<HandBroker> {
    const server = createServer((socket) => broker.#serve(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new HandBroker(`mqtt://127.0.0.1:${(server.address() as { port: number }).port}`);
    t.teardown(() => {
      broker.cut();
      server.close();
    });
    return broker;
  }

  /** With QoS 1, to the newest connection. */
  publish(packetId: number, topic: string, payload: Buffer): void {
    const head = Buffer.from([0, topic.length, ...Buffer.from(topic), packetId >> 8, packetId & 255, 0]);
    this.#sockets.at(-1)?.write(packet(0x32, Buffer.concat([head, payload])));
  }

  /** Answers one that came, if its connection stands. */
  acknowledge({ connection, packetId }: Passed, reason = 0): void {
    this.#sockets[connection - 1]?.write(packet(0x40, Buffer.from([packetId >> 8, packetId & 255, reason, 0])));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.push(socket);
    const connection = this.#sockets.length;
    socket.on('error', () => {});
    const frames = new Frames((first, body) => this.#hear(socket, connection, first, body));
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
  }

  #hear(socket: Socket, connection: number, first: number, body: Buffer): void {
    const type = first >> 4;
    if (type === 1) socket.write(packet(0x20, Buffer.from([1, 0, 0])));
    else if (type === 8) {
      socket.write(packet(0x90, Buffer.concat([body.subarray(0, 2), Buffer.from([0, 1])])));
      this.subscribed += 1;
    } else if (type === 4) this.acks.push({ connection, packetId: body.readUInt16BE(0) });
    else if (type === 3) {
      const passed = asPassed(connection, 'client', first, body);
      this.heard.push(passed);
      if (this.reason !== null) this.acknowledge(passed, this.reason);
    }
  }
}
