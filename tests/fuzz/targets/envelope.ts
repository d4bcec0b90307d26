/** Envelopes: raw bytes, and plaintexts that are sealed rightly or almost rightly, through `readUpload`. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { decodeEnvelope, encodeEnvelope } from '../../../src/codec/envelope.js';
import { decodeUpload } from '../../../src/codec/upload.js';
import { parseDeviceId } from '../../../src/domain/ids.js';
import { KeyRing } from '../../../src/intake/key-ring.js';
import { readUpload } from '../../../src/intake/read-upload.js';
import type { EnrolledDevice } from '../../../src/ports/device-registry.js';
import { mutateProtobuf } from '../mutate-protobuf.js';
import { bytesOf, fieldsOf } from '../protobuf-fields.js';
import { must } from '../target.js';
import { envelopes, plaintexts } from './wire-samples.js';

const parsed = parseDeviceId('FUZZ-1');
if (!parsed.ok) throw new Error(parsed.fault);
const deviceId = parsed.value;
const topic = `em/v1/d/${deviceId}/up`;
const nowMs = Date.UTC(2026, 2, 2, 19);
const sessionKey = Buffer.alloc(32, 5);
const derived = (info: string): Buffer => Buffer.from(hkdfSync('sha256', sessionKey, '', info, 32));
const [up, down] = [derived('em/v1 up'), derived('em/v1 down')];
const CIPHERS = { 1: 'aes-256-gcm', 2: 'chacha20-poly1305' } as const;

const stored = (keyId: 1 | 2) => ({
  keyId,
  cipher: keyId === 1 ? ('A256GCM' as const) : ('C20P' as const),
  jwe: `key ${keyId}`,
  notBeforeMs: 0,
  notAfterMs: null,
});
const device: EnrolledDevice = {
  deviceId,
  kind: 'tag',
  passwordHash: '',
  identityJwk: null,
  wrappingJwe: null,
  keys: [stored(1), stored(2)] as unknown as EnrolledDevice['keys'],
  enrolledMs: 0,
  disabledMs: null,
};
export const fuzzKeys = (): KeyRing =>
  new KeyRing({
    registry: { get: (id) => (id === deviceId ? device : null) },
    unwrap: async () => sessionKey,
    openAfterMs: 0,
    devicesMax: 16,
  });
const keys = fuzzKeys();

/** How the rest of an input becomes a payload; the first byte says which. */
const FORMS = ['raw', 'raw', 'gcm', 'chacha', 'other topic', 'down key', 'damaged', 'other number'] as const;

