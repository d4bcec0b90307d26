/** What one payload is, as far as it can be told without touching anything: an upload, or poison with its reason. */
import { hash } from 'node:crypto';
import { decodeEnvelope, type Envelope } from '../codec/envelope.js';
import { decodeUpload } from '../codec/upload.js';
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

/** The steps in order; each passes on or says why not. Rejects only when a stored key cannot be unwrapped. */
export function readUpload(
  deviceId: DeviceId,
  payload: Buffer,
  keys: KeyRing,
  nowMs: number,
): Reading | Promise<Reading> {
  const poison = (reason: QuarantineReason): PoisonReading => ({ kind: 'poison', reason, payload, authentic: null });
  if (payload.length > LIMITS.uploadBytesMax) return poison('too_large');
  if (looksLikeJwe(payload)) return readJwe(deviceId, payload, keys, nowMs);
  const envelope = decodeEnvelope(payload);
  if (!envelope.ok) return poison('not_an_envelope');
  const key = keys.find(deviceId, envelope.value.keyId, nowMs);
  // At once in all but a device's first message, and then without the cost of a promise.
  return key instanceof Promise
    ? key.then((found) => openWith(found, deviceId, envelope.value, payload))
    : openWith(key, deviceId, envelope.value, payload);
}

function openWith(
  key: Result<OpeningKey, KeyFault>,
  deviceId: DeviceId,
  { keyId, sequence, ciphertext }: Envelope,
  payload: Buffer,
): Reading {
  if (!key.ok) return { kind: 'poison', reason: key.fault, payload, authentic: null };
  const { up, cipher } = key.value;
  const plain = openEnvelope({ key: up, cipher, keyId, sequence, topic: topicUp(deviceId), ciphertext });
  if (plain === null) return { kind: 'poison', reason: 'bad_seal', payload, authentic: null };

  const digest = digestOf(payload);
  const poison = (reason: QuarantineReason): PoisonReading => ({
    kind: 'poison',
    reason,
    payload,
    authentic: { sequence, digest },
  });
  const upload = decodeUpload(plain);
  if (!upload.ok) return poison(upload.fault.reason);
  if (upload.value.sequence !== sequence) return poison('sequence_mismatch');
  return { kind: 'upload', upload: upload.value, digest, payload, key: key.value };
}

/** The interoperable form; its sequence is the upload's own. */
function readJwe(deviceId: DeviceId, payload: Buffer, keys: KeyRing, nowMs: number): Reading | Promise<Reading> {
  const poison = (reason: QuarantineReason): PoisonReading => ({ kind: 'poison', reason, payload, authentic: null });
  const jwe = readUplinkJwe(payload);
  if (!jwe.ok) return poison('not_an_envelope');
  // as an envelope of another device is: it would not open under this one's key
  if (jwe.value.deviceId !== deviceId) return poison('bad_seal');
  const key = keys.find(deviceId, jwe.value.keyId, nowMs, 'jwe');
  return key instanceof Promise
    ? key.then((found) => openJweWith(found, jwe.value, payload))
    : openJweWith(key, jwe.value, payload);
}

function openJweWith(key: Result<OpeningKey, KeyFault>, jwe: UplinkJwe, payload: Buffer): Reading {
  const poison = (reason: QuarantineReason): PoisonReading => ({ kind: 'poison', reason, payload, authentic: null });
  if (!key.ok) return poison(key.fault);
  const plain = key.value.jwe === null ? null : openUplinkJwe(key.value.jwe, jwe);
  if (plain === null) return poison('bad_seal');
  const upload = decodeUpload(plain);
  // a sequence that cannot be read cannot be taken; what comes again is then kept again
  if (!upload.ok) return poison(upload.fault.reason);
  return { kind: 'upload', upload: upload.value, digest: digestOf(payload), payload, key: key.value };
}

const digestOf = (payload: Buffer): string => hash('sha256', payload, 'buffer').subarray(0, 16).toString('base64url');
