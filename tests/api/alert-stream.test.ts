// The live stream over real sockets: nothing is lost over cuts, filters, slow clients and shutdowns.
import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { RATES } from '../../src/api/access/rates.js';
import type { ApiLimits } from '../../src/api/deps.js';
import { encodeAlertCursor } from '../../src/codec/alert-cursor.js';
import { EventReader } from './event-reader.js';
import { centre, type Harness, harness, north, south } from './harness.js';

async function opened(t: Test, limits: Partial<ApiLimits> = {}) {
  // how often one may ask is tested elsewhere
  const h = await harness({ limits, throttle: { rates: { ...RATES, streaming: null } } });
  t.teardown(() => h.close());
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await h.token('monitoring_officer', centre);
  const stream = (query = '', last?: string, bearer = token) =>
    EventReader.open(`${base}/v1/alerts/stream${query}`, bearer, last);
  return { h, base, token, stream };
}
const named = (reader: EventReader) => reader.events.map(({ data }) => data.id);
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `A-${from + i}.1`);
const tell = (h: Harness, from: number, to: number) =>
  h.tell(...ids(from, to).map((id) => h.alert({ alertId: id.replace('.1', '') })));

t.test('from the start, from now, and as they come', async (t) => {
  const { h, stream } = await opened(t);
  await tell(h, 1, 3);
  const all = await stream('?from=start');
  const live = await stream();
  t.match(all.response.headers['content-type'], 'text/event-stream');
  await all.until(() => all.events.length === 3);
  await live.until(() => live.lastId !== '');
  t.equal(live.lastId, encodeAlertCursor(h.ledger.ledgerId, 3), 'it knows where it stands before the first alert');
  await tell(h, 4, 5);
  await live.until(() => live.events.length === 2);
  await all.until(() => all.events.length === 5);
  t.same(named(live), ids(4, 5));
  t.same(named(all), ids(1, 5));
  for (const { id, data } of all.events) t.equal(data.cursor, id);
  t.match(all.events[0]?.data, {
    specversion: '1.0',
    type: 'uk.fairwatch.alert.raised',
    subject: 'ORD-1',
    source: 'urn:fairwatch:test',
    data: { alert_id: 'A-1', code: 'AL10', state: 'open' },
  });
  all.close();
  live.close();
});

