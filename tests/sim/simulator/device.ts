/** A device on a bad network: it holds what it has made until that is acknowledged, and sends it again and again. */
import { encodeEnvelope } from '../../../src/codec/envelope.js';
import { deriveKeys, sealEnvelope } from '../../../src/crypto/envelope.js';
import type { Random } from '../../../src/sim/random.js';
import type { Report } from '../../../src/sim/report.js';
import { formOf, Sealer } from '../../../src/sim/sealer.js';
import type { Fault, Poison } from './faults.js';
import type { Life } from './life.js';
import { passwordOf, sessionKeyOf, type World } from './world.js';

/** No PUBACK after this: the connection is given up. */
const PATIENCE_MS = 30_000;
const KEY_ID = 1;

interface Held {
  /** Null: poison, or records that were sent before. */
  readonly upload: number | null;
  readonly poison: boolean;
  readonly sequence: bigint;
  readonly payload: Buffer;
  attempts: number;
  inFlight: boolean;
}

export interface DeviceOptions {
  readonly world: World;
  readonly random: Random;
  readonly deviceId: string;
  readonly faults: readonly Fault[];
  /** The gateway that can be reached just now. */
  readonly gateway: () => Life | null;
  readonly acknowledged: (deviceId: string, upload: number | null, poison: boolean, payload: Buffer) => void;
}

/** One connection, to one life of the gateway. */
interface Link {
  readonly life: Life;
  ready: boolean;
}

export class SimulatedDevice {
  readonly #o: DeviceOptions;
  readonly #sealer: Sealer;
  readonly #window: number;
  readonly #backlog: 'oldest first' | 'newest first' | 'shuffled';
  #held: Held[] = [];
  #sequence = 0n;
  #link: Link | null = null;
  #offlineUntilMs = Number.NEGATIVE_INFINITY;
  #retrying = false;
  /** Messages on their way that no connection waits for. */
  #astray = 0;

