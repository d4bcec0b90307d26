/** A stop in bounded steps: it ends, and says what it did not wait for. */
import t from 'tap';
import { Stopping } from '../../src/compose/stopping.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

const never = () => new Promise<void>(() => {});

t.test('a step that hangs is named and left, and the next ones run', async (t) => {
  const telemetry = new RecordingTelemetry();
  const stopping = new Stopping(telemetry, 1_000);
  const ran: string[] = [];
  await stopping.step('first', 1_000, async () => void ran.push('first'));
  t.ok(stopping.isWhole);
  await stopping.step('hung', 10, never);
  await stopping.step('last', 1_000, async () => void ran.push('last'));
  t.same(stopping.end(), { failed: false, stuck: true }, 'a thread may hang');
  t.same(ran, ['first', 'last']);
  t.notOk(stopping.isWhole, 'the stores are not to be closed under it');
  t.same(telemetry.codes, ['stopping', 'stop_not_waited_for', 'stopped']);
  t.match(telemetry.lines[1]?.fields, { step: 'hung' });
});

t.test('all steps together have a bound, whatever each may take', async (t) => {
  const telemetry = new RecordingTelemetry();
  const stopping = new Stopping(telemetry, 20);
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    await stopping.step(name, 60_000, () => {
      begun.push(name);
      return never();
    });
  }
  stopping.end();
  t.same(begun, ['a', 'b', 'c'], 'each is begun');
  t.equal(telemetry.codes.filter((code) => code === 'stop_not_waited_for').length, 3);
});

t.test('a step that fails keeps none of the others from theirs, and the stop is no clean one', async (t) => {
  const telemetry = new RecordingTelemetry();
  const stopping = new Stopping(telemetry, 1_000);
  let ran = false;
  await stopping.step('broken', 1_000, () => Promise.reject(new RangeError('x')));
  await stopping.step('next', 1_000, async () => {
    ran = true;
  });
  t.ok(ran);
  t.ok(stopping.isWhole, 'it has ended');
  t.same(stopping.end(), { failed: true, stuck: false });
  t.same(telemetry.codes, ['stopping', 'stop_step_failed', 'stopped']);
});

t.test('what waits for sockets alone holds up no end of the process', async (t) => {
  for (const [left, stuck] of [
    [['hot state', 'engine', 'requests'], false],
    [['engine'], true],
    [['topics'], false],
    [['uploads', 'hot state'], true],
  ] as const) {
    const stopping = new Stopping(new RecordingTelemetry(), 1_000);
    for (const name of left) await stopping.step(name, 1, never);
    t.same(stopping.end(), { failed: false, stuck }, left.join());
  }
});
