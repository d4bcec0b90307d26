/**
 * A broker in the place of the gateway's own MQTT endpoint: uploads come over a shared subscription, and are acknowledged
 * to the broker when they are durable; alerts and downlinks go out through it.
 *
 * Who a device is, is said by the topic. The broker's ACL is what keeps others from publishing there; the envelope proves
 * it, for it opens under that device's key alone, with the topic as additional data.
 *
 * What is live does not wait for the backlog that a broker has in front of it: as much is read as memory allows, and the
 * intake takes what is live first. PUBACKs alone keep the order of arrival (`ack-order`), for nobody waits for them.
 */
import { parseDeviceId } from '../../domain/ids.js';
import { LIMITS } from '../../domain/limits.js';
import type { MqttEndpoint, MqttHandlers, Verdict } from '../../ports/mqtt-endpoint.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { AckOrder } from './ack-order.js';
import { type BrokerAddress, BrokerClient, type BrokerPublish, type BrokerTimes } from './broker-client.js';
import { Outbox } from './outbox.js';

export interface BrokerLimits extends BrokerTimes {
  /**
   * Uploads of one connection that were read and wait for their commit, and their bytes; at the bound nothing more is read,
   * the broker's answers to what we publish neither. More than the broker is told (Receive Maximum): Mosquitto 2.0.11 sends
   * a whole window anew at each PUBACK, so all that it has queued. A kilobyte or so of memory each, beside their bytes.
   */
  readonly inflightMax: number;
  readonly inflightBytesMax: number;
  /**
   * Read within one turn of the event loop (some 40 ms): what was read before is judged and told of while a flood comes in.
   * Not much less: what is live may be the last of the flood, and is seen when all before it has been read.
   */
  readonly turnMax: number;
  /** Publishes of ours that wait for the broker's PUBACK. */
  readonly outgoingMax: number;
  /** After an upload that could not be made durable the link is taken up anew so much later: the broker sends it again. */
  readonly retakeMs: number;
  /** So many of them, and it is taken up anew at once: they take others' room. */
  readonly unacknowledgedMax: number;
  /** Between attempts to connect: doubled from the first to the last, and up to half of it less at random. */
  readonly backoffMs: readonly [first: number, last: number];
  readonly refusedMs: number;
}

export const BROKER_LIMITS: BrokerLimits = Object.freeze({
  keepAliveS: 10,
  connectTimeoutMs: 10_000,
  sessionExpiryS: 14 * 86_400,
  inflightMax: 262_144,
  inflightBytesMax: 2 * LIMITS.inflightBytesMax,
  turnMax: 1_024,
  outgoingMax: 4_096,
  retakeMs: 10_000,
  unacknowledgedMax: LIMITS.inflightMax / 2,
  backoffMs: [100, 5_000] as const,
  refusedMs: 5_000,
});

export interface BrokerLinkOptions {
  readonly address: BrokerAddress;
  /** The same after every start: the broker's session, with what waits in it, goes by it. */
  readonly clientId: string;
  readonly telemetry: Telemetry;
  readonly limits?: Partial<BrokerLimits>;
}

/** One connection, and what came over it and waits. */
interface Session {
  readonly client: BrokerClient;
  inflight: number;
  inflightBytes: number;
  /** Could not be made durable: the broker has them until the next connection. */
  unacknowledged: number;
  readonly acks: AckOrder;
  /** What may still be read within this turn of the loop. */
  turnLeft: number;
  turnRuns: boolean;
  /** Asks for the next message, when there is room. */
  held: (() => void) | null;
}

/** One of the group gets each message; a second gateway of another client id would share the uploads. */
export const UPLOADS_FILTER = '$share/fairwatch/em/v1/d/+/up';
const UPLOAD_TOPIC = /^em\/v1\/d\/([^/]*)\/up$/;
const REFUSED = 128;
const SELDOM = 6;

