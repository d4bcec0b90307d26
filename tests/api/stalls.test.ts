/** A pipeline that stands still is told of where alerts are told, and moves nobody's place in them. */
import t from 'tap';
import { AlertTopics } from '../../src/api/alert-topics.js';
import { tellStalls } from '../../src/api/stall-topic.js';
import { Stalls } from '../../src/compose/stalls.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { agencyId } from '../support/samples.js';
import { EventReader } from './event-reader.js';
import { centre, harness } from './harness.js';

t.test('live streams hear of a standstill and of its end, between alerts and without an id', async (t) => {
  const stalls = new Stalls(() => 1_772_500_000_000, new RecordingTelemetry());
  const h = await harness({ stalls });
  t.teardown(() => h.close());
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await h.token('monitoring_officer', centre);
  const open = (last?: string) => EventReader.open(`${base}/v1/alerts/stream`, token, last);
  const stream = await open();
  await h.tell(h.alert({ alertId: 'A-1' }));
  await stream.until(() => stream.events.length === 1);
  const place = stream.lastId;
  stalls.turn(['disk_low']);
  stalls.turn(['engine_stuck', 'disk_low']);
  await stream.until(() => stream.named.length === 1);
  t.equal(stream.lastId, place, 'whoever comes back resumes where it stood');
  t.match(stream.named[0], {
    name: 'gateway',
    data: {
      specversion: '1.0',
      type: 'uk.fairwatch.gateway.stalled',
      subject: 'gateway',
      data: { since: '2026-03-03T01:06:40.000Z', reasons: ['engine_stuck'] },
    },
  });
  t.notOk('cursor' in (stream.named[0]?.data ?? {}));
  const late = await open(place);
  await late.until(() => late.named.length === 1);
  t.equal(late.named[0]?.data.type, 'uk.fairwatch.gateway.stalled', 'told to who comes meanwhile');
  stalls.turn(['engine_stuck']);
  stalls.turn([]);
  stalls.turn([]);
  await stream.until(() => stream.named.length === 2);
  t.equal(stream.named[1]?.data.type, 'uk.fairwatch.gateway.recovered');
  await h.tell(h.alert({ alertId: 'A-2' }));
  await stream.until(() => stream.events.length === 2);
  await late.until(() => late.events.length === 1);
  t.same(stream.named.length, 2, 'once each');
  const calm = await open();
  await calm.until(() => calm.lastId !== '');
  t.same(calm.named, [], 'nothing is said when all is well');
  for (const one of [stream, late, calm]) one.close();
});

t.test("the monitoring centre's topic hears of it too, again and again while it lasts", async (t) => {
  const stalls = new Stalls(() => 0, new RecordingTelemetry());
  const told: { topic: string; type: string }[] = [];
  const stop = tellStalls({
    stalls,
    endpoint: {
      async publish(topic, payload) {
        told.push({ topic, type: (JSON.parse(Buffer.from(payload).toString()) as { type: string }).type });
        return true;
      },
    },
    monitoringAgency: agencyId(1),
    source: 'urn:x',
    telemetry: new RecordingTelemetry(),
    everyMs: 5,
  });
  stalls.turn(['journal_stuck']);
  while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  stalls.turn([]);
  const count = told.length;
  t.equal(told.at(-1)?.type, 'uk.fairwatch.gateway.recovered');
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(told.length, count, 'and then no more');
  stop();
  stalls.turn(['journal_stuck']);
  t.equal(told.length, count);
  t.same([...new Set(told.map(({ topic }) => topic))], ['em/v1/alerts/agency-1']);
});

t.test('a disk that takes no bookmark holds back nobody’s alert; any other failure of it does', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const published: string[] = [];
  const errors: unknown[] = [];
  let failure: Error | null = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const topics = new AlertTopics({
    keys: new Map(),
    throughBroker: false,
    ledger: h.ledger,
    endpoint: {
      async publish(_topic, payload) {
        published.push((JSON.parse(Buffer.from(payload).toString()) as { id: string }).id);
        return true;
      },
    },
    bookmark: { read: async () => 0, write: () => (failure === null ? Promise.resolve() : Promise.reject(failure)) },
    monitoringAgency: centre,
    restricted: () => false,
    source: '/test',
    onError: (error) => void errors.push(error),
  });
  await topics.start();
  const told = async (id: string): Promise<void> => {
    await h.tell(h.alert({ alertId: id, agency: centre }));
    while (!published.includes(`${id}.1`)) await new Promise((resolve) => setImmediate(resolve));
  };
  await told('A-1');
  await told('A-2');
  t.same(errors, []);
  failure = new TypeError('a broken invariant');
  await told('A-3');
  while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.match(errors[0], { name: 'TypeError' });
  await topics.stop();
});

t.test('a page that is refused while an earlier one waits for its answer is told of as any failure', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  // more than one page, and what the second meets is known before the first is answered
  for (let n = 0; n < 300; n += 1) await h.tell(h.alert({ alertId: `A-${n}`, agency: centre }));
  const errors: unknown[] = [];
  let [published, refused] = [0, 0];
  let answer: () => void = () => {};
  const answered = new Promise<boolean>((resolve) => {
    answer = () => resolve(true);
  });
  const topics = new AlertTopics({
    keys: new Map(),
    throughBroker: false,
    ledger: h.ledger,
    endpoint: {
      async publish() {
        published += 1;
        if (published <= 256) return answered;
        refused += 1;
        throw new TypeError('superseded meanwhile');
      },
    },
    bookmark: { read: async () => 0, write: async () => {} },
    monitoringAgency: centre,
    restricted: () => false,
    source: '/test',
    onError: (error) => void errors.push(error),
  });
  await topics.start();
  while (refused === 0) await new Promise((resolve) => setImmediate(resolve));
  // a rejection that nobody looks at would end the process here
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  t.same(errors, [], 'its turn has not come');
  answer();
  while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.match(errors, [{ name: 'TypeError' }]);
  await topics.stop();
});
