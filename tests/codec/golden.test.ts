// The golden vectors, made again without our encoder, decoder or ciphers: protobuf by hand, HKDF by HMAC, node:crypto.
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodeEnvelope } from '../../src/codec/envelope.js';
import { decodeUpload, encodeUpload } from '../../src/codec/upload.js';
import { parseUploadLine } from '../../src/codec/upload-json.js';
import { openEnvelope } from '../../src/crypto/envelope.js';
import { passwordHash, passwordMatches } from '../../src/crypto/password.js';
import { asBytes, asFixed64, asPacked, asSint, asText, asVarint } from './hand-protobuf.js';

interface Vector {
  readonly [field: string]: string;
}
interface Members {
  readonly [name: string]: number | string | readonly string[] | Members;
}

const folder = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'wire');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5));

const flagNumbers: Record<string, number> = {
  'tag STRAP_TAMPER_START': 1,
  'tag CHARGING_START': 5,
  'tag SELF_TEST_OK': 14,
  'unit MAINS_LOST': 1,
  'unit MOVED': 3,
  'unit CASE_OPEN_START': 5,
  'alcohol OBSTRUCTED': 1,
  'rf EXIT': 2,
  'rf PRESENT': 3,
  'fix GNSS': 1,
  'fix RF': 4,
  'fix LBS': 5,
  'fix WIFI': 6,
};
const number = (of: string, name: unknown): number => {
  const found = flagNumbers[`${of} ${String(name)}`];
  if (found === undefined) throw new Error(`${of} ${String(name)}`);
  return found;
};
const list = (of: string, value: unknown) => (value as string[]).map((name) => number(of, name));

/** Field number and writer of every member, as the wire's tables have them. */
const tagFields: Writers = {
  battery_pct: (v) => asVarint(1, Number(v)),
  flags: (v) => asPacked(2, list('tag', v)),
};
const bodyFields: Record<string, [field: number, Writers]> = {
  fix: [
    2,
    {
      lat_e7: (v) => asSint(1, Number(v)),
      lon_e7: (v) => asSint(2, Number(v)),
      accuracy_dm: (v) => asVarint(3, Number(v)),
      speed_cm_s: (v) => asVarint(4, Number(v)),
      heading_cdeg: (v) => asVarint(5, Number(v)),
      satellites: (v) => asVarint(6, Number(v)),
      hdop_centi: (v) => asVarint(7, Number(v)),
      mechanism: (v) => asVarint(8, number('fix', v)),
      altitude_dm: (v) => asSint(9, Number(v)),
    },
  ],
  rf: [
    3,
    {
      tag_id: (v) => asText(1, String(v)),
      kind: (v) => asVarint(2, number('rf', v)),
      rssi_dbm: (v) => asSint(3, Number(v)),
      status: (v) => asBytes(4, body(tagFields, v as Members)),
    },
  ],
  tag: [4, tagFields],
  unit: [5, { flags: (v) => asPacked(1, list('unit', v)), battery_pct: (v) => asVarint(2, Number(v)) }],
  alcohol: [6, { tac_ug_l: (v) => asVarint(1, Number(v)), flags: (v) => asPacked(2, list('alcohol', v)) }],
  heartbeat: [7, { firmware: (v) => asText(1, String(v)), uptime_s: (v) => asVarint(2, Number(v)) }],
};
type Writers = Record<string, (value: unknown) => Buffer>;

/** Members in the order of the table, which is that of the field numbers. */
function body(writers: Writers, members: Members): Buffer {
  const known = Object.keys(writers);
  const strange = Object.keys(members).filter((name) => !known.includes(name));
  if (strange.length > 0) throw new Error(`the vector has ${strange.join()}`);
  return Buffer.concat(known.filter((name) => name in members).map((name) => writers[name]!(members[name])));
}

function recordByHand(record: Members): { bytes: Buffer; hash: string } {
  const name = Object.keys(record).find((member) => member !== 'time_ms')!;
  const [field, writers] = bodyFields[name]!;
  const inner = body(writers, record[name] as Members);
  const digest = createHash('sha256')
    .update(Buffer.concat([Buffer.from([field]), inner]))
    .digest();
  return {
    bytes: asBytes(2, asVarint(1, record.time_ms as number), asBytes(field, inner)),
    hash: digest.subarray(0, 16).toString('base64url'),
  };
}

/** RFC 5869 with one block of output: extract with a salt of 32 zeros, expand once. */
function hkdf(secret: Buffer, info: string): string {
  const prk = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  return createHmac('sha256', prk)
    .update(info)
    .update(Buffer.from([1]))
    .digest('hex');
}

function sealByHand(cipher: string, key: Buffer, nonce: Buffer, aad: Buffer, plain: Buffer): Buffer {
  const sealing =
    cipher === 'C20P'
      ? createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
      : createCipheriv('aes-256-gcm', key, nonce);
  sealing.setAAD(aad, { plaintextLength: plain.length });
  return Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
}

