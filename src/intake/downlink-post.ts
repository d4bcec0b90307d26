/** Puts a downlink into its envelope: a number that was never used (durably reserved before), the device's key, and off. */
import { encodeDownlink } from '../codec/downlink.js';
import { encodeEnvelope } from '../codec/envelope.js';
import { deriveKeys, sealEnvelope } from '../crypto/envelope.js';
import type { Downlink } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import type { StoredSessionKey } from '../ports/device-registry.js';
import type { DownlinkSequences } from '../ports/downlinks.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';
import { topicDown } from './authenticate.js';

export interface DownlinkPostOptions {
  readonly store: DownlinkSequences;
  readonly deliver: MqttEndpoint['deliver'];
  /** Opens a stored session key. */
  readonly unwrap: (jwe: string) => Promise<Buffer>;
}

/** Numbers reserved at a time: one durable write for as many downlinks. */
const RESERVED_AT_ONCE = 64;
/** Devices whose numbers and key are at hand; of others the numbers are skipped, and the key is unwrapped (0.15 ms) anew. */
const DEVICES_MAX = 65_536;

export class DownlinkPost {
  readonly #o: DownlinkPostOptions;
  /** Reserved and not used yet. */
  readonly #numbers = new Map<DeviceId, { next: bigint; last: bigint }>();
  /** Derived for the direction down; `jwe`: from what. */
  readonly #keys = new Map<DeviceId, { readonly jwe: string; readonly down: Buffer }>();

  constructor(options: DownlinkPostOptions) {
    this.#o = options;
  }

  /** number (durably reserved) → seal → hand over. What `deliver` says; one call a device at a time. */
  async send(deviceId: DeviceId, stored: StoredSessionKey, contents: Downlink): Promise<boolean> {
    const topic = topicDown(deviceId);
    const { keyId, cipher } = stored;
    const sequence = await this.#number(deviceId);
    const key = await this.#key(deviceId, stored);
    const plaintext = encodeDownlink(sequence, contents);
    const ciphertext = sealEnvelope({ key, cipher, keyId, sequence, topic, plaintext });
    return this.#o.deliver(deviceId, topic, encodeEnvelope({ keyId, sequence, ciphertext }));
  }

  async #number(deviceId: DeviceId): Promise<bigint> {
    let numbers = this.#numbers.get(deviceId);
    if (numbers === undefined || numbers.next > numbers.last) {
      const first = await this.#o.store.reserve(deviceId, RESERVED_AT_ONCE);
      numbers = { next: first, last: first + BigInt(RESERVED_AT_ONCE) - 1n };
      keep(this.#numbers, deviceId, numbers);
    }
    const number = numbers.next;
    numbers.next += 1n;
    return number;
  }

  async #key(deviceId: DeviceId, { jwe }: StoredSessionKey): Promise<Buffer> {
    const kept = this.#keys.get(deviceId);
    if (kept?.jwe === jwe) return kept.down;
    const { down } = deriveKeys(await this.#o.unwrap(jwe));
    keep(this.#keys, deviceId, { jwe, down });
    return down;
  }
}

/** The one that was put in longest ago is let go first. */
function keep<T>(map: Map<DeviceId, T>, deviceId: DeviceId, value: T): void {
  map.delete(deviceId);
  map.set(deviceId, value);
  if (map.size <= DEVICES_MAX) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
