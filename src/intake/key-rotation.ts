/**
 * Replaces session keys: when a person asks, and by itself before they are too old. The new key waits in the registry,
 * sealed to the device, until the device has used it; the old one goes on beside it for a while, and opens for longer.
 */
import { randomBytes } from 'node:crypto';
import { offerKey, type Recipient } from '../crypto/offered-key.js';
import type { DeviceId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry, EnrolledDevice, StoredSessionKey } from '../ports/device-registry.js';
import type { Downlinks } from '../ports/downlinks.js';
import type { Telemetry } from '../ports/telemetry.js';

const DAY_MS = 86_400_000;

export interface RotationLimits {
  /** A key is replaced at the latest when it is this old, or has sealed so many uploads. */
  readonly ageMsMax: number;
  readonly usesMax: number;
  /** How long the old key goes on beside the new one, where nobody says otherwise. */
  readonly overlapMs: number;
  /** A device that has not used the new key keeps the old one for so much longer, again and again. */
  readonly patienceMs: number;
  /** How often the whole registry is looked through, at most; and how much of it at a time. */
  readonly sweepEveryMs: number;
  readonly devicesPerSweep: number;
}

export const ROTATION_LIMITS: RotationLimits = Object.freeze({
  ageMsMax: 30 * DAY_MS,
  // uses are counted in steps that a crash may lose: far from where it would matter
  usesMax: 2 ** 32 - 2 ** 28,
  overlapMs: 7 * DAY_MS,
  patienceMs: DAY_MS,
  sweepEveryMs: 60_000,
  devicesPerSweep: 256,
});

/** A restore may have forgotten keys that were given since the backup: their ids are passed over. */
const KEY_IDS_SKIPPED = 256;
const keyIdMax = 0xffff_ffff;

export interface KeyRotationOptions {
  readonly clock: Clock;
  readonly registry: DeviceRegistry;
  readonly store: Pick<Downlinks, 'generation' | 'state' | 'update'>;
  /** As session keys are kept (`crypto/device-keys`). */
  readonly wrap: (key: Uint8Array, kid: string) => Promise<string>;
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  /** An old key opens this long after its not-after; then it is dropped. */
  readonly openAfterMs: number;
  readonly telemetry: Telemetry;
  readonly limits?: Partial<RotationLimits>;
}

export class KeyRotation {
  readonly #o: KeyRotationOptions;
  readonly #limits: RotationLimits;
  #sweeping: Iterator<EnrolledDevice> | null = null;
  #sweptMs = Number.NEGATIVE_INFINITY;
  #impossible = 0;
  readonly #running = new Map<DeviceId, Promise<void>>();

  constructor(options: KeyRotationOptions) {
    this.#o = options;
    this.#limits = { ...ROTATION_LIMITS, ...options.limits };
  }

  /** A device has changed: a person may have asked for a new key. Resolves when it is made. */
  async changed(deviceId: DeviceId): Promise<void> {
    const device = this.#o.registry.get(deviceId);
    if (device?.rotation != null) await this.#once(deviceId, device.rotation.overlapMs);
  }

  /**
   * The time is `nowMs`: looks at the next part of the registry. Due times lie in it; there is no timer a device. A row
   * that cannot be read is said, and stops nobody's uploads.
   */
  async sweep(nowMs: number): Promise<void> {
    try {
      await this.#sweep(nowMs);
    } catch (error) {
      this.#sweeping = null;
      this.#failed(error);
    }
  }

