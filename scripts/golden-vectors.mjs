// Writes fixtures/wire: what a device must send, byte for byte, for firmware teams to test against.
// `node scripts/golden-vectors.mjs` (after `npm run build`); the same every time. tests/codec/golden.test.ts reads the
// result by another path, so that the truth is not this program's word alone.
import { createCipheriv, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt, importJWK } from 'jose';
import { encodeDownlink } from '../dist/src/codec/downlink.js';
import { encodeEnvelope } from '../dist/src/codec/envelope.js';
import { encodeUpload } from '../dist/src/codec/upload.js';
import { parseUploadLine } from '../dist/src/codec/upload-json.js';
import { deriveKeys, sealEnvelope } from '../dist/src/crypto/envelope.js';
import { passwordHash } from '../dist/src/crypto/password.js';

const folder = join(import.meta.dirname, '..', 'fixtures', 'wire');
const goldMs = Date.UTC(2026, 2, 9, 20, 0, 0);

/** Secrets of a fixture are made from its name: nobody may use them for a device that someone wears. */
const secret = (name, what) => createHash('sha256').update(`fairwatch golden vector: ${name} ${what}`).digest();

const vectors = [
  {
    name: 'gold-home-unit',
    about:
      'For a demonstration: home unit HU-GOLD loses mains power, and five seconds later sees TAG-GOLD report a strap tamper.',
    device_id: 'HU-GOLD',
    kind: 'home_unit',
    cipher: 'A256GCM',
    key_id: 1,
    sequence: 1,
    records: [
      { time_ms: goldMs, unit: { flags: ['MAINS_LOST'] } },
      {
        time_ms: goldMs + 5_000,
        rf: { tag_id: 'TAG-GOLD', kind: 'PRESENT', rssi_dbm: -61, status: { flags: ['STRAP_TAMPER_START'] } },
      },
    ],
  },
  {
    name: 'gold-home-unit-c20p',
    about: 'The same upload under ChaCha20-Poly1305, from a home unit of its own.',
    device_id: 'HU-GOLD-C20P',
    kind: 'home_unit',
    cipher: 'C20P',
    key_id: 1,
    sequence: 1,
    records: [
      { time_ms: goldMs, unit: { flags: ['MAINS_LOST'] } },
      {
        time_ms: goldMs + 5_000,
        rf: { tag_id: 'TAG-GOLD-C20P', kind: 'PRESENT', rssi_dbm: -61, status: { flags: ['STRAP_TAMPER_START'] } },
      },
    ],
  },
  {
    name: 'fixes',
    about:
      'Three fixes: negative numbers, every field in use, and one at latitude 0, which is there and is not absent.',
    device_id: 'TAG-FIX',
    kind: 'tag',
    cipher: 'A256GCM',
    key_id: 1,
    sequence: 7,
    oldest_held: 5,
    records: [
      {
        time_ms: goldMs,
        fix: {
          lat_e7: 538008000,
          lon_e7: -15491000,
          accuracy_dm: 42,
          speed_cm_s: 131,
          heading_cdeg: 35999,
          satellites: 11,
          hdop_centi: 87,
          mechanism: 'GNSS',
          altitude_dm: -25,
        },
      },
      { time_ms: goldMs + 60_000, fix: { lat_e7: 0, lon_e7: 0, mechanism: 'LBS' } },
      { time_ms: goldMs + 120_000, fix: { lat_e7: -900000000, lon_e7: 1800000000, mechanism: 'WIFI' } },
    ],
  },
  {
    name: 'every-body',
    about: 'One record of each kind, and a battery at 0 per cent, which is there and is not absent.',
    device_id: 'TAG-ALL',
    kind: 'tag',
    cipher: 'C20P',
    key_id: 2,
    sequence: 4096,
    oldest_held: 4096,
    records: [
      { time_ms: goldMs, fix: { lat_e7: 538008000, lon_e7: -15491000, accuracy_dm: 1500, mechanism: 'RF' } },
      { time_ms: goldMs + 1, rf: { tag_id: 'TAG.all_2', kind: 'EXIT', rssi_dbm: -99 } },
      { time_ms: goldMs + 2, tag: { battery_pct: 0, flags: ['CHARGING_START', 'SELF_TEST_OK'] } },
      { time_ms: goldMs + 3, unit: { battery_pct: 100, flags: ['MOVED', 'CASE_OPEN_START'] } },
      { time_ms: goldMs + 4, alcohol: { tac_ug_l: 240, flags: ['OBSTRUCTED'] } },
      { time_ms: goldMs + 5, heartbeat: { firmware: '4.2.0-gold', uptime_s: 86400 } },
    ],
  },
  {
    name: 'high-sequence',
    about: 'A sequence above 2^63 and a key id above 2^31: no digit may be lost.',
    device_id: 'TAG-HIGH',
    kind: 'tag',
    cipher: 'A256GCM',
    key_id: 4294967295,
    sequence: '9223372036854775809',
    oldest_held: '9007199254740993',
    records: [{ time_ms: goldMs, heartbeat: { uptime_s: 4294967295 } }],
  },
];

