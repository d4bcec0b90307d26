/** A stranger's bytes to a real gateway: it stays up, its memory stays bounded, and the next device is served. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Random } from '../../src/sim/random.js';
import { seedOfRun } from '../rules/seeded.js';
import { type GatewayOptions, TestGateway } from '../support/gateway.js';
import { converse, expectedOf, play, wellBehaved } from '../support/mqtt-battery.js';
import { TestDevice } from '../support/mqtt-device.js';
import { mutated, strayAnswer } from '../support/mqtt-mutations.js';
import { packetsOf } from '../support/mqtt-raw.js';
import { connack, strangersCases, type Who } from '../support/mqtt-strangers.js';

/** Devices that play side by side, so that their uploads share commits. */
const LANES = 8;
const TIMES = Number(process.env.TIMES ?? 1);
const MUTATIONS = TIMES * 160;
/** Every so many of the cases, another part with another seed: the endpoint's own test plays them all. */
const EVERY = TIMES > 1 ? 1 : 3;
const SEED = seedOfRun();
const GROWTH_MAX_BYTES = 192 * 1_048_576;

async function strangers(t: Test, options: GatewayOptions = {}): Promise<{ gateway: TestGateway; lanes: Who[] }> {
  const gateway = await TestGateway.start(t, options);
  const names = Array.from({ length: LANES }, (_, i) => `TAG-${i}`);
  const lanes = await Promise.all(
    names.map(async (id) => {
      const device = new TestDevice(id);
      const { status } = await gateway.api('POST', '/v1/devices', {
        device_id: id,
        kind: 'tag',
        cipher: 'A256GCM',
        session_key: device.sessionKey().toString('base64url'),
        password: device.password,
      });
      if (status >= 300) throw new Error(`enrolment: ${status}`);
      return { id, password: device.password, up: device.topic, down: `em/v1/d/${id}/down` };
    }),
  );
  return { gateway, lanes };
}

/** Connections that say `bytes` and no more. */
const dial = (port: number, count: number, bytes: Uint8Array): Promise<Socket[]> =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = createConnection(port, '127.0.0.1', () => resolve(socket)).on('error', () => resolve(socket));
          socket.resume().write(bytes);
        }),
    ),
  );

/** Over a connection of its own; what went wrong instead of a status. */
const readyAnew = ({ url }: TestGateway): Promise<number | string> =>
  new Promise((resolve) => {
    get(`${url}/readyz`, { agent: false }, (response) => resolve(response.resume().statusCode ?? 0)).on(
      'error',
      ({ message }) => resolve(message),
    );
  });

const rssBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;

t.test('valid and broken, by clause and at random: the gateway goes on serving', async (t) => {
  const { gateway, lanes } = await strangers(t);
  const { pid } = gateway;
  t.comment(`seed ${SEED}`);
  await Promise.all(lanes.map((who) => wellBehaved(gateway.mqttPort, who)));
  const before = rssBytes(pid);
  // refusals are put off longer each time, by design
  const notAuthorized = (answers: readonly Uint8Array[]): boolean => connack(5).equals(answers[0] ?? connack(0));
  let played = 0;
  const lane = async (who: Who, index: number): Promise<void> => {
    const cases = strangersCases(who).filter(({ answers }, i) => i % EVERY === SEED % EVERY && !notAuthorized(answers));
    for (let i = index; i < cases.length; i += LANES) {
      const one = cases[i] as (typeof cases)[number];
      const outcome = await play(gateway.mqttPort, who, one);
      const expected = expectedOf(one);
      if (JSON.stringify(outcome) !== JSON.stringify(expected)) t.same(outcome, expected, one.name);
      await wellBehaved(gateway.mqttPort, who).catch((error: Error) => t.fail(`after “${one.name}”: ${error.message}`));
      played += 1;
    }
    const random = new Random(SEED + index);
    for (let i = index; i < MUTATIONS; i += LANES) {
      const bytes = mutated(random, who, true);
      const { packets, rest } = packetsOf(await converse(gateway.mqttPort, [bytes]));
      const stray = strayAnswer(packets, rest);
      if (stray !== null) t.fail(`${stray}, for ${bytes.toString('hex')}`);
      await wellBehaved(gateway.mqttPort, who).catch((error: Error) =>
        t.fail(`seed ${SEED}, after ${bytes.toString('hex')}: ${error.message}`),
      );
      played += 1;
    }
  };
  await Promise.all(lanes.map(lane));
  t.ok(played > 500, `${played} sequences`);
  t.equal((await gateway.api('GET', '/readyz')).status, 200);
  const grown = rssBytes(pid) - before;
  t.ok(grown < GROWTH_MAX_BYTES, `its memory grew by ${Math.round(grown / 1_048_576)} MiB`);
  t.equal((await gateway.stop()).code, 0, 'and it ends as it should');
});

t.test('a thousand who begin and do not end take no memory to speak of, and nobody’s place', async (t) => {
  const { gateway, lanes } = await strangers(t);
  const before = rssBytes(gateway.pid);
  const announced = Buffer.concat([Buffer.from([0x10, 0x80, 0x20]), Buffer.alloc(4_000)]);
  const sockets = await dial(gateway.mqttPort, 1_000, announced);
  for (const who of lanes) await wellBehaved(gateway.mqttPort, who);
  const grown = rssBytes(gateway.pid) - before;
  t.ok(grown < 64 * 1_048_576, `its memory grew by ${Math.round(grown / 1_048_576)} MiB`);
  for (const socket of sockets) socket.destroy();
});

t.test('strangers who take every connection there is leave the gateway the descriptors that it needs', async (t) => {
  const few = ['bash', '-c', 'ulimit -n 400 && exec "$@"', '-'];
  const { gateway, lanes } = await strangers(t, { under: few });
  const who = lanes[0] as Who;
  const sockets = await dial(gateway.mqttPort, 600, Buffer.from([0x10]));
  t.equal(await readyAnew(gateway), 200, 'it is up, and answers on a connection that needs a descriptor too');
  for (const socket of sockets) socket.destroy();
  // a device comes again until there is room
  while (
    !(await wellBehaved(gateway.mqttPort, who).then(
      () => true,
      () => false,
    ))
  );
  t.equal((await gateway.api('GET', '/readyz')).status, 200);
  t.equal((await gateway.stop()).code, 0);
});
