/** An accepted session (MQTT 3.1.1 §3.3 to §3.14): what each packet of it leads to, and what is sent to it. */
import type { MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { PINGRESP, pubacks, suback, unsuback } from './answers.js';
import { Deliveries } from './deliveries.js';
import { TYPE } from './frame-reader.js';
import type { InflightBudget } from './inflight-budget.js';
import { SUBACK_FAILURE, type SubscriptionLimits, Subscriptions } from './subscriptions.js';
import { type KnownTopic, type PublishPacket, readPublish, readSubscribe, readUnsubscribe } from './topic-packets.js';
import { Verdicts } from './verdicts.js';

export interface SessionParts {
  readonly name: string;
  readonly handlers: MqttHandlers;
  readonly inflight: InflightBudget;
  readonly limits: SubscriptionLimits & { readonly outgoingMax: number };
  write(bytes: Buffer): void;
  /** Ends the connection at once. */
  cut(reason: string): void;
  /** Ends it in order; `reason` null: the client wished it. */
  end(reason: string | null): void;
  /** Whether nothing can be sent any more. */
  gone(): boolean;
  /** A verdict was given: there may be room for more. */
  released(): void;
  subscribed(topic: string): void;
  unsubscribed(topic: string): void;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #verdicts: Verdicts;
  readonly #deliveries: Deliveries;
  readonly #subscriptions: Subscriptions;
  /** The topic that it published to last, as it stands in front of a packet: a device has but one. */
  #allowed: KnownTopic | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#verdicts = new Verdicts(parts.inflight, (ids, failed) => this.#release(ids, failed));
    this.#deliveries = new Deliveries(parts.limits.outgoingMax, (bytes) => parts.write(bytes));
    this.#subscriptions = new Subscriptions(parts.limits);
  }

  /** Topics that it was granted. */
  get topics(): Iterable<string> {
    return this.#subscriptions.topics;
  }

  /** Its uploads that wait for their verdict. */
  get inflight(): number {
    return this.#verdicts.count;
  }

  settled(): Promise<void> {
    return this.#verdicts.settled();
  }

  /** What the client is sent and has not acknowledged is not coming through. */
  stuck(nowMs: number, patienceMs: number): boolean {
    return this.#deliveries.stuck(nowMs, patienceMs);
  }

  /** Null: it has not subscribed; false: too much waits for its PUBACK; true: sent, and `settle` hears what became of it. */
  send(topic: string, payload: Uint8Array, qosMax: 0 | 1, settle: ((arrived: boolean) => void) | null): boolean | null {
    const qos = this.#subscriptions.qosOf(topic);
    if (qos === undefined) return null;
    return this.#deliveries.send(topic, payload, qos === 0 ? 0 : qosMax, performance.now(), settle);
  }

  /** The connection has ended. */
  forget(): void {
    this.#deliveries.forget();
  }

  /** One packet, of a type that the reader lets through; the session's own time is `nowMs`, monotonic. */
  packet(first: number, body: Buffer, nowMs: number): void {
    const type = first >> 4;
    if (type === TYPE.PUBLISH) this.#publish(first, body);
    else if (type === TYPE.PUBACK) this.#puback(body, nowMs);
    else if (type === TYPE.SUBSCRIBE) this.#subscribe(body, nowMs);
    else if (type === TYPE.UNSUBSCRIBE) this.#unsubscribe(body, nowMs);
    else if (type === TYPE.PINGREQ)
      this.#parts.write(PINGRESP); // [MQTT-3.12.4-1]
    else this.#parts.end(null); // DISCONNECT: [MQTT-3.14.4-2]
  }

  #publish(first: number, body: Buffer): void {
    const { name, handlers, cut, gone } = this.#parts;
    const packet = readPublish(first, body, this.#allowed);
    // §3.3.5: who may not publish there is cut off, for a PUBACK would make it forget the upload
    if (packet === null || !this.#mayPublish(packet, body)) {
      cut(packet === null ? 'malformed' : 'topic');
      return;
    }
    const { topic, id, payload } = packet;
    const message = { clientId: name, topic, qos: id === null ? 0 : 1, payload, gone } as const;
    handlers.message(message, this.#verdicts.await(id, payload.length));
  }

  #mayPublish({ topic }: PublishPacket, body: Buffer): boolean {
    if (topic === this.#allowed?.topic) return true;
    if (!this.#parts.handlers.mayPublish(this.#parts.name, topic)) return false;
    // copied: a view would keep what was read
    this.#allowed = { topic, field: Buffer.from(body.subarray(0, 2 + body.readUInt16BE(0))) };
    return true;
  }

  #release(acknowledged: readonly number[], failed: boolean): void {
    if (acknowledged.length > 0) this.#parts.write(pubacks(acknowledged));
    if (failed && !this.#parts.gone()) this.#parts.end('not_durable');
    this.#parts.released();
  }

  #puback(body: Buffer, nowMs: number): void {
    const id = body.readUInt16BE(0);
    // [MQTT-2.3.1-1]
    if (id === 0) this.#parts.cut('malformed');
    else this.#deliveries.acknowledged(id, nowMs);
  }

  #subscribe(body: Buffer, nowMs: number): void {
    const packet = this.#seldom(readSubscribe(body), nowMs);
    if (packet === null) return;
    const { name, handlers } = this.#parts;
    const codes = packet.wanted.map(({ filter, qos }) => {
      const code = this.#subscriptions.add(filter, qos, (asked) => handlers.maySubscribe(name, asked));
      if (code === SUBACK_FAILURE) handlers.refused('subscription', name);
      else this.#parts.subscribed(filter);
      return code;
    });
    this.#parts.write(suback(packet.id, codes)); // [MQTT-3.8.4-1], -2, -5
    packet.wanted.forEach(({ filter }, i) => {
      if (codes[i] !== SUBACK_FAILURE) handlers.subscribed(name, filter);
    });
  }

  #unsubscribe(body: Buffer, nowMs: number): void {
    const packet = this.#seldom(readUnsubscribe(body), nowMs);
    if (packet === null) return;
    for (const filter of packet.filters) {
      if (this.#subscriptions.remove(filter)) this.#parts.unsubscribed(filter);
    }
    this.#parts.write(unsuback(packet.id)); // [MQTT-3.10.4-4], -5: also where there was none
  }

  /** The packet, unless it is malformed or one too many: then the connection is cut. */
  #seldom<P>(packet: P | null, nowMs: number): P | null {
    const tooOften = this.#subscriptions.tooOften(nowMs);
    if (packet !== null && !tooOften) return packet;
    this.#parts.cut(packet === null ? 'malformed' : 'subscribe_flood');
    return null;
  }
}
