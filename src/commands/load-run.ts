/** One load run, from the import of its people to the figures: the truth is fixed before the first message leaves. */
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { AlertSubscriber } from '../sim/alert-subscriber.js';
import { GatewayApi, inParallel } from '../sim/gateway-api.js';
import { loadOrder } from '../sim/load-people.js';
import { type LoadSchedule, loadSchedule } from '../sim/load-schedule.js';
import { loadTruth, UploadMaker } from '../sim/load-uploads.js';
import { parseMqttUrl } from '../sim/mqtt-device.js';
import { nowMs, OpenLoop } from '../sim/open-loop.js';
import { BySecond, type Percentiles, percentiles, type SecondPercentiles } from '../sim/percentiles.js';
import { type Comparison, compareTruth, type HeardAlert, type TruthItem } from '../sim/truth.js';
import { CommandFailed } from './cli-run.js';

export interface LoadOptions {
  readonly mqttUrl: string;
  readonly apiUrl: string;
  readonly tokenFile: string;
  /** PEM; for mqtts:// and https://. */
  readonly ca: Buffer | undefined;
  readonly clients: number;
  readonly ratePerS: number;
  readonly seconds: number;
  readonly people: number;
  readonly recordsPerUpload: number;
  readonly seed: number;
  readonly ackedLog: string | null;
  readonly say: (text: string) => void;
}

export interface LoadResult {
  readonly sent: number;
  readonly acked: number;
  readonly rate_per_s: number;
  readonly ack_ms: Percentiles;
  readonly alert_ms: Percentiles;
  /** By the second in which the upload was meant to leave, and in which the alert was due; from the first, 0. */
  readonly ack_ms_by_second: readonly SecondPercentiles[];
  readonly alert_ms_by_second: readonly SecondPercentiles[];
  readonly alerts: {
    readonly expected: number;
    readonly received: number;
    readonly missed: number;
    readonly false: number;
  };
  /** CPU seconds per second of this process while it sent. */
  readonly generator_cpu: number;
  readonly alerts_by_kind: Readonly<Record<string, number>>;
}

const AT_ONCE = 64;
const ORDER_BEFORE_MS = 10_000;
const ACKS_WITHIN_MS = 15_000;
const ALERTS_WITHIN_MS = 10_000;
/** What comes without being due is waited for as well. */
const QUIET_MS = 500;
/** The schedule must not begin before everything is sealed: measured on a sample, with room to spare. */
const SAMPLE = 6_000;
const PREPARATION_MARGIN = 2;
const PREPARATION_MIN_MS = 3_000;

export async function runLoad(options: LoadOptions): Promise<{ result: LoadResult; comparison: Comparison }> {
  const prefix = `L${options.seed}-${Math.floor(Date.now() / 1_000).toString(36)}`;
  const schedule = loadSchedule({ ...options, prefix });
  const address = {
    url: options.apiUrl,
    ca: options.ca,
    token: async () => (await readFile(options.tokenFile, 'utf8')).trim(),
  };
  const api = new GatewayApi(address);
  const talking = schedule.people.slice(0, options.clients);

  options.say(`importing ${schedule.people.length} people`);
  const orderStartMs = Date.now() - ORDER_BEFORE_MS;
  const early = schedule.people.filter((person) => person.role !== 'curfew');
  // a gateway that is not there is best said at once, and plainly
  await api.reachable().catch((error: unknown) => {
    throw new CommandFailed(
      `${options.apiUrl} does not answer as a gateway: ${String(error)}; is \`fairwatch serve\` running there?`,
    );
  });
  await inParallel(early, AT_ONCE, (person) => api.putOrder(person.orderId, loadOrder(person, orderStartMs, null)));
  await inParallel(talking, AT_ONCE, ({ device }) => api.enrol(device));

  const payloads: Buffer[] = [];
  const sequences = new Int32Array(schedule.timesMs.length);
  const log = options.ackedLog === null ? null : createWriteStream(options.ackedLog);
  const loop = new OpenLoop(
    parseMqttUrl(options.mqttUrl, mqttCa(options)),
    talking,
    { ...schedule, payloads },
    (index) => {
      const deviceId = schedule.people[schedule.senders[index] as number]?.device.device_id;
      log?.write(`{"device_id":"${deviceId}","sequence":${sequences[index]}}\n`);
    },
  );
  const arrivals = new Map<string, number>();
  const subscriber = new AlertSubscriber({
    address,
    from: 'now',
    onEvent: ({ data }, atMs) => {
      if (!arrivals.has(data.alert_id)) arrivals.set(data.alert_id, atMs);
    },
  });
  try {
    options.say(`connecting ${talking.length} devices`);
    await loop.connectAll(AT_ONCE);
    const startMs = await prepare(options, schedule, payloads, sequences, async (atMs) => {
      // curfews are told last: their hours are those of the run
      const curfewed = schedule.people.filter((person) => person.role === 'curfew');
      await inParallel(curfewed, AT_ONCE, (person) =>
        api.putOrder(person.orderId, loadOrder(person, orderStartMs, atMs + (schedule.curfewMs.get(person) ?? 0))),
      );
    });
    const truth = loadTruth(schedule, startMs, orderStartMs, options.seconds);
    await subscriber.start();
    options.say(`sending ${schedule.timesMs.length} uploads, ${truth.length} alerts due`);
    await sleep(Math.max(0, startMs - nowMs()));
    const cpu = process.cpuUsage();
    await loop.send(startMs);
    const used = process.cpuUsage(cpu);
    await loop.awaitAcks(ACKS_WITHIN_MS);
    const heard = (): HeardAlert[] => ofThisRun(subscriber, prefix);
    await untilComplete(truth, heard);
    if (loop.connectionsLost > 0) options.say(`${loop.connectionsLost} connections were lost (${loop.lastReason})`);
    const comparison = compareTruth(truth, heard());
    return { result: figures(options, schedule, loop, startMs, used, comparison, arrivals), comparison };
  } finally {
    await subscriber.stop();
    loop.close();
    api.close();
    if (log !== null) await new Promise((resolve) => log.end(resolve));
  }
}