t.test('a client that is cut off at any moment resumes by its last id: each once, in order', async (t) => {
  const { h, stream } = await opened(t);
  const seed = Number(process.env.SEED ?? 7);
  t.comment(`seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const total = 1_500;
  const telling = (async () => {
    for (let told = 0; told < total; ) {
      const next = Math.min(total, told + 1 + Math.floor(random() * 90));
      await tell(h, told + 1, next);
      told = next;
    }
  })();
  const got: string[] = [];
  let last = encodeAlertCursor(h.ledger.ledgerId, 0);
  let cuts = 0;
  while (got.length < total) {
    const reader = await stream('', last);
    const enough = Math.min(total - got.length, 1 + Math.floor(random() * 200));
    await reader.until(() => reader.events.length >= enough);
    reader.close();
    await reader.untilEnded();
    got.push(...named(reader));
    last = reader.lastId;
    cuts++;
  }
  await telling;
  t.ok(cuts > 5, `${cuts} cuts`);
  t.same(got, ids(1, total));
});

t.test('a cursor serves every view; a view shows what it names and nothing else', async (t) => {
  const { h, stream } = await opened(t, { heartbeatMs: 20 });
  await h.tell(
    h.alert({ alertId: 'A-1' }),
    h.alert({ alertId: 'A-2', orderId: 'ORD-2', agency: south, type: 'tamper.strap', kind: 'alert' }),
    h.alert({ alertId: 'A-3', orderId: null, type: 'integrity.bad_seal', kind: 'alert' }),
    h.alert({ alertId: 'A-1', version: 2, state: 'withdrawn' }),
  );
  const expected: [string, string[]][] = [
    ['&agency=probation-south', ['A-2.1']],
    ['&agency=monitoring-centre', ['A-3.1']],
    ['&type=curfew', ['A-1.1', 'A-1.2']],
    ['&state=withdrawn', ['A-1.2']],
  ];
  const end = encodeAlertCursor(h.ledger.ledgerId, 4);
  for (const [query, events] of expected) {
    const reader = await stream(`?from=start${query}`);
    await reader.until(() => reader.lastId === end);
    t.same(named(reader), events, query);
    reader.close();
  }
  const officer = await stream('?from=start', undefined, await h.token('supervising_officer', south));
  await officer.until(() => officer.lastId === end);
  t.same(named(officer), ['A-2.1'], 'an officer of south');
  officer.close();
  const later = await stream('?agency=probation-north', encodeAlertCursor(h.ledger.ledgerId, 2));
  await later.until(() => later.events.length === 1);
  t.same(named(later), ['A-1.2'], 'the cursor of one view in another');
  later.close();
});

t.test('an unknown cursor, one of another ledger and one beyond the head get 410', async (t) => {
  const { h, stream } = await opened(t);
  await tell(h, 1, 2);
  for (const cursor of [
    'nonsense',
    encodeAlertCursor('another', 1),
    encodeAlertCursor(h.ledger.ledgerId, 3),
    '0',
    '2',
  ]) {
    for (const reader of [await stream('', cursor), await stream(`?cursor=${cursor}`)]) {
      t.equal(reader.status, 410, cursor);
      reader.close();
    }
  }
});

t.test('the header wins over the address, as a browser sends both when it reconnects', async (t) => {
  const { h, stream } = await opened(t);
  await tell(h, 1, 3);
  const reader = await stream(
    `?cursor=${encodeAlertCursor(h.ledger.ledgerId, 0)}`,
    encodeAlertCursor(h.ledger.ledgerId, 2),
  );
  await reader.until(() => reader.events.length === 1);
  t.same(named(reader), ['A-3.1']);
  reader.close();
});

t.test('a quiet stream is kept alive by comments', async (t) => {
  const { stream } = await opened(t, { heartbeatMs: 10 });
  const reader = await stream();
  await reader.until(() => reader.comments >= 4);
  t.equal(reader.events.length, 0);
  reader.close();
});

t.test('one stream more than the limit is refused, and a place that is freed can be taken', async (t) => {
  const { stream } = await opened(t, { streamsMax: 2 });
  const [one, two] = [await stream(), await stream()];
  const refused = await stream();
  t.equal(refused.status, 503);
  t.equal(refused.response.headers['retry-after'], '5');
  one.close();
  let next = await stream();
  while (next.status === 503) next = await stream();
  t.equal(next.status, 200);
  for (const reader of [two, next]) reader.close();
});

t.test('a client that takes nothing is cut off; others go on, and it resumes without loss', async (t) => {
  const { h, base, token, stream } = await opened(t, { heartbeatMs: 20, streamStallMs: 60 });
  const { hostname, port } = new URL(base);
  const slow = connect(Number(port), hostname);
  slow.pause();
  slow.write(`GET /v1/alerts/stream?from=start HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  const lively = await stream('?from=start');
  const ended = 'fairwatch_alert_streams_ended_total{"why":"stalled"}';
  let told = 0;
  // until the sockets' buffers are full and the cut has come
  while (!h.counted.has(ended) && told < 60_000) {
    await tell(h, told + 1, told + 500);
    told += 500;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.equal(h.counted.get(ended), 1);
  await lively.until(() => lively.events.length === told);
  lively.close();
  let text = '';
  slow.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  slow.on('error', () => {});
  slow.resume();
  await once(slow, 'close');
  // the last block may be cut in two: only whole ones count
  const blocks = text.split('\n\n').slice(0, -1);
  const whole = blocks.filter((block) => /^data: /m.test(block)).length;
  const last = blocks.flatMap((block) => /^id: (.+)$/m.exec(block)?.[1] ?? []).at(-1);
  t.ok(whole < told, `${whole} of ${told} arrived before the cut`);
  const again = await stream('', last);
  await again.until(() => again.events.length === told - whole);
  t.same(named(again), ids(whole + 1, told));
  again.close();
});

t.test('a thousand who stand at the same place cost one reading of the ledger', async (t) => {
  const { h, stream } = await opened(t, { streamsPerUserMax: 200 });
  const readers = await Promise.all(Array.from({ length: 200 }, () => stream()));
  for (const reader of readers) await reader.until(() => reader.lastId !== '');
  let reads = 0;
  const read = h.ledger.versionsAfter.bind(h.ledger);
  h.ledger.versionsAfter = (place, max) => {
    reads++;
    return read(place, max);
  };
  await tell(h, 1, 5);
  for (const reader of readers) {
    await reader.until(() => reader.events.length === 5);
    reader.close();
  }
  t.equal(reads, 1);
});

t.test('a stream ends with its token', async (t) => {
  const { h, stream } = await opened(t);
  const reader = await stream('', undefined, await h.token('supervising_officer', north, 2));
  t.equal(reader.status, 200);
  await reader.untilEnded();
  t.equal(h.counted.get('fairwatch_alert_streams_ended_total{"why":"expired"}'), 1);
});

t.test('of one user’s streams the newest stay: those of a client that is gone lock nobody out', async (t) => {
  const { h, base, stream } = await opened(t, { streamsPerUserMax: 3 });
  const first = await stream();
  const others = [await stream(), await stream()];
  const { authorization = '' } = await h.as('monitoring_officer', centre, 'ben');
  const ben = await EventReader.open(`${base}/v1/alerts/stream`, authorization.slice(7));
  t.notOk(first.ended);
  const fourth = await stream();
  t.equal(fourth.status, 200);
  await first.untilEnded();
  await tell(h, 1, 1);
  for (const reader of [...others, fourth, ben]) {
    await reader.until(() => reader.events.length === 1);
    reader.close();
  }
  t.equal(h.counted.get('fairwatch_alert_streams_ended_total{"why":"superseded"}'), 1, 'and another user keeps theirs');
});

t.test('no agency takes all the streams', async (t) => {
  const { h, base } = await opened(t, { streamsMax: 6, streamsPerAgencyMax: 3 });
  const open = async (agency: typeof north, user: string) => {
    const { authorization = '' } = await h.as('supervising_officer', agency, user);
    return EventReader.open(`${base}/v1/alerts/stream`, authorization.slice(7));
  };
  const greedy = [await open(north, 'a'), await open(north, 'b'), await open(north, 'c'), await open(north, 'd')];
  t.same(
    greedy.map(({ status }) => status),
    [200, 200, 200, 503],
  );
  const calm = await open(south, 'e');
  t.equal(calm.status, 200);
  for (const reader of [...greedy, calm]) reader.close();
});

t.test('a stream ends when its token would not open it any more, and not while the issuer is away', async (t) => {
  let fault: 'signature' | 'keys_unavailable' | null = null;
  let role: 'monitoring_officer' | 'auditor' = 'monitoring_officer';
  let asked = 0;
  const h = await harness({
    limits: { heartbeatMs: 10, streamCheckMs: 20 },
    tokens: {
      development: false,
      verify: async () => {
        asked++;
        if (fault !== null) return { ok: false, fault };
        return { ok: true, value: { user: 'ann', role, agency: centre, expiresMs: Date.now() + 60_000 } };
      },
    },
  });
  t.teardown(() => h.close());
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
  const open = () => EventReader.open(`${base}/v1/alerts/stream`, 'a.b.c');
  const reader = await open();
  fault = 'keys_unavailable';
  const before = asked;
  await reader.until(() => asked >= before + 3);
  t.notOk(reader.ended, 'an issuer that is away has withdrawn nothing');
  fault = 'signature';
  await reader.untilEnded();
  fault = null;
  const another = await open();
  role = 'auditor';
  await another.untilEnded();
  t.equal(h.counted.get('fairwatch_alert_streams_ended_total{"why":"revoked"}'), 2);
});

t.test('a ledger that cannot be read cuts the streams off instead of leaving them in silence', async (t) => {
  const { h, stream } = await opened(t);
  const reader = await stream();
  h.ledger.versionsAfter = () => {
    throw new Error('unreadable');
  };
  await tell(h, 1, 1);
  await reader.untilEnded();
  t.match(h.logged.join('\n'), /error api\.stream_failed/);
});

t.test('closing the API ends its streams', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
  const reader = await EventReader.open(`${base}/v1/alerts/stream`, await h.token('monitoring_officer'));
  await h.app.close();
  await reader.untilEnded();
  t.equal(h.counted.get('fairwatch_alert_streams_ended_total{"why":"shutdown"}'), 1);
});
