/** The MQTT 3.1.1 endpoint: listens, keeps the live sessions by name, and sends to who is there. */
import type { Socket } from 'node:net';
import type { MqttEndpoint, MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { sweeping } from '../system/sweeping.js';
import { ByteBudget } from './byte-budget.js';
import { Connection, type Shared } from './connection.js';
import { type Door, PlainDoor, type TakeConnection } from './door.js';
import { ENDPOINT_DEFAULTS, type EndpointOptions } from './endpoint-options.js';
import { InflightBudget } from './inflight-budget.js';
import { Subscribers } from './subscribers.js';
import { takeOver } from './take-over.js';

const SETTLE_MS = 1_000;

export class SocketEndpoint implements MqttEndpoint {
  readonly #handlers: MqttHandlers;
  readonly #options: EndpointOptions;
  readonly #shared: Shared;
  readonly #connections = new Set<Connection>();
  readonly #subscribers = new Subscribers();
  /** The newest accepted connection of each session name. */
  readonly #live = new Map<string, Connection>();
  readonly #doors: Door[] = [];
  #sweep: NodeJS.Timeout | null = null;
  #closing = false;

  constructor(handlers: MqttHandlers, options: Partial<EndpointOptions> = {}) {
    this.#handlers = handlers;
    this.#options = { ...ENDPOINT_DEFAULTS, ...options };
    this.#shared = {
      limits: this.#options,
      handlers,
      inflight: new InflightBudget(this.#options.inflightMax, this.#options.inflightBytesMax),
      held: new ByteBudget(this.#options.heldBytesMax),
      taken: (name) => this.#live.has(name),
      accepted: (connection) => this.#accepted(connection),
      ending: (connection) => this.#ended(connection),
      subscribed: (connection, topic) => this.#subscribers.add(connection, topic),
      unsubscribed: (connection, topic) => this.#subscribers.remove(connection, topic),
    };
  }

  /** The plain port. */
  listen(host: string, port: number): Promise<number> {
    return this.open((take) => new PlainDoor(take), host, port);
  }

  /** Any other: `door` builds it on what takes its connections. */
  open(door: (take: TakeConnection) => Door, host: string, port: number): Promise<number> {
    const opened = door((socket, certifiedName) => this.#take(socket, certifiedName));
    this.#doors.push(opened);
    this.#sweep ??= sweeping(this.#options.sweepMs, (nowMs) => {
      for (const connection of this.#connections) connection.sweep(nowMs);
    });
    return opened.listen(host, port);
  }

  async publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean> {
    for (const connection of this.#subscribers.of(topic)) connection.send(topic, payload, qos, null);
    return true;
  }

  deliver(clientId: string, topic: string, payload: Uint8Array): Promise<boolean> {
    return new Promise((settle) => {
      if (this.#live.get(clientId)?.send(topic, payload, 1, settle) !== true) settle(false);
    });
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

  reads(clientId: string): boolean {
    return this.#live.get(clientId)?.isRead === true;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    const closed = Promise.all(this.#doors.map((door) => door.close()));
    for (const connection of this.#connections) connection.shut();
    await Promise.all([...this.#connections].map((connection) => connection.settled()));
    // the last PUBACKs leave; who does not read them sends again
    for (const { socket } of this.#connections) socket.destroySoon();
    const late = setTimeout(() => {
      for (const { socket } of this.#connections) socket.destroy();
    }, SETTLE_MS);
    await closed;
    clearTimeout(late);
  }

  #take(socket: Socket, certifiedName: string | null): void {
    if (this.#closing || this.#connections.size >= this.#options.connectionsMax) {
      if (!this.#closing) this.#handlers.refused('too_many_connections', null);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    // MQTT's keep-alive may be 0: then TCP's finds out who is gone
    socket.setKeepAlive(true, 60_000);
    const connection = new Connection(socket, certifiedName, this.#shared);
    this.#connections.add(connection);
    socket.once('close', () => {
      this.#connections.delete(connection);
      for (const topic of connection.topics) this.#subscribers.remove(connection, topic);
      this.#ended(connection);
    });
  }

  #ended(connection: Connection): void {
    const { name } = connection;
    if (name !== null && this.#live.get(name) === connection) this.#live.delete(name);
  }

  /** [MQTT-3.1.4-2]: the older of two connections under one client id ends. */
  #accepted(connection: Connection): void {
    const name = connection.name as string;
    const older = this.#live.get(name);
    this.#live.set(name, connection);
    if (older === undefined) return;
    void takeOver(older, connection, this.#options).then((areTwo) => {
      if (areTwo) this.#handlers.takenOver(name);
    });
  }
}
