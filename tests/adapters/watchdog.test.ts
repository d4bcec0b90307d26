/** The watch over the event loop: it speaks when the loop cannot, ends a process that is lost, and spares one that was stopped. */
import t from 'tap';
import { EventLoopWatch } from '../../src/adapters/system/event-loop-watch.js';
import { startChild } from '../support/child.js';

const script = 'adapters/children/stuck-loop.js';

t.test('a loop that is held up is told of while it is, and again when it is back; the process lives on', async (t) => {
  const child = startChild(script, ['400', '60000', '1500']);
  t.teardown(() => child.kill());
  t.equal(await child.ended, 0);
  t.same(child.lines, ['begun', 'over']);
  const codes = child
    .errors()
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { code: string }).code);
  t.equal(codes[0], 'event_loop_stuck');
  t.equal(codes.at(-1), 'event_loop_back');
});

t.test('a loop that never comes back ends the process by a signal of its own', async (t) => {
  const child = startChild(script, ['400', '1200', '600000']);
  t.teardown(() => child.kill());
  t.equal(await child.ended, null);
  t.equal(child.signal(), 'SIGALRM');
  t.match(child.errors(), /event_loop_stuck_ending/);
});

t.test('nothing is said of a loop that turns', async (t) => {
  const child = startChild(script, ['2000', '3000', '0']);
  t.teardown(() => child.kill());
  t.equal(await child.ended, 0);
  t.equal(child.errors(), '');
});

t.test('a process that was stopped for an hour and goes on is not killed for it', async (t) => {
  const watch = new EventLoopWatch({ stuckMs: 10_000, endMs: 120_000 });
  t.equal(watch.look(1, 0), null);
  t.equal(watch.look(2, 1_000), null);
  t.same(watch.look(2, 3_601_000), { what: 'stood_still', forMs: 3_600_000 });
  t.equal(watch.look(3, 3_602_000), null);
  // and one that is stuck indeed is told of after its time, at ever longer intervals, and given up
  const said: string[] = [];
  for (let ms = 3_603_000; said.at(-1) !== 'event_loop_stuck_ending'; ms += 1_000) {
    const seen = watch.look(3, ms);
    if (seen !== null) said.push(`${seen.what === 'event_loop_stuck' ? `stuck ${seen.forMs / 1_000}` : seen.what}`);
  }
  t.same(said, ['stuck 10', 'stuck 20', 'stuck 40', 'stuck 80', 'event_loop_stuck_ending']);
  t.equal(watch.look(4, 3_800_000)?.what, 'stood_still');
});