const jweVectors = [
  {
    ...vectors[0],
    name: 'gold-home-unit-jwe',
    about: 'The upload of gold-home-unit as a JWE compact serialization, from a home unit of its own.',
    device_id: 'HU-GOLD-JWE',
    records: forTag(vectors[0].records, 'TAG-GOLD-JWE'),
  },
  {
    ...vectors.find(({ name }) => name === 'high-sequence'),
    name: 'high-sequence-jwe',
    about: 'A sequence above 2^63 and the highest key id, as a JWE: the sequence is in the plaintext alone.',
    device_id: 'TAG-HIGH-JWE',
  },
];

const nothing = {
  ack: [],
  key: null,
  config: null,
  notice: null,
  resend: null,
  nextSequence: null,
  serverTimeMs: null,
};
const downVectors = [
  {
    name: 'config-and-time',
    about: 'New intervals (the second is left as it is), and the time.',
    device_id: 'TAG-DOWN',
    cipher: 'A256GCM',
    key_id: 1,
    sequence: 1n,
    downlink: { config: { reportIntervalS: 60, violationIntervalS: 0, heartbeatS: 3600 }, serverTimeMs: goldMs },
  },
  {
    name: 'every-field',
    about: 'Everything at once, with numbers above 2^63.',
    device_id: 'TAG-DOWN-ALL',
    cipher: 'C20P',
    key_id: 4294967295,
    sequence: 18446744073709551615n,
    downlink: {
      ack: [
        { first: 1n, last: 4n },
        { first: 9223372036854775809n, last: 9223372036854775810n },
      ],
      key: 'e30..AAAA..',
      config: { reportIntervalS: 60, violationIntervalS: 15, heartbeatS: 4294967295 },
      notice: 'LEAVE_ZONE',
      resend: { first: 5n, last: 9223372036854775808n },
      nextSequence: 18446744073709551614n,
      serverTimeMs: goldMs,
    },
  },
];

for (const part of ['jwe', 'downlink', 'key']) mkdirSync(join(folder, part), { recursive: true });
for (const vector of vectors) write(vector);
for (const vector of jweVectors) writeJwe(vector);
for (const vector of downVectors) writeDownlink(vector);
await writeKey(
  'key-to-wrapping-key',
  'A new session key to a device with a key-wrapping key (A256KW).',
  'A256GCM',
  null,
);
await writeKey(
  'key-to-identity-key',
  'A new session key to a device with an identity key (ECDH-ES+A256KW); its envelopes are under ChaCha20-Poly1305.',
  'C20P',
  pair('identity'),
);

function forTag(records, tag) {
  return JSON.parse(JSON.stringify(records).replaceAll('TAG-GOLD', tag));
}

