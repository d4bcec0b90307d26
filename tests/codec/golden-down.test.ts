// The golden vectors of JWE uploads, downlinks and offered keys, read by a device written from the page alone, by jose and by node-jose.
import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactDecrypt, importJWK, type JWK } from 'jose';
import nodeJose from 'node-jose';
import t from 'tap';
import { encodeDownlink } from '../../src/codec/downlink.js';
import { decodeUpload } from '../../src/codec/upload.js';
import { parseUploadLine } from '../../src/codec/upload-json.js';
import { deriveKeys } from '../../src/crypto/envelope.js';
import { offerKey } from '../../src/crypto/offered-key.js';
import { openUplinkJwe, readUplinkJwe } from '../../src/crypto/uplink-jwe.js';
import { NOTHING_TO_SAY, NOTICE_NAMES } from '../../src/domain/downlink.js';
import { HandDevice, readDownlink } from '../support/hand-device.js';

interface Vector {
  readonly [field: string]: string;
}
interface WantedRange {
  readonly first: string;
  readonly last: string;
}
interface WantedDownlink {
  readonly ack?: readonly WantedRange[];
  readonly key?: string;
  readonly config: { report_interval_s: number; violation_interval_s: number; heartbeat_s: number };
  readonly notice?: (typeof NOTICE_NAMES)[number];
  readonly resend?: WantedRange;
  readonly next_sequence?: string;
  readonly server_time_ms: number;
}
const folder = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'wire');
const read = (part: string, name: string) => ({
  vector: JSON.parse(readFileSync(join(folder, part, `${name}.json`), 'utf8')) as Vector,
  bytes: readFileSync(join(folder, part, `${name}.bin`)),
});
const hex = (text: string | undefined) => Buffer.from(text ?? '', 'hex');

