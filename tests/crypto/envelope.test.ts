import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { deriveKeys, openEnvelope, type Sealing, sealEnvelope } from '../../src/crypto/envelope.js';
import { seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const ciphers = ['A256GCM', 'C20P'] as const;
const sealing = (over: Partial<Sealing> = {}): Sealing => ({
  key: Buffer.alloc(32, 5),
  cipher: 'A256GCM',
  keyId: 1,
  sequence: 1n,
  topic: 'em/v1/d/HU-1/up',
  ...over,
});
const plaintext = Buffer.from('what a device says');

/** The same by node:crypto, nonce and all written out. */
function byNode({ key, cipher, keyId, sequence, topic }: Sealing, plain: Uint8Array): Buffer {
  const nonce = Buffer.from(keyId.toString(16).padStart(8, '0') + sequence.toString(16).padStart(16, '0'), 'hex');
  const made =
    cipher === 'C20P'
      ? createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
      : createCipheriv('aes-256-gcm', key, nonce);
  made.setAAD(Buffer.from(topic), { plaintextLength: plain.length });
  return Buffer.concat([made.update(plain), made.final(), made.getAuthTag()]);
}

t.test('both ciphers make the bytes that node:crypto makes, and open them', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ciphers),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 1, max: 0xffff_ffff }),
      fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      fc.string({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 300 }),
      (cipher, key, keyId, sequence, topic, plain) => {
        const place = { key: Buffer.from(key), cipher, keyId, sequence, topic };
        const sealed = sealEnvelope({ ...place, plaintext: plain });
        if (!sealed.equals(byNode(place, plain))) return false;
        return openEnvelope({ ...place, ciphertext: new Uint8Array(sealed) })?.equals(plain) === true;
      },
    ),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('ChaCha20-Poly1305 gives the vector of RFC 8439, section 2.8.2', async (t) => {
  // its additional data is no UTF-8, so no topic can be it: node:crypto stands in between for the tag
  const key = Buffer.from('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f', 'hex');
  const nonce = Buffer.from('070000004041424344454647', 'hex');
  const aad = Buffer.from('50515253c0c1c2c3c4c5c6c7', 'hex');
  const text = Buffer.from(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const tag = '1ae10b594f09e26a7e902ecbd0600691';
  const node = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  node.setAAD(aad, { plaintextLength: text.length });
  const expected = Buffer.concat([node.update(text), node.final()]);
  t.equal(node.getAuthTag().toString('hex'), tag, 'node:crypto agrees with the RFC');
  t.match(expected.toString('hex'), /^d31a8d34648e60db7b86afbc53ef7ec2/);

  const place = sealing({
    key,
    cipher: 'C20P',
    keyId: nonce.readUInt32BE(0),
    sequence: nonce.readBigUInt64BE(4),
  });
  const ours = sealEnvelope({ ...place, plaintext: text });
  t.equal(ours.subarray(0, -16).toString('hex'), expected.toString('hex'), 'the ciphertext is the one of the RFC');
  t.ok(ours.equals(byNode(place, text)), 'and the tag over our additional data the one of node:crypto');
});

t.test('AES-256-GCM gives test case 14 of the GCM specification', async (t) => {
  const place = sealing({ key: Buffer.alloc(32), keyId: 0, sequence: 0n, topic: '' });
  const sealed = sealEnvelope({ ...place, plaintext: Buffer.alloc(16) });
  t.equal(sealed.toString('hex'), 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
});

for (const cipher of ciphers) {
  t.test(`${cipher}: it opens in its own place only`, async (t) => {
    const place = sealing({ cipher });
    const ciphertext = sealEnvelope({ ...place, plaintext });
    t.same(openEnvelope({ ...place, ciphertext }), plaintext);
    const other = cipher === 'C20P' ? 'A256GCM' : 'C20P';
    const elsewhere: Partial<Sealing>[] = [
      { key: Buffer.alloc(32, 6) },
      { cipher: other },
      { keyId: 2 },
      { sequence: 2n },
      { sequence: 1n + 2n ** 32n },
      { topic: 'em/v1/d/HU-2/up' },
      { topic: 'em/v1/d/HU-1/down' },
    ];
    for (const change of elsewhere)
      t.equal(openEnvelope({ ...place, ...change, ciphertext }), null, Object.keys(change).join());
  });

  t.test(`${cipher}: one flipped bit anywhere, or a missing byte, and it does not open`, async (t) => {
    const place = sealing({ cipher });
    const ciphertext = sealEnvelope({ ...place, plaintext });
    let opened = 0;
    for (let bit = 0; bit < ciphertext.length * 8; bit++) {
      const changed = Buffer.from(ciphertext);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      if (openEnvelope({ ...place, ciphertext: changed }) !== null) opened++;
    }
    for (let length = 0; length < ciphertext.length; length++)
      if (openEnvelope({ ...place, ciphertext: ciphertext.subarray(0, length) }) !== null) opened++;
    if (openEnvelope({ ...place, ciphertext: Buffer.concat([ciphertext, Buffer.alloc(1)]) }) !== null) opened++;
    t.equal(opened, 0);
  });

  t.test(`${cipher}: an empty plaintext is sealed too`, async (t) => {
    const place = sealing({ cipher });
    const ciphertext = sealEnvelope({ ...place, plaintext: new Uint8Array(0) });
    t.equal(ciphertext.length, 16);
    t.equal(openEnvelope({ ...place, ciphertext })?.length, 0);
  });

  t.test(`${cipher}: a key of another length is a programming error, not a message that does not open`, async (t) => {
    const place = sealing({ cipher, key: Buffer.alloc(16) });
    t.throws(() => sealEnvelope({ ...place, plaintext }));
    t.throws(() => openEnvelope({ ...place, ciphertext: Buffer.alloc(40) }));
  });
}

t.test('three keys are derived from a session key, each another', async (t) => {
  const session = randomBytes(32);
  const { up, down, jwe } = deriveKeys(session);
  t.same(up, Buffer.from(hkdfSync('sha256', session, Buffer.alloc(0), 'em/v1 up', 32)));
  t.equal(new Set([up, down, jwe].map((key) => key.toString('hex'))).size, 3);
  t.throws(() => deriveKeys(Buffer.alloc(16)), RangeError);
});
