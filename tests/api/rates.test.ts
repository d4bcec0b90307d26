// Who asks too often waits, and nobody else does; nothing of it keeps anybody from an alert.
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { ACTIONS, type Action } from '../../src/api/access/actions.js';
import { POLICY } from '../../src/api/access/policy.js';
import { RATE_OF, RATES, type Rate } from '../../src/api/access/rates.js';
import { networkOf, THROTTLE_LIMITS, Throttle } from '../../src/api/access/throttle.js';
import { TokenBuckets } from '../../src/api/access/token-buckets.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { EventReader } from './event-reader.js';
import { centre, type Harness, harness, north, nowMs, south } from './harness.js';

const none: Rate = { burst: 0, perS: 0.1 };
const tight = { ...RATES, importing: { burst: 3, perS: 0.01 } };
const listing = (h: Harness, headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
  h.app.inject({ url: '/v1/devices', headers, remoteAddress });
const withThrottle = (throttle: NonNullable<ApiDeps['throttle']>, more: Partial<ApiDeps> = {}) =>
  harness({ throttle, ...more });

t.test('a bucket gives its burst and then its rate, over any span of time, and forgets nobody who is busy', (t) => {
  const seed = Number(process.env.SEED ?? 5);
  t.comment(`seed ${seed}`);
  const rate = { burst: 10, perS: 2 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 }), (gaps) => {
      const buckets = new TokenBuckets(100);
      let now = 0;
      let given = 0;
      for (const gap of gaps) {
        now += gap;
        const waitMs = buckets.take('a', rate, now);
        if (waitMs === 0) given++;
        // after that wait, and not a moment sooner
        else if (buckets.wait('a', rate, now + waitMs) > 1e-6 || buckets.wait('a', rate, now + waitMs * 0.99) === 0)
          return false;
        if (given > 10 + (now / 1_000) * 2 + 1e-9) return false;
      }
      return true;
    }),
    { seed, numRuns: 300 },
  );
  const few = new TokenBuckets(3);
  for (let i = 0; i < 10; i++) few.take('busy', rate, 0);
  for (const name of ['x', 'y']) few.take(name, rate, 0);
  t.ok(few.take('busy', rate, 0) > 0);
  for (const name of ['x', 'y', 'z']) few.take(name, rate, 0);
  t.equal(few.take('busy', rate, 0), 0, 'the one that was asked longest ago is forgotten, to its own good');
  t.ok(few.wait('q', rate, -1_000) === 0, 'a time before the last takes nothing away');
  t.end();
});

t.test('429 says when to come again, is counted, and is in the log up to so many a minute', async (t) => {
  let now = nowMs;
  const h = await withThrottle({ rates: tight }, { clock: { nowMs: () => now }, limits: { heldBackPerMinuteMax: 2 } });
  t.teardown(() => h.close());
  const ann = await h.as('device_engineer', centre, 'ann');
  for (let i = 0; i < 3; i++) t.equal((await listing(h, ann)).statusCode, 200);
  for (let i = 0; i < 5; i++) {
    const held = await listing(h, ann);
    t.match(held.json(), { status: 429, code: 'rate_limited' });
    t.match(held.headers['retry-after'], /^\d+$/);
    t.ok(Number(held.headers['retry-after']) >= 90);
  }
  t.equal(h.counted.get('fairwatch_api_refusals_total{"code":"rate_limited"}'), 5);
  const held = () => h.audit().filter(({ phase, reason }) => phase === 'refused' && reason === 'rate_limited');
  t.match(held(), [
    { actor: { kind: 'person', user: 'ann' }, action: 'devices.list' },
    { actor: { kind: 'person', user: 'ann' } },
  ]);
  now += 60_000;
  const ben = await h.as('device_engineer', centre, 'ben');
  for (let i = 0; i < 4; i++) await listing(h, ben);
  t.match(held().slice(2), [
    { actor: { kind: 'gateway' }, detail: { unlisted: 3 } },
    { actor: { kind: 'person', user: 'ben' } },
  ]);
  t.equal(held().length, 4, 'and the flood of one does not stand there as another’s');
});

