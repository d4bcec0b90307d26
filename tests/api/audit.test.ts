// The log over the API: who sees how much of it, its pages, its heads and proofs; and that reading it is on record too.
import t from 'tap';
import { checkAuditProof } from '../../src/crypto/audit-proof.js';
import { isConsistent } from '../../src/crypto/merkle.js';
import { openHead, parseHeadKey } from '../../src/crypto/signed-head.js';
import { parseOrderId } from '../../src/domain/ids.js';
import { centre, type Harness, harness, north, orderJson, sure } from './harness.js';

interface Entry {
  readonly index: number;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly user?: string };
  readonly action: string;
  readonly phase: string;
  readonly attempt: number | null;
  readonly purpose: string | null;
  readonly order_id: string | null;
  readonly subject_id: string | null;
  readonly detail: Record<string, unknown>;
  readonly withheld: readonly string[];
  readonly erased: boolean;
}
interface Page {
  readonly entries: readonly Entry[];
  readonly next: number | null;
  readonly size: number;
}
interface Head {
  readonly size: number;
  readonly root: string;
  readonly at_ms: number;
  readonly jws: string;
}

const hexes = (path: readonly string[]) => path.map((hash) => Buffer.from(hash, 'hex'));

/** An order put in by the centre, and looked at by its officer. */
async function looked(h: Harness, restricted = false): Promise<void> {
  const monitoring = await h.as('monitoring_officer', centre, 'mo');
  await h.keys.make(sure(parseOrderId('ORD-1')));
  const put = await h.app.inject({
    method: 'PUT',
    url: '/v1/orders/ORD-1',
    headers: monitoring,
    payload: orderJson({ restricted }),
  });
  if (put.statusCode > 202) throw new Error(put.body);
  const officer = await h.as('supervising_officer', north, 'officer');
  await h.app.inject({ url: '/v1/orders/ORD-1?revision=1', headers: officer });
}

const read = async (h: Harness, query: string, role: 'auditor' | 'data_controller' = 'auditor', user = 'aud') => {
  const answer = await h.app.inject({ url: `/v1/audit${query}`, headers: await h.as(role, centre, user) });
  return { status: answer.statusCode, body: answer.json() as Page & { code?: string }, text: answer.body };
};

t.test(
  'an auditor sees who looked at whose data, when, what for, and how it ended; nothing of the person',
  async (t) => {
    const h = await harness();
    t.teardown(() => h.close());
    await looked(h);
    const { status, body } = await read(h, '');
    t.equal(status, 200);
    const [, , attempt, outcome] = body.entries;
    t.match(attempt, {
      index: 2,
      at: '2026-03-09T19:00:00.000Z',
      actor: { kind: 'person', user: 'officer', role: 'supervising_officer', agency: 'probation-north' },
      action: 'orders.read',
      category: 'consultation',
      phase: 'attempt',
      attempt: null,
      purpose: 'compliance_monitoring',
      order_id: 'ORD-1',
      subject_id: null,
      erased: false,
    });
    t.match(outcome, { index: 3, phase: 'allowed', attempt: 2, order_id: 'ORD-1' });
    t.ok(outcome?.withheld.includes('subject_id'), 'what is not shown is named');
    t.notOk(Object.hasOwn(outcome?.detail ?? {}, 'revision'), 'only what refers to a document, a window or a number');

    const whole = await read(h, '?from=3&limit=1', 'data_controller');
    t.match(whole.body.entries, [
      { index: 3, order_id: 'ORD-1', subject_id: 'SUB-1', detail: { revision: '1' }, withheld: [] },
    ]);
  },
);

t.test('reading the log is in the log, before the answer', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const first = await read(h, '?order_id=ORD-1');
  t.match(first.body, {
    // there is no such order: its id is under nobody's key, and stands as a pseudonym
    entries: [
      { index: 0, action: 'audit.read', phase: 'attempt', order_id: null, detail: { order_id: /^[0-9a-f]{32}$/ } },
    ],
    next: null,
  });
  const second = await read(h, '');
  t.match(second.body.entries.slice(0, 3), [
    { action: 'audit.read', phase: 'attempt', actor: { user: 'aud' }, detail: {} },
    { action: 'audit.read', phase: 'allowed', attempt: 0 },
    { action: 'audit.read', phase: 'attempt', detail: {} },
  ]);
  await h.app.inject({ url: '/v1/audit/heads', headers: await h.as('auditor', centre, 'aud') });
  await h.app.inject({ url: '/v1/audit/proof?entry=0', headers: await h.as('auditor', centre, 'aud') });
  t.equal(h.office.audit.size, 8, 'heads and proofs too');
});

