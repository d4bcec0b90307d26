/** Alerts through a broker: none is passed over that the broker has not taken, whatever dies when. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type BrokerLimits, BrokerLink } from '../../src/adapters/broker/broker-link.js';
import { FileBookmark } from '../../src/adapters/files/file-bookmark.js';
import { AlertTopics } from '../../src/api/alert-topics.js';
import type { MqttHandlers } from '../../src/ports/mqtt-endpoint.js';
import { centre, type Harness, harness } from '../api/harness.js';
import { until } from '../intake/harness.js';
import { temporaryFolder } from '../support/folder.js';
import { HandBroker } from '../support/hand-broker.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

const nobody: MqttHandlers = {
  authenticate: async () => false,
  takenOver: () => {},
  mayPublish: () => false,
  maySubscribe: () => false,
  subscribed: () => {},
  message: (_message, settle) => settle('fail'),
  refused: () => {},
};

interface Life {
  readonly link: BrokerLink;
  readonly topics: AlertTopics;
  end(): Promise<void>;
}

interface Scene {
  readonly h: Harness;
  readonly broker: HandBroker;
  readonly bookmark: FileBookmark;
  tell(...alertIds: readonly string[]): Promise<void>;
  /** Which alerts the broker has heard of since, in order. */
  heard(from: number): string[];
  begin(limits?: Partial<BrokerLimits>): Promise<Life>;
}

async function scene(t: Test): Promise<Scene> {
  const h = await harness({}, { production: true });
  t.teardown(() => h.close());
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const broker = await HandBroker.open(t);
  const bookmark = new FileBookmark(join(folder.path, 'bookmark'));
  return {
    h,
    broker,
    bookmark,
    tell: (...alertIds) => h.tell(...alertIds.map((alertId) => h.alert({ alertId, orderId: null, agency: centre }))),
    heard: (from) => broker.heard.slice(from).map(({ payload }) => JSON.parse(payload.toString()).data.alert_id),
    async begin(limits = {}) {
      const address = { url: broker.url };
      const link = new BrokerLink(nobody, { address, clientId: 'x', telemetry: new RecordingTelemetry(), limits });
      const topics = new AlertTopics({
        keys: new Map(),
        throughBroker: true,
        ledger: h.ledger,
        endpoint: link,
        bookmark,
        monitoringAgency: centre,
        restricted: () => false,
        source: '/test',
        onError: (error) => void t.fail(String(error)),
      });
      let ended = false;
      const end = async (): Promise<void> => {
        if (ended) return;
        ended = true;
        await link.close();
        await topics.stop();
      };
      t.teardown(end);
      await topics.start();
      await link.listen();
      return { link, topics, end };
    },
  };
}

t.test('what the broker has not acknowledged is published again: after a cut, and by the next gateway', async (t) => {
  const s = await scene(t);
  await s.tell('A-1', 'A-2', 'A-3');
  const first = await s.begin();
  await until(() => s.broker.heard.length === 3);
  t.same(s.heard(0), ['A-1', 'A-2', 'A-3']);
  s.broker.cut();
  await until(() => s.broker.heard.length === 6);
  t.same(s.heard(3), ['A-1', 'A-2', 'A-3'], 'in their order');
  for (const one of s.broker.heard.slice(3, 5)) s.broker.acknowledge(one);
  // its answers are read before it is cut off
  s.broker.publish(1, 'em/v1/d//up', Buffer.from('x'));
  await until(() => s.broker.acks.length > 0);
  s.broker.cut();
  await until(() => s.broker.heard.length === 7);
  t.same(s.heard(6), ['A-3']);
  t.equal(await s.bookmark.read(), 0, 'not all of the page has been taken');
  await first.end();
  t.equal(await s.bookmark.read(), 0);

  s.broker.reason = 0;
  const second = await s.begin();
  await until(() => s.broker.heard.length === 10);
  t.same(s.heard(7), ['A-1', 'A-2', 'A-3'], 'at least once');
  while ((await s.bookmark.read()) !== 3) await new Promise((resolve) => setTimeout(resolve, 2));
  await second.end();
  await s.tell('A-4');
  await s.begin();
  await until(() => s.broker.heard.length === 11);
  t.same(s.heard(10), ['A-4']);
});

t.test('alerts that are raised while there is no broker wait for it; a stop does not', async (t) => {
  const s = await scene(t);
  s.broker.reason = 16;
  const life = await s.begin();
  await until(() => s.broker.subscribed === 1);
  const { link } = life;
  s.broker.cut();
  await until(() => link.reasons().length > 0);
  await s.tell('A-1');
  await s.tell('A-2');
  await until(() => s.broker.heard.length === 2);
  t.same(s.heard(0), ['A-1', 'A-2']);
  while ((await s.bookmark.read()) !== 2) await new Promise((resolve) => setTimeout(resolve, 2));
  s.broker.reason = null;
  await s.tell('A-3');
  await until(() => s.broker.heard.length === 3);
  await life.end();
  t.equal(await s.bookmark.read(), 2, 'nobody listening is taken; no answer is not');
});

t.test('an alert that the broker refuses is tried again, and said; nothing passes it', async (t) => {
  const s = await scene(t);
  s.broker.reason = 0x87;
  const { link } = await s.begin({ refusedMs: 10 });
  await s.tell('A-1');
  await until(() => s.broker.heard.length >= 3);
  // while it is under way once more nobody has refused it
  await until(() => link.reasons().length > 0);
  t.same(link.reasons(), ['broker_refuses_publish']);
  t.equal(await s.bookmark.read(), 0);
  s.broker.reason = 0;
  while ((await s.bookmark.read()) !== 1) await new Promise((resolve) => setTimeout(resolve, 2));
  t.same(link.reasons(), []);
});

t.test('no more goes out at once than may wait for an answer', async (t) => {
  const s = await scene(t);
  await s.tell(...Array.from({ length: 40 }, (_, i) => `A-${i}`));
  await s.begin({ outgoingMax: 8 });
  await until(() => s.broker.heard.length === 8);
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(s.broker.heard.length, 8);
  s.broker.reason = 0;
  for (const one of s.broker.heard.slice()) s.broker.acknowledge(one);
  await until(() => s.broker.heard.length === 40);
  t.same(
    s.heard(0),
    Array.from({ length: 40 }, (_, i) => `A-${i}`),
  );
});
