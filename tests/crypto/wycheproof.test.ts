// Wycheproof's JWE and JWK vectors through every opener of ours: what opens, opens to what it should, and each refusal is
// explained by one of the rules that make ours narrower.
import { createCipheriv, createPrivateKey, type JsonWebKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { CompactEncrypt, compactDecrypt, generateKeyPair, importJWK, type JWK } from 'jose';
import t from 'tap';
import { unwrapKey } from '../../src/crypto/device-keys.js';
import { KeyUnwrapFailed, octKey, unwrapJson, unwrapJsonNow } from '../../src/crypto/key-jwe.js';
import { offerKey, type Recipient } from '../../src/crypto/offered-key.js';
import { checkJwe } from '../../src/crypto/strict-jwe.js';
import { openUplinkJwe, readUplinkJwe } from '../../src/crypto/uplink-jwe.js';

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  /** Compact, or the JSON serialization. */
  readonly jwe: string | object;
  readonly pt?: string;
  readonly result: 'valid' | 'invalid';
  readonly flags: readonly string[];
}
interface Group<Key> {
  readonly private: Key;
  readonly tests: readonly Vector[];
}
// compiled tests run from dist/tests/crypto
const read = <Key>(name: string): readonly Group<Key>[] =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../../fixtures/wycheproof/${name}.json`, import.meta.url)), 'utf8'))
    .testGroups;
const groups = read<JWK>('json_web_encryption');

const kek = randomBytes(32);
/** Every opener, with the vector's key in whatever place it fits. */
function openersOf(jwk: JWK): Record<string, (jwe: string) => unknown> {
  const octets = Buffer.from(jwk.k ?? '', 'base64url');
  const key = octets.length === 32 ? octets : kek;
  const identity = jwk.kty === 'EC' ? createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }) : null;
  const opener = { kek: key, identity };
  return {
    'an upload': (jwe) => {
      const upload = readUplinkJwe(Buffer.from(jwe));
      return upload.ok ? openUplinkJwe(key, upload.value) : null;
    },
    'a device key': async (jwe) => unwrapKey(opener, jwe),
    'a key at rest': async (jwe) => unwrapJson(opener, jwe),
    'a key at rest, at once': async (jwe) => unwrapJsonNow(opener, jwe),
  };
}

const RULES = {
  kek: { charsMax: 4_096, alg: 'A256KW', enc: 'A256GCM' },
  identity: { charsMax: 4_096, alg: 'ECDH-ES+A256KW', enc: 'A256GCM' },
} as const;
/** Why the gate refuses, most telling first. */
const EXPLAINED = [
  /^\d parts, not 5$/,
  /^a part is not canonical base64url$/,
  /^encrypted key of \d+ bytes$/,
  /^nonce of \d+ bytes$/,
  /^tag of \d+ bytes$/,
  /^kid is missing$/,
  /^header member "\w+" is not allowed$/,
  /^(alg|enc) is not /,
  /^the header is not JSON$/,
];

t.test('no vector of Wycheproof opens that should not, and none at all outside of our allow-list', async (t) => {
  const reasons = new Map<string, number>();
  for (const { private: jwk, tests } of groups) {
    for (const { tcId, comment, jwe } of tests) {
      const text = typeof jwe === 'string' ? jwe : JSON.stringify(jwe);
      for (const [what, open] of Object.entries(openersOf(jwk))) {
        let opened: unknown = null;
        try {
          opened = await open(text);
        } catch (error) {
          t.ok(error instanceof KeyUnwrapFailed, `${tcId} ${comment} is refused by name as ${what}`);
        }
        t.equal(opened, null, `${tcId} ${comment} is not ${what}`);
      }
      const gate = checkJwe(text, jwk.kty === 'EC' ? RULES.identity : RULES.kek);
      const reason = gate.ok ? 'passed' : gate.fault;
      t.ok(
        EXPLAINED.some((known) => known.test(reason)),
        `${tcId} ${comment}: ${reason}`,
      );
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  for (const [reason, count] of reasons) t.comment(`${count} vectors: ${reason}`);
});

t.test(
  'jose says of every vector what Wycheproof says, so they were copied right; it takes a key for another algorithm',
  async (t) => {
    const differ: number[] = [];
    for (const { private: jwk, tests } of groups) {
      for (const { tcId, jwe, pt, result } of tests) {
        const opened = await compactDecrypt(jwe as string, await importJWK(jwk, jwk.alg)).then(
          ({ plaintext }) => Buffer.from(plaintext).toString('hex'),
          () => null,
        );
        if (result === 'valid') t.equal(opened, pt, `${tcId}`);
        else if (opened !== null) differ.push(tcId);
      }
    }
    // a key of bytes names no algorithm: whoever calls must say which it is for, as our gate does
    t.same(differ, [96, 97, 98, 99]);
  },
);

/** The same content key, nonce and content under a header of ours: what our openers do take, and every way to spoil it. */
const groupOf = (alg: string) => groups.find(({ private: jwk }) => jwk.alg === alg) as Group<JWK>;

t.test(
  'under the vectors’ own keys what jose makes within the allow-list opens, and each spoiling of the vectors is refused',
  async (t) => {
    for (const alg of ['A256KW', 'ECDH-ES+A256KW']) {
      const jwk = groupOf(alg).private;
      const { 'a key at rest': open, 'a key at rest, at once': openNow } = openersOf(jwk);
      const key = await importJWK(jwk, alg);
      const content = { kty: 'oct', kid: 'TAG-1:1', k: kek.toString('base64url') };
      const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(content)))
        .setProtectedHeader({ alg, enc: 'A256GCM', kid: 'TAG-1:1' })
        .encrypt(alg === 'A256KW' ? key : await publicOf(jwk));
      t.same(await open?.(jwe), { kid: 'TAG-1:1', content });
      t.same(await openNow?.(jwe), { kid: 'TAG-1:1', content });
      for (const [how, spoilt] of spoilings(jwe)) {
        await t.rejects(async () => open?.(spoilt), KeyUnwrapFailed, `${alg}: ${how}`);
        await t.rejects(async () => openNow?.(spoilt), KeyUnwrapFailed, `${alg}: ${how}, at once`);
      }
    }
  },
);

const publicOf = ({ kty, crv, x, y }: JWK) => importJWK({ kty, crv, x, y } as JWK, 'ECDH-ES+A256KW');
const set = (jwe: string, index: number, part: string): string =>
  jwe
    .split('.')
    .map((before, i) => (i === index ? part : before))
    .join('.');

/** As the vectors spoil theirs, and as `zip` and its like would. */
function spoilings(jwe: string): [string, string][] {
  const parts = jwe.split('.') as [string, string, string, string, string];
  const NAMES = ['header', 'encrypted key', 'nonce', 'ciphertext', 'tag'];
  const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString()) as Record<string, unknown>;
  const headed = (change: object) =>
    set(jwe, 0, Buffer.from(JSON.stringify({ ...header, ...change })).toString('base64url'));
  const text = Buffer.from(parts[0], 'base64url').toString();
  const spelled = (other: string) => set(jwe, 0, Buffer.from(other).toString('base64url'));
  const bytes = (index: number) => Buffer.from(parts[index] as string, 'base64url');
  return [
    ...NAMES.flatMap((name, i): [string, string][] => [
      [
        `modified ${name}`,
        set(jwe, i, `${(parts[i] as string).startsWith('X') ? 'Y' : 'X'}${(parts[i] as string).slice(1)}`),
      ],
      [`missing ${name}`, set(jwe, i, '')],
      [`missing ${name} and separator`, parts.toSpliced(i, 1).join('.')],
      [`${name} with junk`, set(jwe, i, `${(parts[i] as string).slice(0, 3)}!${(parts[i] as string).slice(3)}`)],
      [`${name} with padding`, set(jwe, i, `${parts[i]}=`)],
      [`${name} with a line break`, set(jwe, i, `${parts[i]}\n`)],
    ]),
    ...[1, 4, 8].map((cut): [string, string] => [
      `tag shorter by ${cut}`,
      set(jwe, 4, bytes(4).subarray(0, -cut).toString('base64url')),
    ]),
    ['tag too long', set(jwe, 4, Buffer.concat([bytes(4), Buffer.alloc(3)]).toString('base64url'))],
    ['tag of a megabyte', set(jwe, 4, 'A'.repeat(1_048_576))],
    ['a sixth part', `${jwe}.AAAA`],
    ['a thousand parts', `${jwe}${'.'.repeat(1_000)}`],
    ['zip', headed({ zip: 'DEF' })],
    ['crit', headed({ crit: ['exp'] })],
    ['another enc', headed({ enc: 'A128GCM' })],
    ['another alg', headed({ alg: 'dir' })],
    ['p2c of a billion', headed({ alg: 'PBES2-HS256+A128KW', p2s: 'AAAA', p2c: 1e9 })],
    ['a key inside', headed({ jwk: { kty: 'oct', k: 'AAAA' } })],
    ['alg twice', spelled(text.replace('{', '{"alg":"none",'))],
    ['enc twice, the right one last', spelled(text.replace('{', '{"enc":"A128GCM",'))],
    ['a prototype', spelled(text.replace('{', '{"__proto__":{"zip":"DEF"},'))],
    ['deep JSON', spelled(`${'['.repeat(500)}${']'.repeat(500)}`)],
    ['deeper JSON', spelled(`{"alg":${'['.repeat(100_000)}`)],
    ['a huge header', headed({ kid: 'K'.repeat(1_048_576) })],
  ];
}

t.test('RSA, by which most of the other vectors are made, has no opener here', async (t) => {
  for (const alg of ['RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-512']) {
    const { publicKey } = await generateKeyPair(alg);
    const jwe = await new CompactEncrypt(Buffer.from('foo'))
      .setProtectedHeader({ alg, enc: 'A256GCM', kid: 'A:1' })
      .encrypt(publicKey);
    t.match(checkJwe(jwe, RULES.kek), { ok: false, fault: 'encrypted key of 256 bytes' });
    t.match(readUplinkJwe(Buffer.from(jwe)), { ok: false });
  }
});

t.test('of JWKs that are to be refused none becomes a key, and none is written to', async (t) => {
  for (const { private: given, tests } of read<{ readonly keys: readonly JWK[] }>('json_web_key')) {
    const [{ tcId, comment }] = tests as [Vector];
    for (const jwk of given.keys) {
      // a key at rest says what kind it is, its name and its bytes, and nothing of signatures
      t.equal(octKey(jwk, jwk.kid ?? ''), null, `${tcId} ${comment}: no key at rest`);
      const recipient = { identityJwk: jwk } as unknown as Recipient;
      const offered = offerKey(recipient, { kid: 'TAG-1:2', cipher: 'A256GCM', key: kek });
      const sound =
        (jwk.kty === 'EC' && jwk.crv === 'P-256' && comment !== 'rejectsModifiedKey') ||
        comment.startsWith('mismatched') ||
        tcId === 21;
      if (sound) t.match(await offered, /^eyJ/, `${tcId} ${comment}: a point on P-256, whatever else it says`);
      else await t.rejects(offered, `${tcId} ${comment}: nobody to write to`);
    }
  }
});

/** What is still held afterwards, and what was held at most, above what was before. */
async function heapGrowth(work: () => unknown): Promise<number> {
  const used = () => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  };
  const before = used();
  await work();
  return used() - before;
}

t.test('a zip bomb and its like are refused in memory of the size of what came', async (t) => {
  const MIB = 1_048_576;
  const bomb = deflateRawSync(Buffer.alloc(200 * MIB));
  t.ok(bomb.length < MIB, `200 MiB in ${bomb.length} bytes`);
  const sealed = (header: object, key: Buffer, encryptedKey: string, content: Buffer): string => {
    const first = Buffer.from(JSON.stringify(header)).toString('base64url');
    const iv = Buffer.alloc(12, 1);
    const gcm = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(first, 'ascii'));
    const ciphertext = Buffer.concat([gcm.update(content), gcm.final()]).toString('base64url');
    return [first, encryptedKey, iv.toString('base64url'), ciphertext, gcm.getAuthTag().toString('base64url')].join(
      '.',
    );
  };
  const contentKey = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()]).toString('base64url');
  const upload = { alg: 'dir', enc: 'A256GCM', kid: 'TAG-1:1', typ: 'em+jwe', dir: 'up' };
  const atRest = { alg: 'A256KW', enc: 'A256GCM', kid: 'TAG-1:1' };
  const good = sealed(atRest, contentKey, wrapped, Buffer.from('{}'));
  t.same((await unwrapJson({ kek, identity: null }, good)).content, {});
  const texts: [string, string][] = [
    ['a zip bomb as an upload', sealed({ ...upload, zip: 'DEF' }, kek, '', bomb)],
    ['a zip bomb as a key', sealed({ ...atRest, zip: 'DEF' }, contentKey, wrapped, bomb)],
    [
      'a small zip bomb as a key',
      sealed({ ...atRest, zip: 'DEF' }, contentKey, wrapped, deflateRawSync(Buffer.alloc(2 * MIB))),
    ],
    ...spoilings(good),
  ];
  for (const [what, text] of texts) {
    const grown = await heapGrowth(async () => {
      t.notOk(readUplinkJwe(Buffer.from(text)).ok, `${what} is no upload`);
      // at the gate, before anything is opened or inflated
      const why = what.includes('zip') ? { message: /"zip" is not allowed|longer than/ } : {};
      await t.rejects(unwrapJson({ kek, identity: null }, text), { name: 'KeyUnwrapFailed', ...why }, what);
    });
    // several copies of the text, and what the test itself leaves
    t.ok(grown < 8 * MIB + 16 * text.length, `${what}: ${grown} bytes for ${text.length}`);
  }
});