t.ok(names.length >= 5, 'the vectors are there');

for (const name of names) {
  const vector = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Vector;
  const hex = (field: string) => Buffer.from(vector[field] as string, 'hex');
  const upload = vector.upload as unknown as { oldest_held?: string | number; records: Members[] };
  const keyId = Number(vector.key_id);
  const sequence = BigInt(vector.sequence as string);

  t.test(`${name}: by hand every byte is the same`, async (t) => {
    const records = upload.records.map(recordByHand);
    t.same(
      vector.record_hashes as unknown,
      records.map((record) => record.hash),
    );
    const plaintext = Buffer.concat([
      asFixed64(1, sequence),
      ...records.map((record) => record.bytes),
      ...(upload.oldest_held ? [asFixed64(3, BigInt(upload.oldest_held))] : []),
    ]);
    t.equal(vector.plaintext, plaintext.toString('hex'));

    t.equal(vector.session_key_base64url, hex('session_key').toString('base64url'));
    t.equal(vector.up_key, hkdf(hex('session_key'), 'em/v1 up'));
    t.equal(vector.down_key, hkdf(hex('session_key'), 'em/v1 down'));
    t.equal(vector.jwe_key, hkdf(hex('session_key'), 'em/v1 jwe'));

    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(keyId);
    nonce.writeBigUInt64BE(sequence, 4);
    t.equal(vector.nonce, nonce.toString('hex'));
    t.equal(vector.topic, `em/v1/d/${vector.device_id}/up`);
    t.equal(vector.aad, Buffer.from(vector.topic as string).toString('hex'));
    const ciphertext = sealByHand(vector.cipher as string, hex('up_key'), nonce, hex('aad'), plaintext);
    t.equal(vector.ciphertext, ciphertext.toString('hex'));
    const envelope = Buffer.concat([asVarint(1, keyId), asFixed64(2, sequence), asBytes(3, ciphertext)]);
    t.equal(vector.envelope, envelope.toString('hex'));
    t.same(readFileSync(join(folder, `${name}.bin`)), envelope);
  });

  t.test(`${name}: our own code opens it, reads it and writes it again`, async (t) => {
    const envelope = decodeEnvelope(hex('envelope'));
    if (!envelope.ok) return t.fail(envelope.fault);
    t.equal(envelope.value.keyId, keyId);
    t.equal(envelope.value.sequence, sequence);
    const sealing = {
      key: hex('up_key'),
      cipher: vector.cipher as 'A256GCM' | 'C20P',
      topic: vector.topic as string,
      ...envelope.value,
    };
    const plaintext = openEnvelope(sealing);
    t.equal(plaintext?.toString('hex'), vector.plaintext);
    t.equal(openEnvelope({ ...sealing, topic: `em/v1/d/${vector.device_id}/down` }), null);
    t.equal(openEnvelope({ ...sealing, key: hex('down_key') }), null);

    const read = decodeUpload(plaintext as Buffer);
    if (!read.ok) return t.fail(read.fault.detail);
    const line = parseUploadLine({ ...upload, device_id: vector.device_id, received_ms: 0 });
    t.strictSame(line.ok && line.value.upload, read.value, 'the JSON says the same');
    t.strictSame(line.ok && line.value.ignored, []);
    t.equal(encodeUpload(read.value).toString('hex'), vector.plaintext);
  });

  t.test(`${name}: the password is 32 bytes, and its hash is SHA-256 of its text`, async (t) => {
    const password = vector.password as string;
    t.equal(Buffer.from(password, 'base64url').length, 32);
    t.equal(vector.password_sha256, createHash('sha256').update(password).digest('base64url'));
    t.equal(passwordHash(password), vector.password_sha256);
    t.ok(passwordMatches(Buffer.from(password), vector.password_sha256 as string));
    t.notOk(passwordMatches(`${password} `, vector.password_sha256 as string));
  });
}

t.test('one upload written out byte by byte, from the tables alone', async (t) => {
  const written = [
    '09 0100000000000000', // Upload.sequence = 1
    '12 0c', // Upload.records, 12 bytes
    '  08 80bcbda1cd33', //  time_ms = 1773086400000
    '  2a 03  0a 01 01', //  unit { flags: [MAINS_LOST] }
    '12 1c', // Upload.records, 28 bytes
    '  08 88e3bda1cd33', //  time_ms = 1773086405000
    '  1a 13', //  rf, 19 bytes
    '     0a 08 5441472d474f4c44', //  tag_id = "TAG-GOLD"
    '     10 03  18 79', //  kind = PRESENT, rssi_dbm = -61
    '     22 03  12 01 01', //  status { flags: [STRAP_TAMPER_START] }
  ];
  const vector = JSON.parse(readFileSync(join(folder, 'gold-home-unit.json'), 'utf8')) as Vector;
  t.equal(written.join('').replaceAll(' ', ''), vector.plaintext);
});
