import t from 'tap';
import { passwordHash, passwordMatches } from '../../src/crypto/password.js';

t.test('a password matches its own hash, as text or as the bytes that MQTT brings', async (t) => {
  const hash = passwordHash('correct horse');
  t.equal(hash, Buffer.from(hash, 'base64url').toString('base64url'));
  t.ok(passwordMatches('correct horse', hash));
  t.ok(passwordMatches(Buffer.from('correct horse'), hash));
  for (const other of ['', 'correct horse ', 'Correct horse', 'correct hors', hash])
    t.notOk(passwordMatches(other, hash));
});

t.test('a hash that is none matches nothing', async (t) => {
  for (const hash of ['', 'AAAA', 'not base64url!']) t.notOk(passwordMatches('', hash));
});

t.test('the hash is SHA-256 in base64url', async (t) => {
  t.equal(passwordHash(''), '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
});
