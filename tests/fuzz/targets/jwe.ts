/** JWEs: raw texts, headers that are sealed rightly or not, and keys at rest behind the strict gate. */
import { createCipheriv, hkdfSync } from 'node:crypto';
import { unwrapJson, unwrapJsonNow } from '../../../src/crypto/key-jwe.js';
import { openUplinkJwe, readUplinkJwe } from '../../../src/crypto/uplink-jwe.js';
import type { Chance } from '../chance.js';
import { mutateBytes } from '../mutate-bytes.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';
import { jwes } from './wire-samples.js';

const kek = Buffer.alloc(32, 9);
const contentKey = Buffer.alloc(32, 4);
const jweKey = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 5), '', 'em/v1 jwe', 32));
const plain = Buffer.from('{"a":1}');
const HEADER = { alg: 'dir', enc: 'A256GCM', kid: 'FUZZ-1:1', typ: 'em+jwe', dir: 'up' } as const;
const AT_REST = { alg: 'A256KW', enc: 'A256GCM', kid: 'FUZZ-1:1' } as const;
const words = {
  names: [
    'alg',
    'enc',
    'kid',
    'typ',
    'dir',
    'zip',
    'crit',
    'epk',
    'apu',
    'p2c',
    'jwk',
    'x5c',
    'b64',
    'cty',
    '__proto__',
  ],
  texts: [
    'dir',
    'A256GCM',
    'A128GCM',
    'A256CBC-HS512',
    'RSA1_5',
    'A256KW',
    'ECDH-ES',
    'DEF',
    'none',
    'up',
    'down',
    'em+jwe',
    'FUZZ-1:01',
    'FUZZ-1:4294967296',
    ':1',
  ],
};
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function sealed(header: Buffer, key: Buffer, encryptedKey: string): string {
  const iv = Buffer.alloc(12, 1);
  const protectedHeader = b64(header);
  const gcm = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(protectedHeader, 'ascii'));
  const ciphertext = Buffer.concat([gcm.update(plain), gcm.final()]);
  return `${protectedHeader}.${encryptedKey}.${b64(iv)}.${b64(ciphertext)}.${b64(gcm.getAuthTag())}`;
}

function wrapped(key: Buffer): string {
  const wrap = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  return b64(Buffer.concat([wrap.update(key), wrap.final()]));
}
const wrappedContentKey = wrapped(contentKey);

/** Exactly these members, each once, whatever the order and the spelling; judged without `JSON.parse`'s last-wins. */
function isHeader(bytes: Buffer, expected: Readonly<Record<string, string>>): boolean {
  const text = bytes.toString('utf8');
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return false;
  const members = Object.entries(read);
  // a member that is there twice is one more `:` outside of texts
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').split(':').length - 1;
  return (
    colons === members.length &&
    members.length === Object.keys(expected).length &&
    members.every(
      ([name, value]) =>
        Object.hasOwn(expected, name) && (name === 'kid' ? typeof value === 'string' : value === expected[name]),
    )
  );
}

/** `{device}:{key_id}`, the key's number written plainly. */
const namesKey = (kid: string): boolean => /^.+:[1-9]\d{0,9}$/s.test(kid) && Number(/\d+$/.exec(kid)?.[0]) < 2 ** 32;

const FORMS = ['raw', 'header', 'other key', 'at rest', 'raw at rest'] as const;

