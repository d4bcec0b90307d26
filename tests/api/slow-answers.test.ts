// Who reads slowly reads no longer than they may: what allowed the look is asked again before each piece of an answer.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import t, { type Test } from 'tap';
import type { Purpose } from '../../src/domain/purpose.js';
import type { Reviewed } from '../../src/ports/evidence.js';
import { fix } from './evidence.js';
import { centre, north, nowMs, orderJson } from './harness.js';
import { type Name, officePeople } from './office-people.js';

const startMs = nowMs - 3 * 3_600_000;
const window = { from: new Date(startMs).toISOString(), to: new Date(startMs + 600_000).toISOString() };
const disclosure = {
  order_id: 'ORD-1',
  recipient: 'West Yorkshire Police',
  onward_controller: 'Chief Constable of West Yorkshire Police',
  legal_basis: 'safeguarding',
  necessity: 'a life may be at stake',
  means: 'portal',
  what: 'fixes',
  ...window,
};

/** An order with an open grant, and records that come in two halves: the second when `goOn` is called. */
async function opened(t: Test) {
  const people = await officePeople(t);
  const { h, ask } = people;
  await h.tell(h.alert({ alertId: 'A-1', type: 'exclusion', startMs, endMs: startMs + 600_000 }));
  const purpose: Purpose = 'compliance_monitoring';
  const asked = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-1', legal_basis: 'licence 5(ii)' };
  const { grant_id: grantId } = (await ask('probation', 'POST', '/v1/grants', asked, purpose)).json;
  await ask('officer', 'POST', `/v1/grants/${grantId}/approve`);
  let goOn: () => void = () => {};
  const going = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* halves(): AsyncGenerator<Reviewed> {
    for (let n = 0; n < 400; n++) {
      if (n === 200) await going;
      yield { ...fix('TAG-1', startMs + n * 1_000, n), orderId: 'ORD-1' } as unknown as Reviewed;
    }
  }
  Object.assign(h.office.evidence, { fixes: halves });
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });

  /** Begins a request whose first half has come when it resolves. */
  async function begin(headers: Record<string, string>, method: 'GET' | 'POST', path: string, body?: unknown) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
    const asking = request(`${base}${path}`, { method, headers: sent, agent: false });
    asking.end(text);
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let read = '';
    let broken = false;
    answer.setEncoding('utf8');
    answer.on('data', (part: string) => {
      read += part;
    });
    answer.on('error', () => {
      broken = true;
    });
    const ended = new Promise<void>((resolve) => answer.on('close', () => resolve()));
    while (read === '') await once(answer, 'data');
    return {
      status: answer.statusCode,
      /** The rest, when the second half is let go. */
      async finish() {
        goOn();
        await ended;
        return {
          lines: read.split('\n').filter((line) => line.includes('"Feature"') || line.includes('"fix"')).length,
          broken,
        };
      },
    };
  }
  const as = (who: Name, role: 'supervising_officer' | 'data_controller', agency: typeof north, what: Purpose) =>
    h.as(role, agency, `${who}-1`, what);
  const probation = await as('probation', 'supervising_officer', north, purpose);
  const controller = await as('controller', 'data_controller', centre, 'subject_access');
  const told = async () => {
    // the log of the end is written when the socket has been told of it
    for (;;) {
      const entry = h.audit().findLast(({ detail }) => detail.whole !== undefined);
      if (entry !== undefined) return entry;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const revoke = () => ask('officer', 'POST', `/v1/grants/${grantId}/revoke`, { reason: 'a mistake' });
  return { ...people, grantId, begin, probation, controller, told, revoke };
}

t.test('a look at fixes ends with its grant', async (t) => {
  const { begin, probation, grantId, revoke, told } = await opened(t);
  const reading = await begin(probation, 'GET', `/v1/grants/${grantId}/fixes`);
  t.equal((await revoke()).status, 200);
  const { lines, broken } = await reading.finish();
  t.ok(broken && lines > 0 && lines < 250, `${lines} of 400, then cut off`);
  t.match(await told(), { action: 'grants.fixes', orderId: 'ORD-1', detail: { whole: false } });
});

t.test('a disclosure of positions ends with its grant, and the log says how many had left', async (t) => {
  const { begin, probation, grantId, revoke, told } = await opened(t);
  const reading = await begin(probation, 'POST', '/v1/disclosures', { ...disclosure, grant_id: grantId });
  t.equal(reading.status, 201);
  t.equal((await revoke()).status, 200);
  const { lines, broken } = await reading.finish();
  t.ok(broken && lines > 0 && lines < 250, `${lines} of 400, then cut off`);
  const entry = await told();
  t.match(entry, { action: 'disclosures.make', orderId: 'ORD-1', detail: { whole: false } });
  t.ok(Number(entry.detail.records) >= lines);
});

t.test('a disclosure that nobody ends is whole', async (t) => {
  const { begin, probation, grantId, told } = await opened(t);
  const reading = await begin(probation, 'POST', '/v1/disclosures', { ...disclosure, grant_id: grantId });
  t.same(await reading.finish(), { lines: 400, broken: false });
  t.match(await told(), { detail: { whole: true, records: 400 } });
});

t.test('a disclosure ends when its order is no more the discloser’s to see', async (t) => {
  const { ask, begin, probation, grantId } = await opened(t);
  const reading = await begin(probation, 'POST', '/v1/disclosures', { ...disclosure, grant_id: grantId });
  const restricted = { ...orderJson({ revision: 2, restricted: true }) };
  t.equal((await ask('administrator', 'PUT', '/v1/orders/ORD-1', restricted)).status, 200);
  const listed = { users: ['probation-1'], reason: 'knows the person' };
  t.equal((await ask('controller', 'PUT', '/v1/orders/ORD-1/restriction', listed)).status, 200);
  const { lines, broken } = await reading.finish();
  t.ok(broken && lines < 250, `${lines} of 400`);
});

t.test('a person’s copy ends when the order is no more the reader’s to see', async (t) => {
  const { ask, begin, controller, told } = await opened(t);
  const reading = await begin(controller, 'POST', '/v1/subjects/SUB-1/export');
  t.equal(reading.status, 200);
  const restricted = { ...orderJson({ revision: 2, restricted: true }) };
  t.equal((await ask('administrator', 'PUT', '/v1/orders/ORD-1', restricted)).status, 200);
  const listed = { users: ['Controller-1'], reason: 'kin' };
  t.equal((await ask('controller', 'PUT', '/v1/orders/ORD-1/restriction', listed)).status, 200);
  const { lines, broken } = await reading.finish();
  t.ok(broken && lines < 250, `${lines} of 400`);
  t.match(await told(), { action: 'exports.make', detail: { whole: false } });
});

t.test('an answer ends with the token that it was asked for with', async (t) => {
  const { begin, probation, grantId } = await opened(t);
  const reading = await begin(probation, 'GET', `/v1/grants/${grantId}/fixes`);
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  Date.now = () => now() + 3_600_000;
  const { broken } = await reading.finish();
  t.ok(broken);
});