/** By hand, on Node's own ciphers: what judges the openers is not made by them. */
function sealed(form: (typeof FORMS)[number], plain: Buffer): Buffer {
  const keyId = form === 'chacha' ? 2 : 1;
  const sequence = fieldsOf(plain)?.findLast(({ number, wireType }) => number === 1 && wireType === 1)?.value ?? 1n;
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(keyId);
  nonce.writeBigUInt64BE(sequence, 4);
  const key = form === 'down key' ? down : up;
  const aad = Buffer.from(form === 'other topic' ? topic.replace('1/up', '2/up') : topic);
  const options = { authTagLength: 16 } as const;
  const cipher = createCipheriv(CIPHERS[keyId] as 'aes-256-gcm', key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  if (form === 'damaged') ciphertext[ciphertext.length - 1 - (plain.length % 7)]! ^= 1;
  const named = form === 'other number' ? sequence ^ 1n : sequence;
  const none = Buffer.alloc(0);
  return bytesOf([
    { number: 1, wireType: 0, value: BigInt(keyId), bytes: none },
    { number: 2, wireType: 1, value: named, bytes: none },
    { number: 3, wireType: 2, value: 0n, bytes: ciphertext },
  ]);
}

/** The plaintext if the payload truly is sealed for this topic, as the specification has it. */
function openedByHand(payload: Buffer): Buffer | null {
  const fields = fieldsOf(payload);
  const keyId = Number(BigInt.asUintN(32, fields?.findLast((f) => f.number === 1 && f.wireType === 0)?.value ?? 0n));
  const sequence = fields?.findLast((f) => f.number === 2 && f.wireType === 1)?.value ?? 0n;
  const ciphertext = fields?.findLast((f) => f.number === 3 && f.wireType === 2)?.bytes;
  if (ciphertext === undefined || ciphertext.length < 16 || (keyId !== 1 && keyId !== 2)) return null;
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(keyId);
  nonce.writeBigUInt64BE(sequence, 4);
  const plain = ciphertext.subarray(0, -16);
  const opener = createDecipheriv(CIPHERS[keyId] as 'aes-256-gcm', up, nonce, { authTagLength: 16 });
  opener.setAAD(Buffer.from(topic), { plaintextLength: plain.length }).setAuthTag(ciphertext.subarray(-16));
  try {
    return Buffer.concat([opener.update(plain), opener.final()]);
  } catch {
    return null;
  }
}

export const target = {
  bytesMax: 8_192,
  seeds: () => [
    ...envelopes().map((bytes) => Buffer.concat([Buffer.of(0), bytes])),
    ...FORMS.flatMap((_, form) => plaintexts().map((plain) => Buffer.concat([Buffer.of(form), plain]))),
    ...plaintexts().map((plain) => Buffer.concat([Buffer.of(0), sealed('gcm', plain)])),
  ],
  mutate: (input: Buffer, other: Buffer, chance: Parameters<typeof mutateProtobuf>[2]) => {
    const form = chance.oneIn(6) ? chance.int(256) : (input[0] ?? 0);
    return Buffer.concat([Buffer.of(form), mutateProtobuf(input.subarray(1), other.subarray(1), chance)]);
  },
  open: () => keys.prepare(deviceId),
  run(input: Buffer): void {
    const form = FORMS[(input[0] ?? 0) % FORMS.length] as (typeof FORMS)[number];
    const payload = form === 'raw' ? input.subarray(1) : sealed(form, input.subarray(1));

    const envelope = decodeEnvelope(payload);
    if (envelope.ok) {
      const { keyId, sequence, ciphertext } = envelope.value;
      must(Number.isInteger(keyId) && keyId >= 1 && keyId < 2 ** 32, 'an envelope has a key id of 1 to 2^32 − 1');
      must(sequence >= 1n && sequence < 2n ** 64n, 'an envelope has a sequence of 1 to 2^64 − 1');
      must(ciphertext.length >= 16 && ciphertext.length <= payload.length, 'a ciphertext holds its tag');
      const again = decodeEnvelope(encodeEnvelope(envelope.value));
      must(
        again.ok &&
          again.value.keyId === keyId &&
          again.value.sequence === sequence &&
          Buffer.compare(again.value.ciphertext, ciphertext) === 0,
        'an envelope that was read is written as the same',
      );
    }

    const reading = readUpload(deviceId, payload, keys, nowMs);
    // its keys are at hand, so it never has to wait
    must(!(reading instanceof Promise), 'a device whose keys were prepared is answered at once');
    if (reading.kind === 'poison') {
      must(reading.payload === payload, 'what is poison is kept whole');
      // groups are for another reader than this target's
      const right = (form === 'gcm' || form === 'chacha') && fieldsOf(input.subarray(1)) !== null;
      must(
        !right || payload.length > 65_536 || !takes(input.subarray(1)),
        'what was sealed rightly and is an upload is taken',
      );
      return;
    }
    const plain = openedByHand(payload);
    must(plain !== null, 'only what is sealed for this topic is an upload');
    must(
      form !== 'other topic' && form !== 'down key' && form !== 'damaged' && form !== 'other number',
      `${form} opens nothing`,
    );
    must(takes(plain), 'an upload is what its plaintext says');
  },
};

const takes = (plain: Buffer): boolean => decodeUpload(plain).ok;
