/**
 * One connection to the broker over mqtt.js 5.16, with the two things that it does not offer: an acknowledgement that is
 * sent later, and the end of everything with the connection.
 *
 * `handleMessage` that answers with an error sends no PUBACK and keeps the connection; `_sendPacket` sends one later. The
 * first is undocumented, the second private: the version is pinned, and `tests/broker/acks.test.ts` sees both on
 * the wire. A client of its own for each connection (no reconnecting in the library) is why an acknowledgement can never
 * go out over a later connection, where its packet id stands for another message.
 */
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { LIMITS } from '../../domain/limits.js';

export interface BrokerAddress {
  /** `mqtt://` or `mqtts://`, without user and path. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Certificates (PEM) that an mqtts broker's must be signed by; without it the system's. */
  readonly ca?: string | undefined;
}

export interface BrokerTimes {
  /** Seconds; a broker that is silent for one and a half of it is gone. */
  readonly keepAliveS: number;
  readonly connectTimeoutMs: number;
  /** How long the broker keeps what waits for a gateway that is away. */
  readonly sessionExpiryS: number;
}

/** What came; `acknowledge` sends its PUBACK, if it has one and this connection still stands. */
export interface BrokerPublish {
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly payload: Buffer;
  readonly retained: boolean;
  /** False: the acknowledgement went nowhere; the broker will send the message again. */
  acknowledge(): boolean;
}

export interface BrokerEvents {
  /** CONNACK: whether the broker still had the session, and how many of ours may wait for its PUBACK. */
  connected(session: { readonly kept: boolean; readonly receiveMaximum: number }): void;
  /** `proceed` asks for the next one: as long as it is not called, nothing more is read from the socket. */
  publish(message: BrokerPublish, proceed: () => void): void;
  /** `proceed` has not been called: that nothing is heard is our own doing. */
  holding(): boolean;
  /** Once, whoever ended it; `code` is a word for logs. */
  ended(code: string): void;
}

/** One object for all: it says nothing but "not yet". */
const LATER = new Error('acknowledged after the commit');
/** The most that there is (§3.1.2.11.3): what is live is to be seen behind whatever else is in flight. */
const RECEIVE_MAXIMUM = 65_535;
const SUBSCRIBERS_NONE = 16;
/** A broker that does not take its leave is left. */
const LEAVE_MS = 1_000;

interface Internals {
  _sendPacket(packet: { readonly cmd: 'puback'; readonly messageId: number; readonly reasonCode: number }): void;
}

export class BrokerClient {
  readonly #client: MqttClient;
  readonly #events: BrokerEvents;
  /** Packet ids of publishes that the broker took and had nobody to give to. */
  readonly #unheard = new Set<number>();
  #heardMs = performance.now();
  #code = 'closed';
  #ended = false;

