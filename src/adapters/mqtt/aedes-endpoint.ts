/** The MQTT 3.1.1 endpoint on aedes: it speaks the protocol; limits, sessions and delivery are decided here. */
import { createServer, type Server, type Socket } from 'node:net';
import {
  Aedes,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from 'aedes';
import { LIMITS } from '../../domain/limits.js';
import type { InboundMessage, MqttEndpoint, MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { Deliveries } from './deliveries.js';
import { InflightBudget } from './inflight-budget.js';
import { NoSessions } from './no-sessions.js';
import { faultReason, Refusal } from './refusal.js';
import { isCleanText, sessionName } from './session-name.js';
import { Subscribers } from './subscribers.js';
import { endOlder, type TakeOverTimes } from './take-over.js';

export interface EndpointOptions extends ConnectionLimits, TakeOverTimes {
  readonly inflightMax: number;
  readonly connectionsMax: number;
  /** From accept to a whole CONNECT. */
  readonly connectTimeoutMs: number;
  /** A subscriber with more than this waiting in its socket is cut off. */
  readonly backlogBytesMax: number;
}

export const ENDPOINT_DEFAULTS: EndpointOptions = Object.freeze({
  packetBytesMax: LIMITS.packetBytesMax,
  connectBytesMax: LIMITS.connectBytesMax,
  inflightPerClientMax: LIMITS.inflightPerClientMax,
  inflightMax: LIMITS.inflightMax,
  connectionsMax: 60_000,
  connectTimeoutMs: 10_000,
  backlogBytesMax: LIMITS.streamBacklogBytesMax,
  activeMs: 10_000,
  probeMs: 250,
  answerMs: 3_000,
});

type Done = (error?: Error | null) => void;

/**
 * aedes routes every accepted PUBLISH through persistence and emitter (measured: a third of its cost) and announces
 * itself under `$SYS`. Nothing that a client says is for another client, so nothing is routed at all.
 */
class UnroutedAedes extends Aedes {
  override publish(_packet: PublishPacket, clientOrDone: unknown, done?: Done): void {
    const finished = done ?? (clientOrDone as Done | undefined);
    finished?.(null);
  }
}

export class AedesEndpoint implements MqttEndpoint {
  readonly #handlers: MqttHandlers;
  readonly #options: EndpointOptions;
  readonly #broker: Aedes;
  readonly #server: Server;
  readonly #budget: InflightBudget;
  readonly #subscribers = new Subscribers();
  readonly #deliveries = new Deliveries();
  readonly #connections = new Map<Client, Connection>();
  readonly #clientOf = new WeakMap<Connection, Client>();
  /** The newest accepted connection of each session name. */
  readonly #live = new Map<string, Connection>();
  #serial = 0;
  #closing = false;

  constructor(handlers: MqttHandlers, options: Partial<EndpointOptions> = {}) {
    this.#handlers = handlers;
    this.#options = { ...ENDPOINT_DEFAULTS, ...options };
    this.#budget = new InflightBudget(this.#options.inflightMax);
    this.#broker = new UnroutedAedes({
      persistence: new NoSessions((client, id) => this.#deliveries.acknowledged(client, id)),
      connectTimeout: this.#options.connectTimeoutMs,
      maxClientsIdLength: Number.MAX_SAFE_INTEGER,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, username, password, done) => {
        void this.#authenticate(client, username ?? '', password ?? null).then(
          (accepted) => done(null, accepted),
          (error: Error) => done(error as AuthenticateError, false),
        );
      },
      authorizePublish: (client, packet, done) => this.#publishFrom(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#granted(client, subscription)),
    });
    this.#broker.on('subscribe', (subscriptions, client) => {
      // 128 is a refusal (MQTT 3.1.1 §3.9.3); `as number`: aedes' types know only the QoS levels
      for (const { topic, qos } of subscriptions) if ((qos as number) !== 128) this.#subscribed(client, topic, qos);
    });
    this.#broker.on('unsubscribe', (topics, client) => {
      for (const topic of topics) {
        this.#subscribers.remove(client, topic);
        this.#deliveries.unsubscribed(client, topic);
      }
    });
    const fault = (client: Client, error: Error): void => this.#countFault(client, error);
    this.#broker.on('clientError', fault).on('connectionError', fault);
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = this.#options.connectionsMax;
    this.#server.on('drop', () => this.#handlers.refused('too_many_connections', null));
  }

  async listen(host: string, port: number): Promise<number> {
    await this.#broker.listen();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 4_096 }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    return address.port;
  }

  async publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<void> {
    const bytes = Buffer.from(payload);
    for (const client of this.#subscribers.of(topic)) {
      const connection = this.#connections.get(client);
      if (connection === undefined || connection.socket.destroyed) continue;
      // One that does not read must hold up nobody: it resumes by its cursor over HTTP.
      if (connection.socket.writableLength > this.#options.backlogBytesMax) {
        this.#handlers.refused('slow_subscriber', connection.name);
        connection.socket.destroy();
        continue;
      }
      client.publish({ cmd: 'publish', topic, payload: bytes, qos, retain: false, dup: false }, () => {});
    }
  }

  deliver(clientId: string, topic: string, payload: Uint8Array): Promise<boolean> {
    const connection = this.#live.get(clientId);
    const client = connection === undefined ? undefined : this.#clientOf.get(connection);
    if (connection === undefined || client === undefined) return Promise.resolve(false);
    return this.#deliveries.deliver(client, connection.socket, topic, payload);
  }

  disconnect(clientId: string): void {
    this.#live.get(clientId)?.socket.destroy();
  }

  connections(): number {
    return this.#connections.size;
  }

  connected(clientId: string): boolean {
    return this.#live.has(clientId);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.values()) connection.shut();
    await Promise.all([...this.#connections.values()].map((connection) => connection.settled()));
    await nextTurn(); // the last PUBACKs are uncorked at the end of their tick
    await new Promise<void>((resolve) => this.#broker.close(resolve));
    for (const { socket } of this.#connections.values()) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    // MQTT's keep-alive may be 0: then TCP's finds out who is gone
    socket.setKeepAlive(true, 60_000);
    const connection = new Connection(socket, this.#options, this.#budget, (reason) =>
      this.#handlers.refused(reason, connection.name),
    );
    const client = this.#broker.handle(socket);
    this.#connections.set(client, connection);
    this.#clientOf.set(connection, client);
    socket.once('close', () => {
      this.#connections.delete(client);
      this.#subscribers.forget(client);
      this.#deliveries.forget(client);
      const { name } = connection;
      if (name !== null && this.#live.get(name) === connection) this.#live.delete(name);
    });
  }

  #preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, ok: boolean) => void): void {
    const connection = this.#connections.get(client);
    const name = sessionName(packet.username ?? '', packet.clientId);
    if (connection === undefined || name === null) {
      done(new Refusal('identifier'), false);
      return;
    }
    connection.name = name;
    // aedes closes the older of two equal ids by itself and may then lose the newer; here it never sees two.
    this.#serial += 1;
    packet.clientId = `c${this.#serial}`;
    packet.clean = true;
    if (packet.will !== undefined) {
      // A will would be an upload that nobody acknowledges; silence is judged by the rules. The device is served.
      this.#handlers.refused('will_ignored', name);
      delete packet.will;
    }
    done(null, true);
  }

  async #authenticate(client: Client, username: string, password: Buffer | null): Promise<boolean> {
    const connection = this.#connections.get(client);
    const name = connection?.name ?? null;
    if (connection === undefined || name === null) return false;
    const remote = connection.socket.remoteAddress ?? '';
    const accepted = await this.#handlers.authenticate(name, username, password, remote);
    if (!accepted || this.#closing || connection.socket.destroyed) return false;
    const older = this.#live.get(name);
    if (older !== undefined) this.#takeOver(name, older);
    this.#live.set(name, connection);
    connection.open();
    return true;
  }

  #takeOver(name: string, older: Connection): void {
    void endOlder(older, this.#options).then((wasLive) => {
      if (wasLive) this.#handlers.takenOver(name);
    });
  }

  /** aedes asks before it acknowledges: `done()` sends PUBACK, `done(error)` closes the connection without one. */
  #publishFrom(client: Client | null, packet: PublishPacket, done: Done): void {
    const connection = client === null ? undefined : this.#connections.get(client);
    if (connection === undefined || connection.name === null) return;
    const reason = this.#publishFault(connection.name, packet);
    if (reason !== null) {
      connection.turnedDown();
      done(new Refusal(reason));
      return;
    }
    const message: InboundMessage = {
      clientId: connection.name,
      topic: packet.topic,
      qos: packet.qos === 1 ? 1 : 0,
      payload: packet.payload as Buffer,
    };
    connection.await(this.#handlers.message(message), done);
  }

  #publishFault(name: string, packet: PublishPacket): string | null {
    if (packet.qos === 2) return 'qos_2';
    if (packet.retain) return 'retained';
    return this.#handlers.mayPublish(name, packet.topic) ? null : 'topic';
  }

  #granted(client: Client, subscription: Subscription): Subscription | null {
    const name = this.#connections.get(client)?.name ?? null;
    const { topic } = subscription;
    if (name !== null && isCleanText(topic) && this.#handlers.maySubscribe(name, topic)) return subscription;
    this.#handlers.refused('subscription', name);
    return null;
  }

  #subscribed(client: Client, topic: string, qos: number): void {
    this.#subscribers.add(client, topic);
    this.#deliveries.subscribed(client, topic, qos === 0 ? 0 : 1);
    const name = this.#connections.get(client)?.name ?? null;
    if (name !== null) this.#handlers.subscribed(name, topic);
  }

  #countFault(client: Client, error: Error): void {
    const reason = faultReason(error);
    if (reason !== null) this.#handlers.refused(reason, this.#connections.get(client)?.name ?? null);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