export const target = {
  bytesMax: 8_192,
  seeds: () => [
    ...jwes().map((bytes) => Buffer.concat([Buffer.of(0), bytes])),
    ...[1, 2].map((form) => Buffer.concat([Buffer.of(form), Buffer.from(JSON.stringify(HEADER))])),
    Buffer.concat([Buffer.of(3), Buffer.from(JSON.stringify(AT_REST))]),
    Buffer.concat([
      Buffer.of(4),
      Buffer.from(sealed(Buffer.from(JSON.stringify(AT_REST)), contentKey, wrappedContentKey)),
    ]),
    Buffer.concat([Buffer.of(0), Buffer.from(sealed(Buffer.from(JSON.stringify(HEADER)), jweKey, ''))]),
  ],
  mutate(input: Buffer, other: Buffer, chance: Chance): Buffer {
    const form = chance.oneIn(8) ? chance.int(FORMS.length) : (input[0] ?? 0);
    const [rest, more] = [input.subarray(1), other.subarray(1)];
    const isHeaderForm = form % FORMS.length >= 1 && form % FORMS.length <= 3;
    const changed =
      isHeaderForm && !chance.oneIn(4)
        ? mutateJson(rest, more, chance, words)
        : mutateBytes(rest, more, chance, [
            Buffer.from('.'),
            Buffer.from('eyJ'),
            Buffer.from('='),
            Buffer.from('"kid":"A:1",'),
          ]);
    return Buffer.concat([Buffer.of(form), changed]);
  },
  run(input: Buffer): void | Promise<void> {
    const form = FORMS[(input[0] ?? 0) % FORMS.length];
    const rest = input.subarray(1);
    if (form === 'at rest' || form === 'raw at rest') return atRest(form, rest);
    const payload = form === 'raw' ? rest : Buffer.from(sealed(rest, form === 'header' ? jweKey : contentKey, ''));
    const read = readUplinkJwe(payload);
    if (!read.ok) {
      const sound =
        form !== 'raw' && isHeader(rest, HEADER) && namesKey((JSON.parse(rest.toString()) as typeof HEADER).kid);
      must(!sound, 'the header that is allowed is read');
      return;
    }
    const parts = payload.toString('latin1').split('.');
    must(parts.length === 5 && parts[1] === '', 'a JWE has five parts, the second empty');
    for (const part of parts)
      must(/^[\w-]*$/.test(part) && b64(Buffer.from(part, 'base64url')) === part, 'a part is canonical base64url');
    must(
      isHeader(Buffer.from(parts[0] ?? '', 'base64url'), HEADER),
      'a JWE that is read has the header that is allowed',
    );
    must(
      read.value.keyId >= 1 && read.value.keyId < 2 ** 32 && read.value.deviceId.length > 0,
      'kid names a device and a key',
    );
    const opened = openUplinkJwe(jweKey, read.value);
    if (form === 'header') must(opened?.equals(plain) === true, 'what is sealed under the key opens');
    if (form === 'other key') must(opened === null, 'what is sealed under another key does not open');
    if (form === 'raw' && opened !== null) must(opened.equals(plain), 'what opens is what was sealed');
  },
};

/** Both openers of keys at rest, of which one is OpenSSL and one node-jose behind the same gate, say the same. */
function atRest(form: 'at rest' | 'raw at rest', rest: Buffer): void | Promise<void> {
  const jwe = form === 'at rest' ? sealed(rest, contentKey, wrappedContentKey) : rest.toString('latin1');
  const opener = { kek, identity: null };
  let now: unknown = null;
  try {
    now = unwrapJsonNow(opener, jwe).content;
  } catch (error) {
    must(
      (error as Error).name === 'KeyUnwrapFailed',
      `a key that cannot be unwrapped is refused by name, not ${String(error)}`,
    );
  }
  const header = Buffer.from(jwe.split('.')[0] ?? '', 'base64url');
  if (now === null) {
    const text = header.toString();
    const sound = form === 'at rest' && isHeader(header, AT_REST) && text === JSON.stringify(JSON.parse(text));
    must(!sound || (JSON.parse(text) as typeof AT_REST).kid in {}, 'a key that was wrapped for us opens');
    return;
  }
  must(isHeader(header, AT_REST), 'a key that is unwrapped has the header that is allowed');
  must(JSON.stringify(now) === plain.toString(), 'what opens is what was sealed');
  return unwrapJson(opener, jwe).then(({ content }) => {
    must(JSON.stringify(content) === plain.toString(), 'both openers say the same');
  });
}
