/** A device's connection with as little around it as there can be: thousands of them are to be one process's. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectFrame, FrameReader, PACKET, publishFrame, topicField } from '../../src/sim/mqtt-frames.js';
import type { SimulatedDevice } from '../../src/sim/world.js';

export interface SlimAddress {
  readonly host: string;
  readonly port: number;
  /** Its own end: one address has 28,000 ports to one destination, and 127.0.0.0/8 has many addresses. */
  readonly localAddress: string;
  /** PEM; null: plain TCP. */
  readonly ca: string | null;
}

/** Longer than a bench: an idle connection says nothing at all. */
const KEEP_ALIVE_S = 3_600;
const CONNECT_WITHIN_MS = 60_000;
/** One for all sockets: what is read is taken apart before the next read. */
const shared = Buffer.allocUnsafe(65_536);

export class SlimDevice {
  readonly #socket: Socket;
  readonly #topic: Buffer;
  #acked: (() => void) | null = null;
  lost = false;

  private constructor(socket: Socket, deviceId: string) {
    this.#socket = socket;
    this.#topic = topicField(`em/v1/d/${deviceId}/up`);
  }

  /** Rejects when the server cannot be reached or refuses. */
  static connected(address: SlimAddress, { device_id, password }: SimulatedDevice): Promise<SlimDevice> {
    return new Promise((resolve, reject) => {
      let why = 'closed';
      const reader = new FrameReader((type, word) => {
        if (type === PACKET.PUBACK) device.#ack();
        else if (type === PACKET.CONNACK && (word & 0xff) === 0) {
          clearTimeout(patience);
          resolve(device);
        } else {
          why = `refused: packet ${type}, ${word}`;
          socket.destroy();
        }
      });
      const socket = open(address, (bytes) => reader.push(bytes));
      const device = new SlimDevice(socket, device_id);
      const patience = setTimeout(() => socket.destroy(), CONNECT_WITHIN_MS);
      socket.once(address.ca === null ? 'connect' : 'secureConnect', () => {
        socket.write(connectFrame(device_id, device_id, password, KEEP_ALIVE_S));
      });
      socket.on('error', (error) => {
        why = error.message;
      });
      socket.once('close', () => {
        clearTimeout(patience);
        device.lost = true;
        device.#ack();
        reject(new Error(`${device_id}: ${why}`));
      });
    });
  }

  /** Resolves when it is acknowledged, or the connection is lost. One at a time. */
  publish(payload: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#acked = resolve;
      this.#socket.write(publishFrame(this.#topic, 1, payload));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #ack(): void {
    this.#acked?.();
    this.#acked = null;
  }
}

function open({ host, port, localAddress, ca }: SlimAddress, take: (bytes: Buffer) => void): Socket {
  if (ca !== null) {
    const socket = connect({ host, port, localAddress, noDelay: true });
    return connectTls({ socket, servername: 'localhost', minVersion: 'TLSv1.3', ca }).on('data', take);
  }
  const callback = (count: number, buffer: Uint8Array): boolean => {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
    return true;
  };
  return connect({ host, port, localAddress, noDelay: true, onread: { buffer: shared, callback } });
}
