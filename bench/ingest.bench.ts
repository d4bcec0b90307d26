/** bench/ingest: the whole gateway, from an MQTT upload to its acknowledgement and its alerts. */
import { tmpdir } from 'node:os';
import { type IngestRun, IngestRuns, type Shape, WARM_UP } from './lib/ingest-runs.js';
import type { Loaded } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { latencyPlot } from './lib/plots.js';
import type { Row } from './lib/result.js';

const SHAPES: readonly Shape[] = [
  { clients: 50, recordsPerUpload: 1 },
  { clients: 500, recordsPerUpload: 1 },
  { clients: 2_000, recordsPerUpload: 1 },
  { clients: 50, recordsPerUpload: 10 },
];

/** A shorter run has no room for a whole visit to a zone. */
const SECONDS = 8;

await main({
  bench: 'ingest',
  about:
    'End to end: uploads over MQTT at QoS 1, sealed, each acknowledged when it is durable and not before; alerts counted ' +
    'against a truth fixed beforehand, over the live stream. `serve` and `load` are two processes on the same machine. ' +
    '"highest": the highest rate found that was kept up (every upload acknowledged, p99 ≤ 500 ms, no alert missed or ' +
    'false); "70 %": latencies at 70 % of it.',
  aim:
    '≥ 30,000 uploads/s at 50 connections, ≥ 15,000 at 2,000; ack p99 ≤ 250 ms at 70 % of that; ' +
    'ten records an upload: ≥ 150,000 records/s',
  labelTitle: 'connections × records/upload',
  columns: [
    { key: 'rate', title: 'uploads/s asked' },
    { key: 'acked', title: 'acked/s', better: 'more' },
    { key: 'records', title: 'records/s', better: 'more' },
    { key: 'sent', title: 'sent' },
    { key: 'lost', title: 'un-acked' },
    { key: 'ackP50', title: 'ack p50 ms', digits: 1, better: 'less' },
    { key: 'ackP99', title: 'p99', digits: 1, better: 'less' },
    { key: 'alertP50', title: 'alert p50 ms', digits: 1 },
    { key: 'alertP99', title: 'p99', digits: 1 },
    { key: 'alerts', title: 'alerts' },
    { key: 'missed', title: 'missed' },
    { key: 'false', title: 'false' },
    { key: 'cpuUs', title: 'server CPU µs/upload', digits: 1, better: 'less' },
    { key: 'generator', title: 'generator cores', digits: 2 },
    { key: 'memory', title: 'server MiB' },
  ],
  options: {
    connections: { type: 'string', value: 'N,N', help: 'default: 50,500,2000 and 50 with ten records an upload' },
    'records-per-upload': { type: 'string', value: 'K', help: 'with --connections (default: 1)' },
    rate: { type: 'string', value: 'N,N', help: 'at these rates, uploads/s, instead of looking for the highest' },
    seconds: { type: 'string', value: 'N', help: `how long each run sends (default and least: ${SECONDS})` },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
    profile: { type: 'string', value: 'FOLDER', help: 'leave a .cpuprofile of each gateway there' },
  },
  run: measureShapes,
});

async function measureShapes(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const seconds = context.number('seconds', SECONDS);
  const rates = context.numbers('rate', context.smallest ? [200] : []);
  const rows: Row[] = [];
  const easy: IngestRun[] = [];
  for (const shape of shapesOf(context)) {
    const runs = new IngestRuns(context, shape, seconds);
    try {
      const done = rates.length > 0 ? await runs.at(rates) : await runs.highest();
      // so easy a load leaves no excuse: here the bench is a test as well
      if (context.smallest) for (const { loaded } of done) demandAll(loaded);
      rows.push(...done.map(rowOf));
      easy.push(...done.slice(-1));
    } finally {
      await runs.stop();
    }
  }
  const acks = latencyPlot(
    'ack-by-second',
    'Upload to acknowledgement, second by second',
    easy.slice(0, PLOTTED_MAX).map(({ which, loaded }) => ({
      label: `${shapeName(loaded)}, ${which}`,
      seconds: loaded.figures.ack_ms_by_second,
    })),
  );
  return {
    rows,
    plots: acks === null ? [] : [acks],
    notes: [
      `Each run sends for ${seconds} s from a fixed schedule, whatever the gateway does (open loop); latencies count ` +
        'from the intended moment. At most 64 uploads of a connection are un-acknowledged, further ones wait their turn.',
      'Every run has devices of its own, whose session keys are unwrapped when they connect, before the first upload is due.',
      'Server CPU: all its threads while uploads came, an upload; the alert stream is in it.',
      `Each shape has a gateway of its own, warmed up for ${WARM_UP.seconds} s; one that left anything undone is replaced. ` +
        'A rate is given up when it was missed twice.',
    ],
  };
}

function shapesOf(context: Context): readonly Shape[] {
  const clients = context.numbers('connections', context.smallest ? [50] : []);
  const recordsPerUpload = context.number('records-per-upload', 1);
  return clients.length === 0 ? SHAPES : clients.map((each) => ({ clients: each, recordsPerUpload }));
}

/** Throws unless every upload was acknowledged and every alert came, and no other; how soon does not matter. */
function demandAll({ figures: { sent, acked, alerts } }: Loaded): void {
  if (acked === sent && alerts.missed === 0 && alerts.false === 0) return;
  throw new Error(`${sent} uploads sent, ${acked} acknowledged; alerts: ${JSON.stringify(alerts)}`);
}

/** Two lines each. */
const PLOTTED_MAX = 4;

const shapeName = ({ clients, recordsPerUpload }: Shape): string =>
  `${clients.toLocaleString('en-GB')} × ${recordsPerUpload}`;

function rowOf({ which, loaded }: IngestRun): Row {
  const { recordsPerUpload, rate, figures, serverCpuMs, serverMiB } = loaded;
  const { sent, acked, rate_per_s, ack_ms, alert_ms, alerts, generator_cpu } = figures;
  return {
    label: `${shapeName(loaded)}, ${which}`,
    cells: {
      rate,
      acked: rate_per_s,
      records: rate_per_s * recordsPerUpload,
      sent,
      lost: sent - acked,
      ackP50: ack_ms.p50,
      ackP99: ack_ms.p99,
      alertP50: alert_ms.p50,
      alertP99: alert_ms.p99,
      alerts: alerts.expected,
      missed: alerts.missed,
      false: alerts.false,
      cpuUs: acked === 0 ? null : (1000 * serverCpuMs) / acked,
      generator: generator_cpu,
      memory: serverMiB,
    },
  };
}
