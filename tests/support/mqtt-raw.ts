/** MQTT 3.1.1 packets by hand, and a socket that speaks only what it is told. */
import { EventEmitter, once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

export function packet(first: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  let left = body.length;
  do {
    length.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

export function text(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export interface ConnectFields {
  readonly clientId: string | Uint8Array;
  readonly username?: string | Uint8Array;
  readonly password?: string | Uint8Array;
  readonly level?: number;
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly keepAliveS?: number;
}

export function connectPacket(fields: ConnectFields): Buffer {
  const { clientId, username, password, will, level = 4, keepAliveS = 60 } = fields;
  const flags =
    0x02 | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40) | (will === undefined ? 0 : 0x0c);
  const body = [text('MQTT'), Buffer.from([level, flags, keepAliveS >> 8, keepAliveS & 0xff])];
  if (level === 5) body.push(Buffer.from([0]));
  body.push(text(clientId));
  if (will !== undefined) body.push(text(will.topic), text(will.payload));
  if (username !== undefined) body.push(text(username));
  if (password !== undefined) body.push(text(password));
  return packet(0x10, Buffer.concat(body));
}

export interface PublishFields {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly id?: number;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
}

export function publishPacket({ topic, payload, id = 1, qos = 1, retain = false }: PublishFields): Buffer {
  const identifier = qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]);
  return packet(0x30 | (qos << 1) | (retain ? 1 : 0), Buffer.concat([text(topic), identifier, payload]));
}

export const subscribePacket = (id: number, filter: string, qos = 1): Buffer =>
  packet(0x82, Buffer.concat([Buffer.from([id >> 8, id & 0xff]), text(filter), Buffer.from([qos])]));

/** A socket whose answers can be read packet by packet. */
export class RawClient {
  readonly socket: Socket;
  /** Not the socket: `once` on it rejects where the peer resets the connection, which is an end like another. */
  readonly #news = new EventEmitter();
  #received = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#news.emit('more');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ended = true;
      this.#news.emit('more');
    });
  }

  static async open(port: number, allowHalfOpen = false): Promise<RawClient> {
    const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  send(...packets: Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets));
  }

  /** Everything that has come and was not taken yet. */
  get pending(): Buffer {
    return this.#received;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when something has come, or the connection has ended. */
  async more(): Promise<void> {
    if (!this.#ended) await once(this.#news, 'more');
  }

  /** The next `length` bytes; fewer only if the connection closes first. */
  async take(length: number): Promise<Buffer> {
    while (this.#received.length < length && !this.#ended) await once(this.#news, 'more');
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(bytes.length);
    return bytes;
  }

  /** Resolves when the peer has closed. */
  async closed(): Promise<void> {
    while (!this.#ended) await once(this.#news, 'more');
  }
}

export const ACCEPTED = Buffer.from([0x20, 2, 0, 0]);
export const puback = (id: number): Buffer => Buffer.from([0x40, 2, id >> 8, id & 0xff]);
export const PINGREQ = Buffer.from([0xc0, 0]);
export const PINGRESP = Buffer.from([0xd0, 0]);

/** Whole packets at the beginning of what a server sent, and what is left. */
export function packetsOf(bytes: Buffer): { readonly packets: Buffer[]; readonly rest: Buffer } {
  const packets: Buffer[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let header = 1;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at + header];
      if (byte === undefined || shift > 21) return { packets, rest: bytes.subarray(at) };
      length += (byte & 0x7f) * 2 ** shift;
      header += 1;
      if ((byte & 0x80) === 0) break;
    }
    if (at + header + length > bytes.length) return { packets, rest: bytes.subarray(at) };
    packets.push(bytes.subarray(at, at + header + length));
    at += header + length;
  }
}