  constructor(address: BrokerAddress, clientId: string, times: BrokerTimes, events: BrokerEvents) {
    this.#events = events;
    this.#client = mqtt.connect(address.url, connectOptions(address, clientId, times));
    this.#client.handleMessage = (packet, done) => {
      this.#heardMs = performance.now();
      events.publish(this.#asPublish(packet), () => done(LATER));
    };
    // its answer to a ping may lie behind thousands of uploads: a broker that sends those lives
    const timedOut = this.#client.onKeepaliveTimeout.bind(this.#client);
    this.#client.onKeepaliveTimeout = () => {
      const silentMs = performance.now() - this.#heardMs;
      if (events.holding() || silentMs < times.keepAliveS * 1_500) this.#client.reschedulePing(true);
      else timedOut();
    };
    this.#client.once('connect', ({ sessionPresent, properties }) => {
      if (this.#ended) return;
      events.connected({ kept: sessionPresent, receiveMaximum: properties?.receiveMaximum ?? RECEIVE_MAXIMUM });
    });
    this.#client.on('error', (error: Error & { readonly code?: string | number }) => {
      this.#code = codeOf(error);
      // what the library calls an error leaves the connection in an unknown state
      this.drop();
    });
    // of a PUBACK the library passes on whether it is a refusal, and no more
    this.#client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== SUBSCRIBERS_NONE) return;
      if (packet.messageId !== undefined) this.#unheard.add(packet.messageId);
    });
    this.#client.on('disconnect', ({ reasonCode }) => {
      this.#code = `disconnected:${reasonCode ?? 0}`;
    });
    this.#client.once('close', () => this.#end());
  }

  /** False: not over this connection any more. */
  get stands(): boolean {
    return this.#client.connected && !this.#ended;
  }

  /** Resolves with the granted QoS; ≥ 128: refused. Never settles when the connection ends before. */
  async subscribe(filter: string): Promise<number> {
    const packet = await new Promise<number | undefined>((resolve, reject) => {
      // rap: whoever publishes with the retain flag is to be seen doing so
      this.#client.subscribe({ [filter]: { qos: 1, rap: true, rh: 2 } }, (error, granted) => {
        const code = (error as { readonly packet?: { readonly granted?: readonly number[] } } | null)?.packet
          ?.granted?.[0];
        if (error === null) resolve(granted?.[0]?.qos);
        else if (code !== undefined) resolve(code);
        else reject(error);
      });
    });
    return packet ?? 128;
  }

  /** Calls back with the broker's PUBACK: whether it took the message, and for anybody. Never, when the connection ends before. */
  publish(topic: string, payload: Buffer, answered: (answer: 'taken' | 'no_subscriber' | 'refused') => void): void {
    this.#client.publish(topic, payload, { qos: 1 }, (error, packet) => {
      if (this.#ended) return;
      if (error != null) answered('refused');
      else {
        const { messageId } = packet as { readonly messageId?: number };
        answered(messageId !== undefined && this.#unheard.delete(messageId) ? 'no_subscriber' : 'taken');
      }
    });
  }

  /** Ends the connection at once; the broker keeps the session. */
  drop(): void {
    this.#client.end(true);
    this.#end();
  }

  /** Ends it in an orderly way: what was written before is sent, then DISCONNECT; the broker keeps the session. */
  async leave(): Promise<void> {
    const left = new Promise<void>((resolve) => this.#client.end(false, () => resolve()));
    const late = new Promise<void>((resolve) => setTimeout(resolve, LEAVE_MS).unref());
    await Promise.race([left, late]);
    this.drop();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.ended(this.#code);
  }

  #asPublish({ topic, qos, payload, retain, messageId }: IPublishPacket): BrokerPublish {
    return {
      topic,
      // the broker may not send QoS 2 to a subscription with QoS 1 [MQTT-3.8.4-8]; if it does, it gets no PUBACK of ours
      qos: qos === 1 ? 1 : 0,
      payload: payload as Buffer,
      retained: retain,
      acknowledge: () => {
        if (qos !== 1 || messageId === undefined) return true;
        if (!this.stands) return false;
        (this.#client as unknown as Internals)._sendPacket({ cmd: 'puback', messageId, reasonCode: 0 });
        return true;
      },
    };
  }
}

function connectOptions(address: BrokerAddress, clientId: string, times: BrokerTimes): IClientOptions {
  const { user, password, ca } = address;
  return {
    protocolVersion: 5,
    clientId,
    clean: false,
    reconnectPeriod: 0,
    resubscribe: false,
    keepalive: times.keepAliveS,
    connectTimeout: times.connectTimeoutMs,
    properties: {
      sessionExpiryInterval: times.sessionExpiryS,
      receiveMaximum: RECEIVE_MAXIMUM,
      maximumPacketSize: LIMITS.packetBytesMax,
    },
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(address.url.startsWith('mqtts:') ? { rejectUnauthorized: true, minVersion: 'TLSv1.3' } : {}),
  } as IClientOptions;
}

/** `ECONNREFUSED`, `reason:135`: short, and without whatever else is in the message. */
function codeOf({ code, message }: { readonly code?: string | number; readonly message: string }): string {
  if (typeof code === 'string') return code;
  if (typeof code === 'number') return `reason:${code}`;
  return /timeout/i.test(message) ? 'timeout' : 'protocol';
}