t.test('pages follow one another without a gap, of everybody and of one order', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  for (let n = 0; n < 4; n++) await looked(h);
  for (const query of ['', '&order_id=ORD-1']) {
    const seen: number[] = [];
    let from: number | null = 0;
    while (from !== null && seen.length < 12) {
      const { body }: { body: Page } = await read(h, `?from=${from}&limit=3${query}`);
      t.equal(body.entries.length, 3);
      seen.push(...body.entries.map(({ index }) => index));
      from = body.next;
    }
    t.same(seen.slice(0, 12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  }
});

t.test('after erasure the entries stand, and say no more whose data it was', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await looked(h);
  await h.keys.destroy(sure(parseOrderId('ORD-1')));
  const { body } = await read(h, '?from=2&limit=2', 'data_controller');
  t.match(body.entries, [
    { index: 2, actor: { user: 'officer' }, order_id: null, subject_id: null, detail: {}, erased: true },
    { index: 3, erased: true, withheld: [] },
  ]);
});

t.test('whom a restricted order keeps away learns nothing of it from the log', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await looked(h, true);
  const put = await h.app.inject({
    method: 'PUT',
    url: '/v1/orders/ORD-1/restriction',
    headers: await h.as('data_controller', centre, 'dc'),
    payload: { users: ['cousin'], reason: 'family' },
  });
  t.ok(put.statusCode < 300, put.body);
  const other = await read(h, '?from=2&limit=1');
  t.match(other.body.entries, [{ order_id: 'ORD-1' }], 'auditors oversee restricted orders');
  const cousin = await read(h, '?from=2&limit=1', 'auditor', 'cousin');
  t.match(cousin.body.entries, [{ index: 2, order_id: null, subject_id: null, detail: {}, erased: false }]);
  t.ok(cousin.body.entries[0]?.withheld.includes('order_id'));
  t.notMatch(cousin.text, /ORD-1|SUB-1/);
  t.match(await read(h, '?order_id=ORD-1', 'auditor', 'cousin'), { status: 404, body: { code: 'not_found' } });
});

t.test('heads and proofs stand by themselves', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await looked(h);
  const headers = await h.as('auditor', centre, 'aud');
  const get = async (path: string) =>
    (await h.app.inject({ url: `/v1/audit/${path}`, headers })).json() as Record<string, unknown>;
  const { heads, key } = (await get('heads?limit=3')) as unknown as { heads: Head[]; key: { x: string } };
  const parsed = parseHeadKey(key);
  if (!parsed.ok) return void t.fail(parsed.fault);
  const keys = [parsed.value];
  t.equal(heads.length, 3);
  for (const { jws, size, root, at_ms } of heads) {
    t.same(openHead(jws, keys), { ok: true, value: { size, root, atMs: at_ms } });
  }
  const small = heads[2] as Head;

  const proof = await get('proof?entry=1');
  const checked = checkAuditProof(proof, keys);
  t.match(checked, { ok: true, value: { index: 1 } });
  t.match(checked.ok && checked.value.entry.toString(), /"action":"orders.write"/);
  t.notMatch(checked.ok && checked.value.entry.toString(), /ORD-1/, 'person fields are sealed in it');
  t.match(checkAuditProof(await get(`proof?entry=0&size=${small.size}`), keys), {
    ok: true,
    value: { head: { size: small.size } },
  });

  const continues = (await get(`proof?first=${small.size}`)) as unknown as {
    first: Head;
    second: Head;
    path: string[];
  };
  const { first, second, path } = continues;
  t.ok(second.size > first.size);
  t.ok(
    isConsistent(first.size, Buffer.from(first.root, 'hex'), second.size, Buffer.from(second.root, 'hex'), hexes(path)),
  );
});

t.test('what cannot be asked is refused in words', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await looked(h);
  const headers = await h.as('auditor', centre, 'aud');
  for (const [path, status, code] of [
    ['?from=-1', 422, 'invalid'],
    ['?limit=0', 422, 'invalid'],
    ['?limit=1001', 422, 'invalid'],
    ['?order_id=a/b', 422, 'invalid'],
    ['?to=7', 422, 'invalid'],
    ['/heads?limit=none', 422, 'invalid'],
    ['/proof', 422, 'invalid'],
    ['/proof?entry=1&first=1', 422, 'invalid'],
    ['/proof?size=1', 422, 'invalid'],
    ['/proof?entry=0&size=999999', 404, 'not_found'],
    ['/proof?entry=999999', 404, 'not_found'],
    ['/proof?first=2&second=1', 422, 'invalid'],
  ] as const) {
    const answer = await h.app.inject({ url: `/v1/audit${path}`, headers });
    t.match({ status: answer.statusCode, code: (answer.json() as { code: string }).code }, { status, code }, path);
  }
});

t.test('nobody else reads it', async (t) => {
  const h = await harness({}, { production: true });
  t.teardown(() => h.close());
  for (const role of [
    'monitoring_officer',
    'supervising_officer',
    'police_liaison',
    'device_engineer',
    'administrator',
  ] as const) {
    for (const path of ['', '/heads', '/proof?entry=0']) {
      const answer = await h.app.inject({ url: `/v1/audit${path}`, headers: await h.as(role, centre, 'somebody') });
      t.equal(answer.statusCode, 403, `${role} ${path}`);
    }
  }
});
