/** Metrics for Prometheus and log lines of JSON, with a guard against what must be in neither. */
import { type DestinationStream, pino } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Telemetry } from '../../ports/telemetry.js';
import { BUCKETS_S, METRICS, type MetricSpec } from './metrics.js';

export interface TelemetryOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where log lines go; standard output by default. */
  readonly stream?: DestinationStream;
  /** Development and tests: a wrong metric or field throws. Otherwise it is dropped and counted. */
  readonly strict?: boolean;
}

export interface SystemTelemetry extends Telemetry {
  readonly registry: Registry;
}

/** Fields that would name a person or a place. Codes, counts, journal places and host:port are what a line may carry. */
const FORBIDDEN_FIELD =
  /^(subject|order|device|tag|alert|zone|user|client|grant|stream)(_?id|_?key)?$|^(lat|lon|latitude|longitude|position|fix|name|payload|topic|password|token|key|message)$/i;

/** Codes are words; anything longer or stranger than this is no code. */
const FIELD_TEXT = /^[\w.:/,[\] -]{0,100}$/;
/** What is written in its stead: the text may come from outside (a token, a library's message). */
const WITHHELD = '(withheld: no code)';

export function createTelemetry(options: TelemetryOptions): SystemTelemetry {
  const strict = options.strict ?? false;
  const registry = new Registry();
  const { counters, gauges, histograms } = register(registry);
  collectDefaultMetrics({ register: registry, prefix: 'fairwatch_' });
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'code',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.stream ?? pino.destination(1),
  );

  /** Telemetry never stops the gateway: a fault in it is counted, and thrown only where people look for faults. */
  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (strict) throw error;
      counters.get('fairwatch_telemetry_faults_total')?.inc();
    }
  }

  return {
    registry,
    count: (metric, labels = {}, by = 1) => guarded(() => find(counters, metric).inc(labels, by)),
    observe: (metric, seconds) => guarded(() => find(histograms, metric).observe(seconds)),
    gauge: (metric, value, labels = {}) => guarded(() => find(gauges, metric).set(labels, value)),
    log: (level, code, fields = {}) =>
      guarded(() => {
        const written: Record<string, string | number | boolean> = {};
        for (const [field, value] of Object.entries(fields)) {
          if (FORBIDDEN_FIELD.test(field)) {
            throw new Error(`log line ${code}: a field "${field}" may name a person or a place`);
          }
          const isCode = typeof value !== 'string' || FIELD_TEXT.test(value);
          written[field] = isCode ? value : WITHHELD;
        }
        logger[level](written, code);
      }),
  };
}

function register(registry: Registry) {
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, spec] of Object.entries<MetricSpec>(METRICS)) {
    const common = { name, help: spec.help, labelNames: [...(spec.labels ?? [])], registers: [registry] };
    if (spec.kind === 'counter') counters.set(name, new Counter(common));
    else if (spec.kind === 'gauge') gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, buckets: BUCKETS_S }));
  }
  return { counters, gauges, histograms };
}

function find<M>(metrics: ReadonlyMap<string, M>, name: string): M {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`no such metric of this kind: ${name} (see adapters/system/metrics)`);
  return metric;
}
