/** The keys that open what devices send: unwrapped when first needed, kept while used, forgotten when they change. */
import { deriveKeys } from '../crypto/envelope.js';
import type { DeviceId } from '../domain/ids.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { Cipher, DeviceRegistry, StoredSessionKey } from '../ports/device-registry.js';

export interface OpeningKey {
  readonly keyId: number;
  readonly cipher: Cipher;
  /** Derived for the direction up. */
  readonly up: Buffer;
  /** Derived for uploads as JWE; null until the first one comes: few devices send them, and a million keys weigh much. */
  readonly jwe: Buffer | null;
  /** It opens nothing from then on; null: no end is set. */
  readonly opensUntilMs: number | null;
  /** It was offered to the device, which has not been seen to have it; set to false when that is noted. */
  offered: boolean;
  /** Uploads since they were last counted. */
  uses: number;
}

export type UploadForm = 'envelope' | 'jwe';
export type KeyFault = 'unknown_key' | 'expired_key';

export interface KeyRingOptions {
  readonly registry: Pick<DeviceRegistry, 'get'>;
  /** Gives the 32-byte session key; rejects when the wrapping is broken (the gateway's fault, not the device's). */
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  /** An old key opens this long after its not-after, so that a backlog is not lost: the amend horizon and 1 h. */
  readonly openAfterMs: number;
  readonly devicesMax: number;
}

export class KeyRing {
  readonly #o: KeyRingOptions;
  /** Two generations: what was used since the last turn, and before it. Cheaper than to reorder at every message. */
  #young = new Map<DeviceId, OpeningKey[]>();
  #old = new Map<DeviceId, OpeningKey[]>();
  readonly #unwrapping = new Map<string, Promise<OpeningKey>>();

  constructor(options: KeyRingOptions) {
    this.#o = options;
  }

  /** At once when the key is at hand. Rejects when it cannot be unwrapped. */
  find(
    deviceId: DeviceId,
    keyId: number,
    nowMs: number,
    form: UploadForm = 'envelope',
  ): Result<OpeningKey, KeyFault> | Promise<Result<OpeningKey, KeyFault>> {
    const cached = this.#cached(deviceId)?.find((key) => key.keyId === keyId);
    if (cached !== undefined && (form === 'envelope' || cached.jwe !== null)) return judge(cached, nowMs);
    // A key that is not yet valid may open: the device can have it only from us. Not-before is for sealing.
    const stored = this.#stored(deviceId, keyId);
    if (stored === undefined) return bad('unknown_key');
    return this.#unwrapOnce(deviceId, stored, form).then((key) => judge(key, nowMs));
  }

  /**
   * Unwraps a device's keys ahead of its first message (~0.15 ms each: a storm of first messages would stall everybody's
   * alerts for a second). What cannot be unwrapped is left for `find` to say.
   */
  async prepare(deviceId: DeviceId): Promise<void> {
    const at = this.#cached(deviceId) ?? [];
    const missing = (this.#o.registry.get(deviceId)?.keys ?? []).filter((k) => !at.some((c) => c.keyId === k.keyId));
    await Promise.allSettled(missing.map((stored) => this.#unwrapOnce(deviceId, stored, 'envelope')));
  }

  /** The device's keys have changed. */
  invalidate(deviceId: DeviceId): void {
    this.#young.delete(deviceId);
    this.#old.delete(deviceId);
  }

  #stored(deviceId: DeviceId, keyId: number): StoredSessionKey | undefined {
    return this.#o.registry.get(deviceId)?.keys.find((key) => key.keyId === keyId);
  }

  #cached(deviceId: DeviceId): OpeningKey[] | undefined {
    const young = this.#young.get(deviceId);
    if (young !== undefined) return young;
    const old = this.#old.get(deviceId);
    if (old !== undefined) this.#keep(deviceId, old);
    return old;
  }

  #keep(deviceId: DeviceId, keys: OpeningKey[]): void {
    if (this.#young.size >= this.#o.devicesMax / 2 && !this.#young.has(deviceId)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(deviceId, keys);
  }

  #unwrapOnce(deviceId: DeviceId, stored: StoredSessionKey, form: UploadForm): Promise<OpeningKey> {
    const name = `${form} ${stored.jwe}`;
    const running = this.#unwrapping.get(name);
    if (running !== undefined) return running;
    const unwrapping = this.#unwrap(deviceId, stored, form).finally(() => this.#unwrapping.delete(name));
    this.#unwrapping.set(name, unwrapping);
    return unwrapping;
  }

  async #unwrap(deviceId: DeviceId, stored: StoredSessionKey, form: UploadForm): Promise<OpeningKey> {
    const { up, jwe } = deriveKeys(await this.#o.unwrap(stored.jwe));
    const { keyId, cipher } = stored;
    const device = this.#o.registry.get(deviceId);
    const kept = this.#cached(deviceId) ?? [];
    const before = kept.find((key) => key.keyId === keyId);
    const key: OpeningKey = {
      keyId,
      cipher,
      up,
      jwe: form === 'jwe' ? jwe : (before?.jwe ?? null),
      opensUntilMs: opensUntil(stored, device?.disabledMs ?? null, this.#o.openAfterMs),
      offered: device?.offered?.keyId === keyId,
      uses: before?.uses ?? 0,
    };
    // It may have been replaced meanwhile; then it serves this message and is not kept.
    if (device?.keys.find((one) => one.keyId === keyId)?.jwe === stored.jwe) {
      this.#keep(deviceId, [...kept.filter((other) => other !== before), key]);
    }
    return key;
  }
}

/** A disabled device's keys open what it had sent until then, and nothing that comes later. */
function opensUntil({ notAfterMs }: StoredSessionKey, disabledMs: number | null, openAfterMs: number): number | null {
  const ends = [
    ...(notAfterMs === null ? [] : [notAfterMs + openAfterMs]),
    ...(disabledMs === null ? [] : [disabledMs]),
  ];
  return ends.length === 0 ? null : Math.min(...ends);
}

function judge(key: OpeningKey, nowMs: number): Result<OpeningKey, KeyFault> {
  return key.opensUntilMs !== null && nowMs > key.opensUntilMs ? bad('expired_key') : ok(key);
}
