/** Metrics and log lines: what they say, and what they refuse to say. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { METRICS } from '../../src/adapters/system/metrics.js';
import { systemClock } from '../../src/adapters/system/system-clock.js';
import { createTelemetry } from '../../src/adapters/system/telemetry.js';

function collected(strict: boolean) {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return { lines, telemetry: createTelemetry({ level: 'info', stream, strict }) };
}

t.test('counters, gauges and histograms appear under their names', async (t) => {
  const { telemetry } = collected(true);
  telemetry.count('fairwatch_messages_total', { fate: 'accepted', reason: '' });
  telemetry.count('fairwatch_messages_total', { fate: 'accepted', reason: '' }, 2);
  telemetry.observe('fairwatch_journal_commit_seconds', 0.004);
  telemetry.gauge('fairwatch_connections', 7);
  const text = await telemetry.registry.metrics();
  t.match(text, 'fairwatch_messages_total{fate="accepted",reason=""} 3');
  t.match(text, 'fairwatch_journal_commit_seconds_bucket{le="0.005"} 1');
  t.match(text, 'fairwatch_connections 7');
});

t.test('an unknown metric, label or forbidden field throws in development', async (t) => {
  const { telemetry } = collected(true);
  t.throws(() => telemetry.count('fairwatch_nonsense_total'), /no such metric/);
  t.throws(() => telemetry.count('fairwatch_connections'), /no such metric of this kind/);
  t.throws(() => telemetry.count('fairwatch_messages_total', { device: 'HU-1' }), /label/);
  for (const field of [
    'deviceId',
    'device_id',
    'order',
    'subjectId',
    'lat',
    'longitude',
    'topic',
    'payload',
    'password',
  ]) {
    t.throws(() => telemetry.log('info', 'x', { [field]: 'HU-1' }), /may name a person or a place/, field);
  }
});

t.test('text that is no code is withheld from a log line, wherever it came from', async (t) => {
  const { telemetry, lines } = collected(true);
  telemetry.log('info', 'x', { why: 'Ms Example, "12 High Street"', at: '127.0.0.1:6379' });
  t.match(JSON.parse(lines[0] as string), { why: '(withheld: no code)', at: '127.0.0.1:6379' });
  t.notMatch(lines[0], /High Street/);
});

t.test('in production the same is dropped and counted, and never stops the gateway', async (t) => {
  const { telemetry, lines } = collected(false);
  telemetry.count('fairwatch_nonsense_total');
  telemetry.log('info', 'x', { deviceId: 'HU-1' });
  t.same(lines, []);
  t.match(await telemetry.registry.metrics(), 'fairwatch_telemetry_faults_total 2');
});

t.test('a log line is one JSON object with a time, a level and a code', async (t) => {
  const { telemetry, lines } = collected(true);
  telemetry.log('warn', 'journal_torn_tail_cut', { next: 12, bytes: 40 });
  telemetry.log('debug', 'not_at_this_level');
  t.equal(lines.length, 1);
  const { time, ...line } = JSON.parse(lines[0] as string) as Record<string, unknown>;
  t.same(line, { level: 'warn', code: 'journal_torn_tail_cut', next: 12, bytes: 40 });
  t.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
});

t.test('every metric that the source names is in the catalogue, and of the right kind', async (t) => {
  const root = fileURLToPath(new URL('../../../src', import.meta.url));
  const kinds = { count: 'counter', observe: 'seconds', gauge: 'gauge' } as const;
  let uses = 0;
  for (const name of await readdir(root, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const text = await readFile(join(root, name), 'utf8');
    for (const [, call, metric] of text.matchAll(/\.(count|observe|gauge)\(\s*'(fairwatch_\w+)'/g)) {
      uses++;
      const spec = METRICS[metric as keyof typeof METRICS] as { kind: string } | undefined;
      t.equal(spec?.kind, kinds[call as keyof typeof kinds], `${name}: ${metric}`);
    }
  }
  t.ok(uses > 0);
});

t.test('no metric has a label that could name a person', async (t) => {
  const labels = new Set(Object.values(METRICS).flatMap((spec) => ('labels' in spec ? spec.labels : [])));
  t.same([...labels].sort(), ['code', 'fate', 'kind', 'level', 'outcome', 'reason', 'result', 'type', 'volume', 'why']);
});

t.test('the system clock is the machine’s', async (t) => {
  const before = Date.now();
  const now = systemClock.nowMs();
  t.ok(before <= now && now <= Date.now());
});
