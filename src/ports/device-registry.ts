/** Who may speak: enrolled devices, their credentials and keys. */
import type { DeviceConfig, Notice } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import type { DeviceKind } from '../domain/order.js';

export type Cipher = 'A256GCM' | 'C20P';

/** A session key as it is kept: a JWK inside a JWE for the tier that opens what devices send. */
export interface StoredSessionKey {
  readonly keyId: number;
  readonly cipher: Cipher;
  readonly jwe: string;
  /** SHA-256 of its base64url text, base64url: tells an enrolment that is done again. It is 32 random bytes, so this tells nothing. */
  readonly keyHash?: string;
  readonly notBeforeMs: number;
  /** It seals no more after this, and opens until this + the amend horizon + 1 h. Null: not replaced yet. */
  readonly notAfterMs: number | null;
  /** How often the data had been restored from a backup when it was made (`Downlinks.generation`); absent: never. */
  readonly generation?: number;
}

/** A session key that was made and that the device has not used yet. */
export interface OfferedKey {
  readonly keyId: number;
  /** What goes into `Downlink.key`: only the device opens it. */
  readonly jwe: string;
  readonly offeredMs: number;
  /** The key before it goes on until this one is used: a device that is away must not be locked out by a clock. */
  readonly patient: boolean;
}

/** Something that the device is to be told; of several only the newest. */
export interface Wish<T> {
  /** 1, 2, 3…: intake remembers which it has told. */
  readonly version: number;
  readonly value: T;
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
  /** Absent or null: the device has what it was given. */
  readonly offered?: OfferedKey | null;
  /** A new key was asked for, and intake has not made it yet. `overlapMs` null: as the gateway thinks right. */
  readonly rotation?: { readonly askedMs: number; readonly overlapMs: number | null } | null;
  readonly config?: Wish<DeviceConfig> | null;
  readonly notice?: Wish<Notice> | null;
}

export interface DeviceRegistry {
  get(deviceId: DeviceId): EnrolledDevice | null;
  list(): Iterable<EnrolledDevice>;
  /** Stores or replaces; durable when it resolves. */
  put(device: EnrolledDevice): Promise<void>;
  /**
   * Changes what is stored, alone among all processes; durable when it resolves with what stands then. Null: not
   * enrolled. A `change` that gives back what it got stores nothing.
   */
  update(deviceId: DeviceId, change: (device: EnrolledDevice) => EnrolledDevice): Promise<EnrolledDevice | null>;
  /** Calls back when a device was stored or changed, in this process or another (within 250 ms). Returns the way to stop. */
  onChange(listener: (deviceId: DeviceId) => void): () => void;
  close(): Promise<void>;
}
