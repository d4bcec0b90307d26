/** bench/peers: the circle question (is this person within r of that place?) put to what people use for it, beside ourselves. */
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import { type CompiledShape, compileShape, signedDistanceM } from '../src/rules/geometry.js';
import { Random } from '../src/sim/random.js';
import { startChild } from './lib/child.js';
import { startGateway } from './lib/gateway.js';
import { type Loaded, runLoad } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { cpuMsOf, measured } from './lib/measure.js';
import { edgeFixes, makePeople, type PeerPerson, RADIUS_M } from './lib/peers-fixes.js';
import type { PeersMqttFigures, PeersMqttOptions } from './lib/peers-mqtt.js';
import { haversineM, nodeRedIn, startMosquitto, startNodeRed, startRedis } from './lib/peers-servers.js';
import type { Row } from './lib/result.js';

const CONNECTIONS = 50;
/** People with a zone, whether they talk or not: what a search by place has to look through. */
const PEOPLE = 3_000;
const PIPELINE = 64;
/** Fixes near the edge: of so many people, so many each. */
const EDGE_PEOPLE = 50;
const EDGE_FIXES = 100;
const HOW = 'npm install --prefix FOLDER node-red@4, then --node-red FOLDER';

await main({
  bench: 'peers',
  about:
    'One question, the same machine, the same run: each of many people has a round zone of 150 m; each fix is inside or ' +
    'outside, and a change of side is told. Asked of a Fairwatch gateway, of a Node-RED flow (MQTT in, a function, MQTT ' +
    'out) behind Mosquitto, and of Redis (GEOADD, GEOSEARCH). Answers are compared fix by fix.',
  aim: 'to know what is paid for what is promised; no figure is to be reached',
  labelTitle: 'who, fixes a second asked',
  columns: [
    { key: 'perSecond', title: 'fixes/s', better: 'more' },
    { key: 'cpuUs', title: 'CPU µs/fix', digits: 1, better: 'less' },
    { key: 'p50', title: 'told p50 ms', digits: 1, better: 'less' },
    { key: 'p99', title: 'p99', digits: 1, better: 'less' },
    { key: 'told', title: 'told' },
    { key: 'wrong', title: 'wrong or missed' },
    { key: 'edge', title: 'other side within 2 % of the edge, %', digits: 2 },
    { key: 'durable', title: 'acknowledged means' },
  ],
  options: {
    rate: { type: 'string', value: 'N,N', help: 'fixes a second (default: 1000,4000)' },
    seconds: { type: 'string', value: 'N', help: 'of each rate (default: 10)' },
    'node-red': { type: 'string', value: 'FOLDER', help: `where Node-RED is installed (${HOW})` },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
  },
  examples: ['--node-red /tmp/node-red --rate 2000'],
  run: measurePeers,
});

async function measurePeers(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const rates = context.numbers('rate', context.smallest ? [100] : [1_000, 4_000]);
  const seconds = context.number('seconds', context.smallest ? 3 : 10);
  const skipped: string[] = [];
  const skip = (line: string): void => {
    skipped.push(line);
    context.say(`peers: ${line}`);
  };
  const rows: Row[] = [];
  for (const rate of rates) rows.push(await gateway(context, rate, seconds));
  const folder = context.text('node-red');
  const program = folder === null ? null : nodeRedIn(folder);
  if (program === null)
    skip(`Node-RED was left out, for it is not ${folder === null ? 'named' : `in ${folder}`}: ${HOW}.`);
  else {
    for (const rate of rates) {
      await nodeRed(context, program, rate, seconds).then(
        (row) => rows.push(row),
        (error: Error) => skip(`Node-RED at ${rate}/s was left out: ${error.message}`),
      );
    }
  }
  await redis(context).then(
    (row) => rows.push(row),
    (error: Error) => skip(`Redis was left out: ${error.message}`),
  );
  rows.push(geometryAlone(context));
  return {
    rows,
    notes: [
      ...skipped,
      `${CONNECTIONS} connections, QoS 1. CPU: all threads of everything that answers (Mosquitto and Node-RED together; redis-server ` +
        'alone, whose clients’ work comes on top); the generator is a process of its own. Latencies from the intended moment.',
      'Fairwatch: uploads are sealed, of several kinds (one in a few is of this question), opened, checked, journalled and ' +
        'synced before their acknowledgement, each person’s rules run whole, alerts are durable before they are told. Its ' +
        'answers are compared with a truth fixed beforehand, by alert and not by fix.',
      'Node-RED: plain JSON; Mosquitto acknowledges what it holds in memory; the flow’s state is in memory: what is under way ' +
        'when either stops is lost, late fixes are judged in the order of their coming, no accuracy of a fix counts.',
      'Redis GEO: an answer to a question, no alert and no state; distances on a sphere of 6,372,797.6 m from positions ' +
        `rounded to 52 bits (0.6 m); searched among ${PEOPLE.toLocaleString('en-GB')} zones, ${PIPELINE} questions a round trip.`,
      '"other side": fixes within 2 % of the edge (3 m) that are put on the other side than by our geometry, which measures ' +
        'on the WGS84 ellipsoid to 1 mm: a sphere is up to 0.5 % off. Clear of the edge all agree, which each run demands.',
    ],
  };
}

