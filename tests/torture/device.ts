/**
 * A device as the wire's contract has it: keeps each upload, byte for byte, until it is told that it is durable (PUBACK, or
 * `Downlink.ack` where a broker stands between), and sends what it holds again after a reconnect.
 */
import type { RecordBody } from '../../src/domain/record.js';
import { formOf, Sealer, type SealingDevice } from '../../src/sim/sealer.js';
import { type Downlink, DownlinkReader } from './downlink.js';
import { Link } from './link.js';

export interface TimedBody {
  readonly timeMs: number;
  readonly body: RecordBody;
}

export interface DeviceSettings extends SealingDevice {
  readonly password: string;
}

export interface DeviceWorld {
  readonly address: () => { readonly host: string; readonly port: number };
  /** A broker stands between: only `Downlink.ack` counts. */
  readonly broker: boolean;
  readonly onAcked: (device: TortureDevice, sequence: number) => void;
  /** A connection ended, for this reason. */
  readonly onDown: (reason: string) => void;
  readonly random: () => number;
  /** Something that no device should ever see. */
  readonly onStrange: (what: string) => void;
}

interface Held {
  readonly sequence: number;
  readonly records: readonly TimedBody[];
  readonly madeMs: number;
  payload: Buffer | null;
  /** When it last went out on this connection; null: not yet. */
  sentMs: number | null;
  everSent: boolean;
  /** Behind a broker: how long the next answer is waited for. */
  patienceMs: number;
}

const WINDOW = 8;
/** Firmware whose uploads are not answered asks whether anybody is there, and gives a connection up that says nothing at all. */
const ASKS_AFTER_MS = 15_000;
const GIVES_UP_AFTER_MS = 45_000;
/** Behind a broker nobody says that an upload is lost: it goes again after this, then after twice as long, and so on. */
const AGAIN_MS = [20_000, 160_000] as const;
/** Behind a broker: uploads that have gone out and that no `Downlink.ack` has named. */
const UNNAMED_MAX = 16;

export class TortureDevice {
  readonly id: string;
  readonly #sealer: Sealer;
  readonly #world: DeviceWorld;
  readonly #settings: DeviceSettings;
  /** Oldest first. */
  readonly #held = new Map<number, Held>();
  readonly #inFlight = new Map<number, Held>();
  /** What is to go out on this connection, in the order in which it goes. */
  #queue: Held[] = [];
  readonly #downlinks: DownlinkReader | null;
  #sequence = 0;
  /** Gone out on this connection, and not said to be durable. */
  #unnamed = 0;
  #link: Link | null = null;
  #wanted = false;
  #failures = 0;
  #askedMs = 0;
  #retry: NodeJS.Timeout | null = null;
  newestFirst = false;
  /** Longest it waits before it tries again. */
  backoffMaxMs = 8_000;

  constructor(settings: DeviceSettings, world: DeviceWorld) {
    this.id = settings.device_id;
    this.#settings = settings;
    this.#world = world;
    this.#sealer = new Sealer(settings, formOf(settings.device_id));
    this.#downlinks = world.broker ? new DownlinkReader(settings) : null;
  }

  get holds(): number {
    return this.#held.size;
  }
  get online(): boolean {
    return this.#link?.up === true;
  }

