// Tokens that somebody made to be let in, and an issuer whose keys are late, wrong, far too many or gone.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import t, { type Test } from 'tap';
import type { IssuerKeysOptions } from '../../src/api/access/issuer-keys.js';
import { oidcVerifier, verifyAgencyToken } from '../../src/api/access/tokens.js';

const issuer = 'https://id.example';
const nowS = () => Math.floor(Date.now() / 1_000);
const claims = (over: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  aud: 'fairwatch',
  sub: 'ann',
  role: 'monitoring_officer',
  agency: 'probation-north',
  iat: nowS(),
  exp: nowS() + 60,
  ...over,
});
const ec = await generateKeyPair('ES256', { extractable: true });
const other = await generateKeyPair('ES256', { extractable: true });
const rsa = await generateKeyPair('RS256', { extractable: true });
const jwkOf = async (key: typeof ec.publicKey, kid: string, alg: string): Promise<JWK> => ({
  ...(await exportJWK(key)),
  kid,
  alg,
});
const k1 = await jwkOf(ec.publicKey, 'k1', 'ES256');
const private1 = await exportJWK(ec.privateKey);
const k2 = await jwkOf(other.publicKey, 'k2', 'ES256');
const r1 = await jwkOf(rsa.publicKey, 'r1', 'RS256');

