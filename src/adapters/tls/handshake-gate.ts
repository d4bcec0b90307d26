/**
 * Lets TLS handshakes through a few at a time. A mutual handshake costs 2 to 3 ms of the one thread that serves
 * everybody: ten thousand devices that come back at once would otherwise hold up all live traffic for half a minute.
 */
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { sweeping } from '../system/sweeping.js';

export interface HandshakeLimits {
  /** Begun in one turn of the event loop: between two, everybody else is served. */
  readonly perTurnMax: number;
  /** Begun and not ended. */
  readonly runningMax: number;
  /** Connections that wait to begin, or have said nothing yet; one more is closed. */
  readonly waitingMax: number;
  /** A connection that waited longer is closed: its device has given up and comes again. */
  readonly waitMsMax: number;
  /** From a connection to its first byte, and from the first step of a handshake to its last. */
  readonly handshakeMsMax: number;
}

export const HANDSHAKE_LIMITS: HandshakeLimits = Object.freeze({
  perTurnMax: 4,
  runningMax: 1_024,
  waitingMax: 16_384,
  waitMsMax: 30_000,
  handshakeMsMax: 10_000,
});

export type HandshakeRefusal = 'handshakes_full' | 'handshake_waited' | 'handshake_silent' | 'handshake_failed';

type Takes = (socket: Socket) => void;

export class HandshakeGate {
  readonly #limits: HandshakeLimits;
  readonly #begin: Takes;
  readonly #refused: (reason: HandshakeRefusal) => void;
  /** Connected, and silent: they cost a socket, and no place in the row. Since when, monotonic ms; oldest first. */
  readonly #silent = new Map<Socket, number>();
  /** Have said something and wait, in the order in which they did. */
  readonly #waiting = new Map<Socket, number>();
  /** By the peer's address and port, for that is what the secured socket is known by. */
  readonly #running = new Map<string, { readonly socket: Socket; readonly sinceMs: number }>();
  readonly #sweep: NodeJS.Timeout;
  #pumping = false;
  #closed = false;

  /** Stands between the connections that `server` accepts and its own handshakes. */
  constructor(server: Server, limits: HandshakeLimits, refused: (reason: HandshakeRefusal) => void) {
    this.#limits = limits;
    this.#refused = refused;
    // `connection` is where a tls.Server takes raw sockets from; it may be emitted by its users
    const handshakes = server.listeners('connection') as Takes[];
    server.removeAllListeners('connection');
    this.#begin = (socket) => {
      for (const handshake of handshakes) handshake.call(server, socket);
    };
    server.on('connection', (socket: Socket) => this.#take(socket));
    server.prependListener('secureConnection', (secured) => this.#ended(keyOf(secured)));
    server.on('tlsClientError', () => refused('handshake_failed'));
    this.#sweep = sweeping(Math.min(1_000, limits.handshakeMsMax / 4), (nowMs) => this.#lookForOverdue(nowMs));
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return this.#waiting.size + this.#silent.size;
  }

  /** Closes what has not begun. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    const running = [...this.#running.values()].map(({ socket }) => socket);
    for (const socket of [...this.#silent.keys(), ...this.#waiting.keys(), ...running]) socket.destroy();
  }

  #take(socket: Socket): void {
    socket.on('error', () => {}); // 'close' follows
    if (this.#closed || this.waiting >= this.#limits.waitingMax) {
      if (!this.#closed) this.#refused('handshakes_full');
      socket.destroy();
      return;
    }
    this.#silent.set(socket, performance.now());
    const key = keyOf(socket);
    socket.once('close', () => {
      this.#silent.delete(socket);
      this.#waiting.delete(socket);
      if (this.#running.get(key)?.socket === socket) this.#ended(key);
    });
    socket.once('readable', () => {
      const sinceMs = this.#silent.get(socket);
      if (sinceMs === undefined || socket.readableLength === 0) return; // it has ended
      this.#silent.delete(socket);
      this.#waiting.set(socket, sinceMs);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping || this.#waiting.size === 0) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      let begun = 0;
      for (const socket of this.#waiting.keys()) {
        if (this.#running.size >= this.#limits.runningMax) return; // the next that ends wakes
        if (begun === this.#limits.perTurnMax) break;
        begun += 1;
        this.#waiting.delete(socket);
        this.#running.set(keyOf(socket), { socket, sinceMs: performance.now() });
        this.#begin(socket);
      }
      this.#pump();
    });
  }

  #ended(key: string): void {
    if (this.#running.delete(key)) this.#pump();
  }

  #lookForOverdue(nowMs: number): void {
    const overdue = (sockets: Map<Socket, number>, forMs: number, reason: HandshakeRefusal): void => {
      for (const [socket, sinceMs] of sockets) {
        if (nowMs - sinceMs <= forMs) return; // the oldest stand first
        sockets.delete(socket);
        this.#refused(reason);
        socket.destroy();
      }
    };
    // Node's own handshake timeout never came where the first bytes had been read already; the server counts the failure
    for (const { socket, sinceMs } of this.#running.values()) {
      if (nowMs - sinceMs > this.#limits.handshakeMsMax) socket.destroy();
    }
    overdue(this.#silent, this.#limits.handshakeMsMax, 'handshake_silent');
    overdue(this.#waiting, this.#limits.waitMsMax, 'handshake_waited');
  }
}

/** No two connections to one port have the same; empty once a socket is closed. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}`;
}
