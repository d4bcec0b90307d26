/** Tells devices what waits for them: while they listen, one downlink at a time, each under a number of its own. */
import { encodeDownlink } from '../codec/downlink.js';
import { encodeEnvelope } from '../codec/envelope.js';
import { deriveKeys, sealEnvelope } from '../crypto/envelope.js';
import { type Downlink, type SequenceRange, saysSomething } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry, StoredSessionKey } from '../ports/device-registry.js';
import type { Downlinks } from '../ports/downlinks.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';
import { topicDown } from './authenticate.js';
import { contentsOf, joined, lookAgainMs, type Situation, toldTo } from './downlink-contents.js';
import { sealingKey } from './sealing-key.js';

export interface DownlinkSenderOptions {
  readonly clock: Clock;
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly store: Downlinks;
  readonly deliver: MqttEndpoint['deliver'];
  /** Opens a stored session key. */
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  /** The highest upload sequence of a device that was taken in; 0 = none. */
  readonly newestSequence: (deviceId: DeviceId) => bigint;
  readonly telemetry: Telemetry;
}

/** Numbers reserved at a time: one durable write for as many downlinks. */
const RESERVED_AT_ONCE = 64;

/** A device that listens. */
interface Listener {
  /** Something may have changed since the last look. */
  again: boolean;
  running: Promise<void> | null;
  offeredKeyId: number | null;
  offeredMs: number | null;
  clockAhead: boolean;
  lookMs: number;
  /** Upload sequences that are durable and that the device has not been told of. */
  readonly ack: Set<bigint>;
}

export class DownlinkSender {
  readonly #o: DownlinkSenderOptions;
  readonly #listeners = new Map<DeviceId, Listener>();
  /** Reserved and not used yet. */
  readonly #numbers = new Map<DeviceId, { next: bigint; last: bigint }>();
  #stopped = false;

  constructor(options: DownlinkSenderOptions) {
    this.#o = options;
  }

  /** The device listens from now on. */
  subscribed(deviceId: DeviceId): void {
    const before = this.#listeners.get(deviceId);
    const listener = before ?? newListener();
    listener.offeredMs = null;
    this.#listeners.set(deviceId, listener);
    this.look(deviceId);
  }

