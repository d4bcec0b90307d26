/** The quarantine over HTTP: labels to those who mend equipment, payloads to nobody, and another try. */
import t, { type Test } from 'tap';
import type { QuarantineReason } from '../../src/domain/entry.js';
import { deviceId, T0 } from '../support/samples.js';
import { harness } from './harness.js';

const SECRET = 'position 53.8008 -1.5491';

async function opened(t: Test) {
  const h = await harness({ limits: { settleMs: 300 } });
  t.teardown(() => h.close());
  const item = (position: number, reason: QuarantineReason) => ({
    position,
    deviceId: deviceId(position),
    receivedMs: T0 + position,
    reason,
    bytes: Buffer.from(`${SECRET} ${position}`),
  });
  await h.quarantine.keep([item(3, 'unknown_key'), item(8, 'bad_seal'), item(9, 'not_an_envelope')]);
  const ask = async (
    method: 'GET' | 'POST',
    url: string,
    o: { role?: 'device_engineer' | 'monitoring_officer' | 'auditor'; body?: object } = {},
  ) => {
    const headers = { authorization: `Bearer ${await h.token(o.role ?? 'device_engineer')}` };
    const answer = await h.app.inject({ method, url, headers, ...(o.body === undefined ? {} : { payload: o.body }) });
    t.notMatch(answer.body, /53\.8008|bytes":"|cG9zaXRpb24/, 'no payload, in any form');
    return { status: answer.statusCode, json: answer.json() as Record<string, unknown> };
  };
  return { h, ask, item };
}

t.test('labels are listed, oldest first and page by page', async (t) => {
  const { ask } = await opened(t);
  t.same((await ask('GET', '/v1/quarantine?limit=2')).json, {
    items: [
      {
        position: 3,
        device_id: deviceId(3),
        received: new Date(T0 + 3).toISOString(),
        reason: 'unknown_key',
        bytes: 26,
      },
      { position: 8, device_id: deviceId(8), received: new Date(T0 + 8).toISOString(), reason: 'bad_seal', bytes: 26 },
    ],
    more: true,
  });
  t.match((await ask('GET', '/v1/quarantine?after=8', { role: 'monitoring_officer' })).json, {
    items: [{ position: 9, reason: 'not_an_envelope' }],
    more: false,
  });
  t.equal((await ask('GET', '/v1/quarantine', { role: 'auditor' })).status, 403);
  t.equal((await ask('GET', '/v1/quarantine?after=x')).status, 422);
});

t.test('a retry brings the payload to the ingest as a command, which is gone once it is carried out', async (t) => {
  const { h, ask, item } = await opened(t);
  h.refuse = null;
  t.match((await ask('POST', '/v1/quarantine/retry', { body: { positions: [8, 3, 8, 77] } })).json, {
    items: [
      { position: 3, outcome: 'logged', reason: null },
      { position: 8, outcome: 'logged', reason: null },
      { position: 77, outcome: 'gone', reason: null },
    ],
  });
  const commands = h.commands.after(0).map(({ command }) => command);
  t.match(commands, [
    { kind: 'retry_quarantine', by: 'tester', item: { position: 3, deviceId: deviceId(3), reason: 'unknown_key' } },
    { kind: 'retry_quarantine', by: 'tester', item: { position: 8 } },
  ]);
  const [first] = commands;
  t.same(first?.kind === 'retry_quarantine' && Buffer.from(first.item.bytes), item(3, 'unknown_key').bytes);
  for (const place of [1, 2]) await h.commands.settle(place, { ok: true, created: true });
  t.same(h.commands.after(0), [], 'the payload does not stay where the ingest could read it');
});

t.test('what was taken in and what was gone already are told apart', async (t) => {
  const { h, ask } = await opened(t);
  for (const [created, outcome] of [
    [true, 'accepted'],
    [false, 'gone'],
  ] as const) {
    h.refuse = { ok: true, created };
    t.match((await ask('POST', '/v1/quarantine/retry', { body: { positions: [3] } })).json, { items: [{ outcome }] });
  }
});

t.test('what is left says why; what the ingest has not answered is logged', async (t) => {
  const { h, ask } = await opened(t);
  h.refuse = { ok: false, code: 'conflict', problems: [{ path: 'reason', expected: '', got: 'expired_key' }] };
  t.match((await ask('POST', '/v1/quarantine/retry', { body: { positions: [3] } })).json, {
    items: [{ position: 3, outcome: 'left', reason: 'expired_key' }],
  });
  h.refuse = null;
  t.match((await ask('POST', '/v1/quarantine/retry', { body: { positions: [8] } })).json, {
    items: [{ position: 8, outcome: 'logged', reason: null }],
  });
  for (const body of [{}, { positions: [] }, { positions: [0] }, { positions: ['3'] }, { positions: [1], all: true }]) {
    t.equal((await ask('POST', '/v1/quarantine/retry', { body })).status, 422, JSON.stringify(body));
  }
  t.equal(
    (await ask('POST', '/v1/quarantine/retry', { role: 'monitoring_officer', body: { positions: [3] } })).status,
    403,
  );
});