function planned({ name, device_id, sequence, oldest_held, records }) {
  const line = { device_id, received_ms: goldMs, sequence, ...(oldest_held && { oldest_held }), records };
  const parsed = parseUploadLine(line);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.fault}`);
  return parsed.value.upload;
}

function writeJwe(vector) {
  const { name, about, device_id, kind, cipher, key_id, sequence, oldest_held, records } = vector;
  const upload = planned(vector);
  const sessionKey = secret(name, 'session key');
  const password = secret(name, 'password').toString('base64url');
  const { jwe: key } = deriveKeys(sessionKey);
  const header = JSON.stringify({
    alg: 'dir',
    enc: 'A256GCM',
    kid: `${device_id}:${key_id}`,
    typ: 'em+jwe',
    dir: 'up',
  });
  const aad = Buffer.from(header).toString('base64url');
  const nonce = secret(name, 'nonce').subarray(0, 12);
  const plaintext = encodeUpload(upload);
  const gcm = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad, 'ascii'));
  const ciphertext = Buffer.concat([gcm.update(plaintext), gcm.final()]);
  const tag = gcm.getAuthTag();
  const compact = [aad, '', ...[nonce, ciphertext, tag].map((part) => part.toString('base64url'))].join('.');
  put('jwe', name, compact, {
    name,
    about,
    device_id,
    kind,
    password,
    cipher,
    key_id,
    sequence: String(upload.sequence),
    session_key: sessionKey.toString('hex'),
    session_key_base64url: sessionKey.toString('base64url'),
    jwe_key: key.toString('hex'),
    topic: `em/v1/d/${device_id}/up`,
    protected_header: header,
    nonce: nonce.toString('hex'),
    aad,
    upload: { sequence, ...(oldest_held && { oldest_held }), records },
    plaintext: plaintext.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
    tag: tag.toString('hex'),
    jwe: compact,
  });
}

function writeDownlink({ name, about, device_id, cipher, key_id, sequence, downlink }) {
  const sessionKey = secret(name, 'session key');
  const { down: key } = deriveKeys(sessionKey);
  const topic = `em/v1/d/${device_id}/down`;
  const plaintext = encodeDownlink(sequence, { ...nothing, ...downlink });
  const ciphertext = sealEnvelope({ key, cipher, keyId: key_id, sequence, topic, plaintext });
  const envelope = encodeEnvelope({ keyId: key_id, sequence, ciphertext });
  const range = ({ first, last }) => ({ first: String(first), last: String(last) });
  const { ack = [], config, notice, resend, nextSequence, serverTimeMs } = downlink;
  put('downlink', name, envelope, {
    name,
    about,
    device_id,
    cipher,
    key_id,
    sequence: String(sequence),
    session_key: sessionKey.toString('hex'),
    down_key: key.toString('hex'),
    topic,
    nonce: nonceOf(key_id, sequence).toString('hex'),
    aad: Buffer.from(topic, 'utf8').toString('hex'),
    downlink: {
      sequence: String(sequence),
      ...(ack.length > 0 && { ack: ack.map(range) }),
      ...(downlink.key && { key: downlink.key }),
      ...(config && {
        config: {
          report_interval_s: config.reportIntervalS,
          violation_interval_s: config.violationIntervalS,
          heartbeat_s: config.heartbeatS,
        },
      }),
      ...(notice && { notice }),
      ...(resend && { resend: range(resend) }),
      ...(nextSequence && { next_sequence: String(nextSequence) }),
      ...(serverTimeMs && { server_time_ms: serverTimeMs }),
    },
    plaintext: plaintext.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
    envelope: envelope.toString('hex'),
  });
}

/** With what is otherwise drawn at random made from the name; jose lets a test vector do that. */
async function writeKey(name, about, cipher, identity) {
  const kid = 'TAG-KEY:2';
  const key = secret(name, 'new session key');
  const wrappingKey = secret(name, 'wrapping key');
  const jwk = { kty: 'oct', kid, alg: cipher, k: key.toString('base64url') };
  const alg = identity === null ? 'A256KW' : 'ECDH-ES+A256KW';
  const jwe = new CompactEncrypt(Buffer.from(JSON.stringify(jwk)))
    .setProtectedHeader({ alg, enc: 'A256GCM', kid })
    .setContentEncryptionKey(secret(name, 'content key'))
    .setInitializationVector(secret(name, 'nonce').subarray(0, 12));
  if (identity !== null)
    jwe.setKeyManagementParameters({ epk: await importJWK(pair('ephemeral'), alg, { extractable: true }) });
  const { d: _, ...publicIdentity } = identity ?? {};
  const compact = await jwe.encrypt(identity === null ? wrappingKey : await importJWK(publicIdentity, alg));
  put('key', name, compact, {
    name,
    about,
    device_id: 'TAG-KEY',
    key_id: 2,
    cipher,
    ...(identity === null ? { wrapping_key: wrappingKey.toString('hex') } : { identity_key: identity }),
    jwk,
    session_key: key.toString('hex'),
    jwe: compact,
  });
}

/** A P-256 pair whose private number is made from its name. */
function pair(what) {
  // PKCS#8 of a bare SEC 1 key: OpenSSL adds the point
  const head = Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex');
  const privateKey = createPrivateKey({
    key: Buffer.concat([head, secret('key', what)]),
    format: 'der',
    type: 'pkcs8',
  });
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kty, crv, x, y, d: secret('key', what).toString('base64url') };
}

function put(part, name, bytes, json) {
  writeFileSync(join(folder, part, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`);
  writeFileSync(join(folder, part, `${name}.bin`), bytes);
}

function nonceOf(keyId, sequence) {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(keyId, 0);
  nonce.writeBigUInt64BE(BigInt(sequence), 4);
  return nonce;
}

function write(vector) {
  const { name, about, device_id, kind, cipher, key_id, sequence, oldest_held, records } = vector;
  const upload = planned(vector);
  const sessionKey = secret(name, 'session key');
  const password = secret(name, 'password').toString('base64url');
  const keys = deriveKeys(sessionKey);
  const topic = `em/v1/d/${device_id}/up`;
  const plaintext = encodeUpload(upload);
  const sealing = { key: keys.up, cipher, keyId: key_id, sequence: upload.sequence, topic };
  const ciphertext = sealEnvelope({ ...sealing, plaintext });
  const envelope = encodeEnvelope({ keyId: key_id, sequence: upload.sequence, ciphertext });

  const nonce = nonceOf(key_id, upload.sequence);
  const vectorJson = {
    name,
    about,
    device_id,
    kind,
    password,
    password_sha256: passwordHash(password),
    cipher,
    key_id,
    sequence: String(upload.sequence),
    session_key: sessionKey.toString('hex'),
    session_key_base64url: sessionKey.toString('base64url'),
    up_key: keys.up.toString('hex'),
    down_key: keys.down.toString('hex'),
    jwe_key: keys.jwe.toString('hex'),
    topic,
    nonce: nonce.toString('hex'),
    aad: Buffer.from(topic, 'utf8').toString('hex'),
    upload: { sequence, ...(oldest_held && { oldest_held }), records },
    record_hashes: upload.records.map((record) => record.hash),
    plaintext: plaintext.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
    envelope: envelope.toString('hex'),
  };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(vectorJson, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.bin`), envelope);
}
