/** One client's socket: read as far as there is room, in turns, within its times; greeted, served, ended. */
import type { Socket } from 'node:net';
import type { MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { CONNACK } from './answers.js';
import type { ByteBudget } from './byte-budget.js';
import type { ConnectionLimits } from './endpoint-options.js';
import { Flow } from './flow.js';
import { FrameReader } from './frame-reader.js';
import { type Refusal, readGreeting, refusalOf } from './greeting.js';
import type { InflightBudget } from './inflight-budget.js';
import { overdue } from './overdue.js';
import { readTurns } from './read-turns.js';
import { Session } from './session.js';

/** What all connections of an endpoint share. */
export interface Shared {
  readonly limits: ConnectionLimits;
  readonly handlers: MqttHandlers;
  readonly inflight: InflightBudget;
  readonly held: ByteBudget;
  /** A session of this name is being served. */
  taken(name: string): boolean;
  /** CONNECT was accepted: from now on this is the session of its name. */
  accepted(connection: Connection): void;
  /** It is ending, and no longer the session of its name. */
  ending(connection: Connection): void;
  subscribed(connection: Connection, topic: string): void;
  unsubscribed(connection: Connection, topic: string): void;
}

/** `discard`: what comes is dropped unread, and nothing more is sent. `shut`: the same, but for verdicts. */
type Mode = 'connect' | 'authenticate' | 'serve' | 'discard' | 'shut';

const [lingerMs, noPublish] = [1_000, -1];

export class Connection {
  readonly socket: Socket;
  /** The CN of the client's certificate, which the TLS door has checked. */
  readonly #certifiedName: string | null;
  readonly #shared: Shared;
  readonly #reader: FrameReader;
  readonly #flow: Flow;
  readonly #wake = (): void => this.#pump();
  #mode: Mode = 'connect';
  /** From the moment at which CONNECT was accepted. */
  #session: Session | null = null;
  #pumping = false;
  #keepAliveMs = Infinity;
  #begunMs: number;
  /** Since when answers wait for a client that does not read. */
  #blockedMs: number | null = null;
  /** The session's name once CONNECT was read. */
  name: string | null = null;
  /** Monotonic ms of the last bytes that came. */
  heardMs: number;
  /** It sent a packet since it was accepted. */
  spoke = false;
  #whenSpoken: (() => void) | null = null;

  constructor(socket: Socket, certifiedName: string | null, shared: Shared) {
    this.socket = socket;
    this.#certifiedName = certifiedName;
    this.#shared = shared;
    this.heardMs = this.#begunMs = performance.now();
    this.#flow = new Flow(socket, shared.held);
    this.#reader = new FrameReader(shared.limits, shared.held);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#blockedMs !== null && this.#pump());
    // who has ended its half hears no more; what was written still leaves
    socket.on('end', () => this.#linger());
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => this.#closed());
  }

  /** Topics that it was granted. */
  get topics(): Iterable<string> {
    return this.#session?.topics ?? [];
  }

  /** What it sends is read as it comes. */
  get isRead(): boolean {
    return this.#mode === 'serve' && !this.#flow.paused;
  }

  /** Calls back once it has sent a packet since it was accepted; for one asker. */
  whenSpoken(call: () => void): void {
    this.#whenSpoken = () => {
      this.#whenSpoken = null;
      call();
    };
    if (this.spoke) this.#whenSpoken();
  }

  settled(): Promise<void> {
    return this.#session?.settled() ?? Promise.resolve();
  }

  /** Sends one message to a client that has subscribed. False: it has not, or is gone, or reads too slowly, and is cut. */
  send(topic: string, payload: Uint8Array, qosMax: 0 | 1, settle: ((arrived: boolean) => void) | null): boolean {
    if (this.#session === null || this.#mode !== 'serve' || this.socket.destroyed) return false;
    // One that does not read must hold up nobody: what it misses waits for it elsewhere.
    const slow = this.socket.writableLength > this.#shared.limits.backlogBytesMax;
    const sent = slow ? false : this.#session.send(topic, payload, qosMax, settle);
    if (sent === false) this.#cut('slow_subscriber');
    return sent === true;
  }

  /** From now on everything that comes is dropped unread, and nothing is sent: another connection speaks. */
  discard(): void {
    this.#mode = 'discard';
    this.#reader.drop();
    this.#resume();
  }

  /** Takes no more packets; verdicts under way are still sent. */
  shut(): void {
    if (this.#mode === 'discard') return;
    this.#mode = 'shut';
    this.#reader.drop();
    this.#resume(); // bytes unread would make the end a reset, which can overtake a PUBACK
  }

  /** Closes what is overdue. `nowMs`: monotonic. */
  sweep(nowMs: number): void {
    const { limits } = this.#shared;
    if (this.#mode === 'connect' && nowMs - this.#begunMs > limits.connectTimeoutMs) this.#cut('connect_timeout');
    if (this.#mode !== 'serve') return;
    const { paused, resumedMs } = this.#flow;
    const [heardMs, packetMs] = [Math.max(this.heardMs, resumedMs), this.#reader.begun ? this.#begunMs : null];
    const [keepAliveMs, blockedMs] = [this.#keepAliveMs, this.#blockedMs];
    const late = overdue({ keepAliveMs, heardMs, packetMs, blockedMs, paused }, limits, nowMs);
    if (late !== null) this.#cut(late);
    else if (this.#session?.stuck(nowMs, limits.answerTimeoutMs)) this.#cut('no_puback');
  }

  #read(chunk: Buffer): void {
    this.heardMs = performance.now();
    if (this.#mode === 'discard' || this.#mode === 'shut') return;
    if (!this.#reader.begun) this.#begunMs = this.#mode === 'connect' ? this.#begunMs : this.heardMs;
    this.#reader.push(chunk);
    if (this.#mode === 'authenticate') this.#pause();
    else this.#pump();
  }

  /** Takes packets until there are no more, there is no room, or others must have their turn. */
  #pump(): void {
    if (this.#pumping || this.socket.destroyed) return;
    this.#pumping = true;
    this.socket.cork(); // the answers of one turn leave in one piece
    this.#takePackets();
    this.socket.uncork();
    this.#pumping = false;
  }

  #takePackets(): void {
    const { limits, inflight } = this.#shared;
    const blockedMs = this.#blockedMs;
    this.#blockedMs = null;
    for (let taken = 0; this.#mode === 'connect' || this.#mode === 'serve'; taken += 1) {
      if (taken === limits.packetsPerTurnMax) {
        this.#pause();
        setImmediate(this.#wake);
        return;
      }
      if (this.socket.writableLength > limits.answerBytesMax) {
        this.#blockedMs = blockedMs ?? performance.now();
        this.#pause();
        return;
      }
      const own = this.#session?.inflight ?? 0;
      const ownRoom = own < (inflight.crowded ? limits.inflightCrowdedMax : limits.inflightPerClientMax);
      const spareBytes = own === 0 ? limits.spareUploadBytesMax : noPublish;
      const next = this.#reader.next(ownRoom && inflight.room ? limits.packetBytesMax : spareBytes);
      if (next === 'more') {
        this.#resume();
        return;
      }
      if (next === 'full') {
        this.#pause();
        if (ownRoom) inflight.whenRoom(this.#wake); // else the next verdict wakes it
        return;
      }
      if (next !== 'packet') {
        this.#cut(next);
        return;
      }
      this.#begunMs = this.heardMs;
      // the reader lets nothing but CONNECT come first
      if (this.#session === null) this.#connect(this.#reader.body);
      else {
        this.spoke = true;
        this.#whenSpoken?.();
        this.#session.packet(this.#reader.first, this.#reader.body, this.heardMs);
      }
      if (this.socket.destroyed) return;
    }
  }

  #connect(body: Buffer): void {
    const greeting = readGreeting(body);
    if ('refused' in greeting) {
      this.#turnAway(greeting);
      return;
    }
    this.name = greeting.name;
    this.#mode = 'authenticate';
    this.#pause();
    const { handlers } = this.#shared;
    // A will would be an upload that nobody acknowledges; silence is judged by the rules. The device is served.
    if (greeting.packet.will) handlers.refused('will_ignored', this.name);
    void refusalOf(greeting, handlers, this.socket.remoteAddress ?? '', this.#certifiedName).then(async (refusal) => {
      // a CONNECT can come late, with its device's end behind it: that must not end the session which the device has now
      if (refusal === null && this.#shared.taken(greeting.name)) {
        this.#resume();
        await readTurns();
      }
      if (this.#mode !== 'authenticate' || this.socket.destroyed) return;
      if (refusal === null) this.#welcome(greeting.packet.keepAliveS);
      else this.#turnAway(refusal);
    });
  }

  #welcome(keepAliveS: number): void {
    this.#mode = 'serve';
    this.#session = this.#begin(this.name as string);
    this.#keepAliveMs = keepAliveS === 0 ? Infinity : keepAliveS * 1_500;
    this.#shared.accepted(this);
    this.#write(CONNACK.accepted); // [MQTT-3.2.0-1] before anything else
    this.#pump();
  }

  #begin(name: string): Session {
    const { handlers, inflight, limits } = this.#shared;
    return new Session({
      name,
      handlers,
      inflight,
      limits,
      write: (bytes) => this.#write(bytes),
      cut: (reason) => this.#cut(reason),
      end: (reason) => this.#answerLast(null, reason),
      gone: () => this.socket.destroyed || this.#mode === 'discard',
      released: () => this.#released(),
      subscribed: (topic) => this.#shared.subscribed(this, topic),
      unsubscribed: (topic) => this.#shared.unsubscribed(this, topic),
    });
  }

  #released(): void {
    if (!this.#flow.paused || this.#mode !== 'serve') return;
    // behind those who wait already
    if (this.#shared.inflight.contended) this.#shared.inflight.whenRoom(this.#wake);
    else this.#pump();
  }

  #turnAway({ answer, refused }: Refusal): void {
    if (answer === null) this.#cut(refused);
    else this.#answerLast(answer, refused);
  }

  #write(bytes: Buffer): void {
    if (!this.socket.destroyed && this.#mode !== 'discard') this.socket.write(bytes);
  }

  #pause(): void {
    this.#reader.compact();
    if (!this.#flow.pause(this.#reader.held)) this.#cut('held_bytes');
  }

  #resume(): void {
    if (this.#flow.resume()) this.#begunMs = this.#flow.resumedMs;
  }

  /** [MQTT-4.8.0-1]: what breaks the protocol ends the connection, and nothing is answered. */
  #cut(reason: string): void {
    this.#shared.handlers.refused(reason, this.name);
    this.socket.destroy();
  }

  /** An orderly end behind `answer`, for a destroy with bytes unread sends RST, which can overtake what was written. */
  #answerLast(answer: Buffer | null, reason: string | null): void {
    if (reason !== null) this.#shared.handlers.refused(reason, this.name);
    if (answer !== null) this.#write(answer);
    this.#linger();
    this.socket.end();
  }

  #linger(): void {
    this.discard();
    this.#shared.ending(this);
    setTimeout(() => this.socket.destroy(), lingerMs).unref();
  }

  #closed(): void {
    this.#reader.drop();
    this.#flow.forget();
    this.#shared.inflight.forget(this.#wake);
    this.#session?.forget();
  }
}
