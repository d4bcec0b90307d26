/** One client: its packets in, each judged by the clause it comes under, and its answers out. */
import type { Socket } from 'node:net';
import type { MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { CONNACK, PINGRESP, pubacks, suback, unsuback } from './answers.js';
import type { ByteBudget } from './byte-budget.js';
import { Deliveries } from './deliveries.js';
import type { ConnectionLimits } from './endpoint-options.js';
import { Flow } from './flow.js';
import { FrameReader, TYPE } from './frame-reader.js';
import { type Refusal, readGreeting, refusalOf } from './greeting.js';
import type { InflightBudget } from './inflight-budget.js';
import { SUBACK_FAILURE, Subscriptions } from './subscriptions.js';
import { readPublish, readSubscribe, readUnsubscribe } from './topic-packets.js';
import { Verdicts } from './verdicts.js';

/** What all connections of an endpoint share. */
export interface Shared {
  readonly limits: ConnectionLimits;
  readonly handlers: MqttHandlers;
  readonly inflight: InflightBudget;
  readonly held: ByteBudget;
  /** CONNECT was accepted: from now on this is the session of its name. */
  accepted(connection: Connection): void;
  /** It is ending, and no longer the session of its name. */
  ending(connection: Connection): void;
  subscribed(connection: Connection, topic: string): void;
  unsubscribed(connection: Connection, topic: string): void;
}

/** `discard`: what comes is dropped unread, and nothing more is sent. `shut`: the same, but for verdicts. */
type Mode = 'connect' | 'authenticate' | 'serve' | 'discard' | 'shut';

const lingerMs = 1_000;
const NO_PUBLISH = -1;

export class Connection {
  readonly socket: Socket;
  /** The CN of the client's certificate, which the TLS door has checked. */
  readonly #certifiedName: string | null;
  readonly #shared: Shared;
  readonly #reader: FrameReader;
  readonly #verdicts: Verdicts;
  readonly #deliveries: Deliveries;
  readonly #subscriptions: Subscriptions;
  readonly #flow: Flow;
  readonly #wake = (): void => this.#pump();
  readonly #gone = (): boolean => this.socket.destroyed || this.#mode === 'discard';
  #mode: Mode = 'connect';
  #pumping = false;
  #keepAliveMs = 0;
  #begunMs: number;
  /** Since when answers wait for a client that does not read. */
  #blockedMs: number | null = null;
  /** The session's name once CONNECT was read. */
  name: string | null = null;
  /** Monotonic ms of the last bytes that came. */
  heardMs: number;

  constructor(socket: Socket, certifiedName: string | null, shared: Shared) {
    this.socket = socket;
    this.#certifiedName = certifiedName;
    this.#shared = shared;
    this.heardMs = this.#begunMs = performance.now();
    this.#flow = new Flow(socket, shared.held);
    this.#subscriptions = new Subscriptions(shared.limits);
    this.#reader = new FrameReader(shared.limits, shared.held);
    this.#verdicts = new Verdicts(shared.inflight, (ids, failed) => this.#release(ids, failed));
    this.#deliveries = new Deliveries(shared.limits.outgoingMax, (bytes) => this.#write(bytes));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => {
      if (this.#blockedMs !== null) this.#pump();
    });
    // who has ended its half hears no more; what was written still leaves
    socket.on('end', () => this.#linger());
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => this.#closed());
  }

  /** Topics that it was granted. */
  get topics(): Iterable<string> {
    return this.#subscriptions.topics;
  }

  settled(): Promise<void> {
    return this.#verdicts.settled();
  }

  /** Sends one message to a client that has subscribed. False: it has not, or is gone, or reads too slowly, and is cut. */
  send(topic: string, payload: Uint8Array, qosMax: 0 | 1, settle: ((arrived: boolean) => void) | null): boolean {
    const qos = this.#subscriptions.qosOf(topic);
    if (qos === undefined || this.#mode !== 'serve' || this.socket.destroyed) return false;
    // One that does not read must hold up nobody: what it misses waits for it elsewhere.
    const slow = this.socket.writableLength > this.#shared.limits.backlogBytesMax;
    const sent = !slow && this.#deliveries.send(topic, payload, qos === 0 ? 0 : qosMax, performance.now(), settle);
    if (!sent) this.#cut('slow_subscriber');
    return sent;
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

  /** Closes what is overdue. `nowMs`: monotonic. What waits for room here is not the client's fault and costs it no time. */
  sweep(nowMs: number): void {
    const { connectTimeoutMs, packetTimeoutMs, answerTimeoutMs } = this.#shared.limits;
    if (this.#mode === 'connect') {
      if (nowMs - this.#begunMs > connectTimeoutMs) this.#cut('connect_timeout');
      return;
    }
    if (this.#mode !== 'serve') return;
    const { paused } = this.#flow;
    // [MQTT-3.1.2-24]; bytes of a long packet on a slow link are signs of life, within the packet's own time
    const silent = !paused && this.#keepAliveMs > 0 && nowMs - this.heardMs > this.#keepAliveMs;
    const trickling = !paused && this.#reader.begun && nowMs - this.#begunMs > packetTimeoutMs;
    const unread = this.#blockedMs !== null && nowMs - this.#blockedMs > answerTimeoutMs;
    if (silent) this.#cut('keep_alive');
    else if (trickling) this.#cut('packet_timeout');
    else if (unread) this.#cut('slow_subscriber');
    else if (this.#deliveries.stuck(nowMs, answerTimeoutMs)) this.#cut('no_puback');
  }

  #read(chunk: Buffer): void {
    if (this.#mode === 'discard' || this.#mode === 'shut') return;
    this.heardMs = performance.now();
    if (!this.#reader.begun) this.#begunMs = this.#mode === 'connect' ? this.#begunMs : this.heardMs;
    this.#reader.push(chunk);
    this.#pump();
  }

  /** Takes packets until there are no more, there is no room, or others must have their turn. */
  #pump(): void {
    if (this.#pumping || this.socket.destroyed) return;
    this.#pumping = true;
    this.#takePackets();
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
      const own = this.#verdicts.count;
      const ownRoom = own < (inflight.crowded ? limits.inflightCrowdedMax : limits.inflightPerClientMax);
      const spareBytes = own === 0 ? limits.spareUploadBytesMax : NO_PUBLISH;
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
      this.#packet(this.#reader.first, this.#reader.body);
      if (this.socket.destroyed) return;
    }
  }

  /** [MQTT-3.12.4-1] PINGREQ is answered; [MQTT-3.14.4-2] DISCONNECT, the last that the reader lets through, ends. */
  #packet(first: number, body: Buffer): void {
    const type = first >> 4;
    if (type === TYPE.PUBLISH) this.#publish(first, body);
    else if (type === TYPE.CONNECT) this.#connect(body);
    else if (type === TYPE.PUBACK) this.#puback(body);
    else if (type === TYPE.SUBSCRIBE) this.#subscribe(body);
    else if (type === TYPE.UNSUBSCRIBE) this.#unsubscribe(body);
    else if (type === TYPE.PINGREQ) this.#write(PINGRESP);
    else this.#answerLast(null);
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
    void refusalOf(greeting, handlers, this.socket.remoteAddress ?? '', this.#certifiedName).then((refusal) => {
      if (this.#mode !== 'authenticate' || this.socket.destroyed) return;
      if (refusal === null) this.#welcome(greeting.packet.keepAliveS);
      else this.#turnAway(refusal);
    });
  }

  #welcome(keepAliveS: number): void {
    this.#mode = 'serve';
    this.#keepAliveMs = keepAliveS * 1_500;
    this.#shared.accepted(this);
    this.#write(CONNACK.accepted); // [MQTT-3.2.0-1] before anything else
    this.#pump();
  }

  #turnAway({ answer, refused }: Refusal): void {
    if (answer === null) this.#cut(refused);
    else this.#answerLast(answer, refused);
  }

  #publish(first: number, body: Buffer): void {
    const name = this.name as string;
    const packet = readPublish(first, body);
    // §3.3.5: who may not publish there is cut off, for a PUBACK would make it forget the upload
    if (packet === null || !this.#shared.handlers.mayPublish(name, packet.topic)) {
      this.#cut(packet === null ? 'malformed' : 'topic');
      return;
    }
    const { topic, id, payload } = packet;
    const message = { clientId: name, topic, qos: id === null ? 0 : 1, payload, gone: this.#gone } as const;
    this.#verdicts.await(id, payload.length, this.#shared.handlers.message(message));
  }

  #release(acknowledged: readonly number[], failed: boolean): void {
    if (this.#mode === 'serve' || this.#mode === 'shut') {
      if (acknowledged.length > 0) this.#write(pubacks(acknowledged));
      if (failed) this.#answerLast(null, 'not_durable');
    }
    if (!this.#flow.paused || this.#mode !== 'serve') return;
    // behind those who wait already
    if (this.#shared.inflight.contended) this.#shared.inflight.whenRoom(this.#wake);
    else this.#pump();
  }

  #puback(body: Buffer): void {
    const id = body.readUInt16BE(0);
    // [MQTT-2.3.1-1]
    if (id === 0) this.#cut('malformed');
    else this.#deliveries.acknowledged(id, performance.now());
  }

  #subscribe(body: Buffer): void {
    const packet = this.#seldom(readSubscribe(body));
    if (packet === null) return;
    const { handlers } = this.#shared;
    const name = this.name as string;
    const codes = packet.wanted.map(({ filter, qos }) => {
      const code = this.#subscriptions.add(filter, qos, (asked) => handlers.maySubscribe(name, asked));
      if (code === SUBACK_FAILURE) handlers.refused('subscription', name);
      else this.#shared.subscribed(this, filter);
      return code;
    });
    this.#write(suback(packet.id, codes)); // [MQTT-3.8.4-1], -2, -5
    packet.wanted.forEach(({ filter }, i) => {
      if (codes[i] !== SUBACK_FAILURE) handlers.subscribed(name, filter);
    });
  }

  #unsubscribe(body: Buffer): void {
    const packet = this.#seldom(readUnsubscribe(body));
    if (packet === null) return;
    for (const filter of packet.filters) {
      if (this.#subscriptions.remove(filter)) this.#shared.unsubscribed(this, filter);
    }
    this.#write(unsuback(packet.id)); // [MQTT-3.10.4-4], -5: also where there was none
  }

  /** The packet, unless it is malformed or one too many: then the connection is cut. */
  #seldom<P>(packet: P | null): P | null {
    const tooOften = this.#subscriptions.tooOften(this.heardMs);
    if (packet !== null && !tooOften) return packet;
    this.#cut(packet === null ? 'malformed' : 'subscribe_flood');
    return null;
  }

  #write(bytes: Buffer): void {
    if (this.socket.destroyed || this.#mode === 'discard') return;
    this.socket.write(bytes);
  }

  #pause(): void {
    if (!this.#flow.pause(this.#reader.held)) this.#cut('held_bytes');
  }

  #resume(): void {
    if (this.#flow.resume()) this.heardMs = this.#begunMs = performance.now();
  }

  /** [MQTT-4.8.0-1]: what breaks the protocol ends the connection, and nothing is answered. */
  #cut(reason: string): void {
    this.#shared.handlers.refused(reason, this.name);
    this.socket.destroy();
  }

  /** An orderly end behind `answer`, for a destroy with bytes unread sends RST, which can overtake what was written. */
  #answerLast(answer: Buffer | null, reason?: string): void {
    if (reason !== undefined) this.#shared.handlers.refused(reason, this.name);
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
    this.#deliveries.forget();
  }
}