async function gateway(context: Context, rate: number, seconds: number): Promise<Row> {
  context.say(`peers: Fairwatch at ${rate}/s`);
  const running = await startGateway({ folder: context.text('dir') ?? tmpdir(), profileFolder: null });
  try {
    const seed = Random.of(context.seed, 'peers', rate).whole(1, 1_000_000);
    const shape = { clients: CONNECTIONS, recordsPerUpload: 1, seed };
    if (!context.smallest) await runLoad(running, { ...shape, rate: 1_000, seconds: 8, seed: seed + 1 });
    const { figures, serverCpuMs }: Loaded = await runLoad(running, { ...shape, rate, seconds });
    const { alerts, alert_ms, acked, sent } = figures;
    const wrong = alerts.missed + alerts.false + sent - acked;
    if (wrong > 0) throw new Error(`the gateway missed or invented ${wrong}`);
    return {
      label: `Fairwatch, ${rate.toLocaleString('en-GB')}`,
      cells: {
        perSecond: figures.rate_per_s,
        cpuUs: (1_000 * serverCpuMs) / acked,
        p50: alert_ms.p50,
        p99: alert_ms.p99,
        told: alerts.expected,
        wrong,
        edge: 0,
        durable: 'synced to disk',
      },
    };
  } finally {
    await running.stop();
  }
}

async function nodeRed(context: Context, program: string, rate: number, seconds: number): Promise<Row> {
  context.say(`peers: Node-RED at ${rate}/s`);
  const fixes = Math.ceil((rate * seconds) / CONNECTIONS);
  const people = makePeople(context.seed, CONNECTIONS, fixes);
  const broker = await startMosquitto();
  try {
    const flow = await startNodeRed(program, broker.port, people);
    try {
      const run = async (ratePerS: number, many: number) => {
        let [before, after] = [0, 0];
        const cpu = () => cpuMsOf(broker.pid) + cpuMsOf(flow.pid);
        const figures = await startChild<PeersMqttFigures>(
          'peers-mqtt.js',
          {
            url: `mqtt://127.0.0.1:${broker.port}`,
            seed: context.seed,
            people: CONNECTIONS,
            fixes: many,
            ratePerS,
          } satisfies PeersMqttOptions,
          (line) => {
            if (line === 'sending') before = cpu();
            if (line === 'sent') after = cpu();
          },
        ).figures;
        return { figures, cpuMs: after - before };
      };
      // an odd number of stays: everybody is outside again, as the flow remembers
      if (!context.smallest) await run(1_000, 105);
      const { figures, cpuMs } = await run(rate, fixes);
      const { sent, acked, expected, told, wrong, perSecond, p50, p99 } = figures;
      const missed = Math.abs(expected - told) + wrong + sent - acked;
      if (wrong > 0) throw new Error(`it put ${wrong} fixes on the wrong side`);
      if (missed > 0) context.say(`peers: Node-RED: ${JSON.stringify(figures)}`);
      return {
        label: `Node-RED + Mosquitto, ${rate.toLocaleString('en-GB')}`,
        cells: {
          perSecond,
          cpuUs: (1_000 * cpuMs) / acked,
          p50,
          p99,
          told,
          wrong: missed,
          edge: shareOfOther(
            context,
            (lon, lat, [zoneLon, zoneLat]) => haversineM(zoneLon, zoneLat, lon, lat) <= RADIUS_M,
          ),
          durable: 'in the broker’s memory',
        },
      };
    } finally {
      await flow.stop();
    }
  } finally {
    await broker.stop();
  }
}

type Inside = (lon: number, lat: number, centre: PeerPerson['centre']) => boolean;

