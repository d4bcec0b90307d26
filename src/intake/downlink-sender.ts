/** Tells devices that are connected here what waits for them: while they listen, one downlink at a time, each under a number of its own. */
import { type SequenceRange, saysSomething } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { Downlinks } from '../ports/downlinks.js';
import type { Telemetry } from '../ports/telemetry.js';
import { contentsOf, joined, lookAgainMs, type Situation, toldTo } from './downlink-contents.js';
import type { DownlinkPost } from './downlink-post.js';
import { sealingKey } from './sealing-key.js';

export interface DownlinkSenderOptions {
  readonly clock: Clock;
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly store: Downlinks;
  readonly post: DownlinkPost;
  /** The highest upload sequence of a device that was taken in; 0 = none. */
  readonly newestSequence: (deviceId: DeviceId) => bigint;
  readonly telemetry: Telemetry;
}

/** A device that listens. */
interface Listener {
  /** Something may have changed since the last look. */
  again: boolean;
  running: Promise<void> | null;
  offeredKeyId: number | null;
  offeredMs: number | null;
  clockAhead: boolean;
  lookMs: number;
}

export class DownlinkSender {
  readonly #o: DownlinkSenderOptions;
  readonly #listeners = new Map<DeviceId, Listener>();
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
      if (!(await this.#o.post.send(deviceId, key, contents))) {
        this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'not_delivered' });
        // one that has come back meanwhile is told again
        if (!listener.again) this.#listeners.delete(deviceId);
        continue;
      }
      this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'delivered' });
      if (contents.key !== null) listener.offeredMs = situation.nowMs;
      if (contents.serverTimeMs !== null) listener.clockAhead = false;
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
      ack: [],
      newestSequence: this.#o.newestSequence(deviceId),
    };
  }

  #failed(listener: Listener, error: unknown): void {
    listener.lookMs = this.#o.clock.nowMs() + TRY_AGAIN_MS;
    this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'failed' });
    this.#o.telemetry.log('error', 'downlink_failed', { error: error instanceof Error ? error.name : typeof error });
  }
}

const LONGEST_WAIT_MS = 2 * 86_400_000;
const TRY_AGAIN_MS = 60_000;

const newListener = (): Listener => ({
  again: false,
  running: null,
  offeredKeyId: null,
  offeredMs: null,
  clockAhead: false,
  lookMs: Infinity,
});