export class BrokerLink implements MqttEndpoint {
  readonly #handlers: MqttHandlers;
  readonly #o: BrokerLinkOptions;
  readonly #limits: BrokerLimits;
  readonly #outbox: Outbox;
  #session: Session | null = null;
  /** The subscription is granted. */
  #up = false;
  #closing = false;
  /** Attempts since the link was last up. */
  #attempts = 0;
  #again: NodeJS.Timeout | null = null;
  #retake: NodeJS.Timeout | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(handlers: MqttHandlers, options: BrokerLinkOptions) {
    this.#handlers = handlers;
    this.#o = options;
    this.#limits = { ...BROKER_LIMITS, ...options.limits };
    const { outgoingMax: windowMax, refusedMs } = this.#limits;
    this.#outbox = new Outbox({ windowMax, refusedMs, refused: () => this.#say('error', 'broker_refuses_publish') });
  }

  /** Nothing is listened on. A gateway starts without its broker: it watches, and says that it hears nothing. */
  async listen(): Promise<number> {
    this.#connect();
    return 0;
  }

  /** Why no uploads come or no alerts leave; empty: they do. */
  reasons(): string[] {
    return [...(this.#up ? [] : ['broker_unreachable']), ...(this.#outbox.refused ? ['broker_refuses_publish'] : [])];
  }

  publish(topic: string, payload: Uint8Array): Promise<boolean> {
    return this.#outbox.send(topic, Buffer.from(payload), true);
  }

  /** To the broker, if it has a subscriber for the topic; whether the device has it, only the device can tell. */
  deliver(_clientId: string, topic: string, payload: Uint8Array): Promise<boolean> {
    return this.#outbox.send(topic, Buffer.from(payload), false);
  }

  /** Whom the broker lets in is for the broker to say. What a disabled device still sends is quarantined. */
  disconnect(): void {}

  connections(): number {
    return this.#up ? 1 : 0;
  }

  /** Whether a device is there is not known; without the broker none is. */
  connected(): boolean {
    return this.#up;
  }

  reads(): boolean {
    return this.#up;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#again !== null) clearTimeout(this.#again);
    const session = this.#session;
    if (session !== null && session.inflight > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#outbox.close();
    await this.#session?.client.leave();
  }

  #connect(): void {
    this.#again = null;
    const { address, clientId } = this.#o;
    const client = new BrokerClient(address, clientId, this.#limits, {
      connected: (said) => void this.#subscribe(session, said),
      publish: (message, proceed) => this.#take(session, message, proceed),
      holding: () => session.held !== null,
      ended: (code) => this.#ended(session, code),
    });
    const session: Session = {
      client,
      inflight: 0,
      inflightBytes: 0,
      unacknowledged: 0,
      acks: new AckOrder(),
      turnLeft: this.#limits.turnMax,
      turnRuns: false,
      held: null,
    };
    this.#session = session;
  }

  async #subscribe(session: Session, said: { readonly kept: boolean; readonly receiveMaximum: number }) {
    const { client } = session;
    // of a session that was kept the subscription stands; what waits there may come before the answer to a new one
    if (said.kept) this.#standsNow(session, said);
    const granted = await client.subscribe(UPLOADS_FILTER).catch(() => REFUSED);
    if (!client.stands) return;
    if (granted === 1) {
      if (!said.kept) this.#standsNow(session, said);
      return;
    }
    this.#say('error', 'broker_refuses_subscription', { granted });
    // it is a matter of the broker's configuration: asked again seldom
    this.#attempts = Math.max(this.#attempts, SELDOM);
    client.drop();
  }

  #standsNow({ client }: Session, said: { readonly kept: boolean; readonly receiveMaximum: number }): void {
    this.#up = true;
    this.#attempts = 0;
    this.#say('info', said.kept ? 'broker_connected' : 'broker_connected_new_session');
    this.#o.telemetry.gauge('fairwatch_broker_up', 1);
    this.#outbox.connected(client, said.receiveMaximum);
  }

  #ended(session: Session, code: string): void {
    if (this.#session !== session) return;
    this.#session = null;
    if (this.#retake !== null) clearTimeout(this.#retake);
    this.#retake = null;
    this.#outbox.lost();
    this.#o.telemetry.gauge('fairwatch_broker_up', 0);
    this.#o.telemetry.count('fairwatch_broker_disconnects_total');
    this.#whenIdle?.();
    if (this.#closing) return;
    // one line an outage, for each time that it is tried in vain would be many
    if (this.#up || this.#attempts === 0) this.#say('warn', 'broker_gone', { cause: code });
    this.#up = false;
    const [firstMs, lastMs] = this.#limits.backoffMs;
    const waitMs = Math.min(firstMs * 2 ** this.#attempts, lastMs);
    this.#attempts = Math.min(this.#attempts + 1, 30);
    this.#again = setTimeout(() => this.#connect(), waitMs * (1 - Math.random() / 2));
  }

  #take(session: Session, message: BrokerPublish, proceed: () => void): void {
    if (this.#closing) return;
    const { topic, qos, payload } = message;
    session.inflight += 1;
    const { length } = payload;
    session.inflightBytes += length;
    const { acknowledge } = message;
    const inItsTurn = session.acks.await(() => {
      if (!acknowledge()) this.#o.telemetry.count('fairwatch_broker_acks_dropped_total');
    });
    const settle = (verdict: Verdict): void => {
      session.inflight -= 1;
      session.inflightBytes -= length;
      if (verdict === 'fail') this.#leaveUnacknowledged(session, qos);
      inItsTurn(verdict);
      this.#goOn(session);
    };
    const device = parseDeviceId(UPLOAD_TOPIC.exec(topic)?.[1]);
    if (message.retained) this.#handlers.refused('retained_taken', null);
    if (device.ok) {
      const gone = (): boolean => !session.client.stands;
      this.#handlers.message({ clientId: device.value, topic, qos, payload, gone }, settle);
    } else {
      // no device can have this name, so no key opens it: acknowledged, or it would come for ever
      this.#handlers.refused('topic', null);
      settle('ack');
    }
    session.turnLeft -= 1;
    this.#nextTurn(session);
    if (this.#hasRoom(session)) proceed();
    else session.held = proceed;
  }

  #hasRoom({ inflight, inflightBytes, turnLeft }: Session): boolean {
    const { inflightMax, inflightBytesMax } = this.#limits;
    return inflight < inflightMax && inflightBytes < inflightBytesMax && turnLeft > 0;
  }

  #nextTurn(session: Session): void {
    if (session.turnRuns) return;
    session.turnRuns = true;
    setImmediate(() => {
      session.turnRuns = false;
      session.turnLeft = this.#limits.turnMax;
      this.#goOn(session);
    });
  }

  #goOn(session: Session): void {
    // of an ended connection nothing is acknowledged, and nothing more comes
    if (session !== this.#session) return;
    if (session.inflight === 0) this.#whenIdle?.();
    const proceed = session.held;
    if (proceed === null || !this.#hasRoom(session)) return;
    session.held = null;
    proceed();
  }

  /** The broker sends it again when the link is taken up anew, and not before. */
  #leaveUnacknowledged(session: Session, qos: 0 | 1): void {
    if (session !== this.#session) return;
    this.#handlers.refused('not_durable', null);
    if (qos === 0 || this.#closing) return;
    session.unacknowledged += 1;
    if (session.unacknowledged >= this.#limits.unacknowledgedMax) session.client.drop();
    else this.#retake ??= setTimeout(() => session.client.drop(), this.#limits.retakeMs);
  }

  #say(level: 'info' | 'warn' | 'error', code: string, fields: Record<string, string | number> = {}): void {
    this.#o.telemetry.log(level, code, fields);
  }
}