for (const name of ['gold-home-unit-jwe', 'high-sequence-jwe']) {
  t.test(`${name}: jose, node-jose and we open it, and read the same upload`, async (t) => {
    const { vector, bytes } = read('jwe', name);
    t.equal(bytes.toString(), vector.jwe);
    const key = deriveKeys(hex(vector.session_key)).jwe;
    t.equal(key.toString('hex'), vector.jwe_key);
    const opened = await compactDecrypt(bytes.toString(), key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    t.equal(JSON.stringify(opened.protectedHeader), vector.protected_header);
    t.equal(Buffer.from(opened.plaintext).toString('hex'), vector.plaintext);
    const jwk = await nodeJose.JWK.asKey({
      kty: 'oct',
      k: key.toString('base64url'),
      kid: `${vector.device_id}:${vector.key_id}`,
    });
    const again = await nodeJose.JWE.createDecrypt(jwk, { algorithms: ['dir', 'A256GCM'] }).decrypt(bytes.toString());
    t.equal(again.plaintext.toString('hex'), vector.plaintext);

    const jwe = readUplinkJwe(bytes);
    if (!jwe.ok) return t.fail(jwe.fault);
    t.equal(jwe.value.deviceId, vector.device_id);
    t.equal(jwe.value.keyId, Number(vector.key_id));
    const plain = openUplinkJwe(key, jwe.value);
    t.equal(plain?.toString('hex'), vector.plaintext);
    const upload = decodeUpload(plain ?? Buffer.alloc(0));
    const line = parseUploadLine({
      ...(vector.upload as unknown as object),
      device_id: vector.device_id,
      received_ms: 0,
    });
    t.strictSame(upload.ok && upload.value, line.ok && line.value.upload);
    t.equal(upload.ok && String(upload.value.sequence), vector.sequence);
  });
}

for (const name of ['config-and-time', 'every-field']) {
  t.test(`${name}: a device reads what it says`, async (t) => {
    const { vector, bytes } = read('downlink', name);
    const device = new HandDevice(vector.device_id ?? '');
    device.keys.set(Number(vector.key_id), { cipher: vector.cipher as 'A256GCM', key: hex(vector.session_key) });
    t.equal(bytes.toString('hex'), vector.envelope);
    const said = readDownlink(hex(vector.plaintext), Number(vector.key_id));
    const wanted = vector.downlink as unknown as WantedDownlink;
    const range = ({ first, last }: WantedRange) => ({ first: BigInt(first), last: BigInt(last) });
    const { config } = wanted;
    t.same(said, {
      sequence: BigInt(vector.sequence ?? ''),
      keyId: Number(vector.key_id),
      ack: (wanted.ack ?? []).map(range),
      ...(wanted.key && { key: wanted.key }),
      config: {
        report: config.report_interval_s,
        ...(config.violation_interval_s > 0 && { violation: config.violation_interval_s }),
        heartbeat: config.heartbeat_s,
      },
      ...(wanted.notice && { notice: NOTICE_NAMES.indexOf(wanted.notice) + 1 }),
      ...(wanted.resend && { resend: range(wanted.resend) }),
      ...(wanted.next_sequence && { nextSequence: BigInt(wanted.next_sequence) }),
      serverTimeMs: wanted.server_time_ms,
    });
    if (name === 'config-and-time') {
      device.take(vector.topic ?? '', bytes);
      t.same(device.heard, [said], 'derived, opened and read');
      t.throws(() => device.take(vector.topic ?? '', bytes), /downlink 1 after 1/);
    }
  });
}

t.test('a downlink written out byte by byte, from the tables alone', async (t) => {
  const written = [
    '09 0700000000000000', // Downlink.sequence = 7
    '12 12  09 0100000000000000  11 0200000000000000', // ack 1 to 2
    '1a 03 652e65', // key "e.e"
    '22 05  08 3c  18 90 1c', // config { report_interval_s: 60, heartbeat_s: 3600 }
    '28 03', // notice RETURN_HOME
    '32 12  09 0300000000000000  11 ffffffffffffffff', // resend 3 to the last
    '39 0000000000000080', // next_sequence = 2^63
    '40 80bcbda1cd33', // server_time_ms = 1773086400000
  ];
  const bytes = encodeDownlink(7n, {
    ack: [{ first: 1n, last: 2n }],
    key: 'e.e',
    config: { reportIntervalS: 60, violationIntervalS: 0, heartbeatS: 3_600 },
    notice: 'RETURN_HOME',
    resend: { first: 3n, last: (1n << 64n) - 1n },
    nextSequence: 1n << 63n,
    serverTimeMs: 1_773_086_400_000,
  });
  t.equal(bytes.toString('hex'), written.join('').replaceAll(' ', ''));
  t.equal(encodeDownlink(1n, NOTHING_TO_SAY).toString('hex'), '090100000000000000', 'nothing said, nothing written');
  t.throws(() => encodeDownlink(1n << 64n, NOTHING_TO_SAY), RangeError);
});

for (const name of ['key-to-wrapping-key', 'key-to-identity-key']) {
  t.test(`${name}: a device opens it by hand, and so does jose`, async (t) => {
    const { vector, bytes } = read('key', name);
    const identity = vector.identity_key as unknown as JsonWebKey | undefined;
    const device = new HandDevice('TAG-KEY');
    Object.assign(device, {
      wrappingKey: hex(vector.wrapping_key),
      ...(identity && { identity: { privateKey: createPrivateKey({ key: identity, format: 'jwk' }) } }),
    });
    t.same(JSON.parse(device.openKey(bytes.toString()).toString()), vector.jwk);
    const key = identity === undefined ? hex(vector.wrapping_key) : await importJWK(identity as JWK, 'ECDH-ES+A256KW');
    const opened = await compactDecrypt(bytes.toString(), key);
    t.same(JSON.parse(Buffer.from(opened.plaintext).toString()), vector.jwk);
    t.equal(opened.protectedHeader.kid, 'TAG-KEY:2');
  });
}

t.test('node-jose opens an offered key; what is offered is never the same twice', async (t) => {
  const device = new HandDevice('TAG-KEY');
  const offered = { kid: 'TAG-KEY:9', cipher: 'C20P', key: Buffer.alloc(32, 6) } as const;
  const jwk = { kty: 'oct', kid: 'TAG-KEY:9', alg: 'C20P', k: offered.key.toString('base64url') };
  const toIdentity = await offerKey({ identityJwk: device.identityJwk }, offered);
  const toWrapping = await offerKey({ wrappingKey: device.wrappingKey }, offered);
  for (const jwe of [toIdentity, toWrapping]) t.same(JSON.parse(device.openKey(jwe).toString()), jwk);
  const identity = await nodeJose.JWK.asKey(device.identity.privateKey.export({ format: 'pem', type: 'pkcs8' }), 'pem');
  t.same(JSON.parse((await nodeJose.JWE.createDecrypt(identity).decrypt(toIdentity)).plaintext.toString()), jwk);
  t.not(await offerKey({ wrappingKey: device.wrappingKey }, offered), toWrapping);
  const other = new HandDevice('TAG-OTHER');
  t.throws(() => other.openKey(toIdentity));
  const point = createPublicKey({ key: device.identityJwk as JsonWebKey, format: 'jwk' }).export({ format: 'jwk' });
  await t.rejects(offerKey({ identityJwk: { ...point, x: point.y } }, offered), 'a point off the curve');
});
