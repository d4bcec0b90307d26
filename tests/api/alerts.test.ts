// The list of alerts by pages, and one alert with its versions.
import t, { type Test } from 'tap';
import { encodeAlertCursor } from '../../src/codec/alert-cursor.js';
import { harness, north, south } from './harness.js';

async function opened(t: Test) {
  const h = await harness();
  t.teardown(() => h.close());
  const headers = { authorization: `Bearer ${await h.token('monitoring_officer')}` };
  const get = (url: string) => h.app.inject({ url, headers });
  const ids = async (query: string) =>
    (await get(`/v1/alerts${query}`)).json().events.map((event: { id: string }) => event.id) as string[];
  return { h, get, ids };
}

t.test('the list holds the newest version of each alert, in the order it was told', async (t) => {
  const { h, get, ids } = await opened(t);
  await h.tell(
    h.alert({ alertId: 'A-1' }),
    h.alert({ alertId: 'A-2', orderId: 'ORD-2', agency: south, type: 'tamper.strap', kind: 'alert' }),
    h.alert({ alertId: 'A-3' }),
    h.alert({ alertId: 'A-1', version: 2, endMs: 1_773_086_400_000, codes: ['AL10', 'AL11'] }),
  );
  t.same(await ids(''), ['A-2.1', 'A-3.1', 'A-1.2']);
  t.same(await ids('?type=tamper.strap'), ['A-2.1']);
  t.same(await ids('?agency=probation-north'), ['A-3.1', 'A-1.2']);
  t.same(await ids('?state=decided'), []);
  const answer = (await get('/v1/alerts')).json();
  t.equal(answer.more, false);
  t.equal(answer.cursor, encodeAlertCursor(h.ledger.ledgerId, 4));
  t.same(await ids(`?cursor=${answer.cursor}`), []);
  t.match((await get('/v1/alerts?type=party')).json(), { status: 422, problems: [{ path: 'type', got: '"party"' }] });
  t.match((await get('/v1/alerts?limit=0&colour=red')).json().problems.length, 2);
  t.match((await get('/v1/alerts?cursor=no')).json(), { status: 410, code: 'cursor_unknown' });
});

t.test('pages lead from one to the next, and what changes meanwhile is seen again', async (t) => {
  const { h, get } = await opened(t);
  for (let i = 1; i <= 7; i++) await h.tell(h.alert({ alertId: `A-${i}` }));
  const first = (await get('/v1/alerts?limit=3')).json();
  t.same(
    first.events.map((event: { id: string }) => event.id),
    ['A-1.1', 'A-2.1', 'A-3.1'],
  );
  t.equal(first.more, true);
  t.equal(first.cursor, first.events[2].cursor);
  await h.tell(h.alert({ alertId: 'A-2', version: 2 }), h.alert({ alertId: 'A-5', version: 2 }));
  const seen: string[] = [];
  for (let cursor = first.cursor, more = true; more; ) {
    const page = (await get(`/v1/alerts?limit=2&cursor=${cursor}`)).json();
    seen.push(...page.events.map((event: { id: string }) => event.id));
    ({ cursor, more } = page);
  }
  t.same(seen, ['A-4.1', 'A-6.1', 'A-7.1', 'A-2.2', 'A-5.2']);
});

t.test('one alert is shown with every version; who supervises now sees them all', async (t) => {
  const { h, get } = await opened(t);
  await h.tell(h.alert({ alertId: 'A-1' }), h.alert({ alertId: 'A-1', version: 2, agency: south, state: 'withdrawn' }));
  const answer = (await get('/v1/alerts/A-1')).json();
  t.match(answer, { alert: { version: 2, state: 'withdrawn' }, versions: [{ version: 1 }, { version: 2 }] });
  t.equal((await get('/v1/alerts/A-9')).statusCode, 404);
  for (const [agency, status] of [
    [north, 404],
    [south, 200],
  ] as const) {
    const headers = { authorization: `Bearer ${await h.token('supervising_officer', agency)}` };
    t.equal((await h.app.inject({ url: '/v1/alerts/A-1', headers })).statusCode, status, agency);
  }
});

t.test('health needs no token and tells why the gateway is not ready', async (t) => {
  const h = await harness({ ready: () => ({ ready: false, reasons: ['recovering'], degraded: [] }) });
  t.teardown(() => h.close());
  t.equal((await h.app.inject('/livez')).statusCode, 200);
  const ready = await h.app.inject('/readyz');
  t.equal(ready.statusCode, 503);
  t.same(ready.json(), { ready: false, reasons: ['recovering'], degraded: [] });
  t.equal((await h.app.inject('/metrics')).body, 'up 1\n');
});

t.test('the stepped clock is moved over the API, and is not there without one', async (t) => {
  let now = 1_000;
  const moved: number[] = [];
  const steppedClock = {
    nowMs: () => now,
    async advanceTo(toMs: number) {
      moved.push(toMs);
      now = Math.max(now, toMs);
    },
  };
  const h = await harness({ steppedClock });
  t.teardown(() => h.close());
  const headers = { authorization: `Bearer ${await h.token('administrator')}` };
  const post = (payload: Record<string, unknown>) =>
    h.app.inject({ method: 'POST', url: '/v1/dev/clock', payload, headers });
  t.same((await h.app.inject({ url: '/v1/dev/clock', headers })).json(), { now_ms: 1_000 });
  t.same((await post({ to_ms: 5_000 })).json(), { now_ms: 5_000 });
  t.equal((await post({ to_ms: 'later' })).statusCode, 422);
  t.same(moved, [5_000]);
  const without = await harness();
  t.teardown(() => without.close());
  t.equal((await without.app.inject({ url: '/v1/dev/clock', headers })).statusCode, 404);
});