t.test('one caller’s storm is nobody else’s, whatever role or address it comes with', async (t) => {
  const h = await withThrottle({ rates: tight });
  t.teardown(() => h.close());
  const ann = await h.as('device_engineer', centre, 'ann');
  for (let i = 0; i < 10; i++) await listing(h, ann);
  t.equal(
    (await listing(h, await h.as('administrator', centre, 'ann'))).statusCode,
    429,
    'the same user in another role',
  );
  t.equal((await listing(h, ann, '10.0.0.9')).statusCode, 429, 'from another address');
  t.equal((await listing(h, { ...ann, 'x-forwarded-for': '10.0.0.8' })).statusCode, 429, 'from an address it made up');
  t.equal((await listing(h, await h.as('device_engineer', centre, 'ben'))).statusCode, 200, 'another user');
  t.equal((await listing(h, await h.as('device_engineer', north, 'ann'))).statusCode, 200, 'of that name elsewhere');
});

t.test(
  'whoever has used up everything else still sees alerts, acknowledges, decides, and stops a device',
  async (t) => {
    const rates = { ...RATES, looking: none, importing: none, office: none };
    const h = await withThrottle({ rates });
    t.teardown(() => h.close());
    await h.tell(h.alert({ alertId: 'A-1' }));
    const officer = await h.as('monitoring_officer', centre, 'ann');
    const status = async (options: InjectOptions) => (await h.app.inject({ ...options, headers: officer })).statusCode;
    t.equal(await status({ url: '/v1/devices' }), 429);
    t.equal(await status({ url: '/v1/grants' }), 429);
    t.equal(await status({ url: '/v1/alerts' }), 200);
    t.equal(await status({ url: '/v1/alerts/A-1' }), 200);
    t.equal(await status({ method: 'POST', url: '/v1/alerts/A-1/acknowledge' }), 200);
    const decided = { version: 2, decision: 'confirmed', reason: 'not at home' };
    t.not(await status({ method: 'POST', url: '/v1/alerts/A-1/decide', payload: decided }), 429);
    t.equal(await status({ method: 'POST', url: '/v1/devices/HU-1/disable' }), 404);
    const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
    const reader = await EventReader.open(`${base}/v1/alerts/stream`, (officer.authorization ?? '').slice(7));
    t.equal(reader.status, 200);
    reader.close();
  },
);

t.test('no action that keeps somebody from an alert shares a bucket with one that does not', (t) => {
  const urgent: Action[] = [
    'alerts.read',
    'alerts.stream',
    'alerts.acknowledge',
    'alerts.decide',
    'alerts.reconsider',
    'devices.disable',
  ];
  const kinds = new Set(urgent.map((action) => RATE_OF[action]));
  for (const action of Object.keys(ACTIONS) as Action[]) {
    if (!kinds.has(RATE_OF[action])) continue;
    t.ok([...urgent, 'subjects.read'].includes(action), `${action} is urgent`);
  }
  for (const kind of ['watching', 'handling'] as const) {
    t.ok(RATES[kind].perS >= 100 && RATES[kind].burst >= 1_000, `${kind}: far above what any person does`);
  }
  const development = (Object.keys(ACTIONS) as Action[]).filter((action) => RATES[RATE_OF[action]] === null);
  for (const action of development) {
    t.ok(
      Object.values(POLICY).every((rights) => rights[action] === undefined),
      `${action} is not limited, and nobody's in production`,
    );
  }
  t.end();
});

t.test(
  'a flood of strangers from one address is answered without looking, and costs no known caller anything',
  async (t) => {
    let verified = 0;
    const base = await harness();
    t.teardown(() => base.close());
    const good = await base.as('device_engineer', centre, 'ann');
    const late = await base.as('device_engineer', centre, 'ben');
    const h = await withThrottle({ strangers: { burst: 5, perS: 0.001 } }, { tokens: counting() });
    t.teardown(() => h.close());
    function counting(): ApiDeps['tokens'] {
      return {
        development: true,
        verify: async (token) => {
          verified++;
          const user = [good, late].findIndex(({ authorization }) => authorization === `Bearer ${token}`);
          if (user < 0) return { ok: false, fault: 'signature' };
          const who = { user: ['ann', 'ben'][user] ?? '', role: 'device_engineer', agency: centre } as const;
          return { ok: true, value: { ...who, expiresMs: Date.now() + 60_000 } };
        },
      };
    }
    t.equal((await listing(h, good)).statusCode, 200);
    const statuses: number[] = [];
    for (let i = 0; i < 50; i++) statuses.push((await listing(h, { authorization: `Bearer junk-${i}` })).statusCode);
    t.same(statuses, [...Array(5).fill(401), ...Array(45).fill(429)]);
    t.equal(verified, 6, 'no signature was looked at for the rest');
    t.equal((await listing(h, {})).statusCode, 429, 'without a token it is the same');
    t.equal((await listing(h, good)).statusCode, 200, 'who was known before is');
    t.equal((await listing(h, late)).statusCode, 429, 'who was not waits');
    t.equal((await listing(h, late, '10.0.0.7')).statusCode, 200, 'or comes from elsewhere');
    t.equal((await listing(h, late)).statusCode, 200, 'and is known then');
    t.equal((await h.app.inject('/readyz')).statusCode, 200, 'health is asked by no stranger');
  },
);