/** An issuer that answers as it is told, and counts. */
async function issuing(t: Test, options: Partial<Omit<IssuerKeysOptions, 'url'>> = {}) {
  const state = {
    asked: 0,
    answer: (_request: IncomingMessage, response: ServerResponse): void => {
      response.end(JSON.stringify({ keys: [k1, r1] }));
    },
  };
  const server = createServer((request, response) => {
    state.asked++;
    state.answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}/`;
  return { state, url, verifier: oidcVerifier({ issuer, audience: 'fairwatch', jwksUrl: url }, options) };
}

const sign = (over: JWTPayload = {}, header: Record<string, unknown> = {}, key = ec.privateKey) =>
  new SignJWT(claims(over)).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header } as never).sign(key);
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Signed by the right key over whatever bytes. */
async function signedOver(header: string, payload: string): Promise<string> {
  const { subtle } = globalThis.crypto;
  const input = `${part(header)}.${part(payload)}`;
  const seal = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, ec.privateKey as never, Buffer.from(input));
  return `${input}.${Buffer.from(seal).toString('base64url')}`;
}
const head = '{"alg":"ES256","kid":"k1"}';

t.test('a token with its header or claims tampered with, or signed by anybody else, opens nothing', async (t) => {
  const { verifier, state, url } = await issuing(t);
  const good = await sign();
  t.match(await verifier.verify(good), { ok: true, value: { user: 'ann' } });
  const [header = '', payload = '', seal = ''] = good.split('.');
  const spki = await exportSPKI(rsa.publicKey);
  const withKey = (secret: string, kid: string) =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(secret));
  const json = JSON.stringify(claims());
  const cases: [name: string, token: string, fault: string][] = [
    ['alg none', `${part({ alg: 'none', kid: 'k1' })}.${payload}.`, 'signature'],
    ['alg nOnE', `${part({ alg: 'nOnE' })}.${payload}.`, 'signature'],
    ['alg none with a signature', `${part({ alg: 'none' })}.${payload}.${seal}`, 'signature'],
    ['no alg', `${part({ kid: 'k1' })}.${payload}.${seal}`, 'malformed'],
    ['an alg that is no text', `${part({ alg: ['ES256'], kid: 'k1' })}.${payload}.${seal}`, 'malformed'],
    ['HS256 with the EC key as secret', await withKey(JSON.stringify(k1), 'k1'), 'signature'],
    ['HS256 with the PEM as secret', await withKey(spki, 'r1'), 'signature'],
    ['HS256 with its modulus as secret', await withKey(String(r1.n), 'r1'), 'signature'],
    [
      'RS256 in the name of the EC key',
      await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(rsa.privateKey),
      'signature',
    ],
    ['ES256 in the name of the RSA key', await sign({}, { kid: 'r1' }), 'signature'],
    ['another’s key under a known name', await sign({}, {}, other.privateKey), 'signature'],
    ['a key of its own (jwk)', await sign({}, { jwk: k2 }, other.privateKey), 'malformed'],
    ['a key of its own by address (jku)', await sign({}, { jku: `${url}evil` }, other.privateKey), 'malformed'],
    ['a certificate by address (x5u)', await sign({}, { x5u: `${url}evil` }, other.privateKey), 'malformed'],
    ['a certificate (x5c)', await sign({}, { x5c: ['MIIB'] }, other.privateKey), 'malformed'],
    ['crit', await signedOver('{"alg":"ES256","kid":"k1","crit":["exp"],"exp":1}', json), 'malformed'],
    ['crit of nothing', await signedOver('{"alg":"ES256","kid":"k1","crit":[]}', json), 'malformed'],
    ['b64 false', await signedOver('{"alg":"ES256","kid":"k1","b64":false,"crit":["b64"]}', json), 'malformed'],
    ['b64 false, not critical', await signedOver('{"alg":"ES256","kid":"k1","b64":false}', json), 'malformed'],
    ['a logout token', await sign({}, { typ: 'logout+jwt' }), 'malformed'],
    ['a DPoP proof', await sign({}, { typ: 'dpop+jwt' }), 'malformed'],
    ['two kids', await signedOver('{"alg":"ES256","kid":"x","kid":"k1"}', json), 'malformed'],
    ['two roles', await signedOver(head, json.replace('{', '{"role":"auditor",')), 'malformed'],
    ['two ends', await signedOver(head, json.replace('{', '{"exp":1,')), 'malformed'],
    ['claims that are a list', await signedOver(head, '[]'), 'malformed'],
    ['claims that are null', await signedOver(head, 'null'), 'malformed'],
    [
      'claims with a prototype',
      await signedOver(head, json.replace('{', '{"__proto__":{"role":"administrator"},')),
      'malformed',
    ],
    ['four parts', `${good}.x`, 'malformed'],
    ['five parts (a JWE)', `${good}.x.y`, 'malformed'],
    ['two parts', `${header}.${payload}`, 'malformed'],
    [
      'base64 that is not canonical',
      `${header}.${payload}.${seal.slice(0, -1)}${seal.endsWith('A') ? 'B' : `${seal.slice(-1)}=`}`,
      'malformed',
    ],
    ['a blank in it', `${header}. ${payload}.${seal}`, 'malformed'],
    ['a signature of nothing', `${header}.${payload}.`, 'signature'],
    [
      'a signature of zeros (CVE-2022-21449)',
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      'signature',
    ],
    [
      'a signature in DER',
      `${header}.${payload}.${Buffer.from('3006020100020100', 'hex').toString('base64url')}`,
      'signature',
    ],
    ['9 KiB', await sign({ groups: 'x'.repeat(9_000) }), 'malformed'],
    ['a list of 600 groups', await sign({ groups: Array(600).fill(1) }), 'malformed'],
  ];
  for (const [name, token, fault] of cases) t.same(await verifier.verify(token), { ok: false, fault }, name);
  t.ok(state.asked <= 2, `the issuer was asked ${state.asked} times, and no address of a token ever`);
});

t.test('the name of a key is a name: a path, an address or a novel fetches nothing and finds nothing', async (t) => {
  const { verifier, state } = await issuing(t);
  t.ok((await verifier.verify(await sign())).ok);
  for (const kid of ['../../../../dev/null', '/etc/passwd', 'http://evil.example/k', "k1' OR 1=1", '__proto__']) {
    t.same(await verifier.verify(await sign({}, { kid }, other.privateKey)), { ok: false, fault: 'signature' }, kid);
  }
  for (const kid of ['x'.repeat(129), 'k1\0', '', 7, ['k1'], { k: 1 }, null]) {
    t.same(await verifier.verify(await sign({}, { kid }, other.privateKey)), { ok: false, fault: 'malformed' });
  }
  t.equal(state.asked, 1, 'within half a minute the issuer is asked once');
});

t.test('claims: an end that is due, a begin that is not, and who it is', async (t) => {
  const { verifier } = await issuing(t);
  const refused: [name: string, over: JWTPayload, fault: string][] = [
    ['ended this second', { exp: nowS() }, 'expired'],
    ['ended within the tolerance', { exp: nowS() - 5 }, 'expired'],
    ['ends in 25 hours', { exp: nowS() + 25 * 3_600 }, 'claims'],
    ['ends in the year 9999', { exp: 253_402_300_799 }, 'claims'],
    ['ends in milliseconds', { exp: Date.now() + 60_000 }, 'claims'],
    ['ends at 1e308', { exp: 1e308 }, 'claims'],
    ['an end that is text', { exp: String(nowS() + 60) as never }, 'claims'],
    ['begins in two minutes', { nbf: nowS() + 120 }, 'claims'],
    ['a begin that is text', { nbf: '0' as never }, 'claims'],
    ['issued in two minutes', { iat: nowS() + 120 }, 'claims'],
    ['issued as text', { iat: 'now' as never }, 'claims'],
    ['for nobody', { aud: undefined as never }, 'claims'],
    ['for others', { aud: ['a', 'b'] }, 'claims'],
    ['for one whose name begins alike', { aud: 'fairwatch.example' }, 'claims'],
    ['of nobody', { iss: undefined as never }, 'claims'],
    ['of an issuer with a slash more', { iss: `${issuer}/` }, 'claims'],
    ['of a list of issuers', { iss: [issuer] as never }, 'claims'],
    ['two roles in a list', { role: ['monitoring_officer', 'administrator'] }, 'claims'],
    ['one role in a list', { role: ['monitoring_officer'] }, 'claims'],
    ['a role with a blank', { role: 'monitoring_officer ' }, 'claims'],
    ['a role in capitals', { role: 'ADMINISTRATOR' }, 'claims'],
    ['a role of 4 KiB', { role: 'x'.repeat(4_000) }, 'claims'],
    ['no role', { role: undefined as never }, 'claims'],
    ['an agency in a list', { agency: ['probation-north'] }, 'claims'],
    ['every agency', { agency: '*' }, 'claims'],
    ['an agency with a slash', { agency: 'probation-north/x' }, 'claims'],
    ['nobody, a number', { sub: 7 as never }, 'claims'],
    ['nobody, blanks', { sub: '  ' }, 'claims'],
    ['a blank before the name', { sub: ' ann' }, 'claims'],
    ['a line end in the name', { sub: 'ann\nadmin' }, 'claims'],
    ['an escape in the name', { sub: 'ann\u001b[2K' }, 'malformed'],
    ['NUL in the name', { sub: 'ann\0' }, 'malformed'],
    ['letters that turn the line round', { sub: 'ann\u202enimda' }, 'claims'],
    ['a name of 257', { sub: 'a'.repeat(257) }, 'claims'],
  ];
  for (const [name, over, fault] of refused)
    t.same(await verifier.verify(await sign(over)), { ok: false, fault }, name);
  const taken: [name: string, over: JWTPayload, header?: Record<string, unknown>][] = [
    ['for several, us among them', { aud: ['other', 'fairwatch'] }],
    ['issued by a clock ten seconds ahead', { iat: nowS() + 10, nbf: nowS() + 10 }],
    ['without iat', { iat: undefined as never }],
    ['ends in 23 hours', { exp: nowS() + 23 * 3_600 }],
    ['of type at+jwt', {}, { typ: 'at+JWT' }],
    ['with claims of others', { scope: 'openid', groups: ['a', 'b'], realm_access: { roles: ['administrator'] } }],
    ['a name in another script', { sub: 'Ängström 安娜' }],
  ];
  for (const [name, over, header] of taken)
    t.match(await verifier.verify(await sign(over, header)), { ok: true }, name);
  const far = await verifyAgencyToken(verifier, await sign({ exp: nowS() + 25 * 3_600 }));
  t.equal(far, null, 'a password over MQTT goes the same way');
  t.equal((await verifyAgencyToken(verifier, await sign()))?.agency, 'probation-north');
  t.equal(await verifyAgencyToken(verifier, await sign({}, { jwk: k2 }, other.privateKey)), null);
});

t.test('a thousand tokens at once, of known and unknown keys, are one question to the issuer', async (t) => {
  const { verifier, state } = await issuing(t);
  const [good, strange] = [await sign(), await sign({}, { kid: 'k9' }, other.privateKey)];
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => verifier.verify(i % 2 === 0 ? good : strange)),
  );
  t.equal(answers.filter(({ ok }) => ok).length, 500);
  t.equal(state.asked, 1);
});

t.test('the issuer’s new key is taken when a token names it, and the old one goes with the set', async (t) => {
  let now = 0;
  const { verifier, state } = await issuing(t, { nowMs: () => now });
  t.ok((await verifier.verify(await sign())).ok);
  state.answer = (_, response) => void response.end(JSON.stringify({ keys: [k2] }));
  const next = await sign({}, { kid: 'k2' }, other.privateKey);
  t.notOk((await verifier.verify(next)).ok, 'asked a moment ago: not again');
  now = 31_000;
  t.ok((await verifier.verify(next)).ok);
  t.same(await verifier.verify(await sign()), { ok: false, fault: 'signature' }, 'the old key is gone');
  t.equal(state.asked, 2);
});

t.test('an issuer that is away does not blind who is known; one that never answered lets nobody in', async (t) => {
  let now = 0;
  const { verifier, state } = await issuing(t, { nowMs: () => now });
  const good = await sign();
  const serve = state.answer;
  const down = (_: IncomingMessage, response: ServerResponse) => void response.socket?.destroy();
  state.answer = down;
  for (let i = 0; i < 50; i++) t.same(await verifier.verify(good), { ok: false, fault: 'keys_unavailable' });
  t.equal(state.asked, 1, 'fifty tokens do not storm an issuer that is down');
  now = 1_001;
  t.same(await verifier.verify(good), { ok: false, fault: 'keys_unavailable' });
  t.equal(state.asked, 2, 'a second later it is tried again, then more rarely');
  now = 2_500;
  await verifier.verify(good);
  t.equal(state.asked, 2);
  state.answer = serve;
  now = 3_100;
  t.ok((await verifier.verify(good)).ok, 'back');
  state.answer = down;
  for (const hour of [1, 6, 23]) {
    now = 3_100 + hour * 3_600_000;
    t.ok((await verifier.verify(good)).ok, `${hour} h later its keys still count`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  now = 3_100 + 25 * 3_600_000;
  t.same(await verifier.verify(good), { ok: false, fault: 'keys_unavailable' }, 'a day later they do not');
});

t.test('an issuer that is slow, huge, elsewhere, or that publishes nonsense is no issuer', async (t) => {
  const good = await sign();
  const large = { keys: [k1, { kty: 'EC', x: 'x'.repeat(400_000) }] };
  const secret = { kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url'), kid: 'k1', alg: 'HS256' };
  const answers: [name: string, answer: (request: IncomingMessage, response: ServerResponse) => void][] = [
    ['slow', () => {}],
    ['slow to end', (_, response) => void response.write('{"keys":[')],
    ['huge', (_, response) => void response.end(JSON.stringify(large))],
    [
      'endless',
      (_, response) => {
        const more = () => {
          while (response.writable && response.write(Buffer.alloc(65_536, 32)));
        };
        response.on('drain', more).on('error', () => {});
        more();
      },
    ],
    ['redirected', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['404 with keys', (_, response) => void response.writeHead(404).end(JSON.stringify({ keys: [k1] }))],
    ['201 with keys', (_, response) => void response.writeHead(201).end(JSON.stringify({ keys: [k1] }))],
    ['no JSON', (_, response) => void response.end('<html>')],
    ['no set', (_, response) => void response.end('{"keys":{}}')],
    ['an empty set', (_, response) => void response.end('{"keys":[]}')],
    ['a symmetric key', (_, response) => void response.end(JSON.stringify({ keys: [secret] }))],
    ['a private key', (_, response) => void response.end(JSON.stringify({ keys: [{ ...k1, ...private1 }] }))],
    ['keys twice', (_, response) => void response.end(`{"keys":[],"keys":${JSON.stringify([k1])}}`)],
    ['null', (_, response) => void response.end('null')],
  ];
  for (const [name, answer] of answers) {
    const { verifier, state } = await issuing(t, { timeoutMs: 200 });
    state.answer = answer;
    t.same(await verifier.verify(good), { ok: false, fault: 'keys_unavailable' }, name);
    t.equal(state.asked, 1, `${name}: asked once`);
  }
});

t.test('a clock that is stepped ends what has ended, and nothing sooner', async (t) => {
  const { verifier } = await issuing(t);
  const token = await sign({ exp: nowS() + 600 });
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  t.ok((await verifier.verify(token)).ok);
  Date.now = () => now() + 3_600_000;
  t.same((await verifier.verify(token)).ok, false, 'an hour ahead it has ended');
  Date.now = () => now() - 86_400_000;
  t.same((await verifier.verify(token)).ok, false, 'a day behind it was issued in the future');
  Date.now = now;
  t.ok((await verifier.verify(token)).ok);
});

t.test('a token that is shown again has its signature checked once, and its key and times each time', async (t) => {
  let now = 0;
  const { verifier, state } = await issuing(t, { nowMs: () => now, freshMs: 1_000 });
  const { subtle } = globalThis.crypto;
  const verify = subtle.verify;
  let checked = 0;
  subtle.verify = (...args: Parameters<typeof verify>) => {
    checked++;
    return verify.apply(subtle, args);
  };
  const clock = Date.now;
  t.teardown(() => {
    subtle.verify = verify;
    Date.now = clock;
  });
  const token = await sign({ iat: nowS() - 600, nbf: nowS() - 10, exp: nowS() + 600 });
  for (let i = 0; i < 20; i++) t.ok((await verifier.verify(token)).ok);
  t.equal(checked, 1);
  t.same(await verifier.verify(`${token.slice(0, -4)}AAAA`), { ok: false, fault: 'signature' }, 'another seal');
  t.equal(checked, 2, 'a token that is refused is looked at as often as it is shown');
  t.notOk((await verifier.verify(`${token.slice(0, -4)}AAAA`)).ok);
  t.equal(checked, 3);

  Date.now = () => clock() - 45_000;
  t.same(
    await verifier.verify(token),
    { ok: false, fault: 'claims' },
    'before its begin, by a clock that was put back',
  );
  Date.now = () => clock() + 601_000;
  t.same(await verifier.verify(token), { ok: false, fault: 'expired' });
  Date.now = clock;
  t.ok((await verifier.verify(token)).ok);
  t.equal(checked, 3);

  // the same name for another key: what was good under the old one is not
  const another = { ...k2, kid: 'k1' };
  state.answer = (_, response) => void response.end(JSON.stringify({ keys: [another] }));
  now = 2_000;
  await verifier.verify(token);
  for (let i = 0; i < 100 && state.asked < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(await verifier.verify(token), { ok: false, fault: 'signature' });
});
