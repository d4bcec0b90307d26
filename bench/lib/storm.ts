/**
 * A process full of devices that send more than a gateway can take: those that come back together with hours of backlog,
 * or those that say too much all the time. Says `ready` when its people are known, begins with a line on stdin, and ends
 * with its figures as JSON.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayApi, inParallel } from '../../src/sim/gateway-api.js';
import { loadOrder, loadPerson } from '../../src/sim/load-people.js';
import { parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { percentiles } from '../../src/sim/percentiles.js';
import { StormDevice } from './storm-device.js';

export interface StormOptions {
  readonly mqttUrl: string;
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly prefix: string;
  readonly seed: number;
  readonly devices: number;
  readonly recordsPerUpload: number;
  readonly window: number;
  /** Of backlog, a fix a minute. 0: what is sent is live. */
  readonly hours: number;
  /** Before the silence, of backlog: so long each was heard. */
  readonly historyHours: number;
  /** Of live uploads, all devices together, and for how long; 0 for backlog. */
  readonly ratePerS: number;
  readonly seconds: number;
}

export interface StormFigures {
  readonly acked: number;
  readonly wanted: number;
  readonly records: number;
  /** From the first connection until the last acknowledgement (backlog), or of the sending (live). */
  readonly tookMs: number;
  readonly ackMs: { readonly p50: number | null; readonly p99: number | null };
  /** When the first device, and the middle one, had nothing left. */
  readonly doneMs: { readonly first: number; readonly median: number };
  readonly connectionsLost: number;
  /** Cores that it used itself. */
  readonly generatorCpu: number;
}

const AT_ONCE = 64;
/** As many as a listening socket lets wait. */
const CONNECTING = 2_000;
const MINUTE_MS = 60_000;
const FLUSH_EVERY_MS = 20;
const SETTLES_MS = 5_000;

const options = JSON.parse(process.argv[2] ?? '{}') as StormOptions;
process.once('SIGTERM', () => process.exit(143));
const figures = await storm(options);
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

async function storm(o: StormOptions): Promise<StormFigures> {
  const api = new GatewayApi({ url: o.apiUrl, token: async () => (await readFile(o.tokenFile, 'utf8')).trim() });
  const importedMs = Date.now();
  const people = Array.from({ length: o.devices }, (_, i) => loadPerson(o.prefix, i, 'tag'));
  const orderStartMs = importedMs - (o.hours + o.historyHours) * 60 * MINUTE_MS - 10 * MINUTE_MS;
  await inParallel(people, AT_ONCE, (person) => api.putOrder(person.orderId, loadOrder(person, orderStartMs, null)));
  await inParallel(people, AT_ONCE, ({ device }) => api.enrol(device));
  api.close();

  const backlogUploads = Math.floor((o.hours * 60) / o.recordsPerUpload);
  const historyUploads = o.hours > 0 ? Math.ceil((o.historyHours * 60) / o.recordsPerUpload) : 0;
  const perDeviceMs = o.ratePerS / o.devices / 1_000;
  let startMs = Number.POSITIVE_INFINITY;
  let isOpen = true;
  const wanted = (): number => {
    if (startMs === Number.POSITIVE_INFINITY) return historyUploads;
    if (o.hours > 0) return historyUploads + backlogUploads;
    return isOpen ? Math.floor((performance.now() - startMs) * perDeviceMs) : 0;
  };
  const backlogMs = importedMs - o.hours * 60 * MINUTE_MS;
  const timesOf = (index: number) => {
    if (o.hours === 0) return { fromMs: Date.now() - o.recordsPerUpload, stepMs: 1 };
    return { fromMs: backlogMs + (index - historyUploads) * o.recordsPerUpload * MINUTE_MS, stepMs: MINUTE_MS };
  };
  const waits: number[] = [];
  const doneMs: number[] = [];
  const address = parseMqttUrl(o.mqttUrl);
  const devices = people.map((person): StormDevice => {
    const device: StormDevice = new StormDevice({
      ...{ address, person, seed: o.seed, window: o.window, recordsPerUpload: o.recordsPerUpload, timesOf, wanted },
      onAck: (waitedMs) => {
        if (startMs === Number.POSITIVE_INFINITY) return;
        waits.push(waitedMs);
        if (o.hours > 0 && device.acked === historyUploads + backlogUploads) doneMs.push(performance.now() - startMs);
      },
    });
    return device;
  });
  const acked = (): number => devices.reduce((sum, device) => sum + device.acked, 0);
  if (o.hours > 0) {
    await inParallel(devices, AT_ONCE, async (device) => {
      await device.connect();
      device.flush();
      while (device.acked < historyUploads) await sleep(1);
      await device.leave();
    });
    // their silence is told, and what of it was late is in its place
    await sleep(SETTLES_MS);
  }
  process.stderr.write('ready\n');
  await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', resolve));

  const cpu = process.cpuUsage();
  startMs = performance.now();
  const before = acked();
  const connecting = inParallel(devices, CONNECTING, async (device) => {
    await device.connect();
    device.flush();
  });
  for (;;) {
    await sleep(FLUSH_EVERY_MS);
    for (const device of devices) device.flush();
    if (o.hours > 0 ? doneMs.length === o.devices : performance.now() - startMs > o.seconds * 1_000) break;
  }
  const tookMs = performance.now() - startMs;
  const sent = acked() - before;
  const all = o.devices * (o.hours > 0 ? backlogUploads : Math.floor(tookMs * perDeviceMs));
  isOpen = false;
  const { user, system } = process.cpuUsage(cpu);
  await Promise.race([Promise.all([connecting, ...devices.map((device) => device.leave())]), sleep(1_000)]);
  const { p50, p99 } = percentiles(waits);
  doneMs.sort((a, b) => a - b);
  return {
    acked: sent,
    wanted: all,
    records: sent * o.recordsPerUpload,
    tookMs,
    ackMs: { p50, p99 },
    doneMs: { first: doneMs[0] ?? 0, median: doneMs[doneMs.length >> 1] ?? 0 },
    connectionsLost: devices.reduce((sum, device) => sum + device.lost, 0),
    generatorCpu: (user + system) / 1_000 / tookMs,
  };
}
