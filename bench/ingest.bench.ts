/** bench/ingest: the whole gateway, from an MQTT upload to its acknowledgement and its alerts. */
import { tmpdir } from 'node:os';
import { COLUMNS, rowOf, shapeName } from './lib/ingest-rows.js';
import { type IngestRun, IngestRuns, type Shape, WARM_UP } from './lib/ingest-runs.js';
import type { Loaded } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { growthPlot, latencyPlot } from './lib/plots.js';
import type { Plot } from './lib/result.js';

const SHAPES: readonly Shape[] = [
  { clients: 50, recordsPerUpload: 1, aim: 30_000 },
  { clients: 500, recordsPerUpload: 1, aim: 20_000 },
  { clients: 2_000, recordsPerUpload: 1, aim: 15_000 },
  // as many as leave a millisecond and more between two records of a device
  { clients: 500, recordsPerUpload: 10, aim: 15_000 },
];

/** A shorter run has no room for a whole visit to a zone. */
const SECONDS = 8;
const LASTING_SECONDS = 60;
/** Two lines each. */
const PLOTTED_MAX = 4;

await main({
  bench: 'ingest',
  about:
    'End to end: uploads over MQTT at QoS 1, sealed, each acknowledged when it is durable and not before; alerts counted ' +
    'against a truth fixed beforehand, over the live stream. `serve` and `load` are two processes on the same machine. ' +
    'Kept up: every upload acknowledged, p99 ≤ 500 ms, no alert missed or false, at 97 % of the rate or more.',
  aim:
    '≥ 30,000 uploads/s at 50 connections, ≥ 15,000 at 2,000, for a minute; ack p99 ≤ 250 ms at 70 % of that; ' +
    'ten records an upload: ≥ 150,000 records/s',
  labelTitle: 'connections × records/upload',
  columns: COLUMNS,
  options: {
    connections: { type: 'string', value: 'N,N', help: 'default: 50,500,2000 and 500 with ten records an upload' },
    'records-per-upload': { type: 'string', value: 'K', help: 'with --connections (default: 1)' },
    rate: { type: 'string', value: 'N,N', help: 'at these rates, uploads/s, instead of the aims' },
    highest: {
      type: 'boolean',
      help: 'look for the highest rate that is kept up, and 70 % of it, instead of the aims',
    },
    seconds: { type: 'string', value: 'N', help: `how long each run but the lasting ones sends (default: ${SECONDS})` },
    lasting: { type: 'string', value: 'N', help: `how long a run at the aim sends, s (default: ${LASTING_SECONDS})` },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
    profile: { type: 'string', value: 'FOLDER', help: 'leave a .cpuprofile of each gateway there' },
  },
  examples: ['--connections 2000 --rate 5000,15000', '--highest --connections 50'],
  run: measureShapes,
});

async function measureShapes(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const seconds = context.number('seconds', SECONDS);
  const all: IngestRun[] = [];
  for (const shape of shapesOf(context)) {
    const runs = new IngestRuns(context, shape, seconds);
    try {
      const done = await runsOf(context, shape, runs);
      // so easy a load leaves no excuse: here the bench is a test as well
      if (context.smallest) for (const { loads } of done) loads.forEach(demandAll);
      all.push(...done);
    } finally {
      await runs.stop();
    }
  }
  return {
    rows: all.map(rowOf),
    plots: plotsOf(all),
    notes: [
      'Each run sends from a fixed schedule, whatever the gateway does (open loop); latencies count from the intended ' +
        'moment. At most 64 uploads of a connection are un-acknowledged, further ones wait their turn.',
      `70 % of the aim: five runs of ${seconds} s; their median, the least and the most in brackets, what was sent and told ` +
        'over all five.',
      'Every run has devices of its own, whose session keys are unwrapped when they connect, before the first upload is due.',
      'Server CPU an upload: all its threads while uploads came, the alert stream in it; then its main thread, the busiest ' +
        'of the others, and the rest (collector, disk, compiler).',
      `Each shape has a gateway of its own, warmed up for ${WARM_UP.seconds} s; one that left anything undone is replaced.`,
    ],
  };
}

function runsOf(context: Context, { aim }: Shape, runs: IngestRuns): Promise<IngestRun[]> {
  const rates = context.numbers('rate', context.smallest ? [200] : []);
  if (rates.length > 0) return runs.at(rates);
  if (context.flag('highest') || aim === null) return runs.highest();
  return runs.aimed(aim, context.number('lasting', LASTING_SECONDS));
}

function shapesOf(context: Context): readonly Shape[] {
  const clients = context.numbers('connections', context.smallest ? [50] : []);
  if (clients.length === 0) return SHAPES;
  const recordsPerUpload = context.number('records-per-upload', 1);
  return clients.map((each) => {
    const known = SHAPES.find((shape) => shape.clients === each && shape.recordsPerUpload === recordsPerUpload);
    return known ?? { clients: each, recordsPerUpload, aim: null };
  });
}

/** The lasting runs second by second, and what an upload costs at each number of connections. */
function plotsOf(all: readonly IngestRun[]): Plot[] {
  const lasting = all.filter(({ loads }) => loads.length === 1).slice(0, PLOTTED_MAX);
  const acks = latencyPlot(
    'ack-by-second',
    'Upload to acknowledgement, second by second',
    lasting.map(({ which, loads: [loaded] }) => ({
      label: `${shapeName(loaded)}, ${which}`,
      seconds: loaded.figures.ack_ms_by_second,
    })),
  );
  const easy = all.filter(({ loads }) => loads.length > 1).map(rowOf);
  const growth = growthPlot(easy, COLUMNS, {
    size: 'connections',
    cost: 'CPU time an upload',
    unit: 'µs',
    columns: ['cpuUs', 'mainUs'],
  });
  return [acks, growth].filter((plot) => plot !== null);
}

/** Throws unless every upload was acknowledged and every alert came, and no other; how soon does not matter. */
function demandAll({ figures: { sent, acked, alerts } }: Loaded): void {
  if (acked === sent && alerts.missed === 0 && alerts.false === 0) return;
  throw new Error(`${sent} uploads sent, ${acked} acknowledged; alerts: ${JSON.stringify(alerts)}`);
}
