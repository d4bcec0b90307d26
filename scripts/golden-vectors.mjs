// Writes fixtures/wire: what a device must send, byte for byte, for firmware teams to test against.
// `node scripts/golden-vectors.mjs` (after `npm run build`); the same every time. tests/codec/golden.test.ts reads the
// result by another path, so that the truth is not this program's word alone.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

for (const vector of vectors) write(vector);

function write(vector) {
  const { name, about, device_id, kind, cipher, key_id, sequence, oldest_held, records } = vector;
  const line = { device_id, received_ms: goldMs, sequence, ...(oldest_held && { oldest_held }), records };
  const parsed = parseUploadLine(line);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.fault}`);
  const { upload } = parsed.value;

  const sessionKey = secret(name, 'session key');
  const password = secret(name, 'password').toString('base64url');
  const keys = deriveKeys(sessionKey);
  const topic = `em/v1/d/${device_id}/up`;
  const plaintext = encodeUpload(upload);
  const sealing = { key: keys.up, cipher, keyId: key_id, sequence: upload.sequence, topic };
  const ciphertext = sealEnvelope({ ...sealing, plaintext });
  const envelope = encodeEnvelope({ keyId: key_id, sequence: upload.sequence, ciphertext });

  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(key_id, 0);
  nonce.writeBigUInt64BE(upload.sequence, 4);
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