  connect(): void {
    this.#wanted = true;
    if (this.#link === null && this.#retry === null) this.#open();
  }

  /** Goes out of coverage. In order: says goodbye. */
  disconnect(inOrder: boolean): void {
    this.#wanted = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (inOrder && this.#link?.up === true) this.#link.close();
    else this.#link?.end('out of coverage');
  }

  /** Returns the sequence it gets. It goes out as soon as there is room on the connection. */
  keep(records: readonly TimedBody[], nowMs: number): number {
    this.#sequence += 1;
    const held: Held = {
      sequence: this.#sequence,
      records,
      madeMs: nowMs,
      payload: null,
      sentMs: null,
      everSent: false,
      patienceMs: AGAIN_MS[0],
    };
    this.#held.set(held.sequence, held);
    if (this.newestFirst) this.#queue.unshift(held);
    else this.#queue.push(held);
    this.#flush(nowMs);
    return held.sequence;
  }

  /** Asks on a silent connection, and gives it up in the end; behind a broker, sends again what nobody has said is durable. */
  look(nowMs: number): void {
    if (this.#link?.up !== true) return;
    const silentMs = performance.now() - this.#link.heardMs;
    if (this.#inFlight.size > 0 && silentMs > GIVES_UP_AFTER_MS) {
      this.#link.end('nothing heard');
      return;
    }
    if (this.#inFlight.size > 0 && silentMs > ASKS_AFTER_MS && nowMs - this.#askedMs > ASKS_AFTER_MS) {
      this.#askedMs = nowMs;
      this.#link.ping();
    }
    if (!this.#world.broker) return;
    for (const held of this.#held.values()) {
      if (held.sentMs === null || nowMs - held.sentMs < held.patienceMs) continue;
      held.patienceMs = Math.min(held.patienceMs * 2, AGAIN_MS[1]);
      held.sentMs = null;
      this.#unnamed -= 1;
      this.#queue.push(held);
    }
    this.#flush(nowMs);
  }

  ping(): void {
    if (this.#link?.up === true) this.#link.ping();
  }

  #open(): void {
    const { device_id, password } = this.#settings;
    const link = new Link({
      ...this.#world.address(),
      deviceId: device_id,
      password,
      subscribe: this.#world.broker ? `em/v1/d/${device_id}/down` : null,
      onUp: () => {
        this.#failures = 0;
        this.#inFlight.clear();
        for (const held of this.#held.values()) held.sentMs = null;
        this.#unnamed = 0;
        this.#queue = [...this.#held.values()];
        if (this.newestFirst) this.#queue.reverse();
        this.#flush(Date.now());
      },
      onAck: (packetId) => this.#acknowledged(packetId),
      onMessage: (payload) => this.#told(payload),
      onDown: (reason) => {
        this.#world.onDown(reason);
        this.#lost(link);
      },
    });
    this.#link = link;
  }

  #lost(link: Link): void {
    if (this.#link !== link) return;
    this.#link = null;
    this.#inFlight.clear();
    if (!this.#wanted) return;
    this.#failures += 1;
    const mostMs = Math.min(250 * 2 ** Math.min(this.#failures, 6), this.backoffMaxMs);
    this.#retry = setTimeout(
      () => {
        this.#retry = null;
        if (this.#wanted) this.#open();
      },
      50 + this.#world.random() * mostMs,
    );
  }

  #flush(nowMs: number): void {
    if (this.#link?.up !== true) return;
    while (this.#queue.length > 0 && this.#inFlight.size < WINDOW) {
      if (this.#world.broker && this.#unnamed >= UNNAMED_MAX) return;
      const held = this.#queue.shift() as Held;
      if (!this.#held.has(held.sequence)) continue;
      this.#unnamed += 1;
      held.payload ??= this.#seal(held);
      const packetId = this.#link.publish(held.payload, held.everSent);
      held.everSent = true;
      held.sentMs = nowMs;
      this.#inFlight.set(packetId, held);
    }
  }

  /** Sealed when it first goes out: what it says of the oldest that is held is true then. */
  #seal({ sequence, records }: Held): Buffer {
    const oldest = this.#held.keys().next().value ?? sequence;
    return this.#sealer.seal({
      sequence: BigInt(sequence),
      oldestHeld: BigInt(oldest),
      // the hash is no part of the wire: the gateway computes it from the bytes
      records: records.map(({ timeMs, body }) => ({ timeMs, hash: '', body })),
    });
  }

  #acknowledged(packetId: number): void {
    const held = this.#inFlight.get(packetId);
    if (held === undefined) {
      this.#world.onStrange(`${this.id}: PUBACK for packet ${packetId}, which is not in flight`);
      return;
    }
    // §4.6: in the order in which they were sent
    if (this.#inFlight.keys().next().value !== packetId) this.#world.onStrange(`${this.id}: PUBACK out of order`);
    this.#inFlight.delete(packetId);
    if (!this.#world.broker) this.#durable(held.sequence);
    this.#flush(Date.now());
  }

  #told(payload: Buffer): void {
    if (this.#downlinks === null) {
      this.#world.onStrange(`${this.id}: a message that it did not subscribe to`);
      return;
    }
    const downlink: Downlink | null = this.#downlinks.open(payload);
    if (downlink === null) {
      this.#world.onStrange(`${this.id}: a downlink that does not open`);
      return;
    }
    for (const { first, last } of downlink.ack) {
      if (last > BigInt(this.#sequence)) this.#world.onStrange(`${this.id}: ${last} acknowledged, which it never sent`);
      for (const sequence of this.#held.keys()) {
        if (BigInt(sequence) >= first && BigInt(sequence) <= last) this.#durable(sequence);
      }
    }
    this.#flush(Date.now());
  }

  #durable(sequence: number): void {
    const held = this.#held.get(sequence);
    if (held === undefined) return;
    if (!held.everSent) this.#world.onStrange(`${this.id}: sequence ${sequence} acknowledged before it was sent`);
    this.#held.delete(sequence);
    if (held.sentMs !== null) this.#unnamed -= 1;
    this.#world.onAcked(this, sequence);
  }
}
