/**
 * The judge of what was told, on a gateway of straw whose ledger and streams can be made to differ: what is told while it
 * reads is no fault, and what a stream or the topic had that the ledger never had, or the other way round, always is.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { encodeAlertCursor } from '../../src/codec/alert-cursor.js';
import type { AlertEvent } from '../../src/sim/alert-subscriber.js';
import type { TruthItem } from '../../src/sim/truth.js';
import { SseListener } from './streams.js';
import { judgeAlerts } from './verdict.js';

const LEDGER = 'straw';
const PATIENCE_MS = 1_500;
const START_MS = Date.UTC(2026, 10, 22, 12);

/** One that stands, as it must be told; further versions say no more (who has not been acknowledged). */
const item = (n: number): TruthItem => ({
  orderId: `O${n}`,
  kind: 'alert',
  type: 'tamper.strap',
  conditionId: null,
  deviceId: `T${n}`,
  startMs: START_MS + n,
  endMs: null,
  codes: [],
  endedBy: null,
  dueMs: START_MS + n,
});

class Straw {
  readonly events: AlertEvent[] = [];
  readonly topic = { heard: new Set<string>(), newest: new Map<string, number>(), catchUp: () => this.#catchUp() };
  /** Called when a newcomer has been given the ledger so far: the clock tells on while it reads. */
  onRead: () => void = () => {};
  catchesUp = true;
  listed = (events: readonly AlertEvent[]): readonly AlertEvent[] => events;
  readonly #followers = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://straw');
    if (asked.pathname === '/v1/alerts/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
      for (const event of this.events) response.write(textOf(event));
      this.#followers.add(response);
      response.on('close', () => this.#followers.delete(response));
      if (asked.searchParams.get('from') === 'start') this.onRead();
      return;
    }
    const newest = new Map(this.events.map((event) => [event.data.alert_id, event]));
    const cursor = encodeAlertCursor(LEDGER, this.events.length);
    response.end(JSON.stringify({ events: this.listed([...newest.values()]), cursor, more: false }));
  });

  async start(t: Test): Promise<SseListener> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    const sse = new SseListener(this);
    await sse.start();
    t.teardown(async () => {
      await sse.stop();
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return sse;
  }

  url = '';
  token(): Promise<string> {
    return Promise.resolve('straw');
  }

  /** A version of this alert, wherever it is to stand. */
  made(n: number, version: number): AlertEvent {
    const start = new Date(START_MS + n).toISOString();
    const told = {
      state: 'raised',
      kind: 'alert',
      type: 'tamper.strap',
      condition_id: null,
      end: null,
      ended_by: null,
    };
    return {
      id: `A-${n}.${version}`,
      type: `uk.fairwatch.alert.${version === 1 ? 'raised' : 'updated'}`,
      cursor: encodeAlertCursor(LEDGER, this.events.length + 1),
      data: {
        ...told,
        alert_id: `A-${n}`,
        version,
        order_id: `O${n}`,
        device_id: `T${n}`,
        start,
        event_time: start,
        codes: [],
      },
    };
  }

  /** As a gateway tells: the ledger has it first. */
  tell(event: AlertEvent): void {
    this.events.push(event);
    this.onStream(event);
    this.onTopic(event);
  }
  onStream(event: AlertEvent): void {
    for (const follower of this.#followers) follower.write(textOf(event));
  }
  onTopic({ id, data }: AlertEvent): void {
    this.topic.heard.add(id);
    this.topic.newest.set(data.alert_id, data.version);
  }

  async #catchUp(): Promise<void> {
    if (!this.catchesUp) return;
    const { newest } = this.topic;
    for (const { data } of this.events)
      newest.set(data.alert_id, Math.max(data.version, newest.get(data.alert_id) ?? 0));
  }
}

const textOf = (event: AlertEvent): string => `id: ${event.cursor}\ndata: ${JSON.stringify(event)}\n\n`;

/** Three alerts stand and were told to everybody; then `plant`; then it is judged. */
async function judged(t: Test, plant: (straw: Straw) => void): Promise<readonly string[]> {
  const straw = new Straw();
  const sse = await straw.start(t);
  for (const n of [1, 2, 3]) straw.tell(straw.made(n, 1));
  plant(straw);
  // what was sent to the listener before the judge asks has come
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { faults, expected, received } = await judgeAlerts(straw, [1, 2, 3].map(item), sse, straw.topic, PATIENCE_MS);
  t.equal(expected, 3);
  t.equal(received, 3);
  return faults;
}

t.test('nothing is found where everybody was told what the ledger has', async (t) => {
  t.same(await judged(t, () => {}), []);
});

t.test('what the clock tells while the ledger is read is no fault', async (t) => {
  const faults = await judged(t, (straw) => {
    let version = 1;
    straw.onRead = () => {
      version += 1;
      for (const n of [1, 2, 3]) straw.tell(straw.made(n, version));
    };
  });
  t.same(faults, []);
});

t.test('a version that is on the stream and never in the ledger is found', async (t) => {
  t.match(await judged(t, (straw) => straw.onStream(straw.made(2, 2))), [
    /^1 on the stream, but not in the ledger: A-2\.2$/,
  ]);
});

t.test('so it is when the ledger, while it is read, gets others', async (t) => {
  const faults = await judged(t, (straw) => {
    straw.onStream(straw.made(2, 2));
    straw.onRead = () => straw.tell(straw.made(1, 2));
  });
  t.match(faults, [/^1 on the stream, but not in the ledger: A-2\.2$/, /^1 stream: /]);
});

t.test('one that the ledger gets only after it was heard is found', async (t) => {
  const faults = await judged(t, (straw) => {
    const early = straw.made(2, 2);
    straw.onTopic(early);
    straw.onRead = () => straw.events.push(early);
  });
  t.match(faults, [/^1 on the topic, but not in the ledger: A-2\.2$/, /^1 caught up with behind the topic, but not/]);
});

t.test('a version that the ledger has and the stream never had is found', async (t) => {
  const passedOver = await judged(t, (straw) => {
    const silent = straw.made(2, 2);
    straw.events.push(silent);
    straw.onTopic(silent);
    straw.tell(straw.made(3, 2));
  });
  t.match(passedOver, [/^1 not on the stream: A-2\.2$/]);
  const never = await judged(t, (straw) => void straw.events.push(straw.made(2, 2)));
  t.match(never, [/^the stream has come to place 3 and not to 4 in 1\.5 s$/, /^1 not on the stream: A-2\.2$/]);
});

t.test('an alert that nobody at the topic can come to know of is found', async (t) => {
  const faults = await judged(t, (straw) => {
    straw.catchesUp = false;
    const silent = straw.made(2, 2);
    straw.events.push(silent);
    straw.onStream(silent);
  });
  t.match(faults, [/^1 neither on the topic nor in its catching up, nor a newer version: A-2\.2$/]);
});

t.test('a list that is behind what was told before is found, and one that is ahead of the ledger', async (t) => {
  const behind = await judged(t, (straw) => {
    const old = straw.events;
    straw.tell(straw.made(2, 2));
    straw.listed = (events) => events.map((event) => (event.id === 'A-2.2' ? (old[1] as AlertEvent) : event));
  });
  t.match(behind, [/^1 heard before the list was read, which has no such or an older version: A-2\.2$/]);
  const ahead = await judged(t, (straw) => {
    straw.listed = (events) => events.map((event) => (event.id === 'A-2.1' ? straw.made(2, 2) : event));
  });
  t.match(ahead, [/^1 listed, but not in the ledger: A-2\.2$/]);
});