/** Percent of the fixes near the edge of somebody's zone that another way puts on the other side than ours. */
function shareOfOther(context: Context, inside: Inside): number {
  let other = 0;
  makePeople(context.seed, EDGE_PEOPLE, 0).forEach(({ centre }, i) => {
    for (const { lon, lat } of edgeFixes(context.seed, i, EDGE_FIXES)) {
      if (inside(lon, lat, centre) !== ours(lon, lat, centre)) other++;
    }
  });
  return (100 * other) / (EDGE_PEOPLE * EDGE_FIXES);
}

function ours(lon: number, lat: number, centre: PeerPerson['centre']): boolean {
  return signedDistanceM(circleAt(centre), lon, lat) <= 0;
}

function circleAt(center: PeerPerson['centre']): CompiledShape {
  return compileShape({ kind: 'circle', center, radiusM: RADIUS_M });
}

async function redis(context: Context): Promise<Row> {
  context.say('peers: Redis GEO');
  const server = await startRedis();
  const client = new Redis(server.port, '127.0.0.1');
  try {
    const fixesEach = context.smallest ? 10 : 1_000;
    const talking = makePeople(context.seed, CONNECTIONS, fixesEach);
    const all = makePeople(context.seed, context.smallest ? 100 : PEOPLE, 0);
    const adding = client.pipeline();
    for (const { id, centre } of all) adding.geoadd('zones', centre[0], centre[1], id);
    await adding.exec();
    const questions = talking.flatMap(({ id, fixes }) => fixes.map((fix) => ({ ...fix, id })));
    const ask = (asked: readonly { lon: number; lat: number }[]): Promise<string[][]> => {
      const batch = client.pipeline();
      for (const { lon, lat } of asked) batch.geosearch('zones', 'FROMLONLAT', lon, lat, 'BYRADIUS', RADIUS_M, 'M');
      return batch.exec().then((answers) => (answers ?? []).map(([, ids]) => ids as string[]));
    };
    await ask(questions.slice(0, 500));
    const [cpuMs, startMs] = [cpuMsOf(server.pid), performance.now()];
    let [told, wrong] = [0, 0];
    for (let at = 0; at < questions.length; at += PIPELINE) {
      const asked = questions.slice(at, at + PIPELINE);
      (await ask(asked)).forEach((ids, n) => {
        const { id, inside } = asked[n] as (typeof questions)[number];
        if (ids.length > 0) told++;
        if (ids.includes(id) !== inside || ids.length > 1) wrong++;
      });
    }
    const tookS = (performance.now() - startMs) / 1_000;
    const cpuUs = (1_000 * (cpuMsOf(server.pid) - cpuMs)) / questions.length;
    const insideByRedis = new Set<string>();
    for (const [i, { id }] of talking.slice(0, EDGE_PEOPLE).entries()) {
      const near = edgeFixes(context.seed, i, EDGE_FIXES);
      (await ask(near)).forEach((ids, n) => {
        if (ids.includes(id)) insideByRedis.add(`${near[n]?.lon} ${near[n]?.lat}`);
      });
    }
    if (wrong > 0) throw new Error(`${wrong} answers differ clear of the edge`);
    return {
      label: 'Redis GEO, as fast as one client asks',
      cells: {
        perSecond: questions.length / tookS,
        cpuUs,
        p50: null,
        p99: null,
        told,
        wrong,
        edge: shareOfOther(context, (lon, lat) => insideByRedis.has(`${lon} ${lat}`)),
        durable: 'nothing is kept',
      },
    };
  } finally {
    client.disconnect();
    await server.stop();
  }
}

/** The part of a gateway's work that the others do: the same fixes, and the rules' own geometry. */
function geometryAlone(context: Context): Row {
  const people = makePeople(context.seed, CONNECTIONS, context.smallest ? 100 : 20_000);
  const shapes = people.map(({ centre }) => circleAt(centre));
  let [fixes, wrong, told] = [0, 0, 0];
  const all = (): void => {
    people.forEach((person, i) => {
      const shape = shapes[i] as CompiledShape;
      for (const { lon, lat, inside } of person.fixes) {
        const found = signedDistanceM(shape, lon, lat) <= 0;
        fixes++;
        if (found) told++;
        if (found !== inside) wrong++;
      }
    });
  };
  all();
  [fixes, wrong, told] = [0, 0, 0];
  const { cpuMs, wallMs } = measured(all);
  if (wrong > 0) throw new Error(`our geometry puts ${wrong} fixes on the wrong side`);
  return {
    label: 'Fairwatch’s geometry alone, in process',
    cells: {
      perSecond: (1_000 * fixes) / wallMs,
      cpuUs: (1_000 * cpuMs) / fixes,
      p50: null,
      p99: null,
      told,
      wrong,
      edge: 0,
      durable: 'nothing is kept',
    },
  };
}
