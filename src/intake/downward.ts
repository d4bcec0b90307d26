/** The way down to devices: what intake sees of them leads to keys, answers and wishes being sent. */
import type { SequenceRange } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { Upload } from '../domain/record.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { Downlinks } from '../ports/downlinks.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';
import { Answers } from './answers.js';
import { topicDown } from './authenticate.js';
import { DownlinkPost } from './downlink-post.js';
import { DownlinkSender } from './downlink-sender.js';
import type { OpeningKey } from './key-ring.js';
import { KeyRotation, type RotationLimits } from './key-rotation.js';

export interface DownwardSettings {
  readonly store: Downlinks;
  /** As session keys are kept (`crypto/device-keys`). */
  readonly wrap: (key: Uint8Array, kid: string) => Promise<string>;
  /** A broker stands between: its PUBACK proves little, so what is durable is acknowledged from here. */
  readonly acknowledge: boolean;
  readonly rotation?: Partial<RotationLimits>;
}

export interface DownwardOptions extends DownwardSettings {
  readonly clock: Clock;
  readonly registry: DeviceRegistry;
  readonly endpoint: () => Pick<MqttEndpoint, 'deliver' | 'connections'>;
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  readonly newestSequence: (deviceId: DeviceId) => bigint;
  readonly openAfterMs: number;
  readonly telemetry: Telemetry;
}

/** Uploads under one key are counted in steps of this. */
const USES_STEP = 2 ** 20;
const clockAheadMs = DEFAULT_POLICY.clockAheadS * 1_000;

export class Downward {
  readonly #o: DownwardOptions;
  readonly #sender: DownlinkSender | Answers;
  readonly #answers: Answers | null;
  readonly #rotation: KeyRotation;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: DownwardOptions) {
    this.#o = options;
    const post = new DownlinkPost({
      ...options,
      deliver: (deviceId, topic, payload) => options.endpoint().deliver(deviceId, topic, payload),
    });
    const reachable = (): boolean => options.endpoint().connections() > 0;
    this.#answers = options.acknowledge ? new Answers({ ...options, post, reachable }) : null;
    this.#sender = this.#answers ?? new DownlinkSender({ ...options, post });
    const { rotation, ...rest } = options;
    this.#rotation = new KeyRotation({ ...rest, ...(rotation === undefined ? {} : { limits: rotation }) });
  }

  /** An upload is durable. On the way of every message: it must cost nothing where nothing is new. */
  received(deviceId: DeviceId, { sequence, oldestHeld, records }: Upload, key: OpeningKey, atMs: number): void {
    const seen = this.#answers?.received(deviceId, sequence, oldestHeld) ?? null;
    if (seen !== null) this.#do(seen);
    if (key.offered) {
      key.offered = false;
      this.#do(this.#rotation.used(deviceId, key.keyId));
    }
    key.uses += 1;
    if (key.uses === USES_STEP) {
      key.uses = 0;
      this.#do(this.#rotation.usedOften(deviceId, key.keyId, USES_STEP));
    }
    const newest = records[records.length - 1];
    if (newest !== undefined && newest.timeMs - atMs > clockAheadMs) this.#do(this.#sender.clockAhead(deviceId));
  }

  /** It was durable before, or is kept as poison that is truly the device's: it need not come again. */
  settled(deviceId: DeviceId, sequence: bigint): void {
    this.#answers?.repeated(deviceId, sequence);
  }

  counterLost(deviceId: DeviceId): void {
    this.#do(this.#sender.counterLost(deviceId));
  }

  missing(deviceId: DeviceId, range: SequenceRange): void {
    this.#do(this.#sender.missing(deviceId, range));
  }

  subscribed(deviceId: DeviceId, filter: string): void {
    if (filter === topicDown(deviceId)) this.#sender.subscribed(deviceId);
  }

  changed(deviceId: DeviceId): void {
    this.#sender.look(deviceId);
    this.#do(this.#rotation.changed(deviceId));
  }

  /** Resolves when what is due now is made; what is sent goes on by itself. */
  async onTime(nowMs: number): Promise<void> {
    await this.#rotation.sweep(nowMs);
    this.#sender.onTime(nowMs);
  }

  /** After the endpoint is closed. */
  async stop(): Promise<void> {
    await this.#sender.stop();
    await Promise.all(this.#underWay);
  }

  #do(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : typeof error;
        this.#o.telemetry.log('error', 'downlink_failed', { error: name });
      })
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }
}
