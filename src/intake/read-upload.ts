/**
 * What one payload is, as far as it can be told without touching anything: an upload, or poison with its reason. In two
 * steps: opened when it comes, decoded when it is let in, for what waits between weighs a tenth as bytes.
 */
import { decodeEnvelope, type Envelope } from '../codec/envelope.js';
import { shortHash } from '../codec/short-hash.js';
import { decodeUpload } from '../codec/upload.js';
import { glanceAtUpload } from '../codec/upload-glance.js';
import { openEnvelope } from '../crypto/envelope.js';
import { looksLikeJwe, openUplinkJwe, readUplinkJwe, type UplinkJwe } from '../crypto/uplink-jwe.js';
import type { QuarantineReason } from '../domain/entry.js';
import type { DeviceId } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Upload } from '../domain/record.js';
import type { Result } from '../domain/result.js';
import { topicUp } from './authenticate.js';
import type { KeyFault, KeyRing, OpeningKey } from './key-ring.js';

export type Reading = GoodReading | PoisonReading;

export interface GoodReading {
  readonly kind: 'upload';
  readonly upload: Upload;
  /** First 16 bytes of the payload's SHA-256, base64url. */
  readonly digest: string;
  /** The payload: it may yet turn out to reuse a sequence, and is then kept. */
  readonly payload: Buffer;
  /** Which opened it. */
  readonly key: OpeningKey;
}

export interface PoisonReading {
  readonly kind: 'poison';
  readonly reason: QuarantineReason;
  readonly payload: Buffer;
  /** When the payload opened under the device's key, so that the number is truly the device's. */
  readonly authentic: { readonly sequence: bigint; readonly digest: string } | null;
}

/** A payload that opened under its device's key. */
export interface OpenedUpload {
  readonly kind: 'opened';
  readonly plain: Uint8Array;
  /** The envelope's; null: only the upload's own is authentic. */
  readonly sequence: bigint | null;
  readonly payload: Buffer;
  readonly key: OpeningKey;
}

export type Opened = OpenedUpload | PoisonReading;

/** Bytes of a payload that weigh as much as a record: its own are 20 to 60. */
const BYTES_PER_RECORD = 128;

/** Whether it is backlog, and as how many records it counts (`LIMITS.engineLagRecordsMax`), as far as its bytes tell. */
export function classOf(opened: Opened, nowMs: number): { readonly live: boolean; readonly weight: number } {
  const glance = opened.kind === 'opened' ? glanceAtUpload(opened.plain) : null;
  const bytes = Math.ceil(Math.min(opened.payload.length, LIMITS.uploadBytesMax) / BYTES_PER_RECORD);
  const weight = Math.min(Math.max(glance?.records ?? 1, bytes, 1), LIMITS.recordsPerUploadMax);
  // that somebody sends poison must not wait either; as every device's, it comes in turns
  return { live: glance === null || glance.newestMs >= nowMs - LIMITS.liveAgeMsMax, weight };
}

/** Both steps at once. */
export function readUpload(
  deviceId: DeviceId,
  payload: Buffer,
  keys: KeyRing,
  nowMs: number,
): Reading | Promise<Reading> {
  const opened = openUpload(deviceId, payload, keys, nowMs);
  return opened instanceof Promise ? opened.then(decodeOpened) : decodeOpened(opened);
}

/** The second step. */
export function decodeOpened(opened: Opened): Reading {
  if (opened.kind === 'poison') return opened;
  const { plain, sequence, payload, key } = opened;
  const upload = decodeUpload(plain);
  const digest = digestOf(payload);
  if (upload.ok && (sequence === null || upload.value.sequence === sequence)) {
    return { kind: 'upload', upload: upload.value, digest, payload, key };
  }
  const reason = upload.ok ? 'sequence_mismatch' : upload.fault.reason;
  // of a JWE that cannot be read no sequence can be taken; what comes again is then kept again
  return { kind: 'poison', reason, payload, authentic: sequence === null ? null : { sequence, digest } };
}

/** The first, its stages in order; each passes on or says why not. Rejects only when a stored key cannot be unwrapped. */
export function openUpload(
  deviceId: DeviceId,
  payload: Buffer,
  keys: KeyRing,
  nowMs: number,
): Opened | Promise<Opened> {
  if (payload.length > LIMITS.uploadBytesMax) return poison('too_large', payload);
  if (looksLikeJwe(payload)) return readJwe(deviceId, payload, keys, nowMs);
  const envelope = decodeEnvelope(payload);
  if (!envelope.ok) return poison('not_an_envelope', payload);
  const key = keys.find(deviceId, envelope.value.keyId, nowMs);
  // At once in all but a device's first message, and then without the cost of a promise.
  return key instanceof Promise
    ? key.then((found) => openWith(found, deviceId, envelope.value, payload))
    : openWith(key, deviceId, envelope.value, payload);
}

const poison = (reason: QuarantineReason, payload: Buffer): PoisonReading => ({
  kind: 'poison',
  reason,
  payload,
  authentic: null,
});

function openWith(
  key: Result<OpeningKey, KeyFault>,
  deviceId: DeviceId,
  { keyId, sequence, ciphertext }: Envelope,
  payload: Buffer,
): Opened {
  if (!key.ok) return poison(key.fault, payload);
  const { up, cipher } = key.value;
  const plain = openEnvelope({ key: up, cipher, keyId, sequence, topic: topicUp(deviceId), ciphertext });
  if (plain === null) return poison('bad_seal', payload);
  return { kind: 'opened', plain, sequence, payload, key: key.value };
}

/** The interoperable form; its sequence is the upload's own. */
function readJwe(deviceId: DeviceId, payload: Buffer, keys: KeyRing, nowMs: number): Opened | Promise<Opened> {
  const jwe = readUplinkJwe(payload);
  if (!jwe.ok) return poison('not_an_envelope', payload);
  // as an envelope of another device is: it would not open under this one's key
  if (jwe.value.deviceId !== deviceId) return poison('bad_seal', payload);
  const key = keys.find(deviceId, jwe.value.keyId, nowMs, 'jwe');
  return key instanceof Promise
    ? key.then((found) => openJweWith(found, jwe.value, payload))
    : openJweWith(key, jwe.value, payload);
}

function openJweWith(key: Result<OpeningKey, KeyFault>, jwe: UplinkJwe, payload: Buffer): Opened {
  if (!key.ok) return poison(key.fault, payload);
  const plain = key.value.jwe === null ? null : openUplinkJwe(key.value.jwe, jwe);
  if (plain === null) return poison('bad_seal', payload);
  return { kind: 'opened', plain, sequence: null, payload, key: key.value };
}

/** As `UploadEntry.digest` is. */
export const digestOf = (payload: Buffer): string => shortHash(payload);
