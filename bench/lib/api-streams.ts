/**
 * A process full of subscribers to the alert stream, on a socket each, and a few devices whose straps are cut one after the
 * other: how long until the last subscriber has the alert. Clock and sockets are its own, so what it takes to read a
 * thousand sockets is in the figures.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../src/sim/gateway-api.js';
import { parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { percentiles } from '../../src/sim/percentiles.js';
import { type Doors, putPeople, StrapDevice } from './api-people.js';

export interface ApiStreamsOptions extends Doors {
  /** Of the callers, who take turns. */
  readonly tokens: readonly string[];
  readonly subscribers: number;
  readonly prefix: string;
  readonly alerts: number;
  readonly everyMs: number;
}

export interface ApiStreamsFigures {
  readonly subscribers: number;
  readonly alerts: number;
  /** Events that subscribers did not get within the patience. */
  readonly missed: number;
  /** From the upload's leaving to the first, and to the last subscriber; ms. */
  readonly first: { readonly p50: number; readonly p99: number };
  readonly last: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly generatorCpu: number;
}

const PATIENCE_MS = 10_000;
const OPENING = 32;

const options = JSON.parse(process.argv[2] ?? '{}') as ApiStreamsOptions;
process.once('SIGTERM', () => process.exit(143));
process.stdout.write(`${JSON.stringify(await follow(options))}\n`);
process.exit(0);

async function follow(o: ApiStreamsOptions): Promise<ApiStreamsFigures> {
  const people = await putPeople(o, o.prefix, 0, o.alerts);
  const address = parseMqttUrl(o.mqttUrl);
  const devices: StrapDevice[] = [];
  for (const person of people) devices.push(await StrapDevice.connected(address, person));
  /** Arrivals of the alert of each order, one a subscriber. */
  const arrivals = new Map(people.map(({ orderId }) => [orderId, [] as number[]]));
  const tokens = Array.from({ length: o.subscribers }, (_, i) => o.tokens[i % o.tokens.length] as string);
  await inParallel(tokens, OPENING, (token) =>
    subscribe(o.apiUrl, token, (orderId) => arrivals.get(orderId)?.push(performance.now())),
  );
  process.stderr.write('open\n');

  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const sentMs: number[] = [];
  for (const device of devices) {
    sentMs.push(performance.now());
    void device.cut();
    await sleep(o.everyMs);
  }
  const untilMs = performance.now() + PATIENCE_MS;
  const lists = people.map(({ orderId }) => arrivals.get(orderId) as number[]);
  while (performance.now() < untilMs && lists.some((list) => list.length < o.subscribers)) await sleep(10);
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startMs;
  const first = percentiles(lists.map((list, i) => (list[0] ?? Infinity) - (sentMs[i] as number)));
  const lasts = lists.map((list, i) => (list.at(-1) ?? Infinity) - (sentMs[i] as number));
  const last = percentiles(lasts);
  return {
    subscribers: o.subscribers,
    alerts: o.alerts,
    missed: lists.reduce((sum, list) => sum + o.subscribers - list.length, 0),
    first: { p50: first.p50 ?? 0, p99: first.p99 ?? 0 },
    last: { p50: last.p50 ?? 0, p99: last.p99 ?? 0, max: Math.max(...lasts) },
    generatorCpu: (user + system) / 1_000 / tookMs,
  };
}

/** Resolves when the stream is open. `onAlert` is called once for each order that an alert speaks of. */
function subscribe(apiUrl: string, token: string, onAlert: (orderId: string) => void): Promise<void> {
  const { hostname, port } = new URL(apiUrl);
  const seen = new Set<string>();
  let rest = '';
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.setEncoding('latin1');
    socket.write(
      `GET /v1/alerts/stream HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n` +
        `Authorization: Bearer ${token}\r\n\r\n`,
    );
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`a stream was closed: ${rest.slice(0, 300)}`)));
    socket.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.includes(': open')) resolve();
        const orderId = /"order_id":"([^"]+)"/.exec(block)?.[1];
        if (orderId === undefined || seen.has(orderId)) continue;
        seen.add(orderId);
        onAlert(orderId);
      }
    });
  });
}
