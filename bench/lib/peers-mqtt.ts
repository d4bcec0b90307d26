/** A process that sends fixes as plain JSON over MQTT at a fixed rate, and hears what a flow behind the broker tells of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { inParallel } from '../../src/sim/gateway-api.js';
import { MqttDevice, parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { percentiles } from '../../src/sim/percentiles.js';
import { changesOf, makePeople, type PeerPerson } from './peers-fixes.js';

export interface PeersMqttOptions {
  readonly url: string;
  readonly seed: string;
  readonly people: number;
  readonly fixes: number;
  /** Fixes a second, all people together. */
  readonly ratePerS: number;
}

export interface PeersMqttFigures {
  readonly sent: number;
  readonly acked: number;
  readonly expected: number;
  readonly told: number;
  /** Told of a fix on whose side the truth is another. */
  readonly wrong: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly generatorCpu: number;
}

const PATIENCE_MS = 15_000;

const o = JSON.parse(process.argv[2] ?? '{}') as PeersMqttOptions;
process.stdout.write(`${JSON.stringify(await run())}\n`);
process.exit(0);

async function run(): Promise<PeersMqttFigures> {
  const people = makePeople(o.seed, o.people, o.fixes);
  const indexOf = new Map(people.map(({ id }, i) => [id, i]));
  const sentMs = people.map(() => new Float64Array(o.fixes));
  const latencies: number[] = [];
  let [acked, told, wrong] = [0, 0, 0];
  const hearing = await connectAsync(o.url);
  hearing.on('message', (topic, payload) => {
    const i = indexOf.get(topic.split('/')[1] ?? '') as number;
    const { seq, inside } = JSON.parse(payload.toString()) as { seq: number; inside: boolean };
    told++;
    if (people[i]?.fixes[seq]?.inside !== inside) wrong++;
    latencies.push(performance.now() - (sentMs[i]?.[seq] as number));
  });
  await hearing.subscribeAsync('told/#', { qos: 1 });
  const devices = people.map(
    ({ id }) =>
      new MqttDevice({
        address: parseMqttUrl(o.url),
        deviceId: id,
        password: 'none',
        onAck: () => void acked++,
        onClose: () => {},
      }),
  );
  await inParallel(devices, 16, (device) => device.connect());
  const total = o.people * o.fixes;
  process.stderr.write('sending\n');
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1_000) * o.ratePerS));
    for (; n < due; n++) {
      const [i, seq] = [n % o.people, Math.floor(n / o.people)];
      const { lon, lat } = (people[i] as PeerPerson).fixes[seq] as PeerPerson['fixes'][number];
      const list = sentMs[i] as Float64Array;
      // the intended moment: a slow machine is charged with what it held up
      list[seq] = startMs + (1_000 * n) / o.ratePerS;
      devices[i]?.publish(Buffer.from(JSON.stringify({ seq, lon, lat })));
    }
    await sleep(1);
  }
  const expected = people.reduce((sum, person) => sum + changesOf(person), 0);
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs && (acked < total || told < expected)) await sleep(5);
  const tookS = (performance.now() - startMs) / 1_000;
  process.stderr.write('sent\n');
  const { user, system } = process.cpuUsage(cpu);
  await sleep(100);
  const { p50, p99 } = percentiles(latencies);
  const perSecond = acked / tookS;
  return {
    sent: total,
    acked,
    expected,
    told,
    wrong,
    perSecond,
    p50,
    p99,
    generatorCpu: (user + system) / 1e6 / tookS,
  };
}
