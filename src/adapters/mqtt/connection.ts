/** One socket in front of aedes: its frames guarded, its uploads counted, its verdicts released in arrival order. */
import type { Socket } from 'node:net';
import type { Verdict } from '../../ports/mqtt-endpoint.js';
import { FrameGuard, type FrameLimits, protocolLevel } from './frame-guard.js';
import type { InflightBudget } from './inflight-budget.js';

export interface ConnectionLimits extends FrameLimits {
  readonly inflightPerClientMax: number;
}

/** aedes' continuation of a PUBLISH: without an error it sends PUBACK, with one it closes the connection. */
type Continue = (error?: Error | null) => void;

interface Waiting {
  readonly proceed: Continue;
  verdict: Verdict | null;
}

/** CONNACK, no session present, return code 1: unacceptable protocol version. */
const unacceptableVersion = Buffer.from([0x20, 0x02, 0x00, 0x01]);
const lingerMs = 1_000;

export class Connection {
  readonly socket: Socket;
  readonly #guard: FrameGuard;
  readonly #limits: ConnectionLimits;
  readonly #budget: InflightBudget;
  readonly #rawRead: (size?: number) => Buffer | null;
  readonly #refuse: (reason: string) => void;
  readonly #wake = (): void => void this.socket.emit('readable');
  /** Bytes that were read from the socket and wait for room. */
  #held: Buffer | null = null;
  #mode: 'serve' | 'discard' | 'shut' = 'serve';
  #firstRead = true;
  /** Uploads that were let through to the parser, less those with a verdict released. */
  #inflight = 0;
  /** Of these, those that the parser has not handed over yet. */
  #parsing = 0;
  readonly #waiting: Waiting[] = [];
  #whenSettled: (() => void) | null = null;
  /** The session's name once CONNECT was read. */
  name: string | null = null;
  /** Monotonic ms of the last bytes that came. */
  heardMs = performance.now();

  constructor(socket: Socket, limits: ConnectionLimits, budget: InflightBudget, refuse: (reason: string) => void) {
    this.socket = socket;
    this.#limits = limits;
    this.#budget = budget;
    this.#refuse = refuse;
    this.#guard = new FrameGuard(limits);
    this.#rawRead = socket.read.bind(socket) as (size?: number) => Buffer | null;
    // aedes pulls with `read`; standing in front of it costs no stream and no copy a connection.
    socket.read = (size?: number) => (size === 0 ? this.#rawRead(0) : this.#read());
    socket.once('close', () => this.#closed());
  }

  /** The session is accepted: what follows CONNECT may pass. */
  open(): void {
    this.#guard.open();
  }

  /** Resolves when no verdict is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenSettled = resolve;
    });
  }

  /** A PUBLISH was refused before it became an upload. */
  turnedDown(): void {
    this.#parsing -= 1;
    this.#release(1);
  }

  /** Waits for the verdict of one upload; verdicts leave in the order of these calls. */
  await(verdict: Promise<Verdict>, proceed: Continue): void {
    const waiting: Waiting = { proceed, verdict: null };
    this.#parsing -= 1;
    this.#waiting.push(waiting);
    const settle = (is: Verdict): void => {
      waiting.verdict = is;
      this.#releaseSettled();
    };
    verdict.then(settle, () => settle('fail'));
  }

  /** From now on everything that comes is dropped unread, and no verdict is sent: another connection speaks. */
  discard(): void {
    this.#mode = 'discard';
    this.#held = null;
    this.socket.on('readable', () => this.#read());
    this.#read();
  }

  /** Takes no more packets; verdicts under way are still sent. */
  shut(): void {
    this.#mode = 'shut';
  }

  #read(): Buffer | null {
    if (this.#mode === 'shut') return null;
    if (this.#mode === 'discard') {
      while (this.#rawRead() !== null);
      return null;
    }
    const chunk = this.#held ?? this.#rawRead();
    if (chunk === null) return null;
    if (this.#held === null) this.heardMs = performance.now();
    this.#held = null;
    if (this.#firstRead && !this.#answersVersion(chunk)) return null;
    return this.#pass(chunk);
  }

  #pass(chunk: Buffer): Buffer | null {
    const clientRoom = Math.max(0, this.#limits.inflightPerClientMax - this.#inflight);
    const room = Math.min(clientRoom, this.#budget.room);
    const length = this.#guard.scan(chunk, room);
    if (length < 0) {
      this.#refuse(this.#guard.fault ?? 'not_mqtt');
      this.socket.destroy();
      return null;
    }
    const begun = this.#guard.publishesBegun;
    this.#inflight += begun;
    this.#parsing += begun;
    this.#budget.take(begun);
    if (length === chunk.length) return chunk;
    this.#held = chunk.subarray(length);
    // A full client is read again when aedes has finished a packet of it; a full gateway must be waited for.
    if (room < clientRoom) this.#budget.whenRoom(this.#wake);
    return length === 0 ? null : chunk.subarray(0, length);
  }

  /** [MQTT-3.1.2-2]: a protocol level that is not served is told so. */
  #answersVersion(chunk: Buffer): boolean {
    this.#firstRead = false;
    const level = chunk[0] === 0x10 ? protocolLevel(chunk) : null;
    if (level === null || level === 4) return true;
    this.#refuse('protocol_version');
    this.#mode = 'discard';
    // An orderly end, for a destroy with bytes unread sends RST, which can overtake the answer.
    this.socket.end(unacceptableVersion);
    setTimeout(() => this.socket.destroy(), lingerMs).unref();
    return false;
  }

  #releaseSettled(): void {
    for (let head = this.#waiting[0]; head !== undefined && head.verdict !== null; head = this.#waiting[0]) {
      this.#waiting.shift();
      this.#release(1);
      if (this.#mode === 'discard' || this.socket.destroyed) continue;
      if (head.verdict === 'ack') {
        head.proceed(null);
      } else {
        this.discard();
        this.#refuse('not_durable');
        // after the PUBACKs of this turn, which are corked until its end
        setImmediate(head.proceed, new Error('not durable'));
      }
    }
    if (this.#waiting.length === 0) this.#whenSettled?.();
  }

  #release(count: number): void {
    this.#inflight -= count;
    this.#budget.give(count);
  }

  #closed(): void {
    this.#held = null;
    this.#budget.forget(this.#wake);
    // What has a verdict coming is given back with it; what the parser never handed over, now.
    const lost = this.#parsing;
    this.#parsing = 0;
    this.#release(lost);
  }
}
