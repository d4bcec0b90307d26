// New P-256 keys: whole, as OpenSSL takes them, and made under a busy collector without standing still.
import { spawnSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { newP256, newP256Jwk } from '../../src/crypto/new-p256.js';

t.test('a new key has all of its members in full, and both halves belong together', async (t) => {
  const seen = new Set<string>();
  // one in 256 has a leading zero
  for (let n = 0; n < 2_000; n += 1) {
    const { kty, crv, x, y, d, ...more } = newP256Jwk();
    const lengths = [x, y, d].map((text) => Buffer.from(text, 'base64url').length);
    if (kty !== 'EC' || crv !== 'P-256' || lengths.join() !== '32,32,32' || Object.keys(more).length > 0)
      throw new Error(`${kty} ${crv} ${lengths}`);
    seen.add(d);
  }
  t.equal(seen.size, 2_000);
  for (let n = 0; n < 300; n += 1) {
    const { publicKey, privateKey } = newP256();
    const said = Buffer.from([n % 256]);
    if (!verify('sha256', said, publicKey, sign('sha256', said, privateKey))) throw new Error('they do not');
    if (!createPublicKey(privateKey).equals(publicKey)) throw new Error('another public half');
  }
});

t.test('thousands of keys are made and exported while the collector is at work', async (t) => {
  const url = pathToFileURL(join(import.meta.dirname, '../../src/crypto/new-p256.js')).href;
  const program = `
    import { newP256, newP256Jwk } from ${JSON.stringify(url)};
    for (let n = 0; n < 10_000; n += 1) { newP256().privateKey.export({ format: 'jwk' }); newP256Jwk(); }
    process.stdout.write('made');`;
  // a small nursery: by Node's own job for new pairs the process stood still for ever after some thousand
  const args = ['--max-semi-space-size=1', '--input-type=module', '-e', program];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
  t.equal(ran.stdout, 'made', ran.stderr);
});