  constructor(options: DeviceOptions) {
    this.#o = options;
    const { deviceId, random, faults } = options;
    this.#sealer = new Sealer(
      {
        device_id: deviceId,
        cipher: 'C20P',
        session_key: sessionKeyOf(deviceId).toString('base64url'),
      },
      formOf(deviceId),
    );
    this.#window = random.pick([1, 1, 2, 8]);
    const backlog = faults.find((fault) => fault.kind === 'backlog' && fault.deviceId === deviceId);
    this.#backlog = backlog?.kind === 'backlog' ? backlog.order : 'oldest first';
  }

  /** Nothing is held, and nothing is on its way. */
  get idle(): boolean {
    return this.#held.length === 0 && this.#astray === 0;
  }

  get connected(): boolean {
    return this.#link?.ready === true && !this.#link.life.gate.over;
  }

  /** Makes an upload of these reports, under the next sequence. */
  make(upload: number | null, reports: readonly Report[]): void {
    this.#sequence += 1n;
    const sequence = this.#sequence;
    // numbered in the order in which they were made
    const oldestHeld = this.#held[0]?.sequence ?? sequence;
    const records = reports.flatMap(({ timeMs, bodies }) => bodies.map((body) => ({ timeMs, hash: '', body })));
    this.#hold({ upload, poison: false, sequence, payload: this.#sealer.seal({ sequence, oldestHeld, records }) });
  }

  makePoison(what: Poison): void {
    this.#sequence += what === 'malformed' ? 1n : 0n;
    this.#hold({ upload: null, poison: true, sequence: this.#sequence, payload: this.#poison(what) });
  }

  /** Out of coverage. */
  goOffline(untilMs: number): void {
    this.#offlineUntilMs = Math.max(this.#offlineUntilMs, untilMs);
    this.#drop(this.#link);
  }

  #hold(held: Omit<Held, 'attempts' | 'inFlight'>): void {
    this.#held.push({ ...held, attempts: 0, inFlight: false });
    this.#connect();
  }

  #connect(): void {
    const { world, random, deviceId, gateway } = this.#o;
    if (this.#held.length === 0) return;
    if (this.#link?.life.gate.over === true) this.#drop(this.#link);
    if (this.#link !== null) {
      this.#send();
      return;
    }
    const life = world.scheduler.nowMs < this.#offlineUntilMs ? null : gateway();
    if (life === null) {
      this.#retry(Math.max(this.#offlineUntilMs - world.scheduler.nowMs, random.whole(2_000, 15_000)));
      return;
    }
    const link: Link = { life, ready: false };
    this.#link = link;
    world.scheduler.after(random.whole(20, 400), () => {
      if (life.gate.paused || life.gate.over) return;
      void life.authenticate(deviceId, passwordOf(deviceId)).then((accepted) => {
        if (!accepted) world.surprise(`${deviceId} was refused`);
        link.ready = accepted;
        if (this.#link === link) this.#send();
      });
    });
    this.#giveUpUnless(link, () => link.ready);
  }

  #retry(afterMs: number): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#o.world.scheduler.after(afterMs, () => {
      this.#retrying = false;
      this.#connect();
    });
  }

  /** As many as may be on their way at once. */
  #send(): void {
    const link = this.#link;
    if (link === null || !link.ready) return;
    for (;;) {
      const waiting = this.#held.filter((held) => !held.inFlight);
      const next = this.#next(waiting);
      if (next === undefined || this.#held.length - waiting.length >= this.#window) return;
      this.#sendOne(link, next);
    }
  }

  #next(waiting: readonly Held[]): Held | undefined {
    if (this.#backlog === 'newest first') return waiting.at(-1);
    if (this.#backlog === 'shuffled' && waiting.length > 1) return this.#o.random.pick(waiting);
    return waiting[0];
  }

  #sendOne(link: Link, held: Held): void {
    const { world, random, faults } = this.#o;
    const { upload } = held;
    const attempt = held.attempts;
    held.attempts += 1;
    held.inFlight = true;
    const meets = (kind: Fault['kind']): Fault | undefined =>
      upload === null
        ? undefined
        : faults.find(
            (f) =>
              f.kind === kind && 'upload' in f && f.upload === upload && (!('attempt' in f) || f.attempt === attempt),
          );
    this.#giveUpUnless(link, () => !held.inFlight || !this.#held.includes(held));
    if (meets('lost') !== undefined) {
      world.counts.lost += 1;
      return;
    }
    const delayed = attempt === 0 ? meets('delayed') : undefined;
    if (delayed !== undefined) world.counts.delayed += 1;
    const delayMs = random.whole(5, 300) + (delayed?.kind === 'delayed' ? delayed.byMs : 0);
    this.#deliver(link, held, delayMs, meets('ack lost') !== undefined);
    const twice = attempt === 0 ? meets('twice') : undefined;
    if (twice?.kind !== 'twice') return;
    world.counts.twice += 1;
    this.#deliver(twice.afterMs < PATIENCE_MS ? link : null, held, delayMs + twice.afterMs, false);
  }

  /** Over a connection, or (null) by some broker that has kept it, to whichever gateway is there then. */
  #deliver(link: Link | null, held: Held, delayMs: number, ackLost: boolean): void {
    const { world, deviceId, acknowledged, gateway } = this.#o;
    const { scheduler } = world;
    this.#astray += 1;
    const arrive = (): void => {
      const life = link?.life ?? gateway();
      if (life?.gate.paused === true) {
        // in the buffers of a process that stands still
        scheduler.at(life.gate.pausedUntilMs, arrive);
        return;
      }
      this.#astray -= 1;
      if (life === null || life.gate.over) {
        this.#drop(link);
        return;
      }
      life.message(deviceId, held.payload, link === null ? undefined : () => this.#link !== link).then(
        (verdict) => {
          if (verdict === 'fail') {
            this.#drop(link);
            return;
          }
          world.tell(`${deviceId} #${held.sequence} acknowledged by gateway ${life.span.epoch}`);
          acknowledged(deviceId, held.upload, held.poison, held.payload);
          if (ackLost) {
            if (link !== null) world.counts.acksLost += 1;
            return;
          }
          scheduler.after(this.#o.random.whole(5, 200), () => this.#confirmed(link, held));
        },
        (error: unknown) => world.surprise(`a message was answered with ${String(error)}`),
      );
    };
    scheduler.after(delayMs, arrive);
  }

  #confirmed(link: Link | null, held: Held): void {
    if (link === null || this.#link !== link) return;
    this.#held = this.#held.filter((other) => other !== held);
    this.#connect();
  }

  #giveUpUnless(link: Link, fine: () => boolean): void {
    this.#o.world.scheduler.after(PATIENCE_MS, () => {
      if (this.#link === link && !fine()) this.#drop(link);
    });
  }

  #drop(link: Link | null): void {
    if (link === null || this.#link !== link) return;
    this.#link = null;
    for (const held of this.#held) held.inFlight = false;
    if (this.#held.length > 0) this.#retry(this.#o.random.pick([50, 500, 2_000, 10_000]));
  }

  #poison(what: Poison): Buffer {
    const { random, deviceId } = this.#o;
    if (what === 'garbage') return Buffer.concat([Buffer.from([0xff]), random.bytes(30)]);
    const forged = what === 'bad seal';
    const key = forged ? Buffer.alloc(32, 9) : deriveKeys(sessionKeyOf(deviceId)).up;
    const sequence = this.#sequence + (forged ? 1_000n : 0n);
    const plaintext = Buffer.from([0x12, 0xff]);
    const sealing = { key, cipher: 'C20P', keyId: KEY_ID, sequence, topic: `em/v1/d/${deviceId}/up` } as const;
    return encodeEnvelope({ keyId: KEY_ID, sequence, ciphertext: sealEnvelope({ ...sealing, plaintext }) });
  }
}
