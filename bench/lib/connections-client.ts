/**
 * A process full of devices: enrols them, connects as many as it is told, and has each say one thing within a span. A line on
 * stdin is a task (`enrol`, `connect N`, `talk MS`, `leave`), a line on stderr its answer as JSON; it ends with its stdin.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayApi, inParallel } from '../../src/sim/gateway-api.js';
import { loadPerson } from '../../src/sim/load-people.js';
import { percentiles } from '../../src/sim/percentiles.js';
import { heartbeatBody } from '../../src/sim/report.js';
import { Sealer } from '../../src/sim/sealer.js';
import type { SimulatedDevice } from '../../src/sim/world.js';
import { SlimDevice } from './slim-device.js';

export interface ConnectionsOptions {
  readonly host: string;
  readonly port: number;
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly prefix: string;
  readonly devices: number;
  /** PEM of the server's certificate; null: plain. */
  readonly ca: string | null;
}

/** The answer to `talk`. */
export interface Talked {
  readonly acked: number;
  readonly p50: number;
  readonly p99: number;
  /** Of a core. */
  readonly generatorCpu: number;
}

const ENROLLING = 64;
const CONNECTING = 128;
const PER_ADDRESS = 20_000;

const o = JSON.parse(process.argv[2] ?? '{}') as ConnectionsOptions;
const people = Array.from({ length: o.devices }, (_, i) => loadPerson(o.prefix, i, 'tag'));
const connected: SlimDevice[] = [];
const sequences = new Uint32Array(o.devices);

for await (const line of createInterface({ input: process.stdin })) {
  const [task, number] = line.split(' ');
  const answer = await work(task ?? '', Number(number));
  process.stderr.write(`${JSON.stringify(answer)}\n`);
}
process.stdout.write('{}\n');
process.exit(0);

async function work(task: string, number: number): Promise<object> {
  switch (task) {
    case 'enrol': {
      const token = async () => (await readFile(o.tokenFile, 'utf8')).trim();
      const api = new GatewayApi({ url: o.apiUrl, token });
      await inParallel(people, ENROLLING, ({ device }) => api.enrol(device));
      api.close();
      return { enrolled: people.length };
    }
    case 'connect': {
      const more = Array.from({ length: number - connected.length }, (_, i) => connected.length + i);
      await inParallel(more, CONNECTING, async (i) => {
        connected[i] = await SlimDevice.connected({ ...o, localAddress: addressOf(i) }, deviceOf(i));
      });
      return { connected: connected.length };
    }
    case 'talk':
      return talk(number);
    case 'leave':
      for (const device of connected.splice(0)) device.close();
      return { connected: 0 };
    default:
      throw new Error(`no such task: ${task}`);
  }
}

function deviceOf(i: number): SimulatedDevice {
  return (people[i] as (typeof people)[number]).device;
}

/** 127.0.0.2 and on. */
function addressOf(i: number): string {
  return `127.0.0.${2 + Math.floor(i / PER_ADDRESS)}`;
}

/** Each sends one upload, evenly spread over the span. */
async function talk(spanMs: number): Promise<Talked> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const latencies: number[] = [];
  const acks: Promise<void>[] = [];
  for (let i = 0; i < connected.length; ) {
    const due = Math.min(connected.length, Math.ceil(((performance.now() - startMs) / spanMs) * connected.length));
    for (; i < due; i++) {
      const device = connected[i] as SlimDevice;
      const sentMs = performance.now();
      acks.push(
        device.publish(payloadOf(i)).then(() => {
          if (!device.lost) latencies.push(performance.now() - sentMs);
        }),
      );
    }
    await sleep(2);
  }
  await Promise.race([Promise.all(acks), sleep(20_000)]);
  const { user, system } = process.cpuUsage(cpu);
  const { p50, p99 } = percentiles(latencies);
  const generatorCpu = (user + system) / 1_000 / (performance.now() - startMs);
  return { acked: latencies.length, p50: p50 ?? 0, p99: p99 ?? 0, generatorCpu };
}

function payloadOf(i: number): Buffer {
  sequences[i] = (sequences[i] as number) + 1;
  const records = [{ timeMs: Date.now(), hash: '', body: heartbeatBody(sequences[i] as number) }];
  return new Sealer(deviceOf(i)).seal({ sequence: BigInt(sequences[i] as number), oldestHeld: 0n, records });
}
