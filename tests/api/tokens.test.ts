// Tokens are taken from the trusted issuer alone, in date, and with the claims that the policy needs.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import t from 'tap';
import { createDevelopmentIssuer, openDevelopmentIssuer } from '../../src/api/access/development-issuer.js';
import { oidcVerifier, verifyAgencyToken } from '../../src/api/access/tokens.js';
import { north } from './harness.js';

const claims = { role: 'monitoring_officer', agency: 'probation-north' };

t.test('the development issuer signs for an hour at most, and an altered token is refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-token-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.equal(openDevelopmentIssuer(folder), null, 'nothing is there before --dev');
  const issuer = createDevelopmentIssuer(folder);
  t.equal(statSync(join(folder, 'dev-issuer.key')).mode & 0o777, 0o600);
  const token = await issuer.sign({ role: 'auditor', agency: north, user: 'ann' }, 86_400);
  const verified = await issuer.verifier.verify(token);
  t.match(verified, { ok: true, value: { user: 'ann', role: 'auditor', agency: 'probation-north' } });
  if (verified.ok) t.ok(verified.value.expiresMs <= Date.now() + 3_600_000);
  const [head, body, seal] = token.split('.');
  const forged = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as Record<string, unknown>;
  const raised = Buffer.from(JSON.stringify({ ...forged, role: 'administrator' })).toString('base64url');
  t.same(await issuer.verifier.verify(`${head}.${raised}.${seal}`), { ok: false, fault: 'signature' });
  t.same(await issuer.verifier.verify(await issuer.sign({ role: 'auditor', agency: north, user: 'ann' }, -10)), {
    ok: false,
    fault: 'expired',
  });
  t.same(await issuer.verifier.verify('a'.repeat(10_000)), { ok: false, fault: 'malformed' });
  const key = Buffer.from(readFileSync(join(folder, 'dev-issuer.key'), 'utf8').trim(), 'base64url');
  const strange = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS512' })
    .setIssuer('fairwatch-development')
    .setAudience('fairwatch')
    .setSubject('ann')
    .setExpirationTime('1m')
    .sign(key);
  t.same(await issuer.verifier.verify(strange), { ok: false, fault: 'signature' }, 'an algorithm that is not listed');
  const again = createDevelopmentIssuer(folder);
  t.match(await again.verifier.verify(token), { ok: true }, 'a restart keeps the key');
  const path = await again.writeDevToken(north);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.match(await issuer.verifier.verify(readFileSync(path, 'utf8').trim()), {
    ok: true,
    value: { role: 'administrator' },
  });
});

t.test('an OIDC issuer: its keys, its audience, asymmetric algorithms, expiry and known roles only', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.teardown(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = 'https://id.example';
  const verifier = oidcVerifier({ issuer, audience: 'fairwatch', jwksUrl: `http://127.0.0.1:${address.port}/` });
  const sign = (over: Record<string, unknown> = {}, key: Parameters<SignJWT['sign']>[0] = privateKey, alg = 'ES256') =>
    new SignJWT({
      ...claims,
      iss: issuer,
      aud: 'fairwatch',
      sub: 'ann',
      exp: Math.floor(Date.now() / 1_000) + 60,
      ...over,
    })
      .setProtectedHeader({ alg, kid: 'k1' })
      .sign(key);
  t.match(await verifier.verify(await sign()), { ok: true, value: { user: 'ann', role: 'monitoring_officer' } });
  const refused: [string, string, string][] = [
    ['another issuer', await sign({ iss: 'https://evil.example' }), 'claims'],
    ['another audience', await sign({ aud: 'other' }), 'claims'],
    ['no expiry', await sign({ exp: undefined }), 'claims'],
    ['expired', await sign({ exp: 1_000 }), 'expired'],
    ['a role that is none', await sign({ role: 'root' }), 'claims'],
    ['an inherited name as a role', await sign({ role: 'constructor' }), 'claims'],
    ['nobody', await sign({ sub: undefined }), 'claims'],
    ['nobody, in so many words', await sign({ sub: '' }), 'claims'],
    ['no agency', await sign({ agency: undefined }), 'claims'],
    ['an agency that is a topic filter', await sign({ agency: '#' }), 'claims'],
    ['another key', await sign({}, (await generateKeyPair('ES256')).privateKey), 'signature'],
    ['the public key as an HMAC secret', await sign({}, Buffer.from(JSON.stringify(jwk)), 'HS256'), 'signature'],
    [
      'no signature at all',
      new UnsecuredJWT({ ...claims })
        .setIssuer(issuer)
        .setAudience('fairwatch')
        .setSubject('a')
        .setExpirationTime('1m')
        .encode(),
      'signature',
    ],
  ];
  for (const [name, token, fault] of refused) t.same(await verifier.verify(token), { ok: false, fault }, name);
});

t.test('an agency subscribes with a token whose role may watch alerts, and only to its own', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-token-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { verifier, sign } = createDevelopmentIssuer(folder);
  const ask = async (role: 'supervising_officer' | 'auditor' | 'device_engineer') =>
    verifyAgencyToken(verifier, await sign({ role, agency: north, user: 'ann' }));
  const opened = await ask('supervising_officer');
  t.equal(opened?.agency, north);
  t.ok((opened?.expiresMs ?? Infinity) <= Date.now() + 3_600_000, 'for as long as the token says');
  t.match(opened, { user: 'ann', role: 'supervising_officer', readsAlerts: true });
  t.equal((await ask('auditor'))?.readsAlerts, false);
  t.equal((await ask('device_engineer'))?.readsAlerts, false);
  t.equal(await verifyAgencyToken(verifier, 'nonsense'), null);
});
