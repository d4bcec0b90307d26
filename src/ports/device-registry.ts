/** Who may speak: enrolled devices, their credentials and keys. */
import type { DeviceId } from '../domain/ids.js';
import type { DeviceKind } from '../domain/order.js';

export type Cipher = 'A256GCM' | 'C20P';

/** A session key as it is kept: a JWK inside a JWE under the key-encryption key. */
export interface StoredSessionKey {
  readonly keyId: number;
  readonly cipher: Cipher;
  readonly jwe: string;
  readonly notBeforeMs: number;
  /** It seals no more after this, and opens until this + the amend horizon + 1 h. Null: not replaced yet. */
  readonly notAfterMs: number | null;
}

export interface EnrolledDevice {
  readonly deviceId: DeviceId;
  readonly kind: DeviceKind;
  /** SHA-256 of the password, base64url. The password is 32 random bytes, so a plain hash is enough. */
  readonly passwordHash: string;
  /** The public identity key (EC P-256 JWK), or null with a key-wrapping key. */
  readonly identityJwk: Readonly<Record<string, unknown>> | null;
  /** A 256-bit key-wrapping key as a JWK inside a JWE, for devices without an asymmetric engine. */
  readonly wrappingJwe: string | null;
  readonly keys: readonly StoredSessionKey[];
  readonly enrolledMs: number;
  readonly disabledMs: number | null;
}

export interface DeviceRegistry {
  get(deviceId: DeviceId): EnrolledDevice | null;
  list(): Iterable<EnrolledDevice>;
  /** Stores or replaces; durable when it resolves. */
  put(device: EnrolledDevice): Promise<void>;
  /** Calls back when a device was stored or changed, in this process or another (within 250 ms). Returns the way to stop. */
  onChange(listener: (deviceId: DeviceId) => void): () => void;
  close(): Promise<void>;
}