  async #sweep(nowMs: number): Promise<void> {
    const before = this.#sweeping;
    if (before === null && nowMs - this.#sweptMs < this.#limits.sweepEveryMs && nowMs >= this.#sweptMs) return;
    const devices = before ?? this.#o.registry.list()[Symbol.iterator]();
    this.#sweeping = devices;
    if (before === null) this.#sweptMs = nowMs;
    const due: DeviceId[] = [];
    for (let looked = 0; looked < this.#limits.devicesPerSweep; looked += 1) {
      const { value, done } = devices.next();
      if (done === true) {
        this.#finish();
        break;
      }
      if (this.#isDue(value, nowMs)) due.push(value.deviceId);
      else await this.#bePatient(value, nowMs);
    }
    for (const deviceId of due) {
      const asked = this.#o.registry.get(deviceId)?.rotation ?? null;
      await this.#once(deviceId, asked?.overlapMs ?? null);
    }
  }

  /** An upload under the key that was offered is durable: the device has it. */
  async used(deviceId: DeviceId, keyId: number): Promise<void> {
    let noted = false;
    await this.#o.registry.update(deviceId, (device) => {
      noted = device.offered?.keyId === keyId;
      return noted ? { ...device, offered: null } : device;
    });
    if (noted) this.#count('confirmed');
  }

  /** So many more uploads came under a key. */
  async usedOften(deviceId: DeviceId, keyId: number, uses: number): Promise<void> {
    await this.#o.store.update(deviceId, (state) => {
      if (state.uses.keyId > keyId) return state;
      const count = state.uses.keyId === keyId ? state.uses.count : 0;
      return { ...state, uses: { keyId, count: count + uses } };
    });
  }

  #isDue(device: EnrolledDevice, nowMs: number): boolean {
    const newest = newestKey(device);
    if (device.disabledMs !== null || newest === null) return false;
    if (device.rotation != null) return true;
    if ((newest.generation ?? 0) < this.#o.store.generation) return true;
    // the newest waits to be used: another one would not be used sooner
    if (device.offered != null) return false;
    const { uses } = this.#o.store.state(device.deviceId);
    if (uses.keyId === newest.keyId && uses.count >= this.#limits.usesMax) return true;
    // so that the overlap ends when the key is as old as it may become
    return nowMs >= newest.notBeforeMs + this.#limits.ageMsMax - this.#limits.overlapMs;
  }

  /** Whoever is away for longer than the overlap finds the key that they know still there. */
  async #bePatient(device: EnrolledDevice, nowMs: number): Promise<void> {
    const { patienceMs } = this.#limits;
    const ends = ({ notAfterMs }: StoredSessionKey): boolean =>
      notAfterMs !== null && notAfterMs < nowMs + patienceMs / 2;
    const lastKnown = (of: EnrolledDevice) =>
      of.keys.filter(({ keyId }) => keyId !== of.offered?.keyId).sort((a, b) => b.keyId - a.keyId)[0];
    const waiting = (of: EnrolledDevice): boolean => {
      const known = lastKnown(of);
      return of.offered?.patient === true && of.disabledMs === null && known !== undefined && ends(known);
    };
    if (!waiting(device)) return;
    await this.#o.registry.update(device.deviceId, (now) => {
      const known = lastKnown(now);
      if (!waiting(now)) return now;
      const keys = now.keys.map((key) => (key === known ? { ...key, notAfterMs: nowMs + patienceMs } : key));
      return { ...now, keys };
    });
    this.#count('waited_for');
  }

  #once(deviceId: DeviceId, overlapMs: number | null): Promise<void> {
    const running = this.#running.get(deviceId);
    if (running !== undefined) return running;
    const rotating = this.#rotate(deviceId, overlapMs)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#running.delete(deviceId));
    this.#running.set(deviceId, rotating);
    return rotating;
  }

  async #rotate(deviceId: DeviceId, overlapMs: number | null): Promise<void> {
    const device = this.#o.registry.get(deviceId);
    const newest = device === null ? null : newestKey(device);
    if (device === null || newest === null || device.disabledMs !== null) return;
    const recipient = await this.#recipient(device);
    const { generation } = this.#o.store;
    const restored = (newest.generation ?? 0) < generation;
    const keyId = newest.keyId + (restored ? KEY_IDS_SKIPPED : 1);
    if (recipient === null || keyId > keyIdMax) {
      this.#impossible += 1;
      this.#count('impossible');
      await this.#o.registry.update(deviceId, (now) => (now.rotation == null ? now : { ...now, rotation: null }));
      return;
    }
    const kid = `${deviceId}:${keyId}`;
    const { cipher } = newest;
    const key = randomBytes(32);
    const [jwe, offer] = await Promise.all([this.#o.wrap(key, kid), offerKey(recipient, { kid, cipher, key })]);
    const nowMs = this.#o.clock.nowMs();
    const made: StoredSessionKey = {
      keyId,
      cipher,
      jwe,
      notBeforeMs: nowMs,
      notAfterMs: null,
      ...(generation === 0 ? {} : { generation }),
    };
    const endMs = nowMs + (overlapMs ?? this.#limits.overlapMs);
    const opens = ({ notAfterMs }: StoredSessionKey) =>
      notAfterMs === null || nowMs <= notAfterMs + this.#o.openAfterMs;
    const sooner = (key: StoredSessionKey) => ({ ...key, notAfterMs: Math.min(key.notAfterMs ?? endMs, endMs) });
    let stored = false;
    await this.#o.registry.update(deviceId, (now) => {
      stored = newestKey(now)?.keyId === newest.keyId && now.disabledMs === null;
      if (!stored) return now;
      return {
        ...now,
        keys: [...now.keys.map(sooner).filter(opens), made],
        offered: { keyId, jwe: offer, offeredMs: nowMs, patient: overlapMs === null },
        rotation: null,
      };
    });
    if (stored) this.#count('offered');
  }

  async #recipient({ identityJwk, wrappingJwe }: EnrolledDevice): Promise<Recipient | null> {
    if (identityJwk !== null) return { identityJwk };
    return wrappingJwe === null ? null : { wrappingKey: await this.#o.unwrap(wrappingJwe) };
  }

  #finish(): void {
    this.#sweeping = null;
    // one line a sweep, and no name in it: `devices list` says which
    if (this.#impossible > 0) {
      this.#o.telemetry.log('error', 'key_rotation_needs_enrolment', { devices: this.#impossible });
    }
    this.#impossible = 0;
  }

  #failed(error: unknown): void {
    this.#count('failed');
    const name = error instanceof Error ? error.name : typeof error;
    this.#o.telemetry.log('error', 'key_rotation_failed', { error: name });
  }

  #count(outcome: string): void {
    this.#o.telemetry.count('fairwatch_key_rotations_total', { outcome });
  }
}

function newestKey({ keys }: EnrolledDevice): StoredSessionKey | null {
  return keys.reduce<StoredSessionKey | null>((a, b) => (a === null || b.keyId > a.keyId ? b : a), null);
}
