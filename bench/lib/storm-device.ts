/** One device of a storm: it holds more than it may send at once, and keeps every upload until that is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceRecord } from '../../src/domain/record.js';
import { metresPerDegree } from '../../src/sim/ground.js';
import type { LoadPerson } from '../../src/sim/load-people.js';
import { type MqttAddress, MqttDevice } from '../../src/sim/mqtt-device.js';
import { Random } from '../../src/sim/random.js';
import { fixBody } from '../../src/sim/report.js';
import { Sealer } from '../../src/sim/sealer.js';

export interface StormDeviceOptions {
  readonly address: MqttAddress;
  readonly person: LoadPerson;
  readonly seed: number;
  /** Uploads un-acknowledged at once. */
  readonly window: number;
  readonly recordsPerUpload: number;
  /** When the records of upload `index` begin, and how far apart they are, ms. */
  readonly timesOf: (index: number) => { readonly fromMs: number; readonly stepMs: number };
  /** How many uploads it wants to have sent by now. */
  readonly wanted: () => number;
  readonly onAck: (waitedMs: number) => void;
}

interface Held {
  readonly payload: Buffer;
  sentMs: number;
}

/** So long without an acknowledgement, and it believes its connection dead. */
const PATIENCE_MS = 60_000;
const RECONNECT_MS = 500;

export class StormDevice {
  readonly #o: StormDeviceOptions;
  readonly #sealer: Sealer;
  readonly #random: Random;
  readonly #connection: MqttDevice;
  /** Oldest first; the first `#inFlight` are on their way. */
  #held: Held[] = [];
  #inFlight = 0;
  #made = 0;
  #heardMs = 0;
  #closing = false;
  acked = 0;
  lost = 0;

  constructor(options: StormDeviceOptions) {
    const { address, person, seed } = options;
    this.#o = options;
    this.#sealer = new Sealer(person.device);
    this.#random = Random.of(seed, person.orderId);
    this.#connection = new MqttDevice({
      address,
      deviceId: person.device.device_id,
      password: person.device.password,
      onAck: () => this.#acked(),
      onClose: () => void this.#again(),
    });
  }

  async connect(): Promise<void> {
    this.#closing = false;
    for (;;) {
      try {
        await this.#connection.connect();
        this.#heardMs = performance.now();
        return;
      } catch {
        if (this.#closing) return;
        await sleep(RECONNECT_MS);
      }
    }
  }

  /** Sends what it may of what it wants to. */
  flush(again = false): void {
    const { window, wanted } = this.#o;
    const many = wanted();
    while (this.#connection.connected && this.#inFlight < window) {
      if (this.#inFlight === this.#held.length) {
        if (this.#made >= many) return;
        this.#held.push({ payload: this.#make(), sentMs: 0 });
      }
      const held = this.#held[this.#inFlight] as Held;
      this.#connection.publish(held.payload, again);
      held.sentMs = performance.now();
      this.#inFlight += 1;
    }
    if (this.#inFlight > 0 && performance.now() - this.#heardMs > PATIENCE_MS) {
      this.#heardMs = performance.now();
      this.#connection.close();
    }
  }

  /** Resolves when the connection is gone. */
  async leave(): Promise<void> {
    this.#closing = true;
    this.#connection.close();
    while (this.#connection.connected) await sleep(1);
  }

  #make(): Buffer {
    const { recordsPerUpload, timesOf, person } = this.#o;
    const { fromMs, stepMs } = timesOf(this.#made);
    const [lon, lat] = person.at;
    const per = metresPerDegree(lat);
    const records = Array.from({ length: recordsPerUpload }, (_, i): DeviceRecord => {
      const [x, y] = [this.#random.between(-5, 5), this.#random.between(-5, 5)];
      return {
        timeMs: Math.floor(fromMs + i * stepMs),
        hash: '',
        body: fixBody(lon + x / per.lon, lat + y / per.lat, 10),
      };
    });
    this.#made += 1;
    return this.#sealer.seal({ sequence: BigInt(this.#made), oldestHeld: BigInt(this.acked + 1), records });
  }

  #acked(): void {
    const held = this.#held.shift();
    if (held === undefined) throw new Error('an acknowledgement of nothing');
    this.#inFlight -= 1;
    this.acked += 1;
    this.#heardMs = performance.now();
    this.#o.onAck(this.#heardMs - held.sentMs);
    this.flush();
  }

  async #again(): Promise<void> {
    if (this.#closing) return;
    this.lost += 1;
    this.#inFlight = 0;
    await sleep(RECONNECT_MS);
    await this.connect();
    this.flush(true);
  }
}
