/** The columns of bench/ingest, and a run, or several of one rate, as a row of them. */
import type { IngestRun, Shape } from './ingest-runs.js';
import { isKeptUp, type Loaded } from './loading.js';
import type { Cell, Column, Row } from './result.js';
import { spread } from './stats.js';

export const COLUMNS: readonly Column[] = [
  { key: 'rate', title: 'uploads/s asked' },
  { key: 'kept', title: 'kept up' },
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
  { key: 'mainUs', title: 'main thread', digits: 1, better: 'less' },
  { key: 'secondUs', title: 'busiest other', digits: 1 },
  { key: 'restUs', title: 'other threads', digits: 1 },
  { key: 'generator', title: 'generator cores', digits: 2 },
  { key: 'memory', title: 'server MiB' },
];

const thousands = (value: number): string => value.toLocaleString('en-GB');

/** Begins with the connections, but for the shape that is no size among others. */
export function shapeName({ clients, recordsPerUpload }: Pick<Shape, 'clients' | 'recordsPerUpload'>): string {
  return recordsPerUpload === 1
    ? `${thousands(clients)} × 1`
    : `ten at once, ${thousands(clients)} × ${recordsPerUpload}`;
}

/** What was sent, lost, missed and false is counted over all runs; all else is their median, least and most. */
export function rowOf({ which, loads }: IngestRun): Row {
  const each = (figure: (loaded: Loaded) => number | null): Cell => {
    const values = loads.map(figure).filter((value) => value !== null);
    const [only] = values;
    if (only === undefined) return null;
    return values.length === 1 ? only : spread(values);
  };
  const sum = (figure: (loaded: Loaded) => number): number => loads.reduce((all, loaded) => all + figure(loaded), 0);
  const perUpload = (ms: (loaded: Loaded) => number): Cell =>
    each((loaded) => (loaded.figures.acked === 0 ? null : (1000 * ms(loaded)) / loaded.figures.acked));
  const [first] = loads;
  const kept = loads.filter(isKeptUp).length;
  return {
    label: `${shapeName(first)}, ${which}`,
    cells: {
      rate: first.rate,
      kept: loads.length === 1 ? (kept === 1 ? 'yes' : 'no') : `${kept} of ${loads.length}`,
      acked: each(({ figures }) => figures.rate_per_s),
      records: each(({ figures, recordsPerUpload }) => figures.rate_per_s * recordsPerUpload),
      sent: sum(({ figures }) => figures.sent),
      lost: sum(({ figures }) => figures.sent - figures.acked),
      ackP50: each(({ figures }) => figures.ack_ms.p50),
      ackP99: each(({ figures }) => figures.ack_ms.p99),
      alertP50: each(({ figures }) => figures.alert_ms.p50),
      alertP99: each(({ figures }) => figures.alert_ms.p99),
      alerts: sum(({ figures }) => figures.alerts.expected),
      missed: sum(({ figures }) => figures.alerts.missed),
      false: sum(({ figures }) => figures.alerts.false),
      cpuUs: perUpload(({ serverCpuMs }) => serverCpuMs),
      mainUs: perUpload(({ serverThreads }) => serverThreads.mainMs),
      secondUs: perUpload(({ serverThreads }) => serverThreads.otherMs[0] ?? 0),
      restUs: perUpload(({ serverThreads }) => serverThreads.otherMs.slice(1).reduce((all, ms) => all + ms, 0)),
      generator: each(({ figures }) => figures.generator_cpu),
      memory: each(({ serverMiB }) => serverMiB),
    },
  };
}