  /** What was wished for the device, or is known of it, may have changed. */
  look(deviceId: DeviceId): void {
    const listener = this.#listeners.get(deviceId);
    if (listener === undefined || this.#stopped) return;
    listener.again = true;
    listener.running ??= this.#talk(deviceId, listener)
      .catch((error: unknown) => this.#failed(listener, error))
      .finally(() => {
        listener.running = null;
        if (listener.again && this.#listeners.has(deviceId)) this.look(deviceId);
      });
  }

  /** Uploads are missing that the device says it still holds. */
  async missing(deviceId: DeviceId, range: SequenceRange): Promise<void> {
    await this.#o.store.update(deviceId, (state) => ({ ...state, resend: joined(state.resend, range) }));
    this.look(deviceId);
  }

  /** The device used a number twice: it has lost its counter. */
  async counterLost(deviceId: DeviceId): Promise<void> {
    const nextSequence = this.#o.newestSequence(deviceId) + 1n;
    await this.#o.store.update(deviceId, (state) => ({ ...state, nextSequence }));
    this.look(deviceId);
  }

  /** The device's clock runs ahead: it is told the time, now or when it listens again. */
  async clockAhead(deviceId: DeviceId): Promise<void> {
    const listener = this.#listeners.get(deviceId);
    if (listener === undefined) {
      if (this.#o.store.state(deviceId).timeSentMs === null) return;
      await this.#o.store.update(deviceId, (state) => ({ ...state, timeSentMs: null }));
    } else if (!listener.clockAhead) {
      listener.clockAhead = true;
      this.look(deviceId);
    }
  }

  /** An upload is durable. For a gateway behind a broker, whose own acknowledgement proves little. */
  received(deviceId: DeviceId, sequence: bigint): void {
    const listener = this.#listeners.get(deviceId);
    if (listener === undefined) return;
    // one that takes in nothing sends again what it was not told of, and is told then
    if (listener.ack.size < ACKS_MAX) listener.ack.add(sequence);
    this.look(deviceId);
  }

  /** The time is `nowMs`: looks at those for whom something may be due. */
  onTime(nowMs: number): void {
    for (const [deviceId, listener] of this.#listeners) {
      if (nowMs >= listener.lookMs || nowMs < listener.lookMs - LONGEST_WAIT_MS) this.look(deviceId);
    }
  }

  /** Sends no more; resolves when nothing is under way. The endpoint must be closed before. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#listeners.values()].map(({ running }) => running));
  }

  async #talk(deviceId: DeviceId, listener: Listener): Promise<void> {
    while (listener.again && !this.#stopped) {
      listener.again = false;
      const situation = this.#situation(deviceId, listener);
      const key = situation === null ? null : sealingKey(situation.device, situation.nowMs);
      if (situation === null || key === null) return;
      listener.lookMs = lookAgainMs(situation);
      const contents = contentsOf(situation);
      if (!saysSomething(contents)) continue;
      if (!(await this.#send(deviceId, key, contents))) {
        this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'not_delivered' });
        // one that has come back meanwhile is told again
        if (!listener.again) this.#listeners.delete(deviceId);
        continue;
      }
      this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'delivered' });
      if (contents.key !== null) listener.offeredMs = situation.nowMs;
      if (contents.serverTimeMs !== null) listener.clockAhead = false;
      for (const { first, last } of contents.ack) {
        for (let sequence = first; sequence <= last; sequence += 1n) listener.ack.delete(sequence);
      }
      await this.#o.store.update(deviceId, (state) => toldTo(state, situation, contents));
      // what a limit on time held back, or what has come since
      listener.again = true;
    }
  }

  #situation(deviceId: DeviceId, listener: Listener): Situation | null {
    const { registry, store, clock } = this.#o;
    const device = registry.get(deviceId);
    if (device === null || device.disabledMs !== null) return null;
    const nowMs = clock.nowMs();
    const offeredKeyId = device.offered?.keyId ?? null;
    if (listener.offeredKeyId !== offeredKeyId) listener.offeredMs = null;
    listener.offeredKeyId = offeredKeyId;
    return {
      device,
      state: store.state(deviceId),
      nowMs,
      keyOnly: (sealingKey(device, nowMs)?.generation ?? 0) < store.generation,
      generation: store.generation,
      offeredMs: listener.offeredMs,
      clockAhead: listener.clockAhead,
      ack: rangesOf(listener.ack),
      newestSequence: this.#o.newestSequence(deviceId),
    };
  }

  /** number (durably reserved) → seal → hand over → the device has it. False: it is not there. */
  async #send(deviceId: DeviceId, stored: StoredSessionKey, contents: Downlink): Promise<boolean> {
    const topic = topicDown(deviceId);
    const { keyId, cipher } = stored;
    const sequence = await this.#number(deviceId);
    const key = deriveKeys(await this.#o.unwrap(stored.jwe)).down;
    const plaintext = encodeDownlink(sequence, contents);
    const ciphertext = sealEnvelope({ key, cipher, keyId, sequence, topic, plaintext });
    return this.#o.deliver(deviceId, topic, encodeEnvelope({ keyId, sequence, ciphertext }));
  }

  async #number(deviceId: DeviceId): Promise<bigint> {
    let numbers = this.#numbers.get(deviceId);
    if (numbers === undefined || numbers.next > numbers.last) {
      const first = await this.#o.store.reserve(deviceId, RESERVED_AT_ONCE);
      numbers = { next: first, last: first + BigInt(RESERVED_AT_ONCE) - 1n };
      this.#numbers.set(deviceId, numbers);
    }
    const number = numbers.next;
    numbers.next += 1n;
    return number;
  }

  #failed(listener: Listener, error: unknown): void {
    listener.lookMs = this.#o.clock.nowMs() + TRY_AGAIN_MS;
    this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'failed' });
    this.#o.telemetry.log('error', 'downlink_failed', { error: error instanceof Error ? error.name : typeof error });
  }
}

const LONGEST_WAIT_MS = 2 * 86_400_000;
const TRY_AGAIN_MS = 60_000;
const ACKS_MAX = 4_096;

const newListener = (): Listener => ({
  again: false,
  running: null,
  offeredKeyId: null,
  offeredMs: null,
  clockAhead: false,
  lookMs: Infinity,
  ack: new Set(),
});

function rangesOf(sequences: ReadonlySet<bigint>): SequenceRange[] {
  const ranges: { first: bigint; last: bigint }[] = [];
  for (const sequence of [...sequences].sort((a, b) => (a < b ? -1 : 1))) {
    const newest = ranges.at(-1);
    if (newest !== undefined && newest.last + 1n === sequence) newest.last = sequence;
    else ranges.push({ first: sequence, last: sequence });
  }
  return ranges;
}