t.test('X-Forwarded-For counts from a trusted proxy alone, and only what that proxy wrote', async (t) => {
  const strangers = { burst: 1, perS: 0.001 };
  const ask = async (h: Harness, forwarded: string, remoteAddress = '127.0.0.1') =>
    (await h.app.inject({ url: '/v1/alerts', headers: { 'x-forwarded-for': forwarded }, remoteAddress })).statusCode;
  const alone = await withThrottle({ strangers });
  t.teardown(() => alone.close());
  t.same([await ask(alone, '10.0.0.1'), await ask(alone, '10.0.0.2')], [401, 429], 'no proxy is trusted: one address');
  const behind = await withThrottle({ strangers }, { trustedProxies: ['127.0.0.1'] });
  t.teardown(() => behind.close());
  t.same(
    [await ask(behind, '10.0.0.1'), await ask(behind, '10.0.0.2'), await ask(behind, '10.0.0.1')],
    [401, 401, 429],
  );
  t.equal(
    await ask(behind, '1.2.3.4, 10.0.0.1'),
    429,
    'what the client wrote before stands further left, and counts nothing',
  );
  t.equal(await ask(behind, '10.0.0.3', '10.9.9.9'), 401);
  t.equal(await ask(behind, '10.0.0.4', '10.9.9.9'), 429, 'from another than the proxy it is hearsay');
});

t.test('what asks for no token has its own bucket, and whether we live is always told', async (t) => {
  const h = await withThrottle({ open: { burst: 4, perS: 0.001 } });
  t.teardown(() => h.close());
  const status = async (url: string, remoteAddress = '127.0.0.1') =>
    (await h.app.inject({ url, remoteAddress })).statusCode;
  const urls = ['/metrics', '/documentation/json', '/nowhere', '/v1/nowhere', '/metrics', '/documentation', '/nowhere'];
  const statuses: number[] = [];
  for (const url of urls) statuses.push(await status(url));
  t.same(statuses, [200, 200, 404, 404, 429, 429, 429]);
  t.same([await status('/livez'), await status('/readyz')], [200, 200]);
  t.equal(await status('/metrics', '10.0.0.5'), 200, 'another address');
  t.equal((await listing(h, await h.as('device_engineer', centre, 'ann'))).statusCode, 200, 'and who is known');
});

t.test('an address is a network: a /64 of IPv6, and IPv4 in its clothes is IPv4', (t) => {
  const cases = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['not an address', 'not an address'],
  ] as const;
  for (const [address, network] of cases) t.equal(networkOf(address), network, address);
  t.end();
});

t.test('a million names leave as many buckets as are remembered', (t) => {
  let now = 0;
  const throttle = new Throttle({ ...THROTTLE_LIMITS, strangers: { burst: 1, perS: 0.00001 } }, () => now++);
  for (let i = 0; i < 50_000; i++) throttle.refused(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, `token-${i}`);
  t.equal(throttle.beforeLooking('10.0.0.0', null), 0, 'the first is forgotten');
  t.ok(throttle.beforeLooking(`10.0.${(49_999 >> 8) & 255}.${49_999 & 255}`, null) > 0, 'the last is not');
  const caller = { user: 'ann', agency: south, role: 'auditor' as const, expiresMs: 0 };
  for (let i = 0; i < 20_000; i++) throttle.known(caller, `t${i}`, 'audit.read');
  t.ok(throttle.beforeLooking('10.0.195.79', 't0') > 0, 'nor are digests of tokens kept without end');
  t.end();
});
