// Every PUBACK, alert and downlink of a real gateway, held against the syncs in a trace of its system calls.
import t from 'tap';
import { HandDevice } from '../support/hand-device.js';
import { Mosquitto } from '../support/mosquitto.js';
import { startRedis } from '../support/redis-server.js';
import { playBehind } from './broker-story.js';
import { play } from './story.js';
import { TracedGateway, whyNotTraced } from './traced-gateway.js';

const why = whyNotTraced();
t.equal(why, null, 'system calls can be traced here');

t.test('nothing leaves before the sync that covers it', { skip: why ?? false }, async (t) => {
  const traced = await TracedGateway.start(t);
  const told = await play(traced.gateway, { alone: 12, people: 6, together: 20, downlinks: 66 });
  const { findings, counts } = await traced.judged();
  t.same(findings, []);
  t.comment(JSON.stringify(counts));
  t.match(counts, {
    uploads: told.uploads,
    pubacks: told.uploads,
    events: told.versions,
    published: told.versions,
    downlinks: told.downlinks,
  });
});

t.test('nor with Redis, which holds nothing that the disk has not', { skip: why ?? false }, async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const traced = await TracedGateway.start(t, { env: { REDIS_URL: redis.url }, redis: redis.port });
  const told = await play(traced.gateway, { alone: 8, people: 4, together: 12, downlinks: 0 });
  const { findings, counts } = await traced.judged();
  t.same(findings, []);
  t.comment(JSON.stringify(counts));
  t.match(counts, { uploads: told.uploads, pubacks: told.uploads, events: told.versions, published: told.versions });
  t.ok(counts.stateSaves >= 8, 'states went to Redis');
});

t.test(
  'nor behind a broker: neither its PUBACK nor what a device is told it may forget',
  { skip: why ?? false },
  async (t) => {
    const devices = [new HandDevice('TAG-B1'), new HandDevice('TAG-B2', 'C20P')];
    const broker = await Mosquitto.start(t, Object.fromEntries(devices.map(({ id, password }) => [id, password])));
    const traced = await TracedGateway.start(t, { env: broker.env, broker: broker.port });
    const heard = await playBehind(traced.gateway, broker, devices, { alone: 3, together: 40 });
    const { findings, counts } = await traced.judged(heard);
    t.same(findings, []);
    t.comment(JSON.stringify(counts));
    t.match(counts, { uploads: 86, pubacks: 86, named: 86 });
  },
);
