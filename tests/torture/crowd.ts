/** Everybody's devices in one process: they live their stories by the wall clock, and what is acknowledged is written down. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { Random } from '../../src/sim/random.js';
import type { TruthItem } from '../../src/sim/truth.js';
import { type DeviceWorld, type TimedBody, TortureDevice } from './device.js';
import type { Person } from './people.js';
import { ordinaryBody, type StoryEvent, type StoryTimes, storyOf } from './stories.js';

interface Life {
  readonly person: Person;
  readonly device: TortureDevice;
  readonly random: Random;
  readonly events: readonly StoryEvent[];
  readonly everyMs: number;
  at: number;
  nextMs: number;
  lastMs: number;
  home: boolean;
  spoken: boolean;
}

export interface CrowdOptions {
  readonly seed: number;
  readonly everyS: number;
  /** NDJSON of what was acknowledged, as `fairwatch journal check --acked` reads it. */
  readonly ackedFile: string;
  readonly broker: boolean;
  readonly address: DeviceWorld['address'];
  readonly onStrange: (what: string) => void;
}

const LOOK_EVERY_MS = 40;
const PING_EVERY_MS = 90_000;
const CONNECT_PER_LOOK = 100;

export class Crowd {
  readonly truth: TruthItem[] = [];
  readonly devices: TortureDevice[] = [];
  /** Of devices that are looked at in the end: the times of all records that were acknowledged. */
  readonly kept = new Map<string, number[]>();
  /** Connections that ended, by reason. */
  readonly ended = new Map<string, number>();
  acked = 0;
  made = 0;
  readonly #o: CrowdOptions;
  readonly #lives: Life[] = [];
  readonly #log: WriteStream;
  readonly #world: DeviceWorld;
  readonly #listeners = new Map<string, (sequence: number) => void>();
  readonly #unacked = new Map<string, Map<number, readonly TimedBody[]>>();
  readonly #connecting: TortureDevice[] = [];
  #timer: NodeJS.Timeout | null = null;
  #turn = 0;
  #untilMs = Number.POSITIVE_INFINITY;
  #lastPingMs = Date.now();

  constructor(options: CrowdOptions) {
    this.#o = options;
    this.#log = createWriteStream(options.ackedFile);
    const random = Random.of(options.seed, 'reconnects');
    this.#world = {
      address: options.address,
      broker: options.broker,
      random: () => random.next(),
      onStrange: options.onStrange,
      onDown: (reason) => {
        const what = reason.replace(/\d+\.\d+\.\d+\.\d+:\d+/, '…');
        this.ended.set(what, (this.ended.get(what) ?? 0) + 1);
      },
      onAcked: (device, sequence) => {
        this.acked += 1;
        this.#log.write(`{"device_id":"${device.id}","sequence":${sequence}}\n`);
        const records = this.#unacked.get(device.id)?.get(sequence);
        if (records !== undefined) this.kept.get(device.id)?.push(...records.map(({ timeMs }) => timeMs));
        this.#listeners.get(device.id)?.(sequence);
      },
    };
  }

  /** What this device says is noted, record by record. */
  note(deviceId: string): void {
    this.kept.set(deviceId, []);
    this.#unacked.set(deviceId, new Map());
  }

  /** A device without a story of its own. */
  add(person: Person, onAcked?: (sequence: number) => void): TortureDevice {
    const device = new TortureDevice(person.device, this.#world);
    this.devices.push(device);
    if (onAcked !== undefined) this.#listeners.set(device.id, onAcked);
    return device;
  }

  /** One whose story goes on by itself from `times.fromMs` on. */
  addLife(person: Person, times: StoryTimes): void {
    const random = Random.of(this.#o.seed, 'life', person.orderId);
    const story = storyOf(person, times, random);
    this.truth.push(...story.truth);
    const everyMs = this.#o.everyS * 1_000;
    const nextMs = times.fromMs - random.next() * everyMs;
    const device = this.add(person);
    this.#lives.push({
      person,
      device,
      random,
      events: story.events,
      everyMs,
      at: 0,
      nextMs,
      lastMs: nextMs - 500,
      home: true,
      spoken: false,
    });
  }

  keep(device: TortureDevice, records: readonly TimedBody[]): number {
    this.made += 1;
    const sequence = device.keep(records, Date.now());
    this.#unacked.get(device.id)?.set(sequence, records);
    return sequence;
  }

  /** Many at once, but not all in one turn of the event loop. */
  connectAll(devices: readonly TortureDevice[] = this.#lives.map(({ device }) => device)): void {
    for (const device of devices) this.#connecting.push(device);
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(Date.now()), LOOK_EVERY_MS);
  }

  /** No new uploads but those of stories that are due by `untilMs`. */
  endAt(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  get online(): number {
    return this.devices.reduce((sum, device) => sum + (device.online ? 1 : 0), 0);
  }
  /** Uploads that devices hold: made, and not said to be durable. */
  get held(): number {
    return this.devices.reduce((sum, device) => sum + device.holds, 0);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const device of this.devices) device.disconnect(true);
    await new Promise<void>((resolve) => this.#log.end(resolve));
  }

  #look(nowMs: number): void {
    for (const device of this.#connecting.splice(0, CONNECT_PER_LOOK)) device.connect();
    for (const life of this.#lives) this.#live(life, Math.min(nowMs, this.#untilMs));
    this.#turn += 1;
    if (this.#turn % 25 === 0) for (const device of this.devices) device.look(nowMs);
    if (nowMs - this.#lastPingMs > PING_EVERY_MS) {
      this.#lastPingMs = nowMs;
      for (const device of this.devices) device.ping();
    }
  }

  /** Everything of this life that is due, in order of time. */
  #live(life: Life, nowMs: number): void {
    for (;;) {
      const event = life.events[life.at];
      const ordinaryMs = Math.round(life.nextMs);
      if (event !== undefined && event.atMs <= nowMs && event.atMs <= ordinaryMs) {
        life.at += 1;
        life.lastMs = event.atMs;
        if (event.home !== undefined) life.home = event.home;
        this.keep(
          life.device,
          event.bodies.map((body) => ({ timeMs: event.atMs, body })),
        );
      } else if (ordinaryMs <= nowMs) {
        life.nextMs += life.everyMs * (0.6 + 0.8 * life.random.next());
        // no room between two reports: this one is left out
        if (ordinaryMs - life.lastMs >= 10) this.#ordinary(life, ordinaryMs);
      } else return;
    }
  }

  #ordinary(life: Life, atMs: number): void {
    const { random, person, home } = life;
    const first = !life.spoken;
    life.spoken = true;
    const many = random.whole(1, 3);
    const records: TimedBody[] = [];
    for (let i = 1; i <= many; i++) {
      const timeMs = Math.floor(life.lastMs + ((atMs - life.lastMs) * i) / many);
      records.push({ timeMs, body: first ? firstBody(person, random) : ordinaryBody(person, home, random) });
    }
    life.lastMs = atMs;
    this.keep(life.device, records);
  }
}

/** Where they are is said first of all: before that nobody could tell. */
function firstBody(person: Person, random: Random): TimedBody['body'] {
  for (;;) {
    const body = ordinaryBody(person, true, random);
    if (body.kind !== 'heartbeat' || person.role === 'exclusion') return body;
  }
}