/** Fixes the start of the schedule, far enough ahead to seal everything before it; resolves with it, epoch ms. */
async function prepare(
  options: LoadOptions,
  schedule: LoadSchedule,
  payloads: Buffer[],
  sequences: Int32Array,
  announce: (startMs: number) => Promise<void>,
): Promise<number> {
  const total = schedule.timesMs.length;
  const sampled = Math.min(SAMPLE, total);
  const trial = new UploadMaker(schedule, nowMs(), options.recordsPerUpload, options.seed);
  let before = performance.now();
  for (let i = 0; i < sampled; i++) {
    // the first half warms up: keys are derived, code is compiled
    if (i === sampled >> 1) before = performance.now();
    trial.make(i);
  }
  const measured = sampled - (sampled >> 1);
  const estimateMs = ((performance.now() - before) / measured) * total * PREPARATION_MARGIN;
  // a whole second: curfews begin on one
  const startMs = Math.ceil((nowMs() + estimateMs + PREPARATION_MIN_MS) / 1_000) * 1_000;
  options.say(`sealing ${total} uploads, to begin in ${((startMs - nowMs()) / 1_000).toFixed(1)} s`);
  await announce(startMs);
  const maker = new UploadMaker(schedule, startMs, options.recordsPerUpload, options.seed);
  for (let i = 0; i < total; i++) {
    const { payload, sequence } = maker.make(i);
    payloads.push(payload);
    sequences[i] = sequence;
    if (i % 5_000 === 0) await breathe();
  }
  if (nowMs() > startMs) throw new Error('the uploads were not sealed in time: the machine is too busy for this rate');
  return startMs;
}

function ofThisRun(subscriber: AlertSubscriber, prefix: string): HeardAlert[] {
  const mine = `${prefix}-`;
  return [...subscriber.heard.values()].filter(
    ({ order_id, device_id }) => order_id?.startsWith(mine) === true || device_id?.startsWith(mine) === true,
  );
}

async function untilComplete(truth: readonly TruthItem[], heard: () => HeardAlert[]): Promise<void> {
  const deadline = performance.now() + ALERTS_WITHIN_MS;
  while (performance.now() < deadline && compareTruth(truth, heard()).missed.length > 0) await sleep(100);
  await sleep(QUIET_MS);
}

function figures(
  options: LoadOptions,
  schedule: LoadSchedule,
  loop: OpenLoop,
  startMs: number,
  used: NodeJS.CpuUsage,
  comparison: Comparison,
  arrivals: ReadonlyMap<string, number>,
): LoadResult {
  const ackMs: number[] = [];
  const [acksBySecond, alertsBySecond] = [new BySecond(), new BySecond()];
  let lastAckMs = startMs;
  loop.ackedAtMs.forEach((atMs, index) => {
    if (atMs === 0) return;
    const dueMs = schedule.timesMs[index] as number;
    ackMs.push(atMs - startMs - dueMs);
    acksBySecond.note(dueMs, atMs - startMs - dueMs);
    lastAckMs = Math.max(lastAckMs, atMs);
  });
  const alertMs = comparison.matched.map(({ item, alertId }) => {
    const lateMs = (arrivals.get(alertId) ?? 0) - item.dueMs;
    alertsBySecond.note(item.dueMs - startMs, lateMs);
    return lateMs;
  });
  const byKind: Record<string, number> = {};
  for (const { item } of comparison.matched) {
    const kind = [item.type, ...item.codes].join(' ');
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  const elapsedS = Math.max(options.seconds, (lastAckMs - startMs) / 1_000);
  return {
    sent: loop.sent,
    acked: loop.acked,
    rate_per_s: Math.round(loop.acked / elapsedS),
    ack_ms: percentiles(ackMs),
    alert_ms: percentiles(alertMs),
    ack_ms_by_second: acksBySecond.percentiles(),
    alert_ms_by_second: alertsBySecond.percentiles(),
    alerts: {
      expected: comparison.expected,
      received: comparison.raised,
      missed: comparison.missed.length,
      false: comparison.false.length,
    },
    generator_cpu: Math.round((used.user + used.system) / 10_000 / options.seconds) / 100,
    alerts_by_kind: byKind,
  };
}

/** A CA may be for the API alone. */
const mqttCa = ({ mqttUrl, ca }: LoadOptions): Buffer | undefined => (mqttUrl.startsWith('mqtts:') ? ca : undefined);
