/** Those who listen: one over SSE and one over the agency's MQTT topic, both through every fault; and some who do not read. */
import { connect as connectSocket, type Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { type AlertEvent, AlertSubscriber } from '../../src/sim/alert-subscriber.js';
import { connectFrame, topicField } from '../../src/sim/mqtt-frames.js';
import { RunApi } from './api.js';
import { CENTRE, type House } from './house.js';
import { SUPERVISOR } from './people.js';

/** What a stream must never do, found as it comes. */
export class StreamBook {
  /** By CloudEvent id, in the order in which they came. */
  readonly ids = new Map<string, AlertEvent>();
  readonly faults: string[] = [];
  /** In the ledger, of the newest that came; 0: none has. */
  place = 0;
  readonly #versions = new Map<string, number>();

  constructor(private readonly name: string) {}

  take(event: AlertEvent): void {
    const { alert_id: alertId, version } = event.data;
    const before = this.#versions.get(alertId) ?? 0;
    if (version !== before + 1) this.faults.push(`${this.name}: ${alertId} version ${version} after ${before}`);
    this.#versions.set(alertId, Math.max(before, version));
    const place = placeOf(event);
    if (place <= this.place) this.faults.push(`${this.name}: ${event.id} of place ${place} after place ${this.place}`);
    this.place = Math.max(this.place, place);
    this.ids.set(event.id, event);
  }
}

/** Where in the ledger a cursor stands: its first eight bytes (`codec/alert-cursor`). To everybody else it is opaque. */
export const placeOf = ({ cursor }: { readonly cursor: string }): number =>
  Number(Buffer.from(cursor, 'base64url').readBigUInt64BE());

export const ofGateway = ({ type }: AlertEvent): boolean => !type.startsWith('uk.fairwatch.alert.');

/** Follows the stream with Last-Event-ID. */
export class SseListener {
  readonly book = new StreamBook('SSE');
  readonly #subscriber: AlertSubscriber;
  readonly #newest = new Map<string, AlertEvent['data']>();
  readonly #onEvent = new Set<(event: AlertEvent) => void>();
  connections = 0;

  constructor(house: Pick<House, 'url' | 'token'>) {
    this.#subscriber = new AlertSubscriber({
      address: { url: house.url, token: () => house.token() },
      onConnection: (up) => {
        if (up) this.connections += 1;
      },
      onEvent: (event) => {
        if (ofGateway(event)) return;
        this.book.take(event);
        this.#newest.set(event.data.alert_id, event.data);
        for (const listener of this.#onEvent) listener(event);
      },
    });
  }

  start(): Promise<void> {
    return this.#subscriber.start();
  }
  stop(): Promise<void> {
    return this.#subscriber.stop();
  }
  /** The newest version of each alert. */
  get heard(): AlertEvent['data'][] {
    return [...this.#newest.values()];
  }
  /** Events that came again: a resume is exact, so none does. */
  get repeats(): number {
    return this.#subscriber.repeats;
  }
  on(listener: (event: AlertEvent) => void): () => void {
    this.#onEvent.add(listener);
    return () => this.#onEvent.delete(listener);
  }
}

/** Listens at the agency's topic, and after each connect fetches by the cursor of its last event what it may have missed. */
export class TopicListener {
  /** CloudEvent ids heard on the topic itself. */
  readonly heard = new Set<string>();
  /** Newest version by alert, from the topic and the catching up together. */
  readonly newest = new Map<string, number>();
  connections = 0;
  twice = 0;
  /** What the gateway said of itself: no alert, and in no ledger. */
  ofGateway = 0;
  #client: MqttClient | null = null;
  #cursor: string | null = null;
  #fetching: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #api: RunApi;

  constructor(private readonly house: House) {
    this.#api = new RunApi(house);
  }

  async start(): Promise<void> {
    const client = mqtt.connect({
      host: '127.0.0.1',
      port: this.house.alertsPort,
      protocolVersion: 4,
      clientId: 'torture-centre',
      ...(await this.house.atTopic('monitoring_officer', CENTRE)),
      clean: true,
      reconnectPeriod: 400,
      connectTimeout: 20_000,
      resubscribe: false,
    });
    this.#client = client;
    client.on('error', () => {});
    client.on('connect', () => {
      this.connections += 1;
      client.subscribe(`em/v1/alerts/${CENTRE}`, { qos: 1 }, (error) => {
        if (!error) this.catchUp();
      });
    });
    client.on('message', (_topic, payload) => {
      const event = JSON.parse(payload.toString()) as AlertEvent;
      if (ofGateway(event)) {
        this.ofGateway += 1;
        return;
      }
      if (this.heard.has(event.id)) this.twice += 1;
      this.heard.add(event.id);
      this.#take(event);
    });
  }

  /** Resolves when everything that was told until now has been fetched. */
  catchUp(): Promise<void> {
    this.#fetching = this.#fetching.then(() => this.#fetch());
    return this.#fetching;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.endAsync(true);
    this.#api.close();
  }

  async #fetch(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { events, cursor } = await this.#api.alertsAfter(this.#cursor);
        for (const event of events) this.#take(event);
        this.#cursor = cursor;
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
  }

  #take({ data }: Pick<AlertEvent, 'data'>): void {
    this.newest.set(data.alert_id, Math.max(data.version, this.newest.get(data.alert_id) ?? 0));
  }
}

/** A subscriber that takes nothing: of the stream, or of the topic without ever acknowledging. */
export class DeadSubscriber {
  #socket: Socket | null = null;
  /** The process that it hangs on. */
  #pid: number | undefined;
  opened = 0;

  constructor(
    private readonly house: House,
    private readonly kind: 'sse' | 'topic',
    private readonly number: number,
  ) {}

  /** Comes back where its process has died: it reads nothing, and would never know. */
  async hang(): Promise<void> {
    const process = this.kind === 'sse' ? this.house.answerer : this.house.alerter;
    if (this.#socket !== null && this.#pid === process.pid) return;
    this.#socket?.destroy();
    this.#pid = process.pid;
    this.opened += 1;
    const hello = this.kind === 'sse' ? await this.#request() : await this.#connectFrames();
    const port = this.kind === 'sse' ? this.house.httpPort : this.house.alertsPort;
    const socket = connectSocket(port, '127.0.0.1', () => socket.write(hello));
    this.#socket = socket;
    // a few hundred bytes for the answer, then never again
    socket.once('data', () => socket.pause());
    socket.on('error', () => {});
  }

  stop(): void {
    this.#socket?.destroy();
  }

  async #request(): Promise<Buffer> {
    const token = await this.house.token();
    return Buffer.from(
      `GET /v1/alerts/stream?from=start HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`,
    );
  }

  async #connectFrames(): Promise<Buffer> {
    const { username, password } = await this.house.atTopic('supervising_officer', SUPERVISOR);
    const topic = topicField(`em/v1/alerts/${SUPERVISOR}`);
    const subscribe = Buffer.concat([Buffer.from([0x82, 2 + topic.length + 1, 0, 1]), topic, Buffer.from([1])]);
    return Buffer.concat([connectFrame(`dead-${this.number}`, username, password, 0), subscribe]);
  }
}
