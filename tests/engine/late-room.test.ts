// Late data through the engine and its real stores: told anew, and over a restart.
import t from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { at, rf } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { around } from './around.js';
import { openRoom, type Room } from './room.js';
import { NOON, setUp, tagOf, unitOf } from './story.js';

const reading = (n: number, timeMs: number, event: 'ENTER' | 'EXIT') => makeRecord(timeMs, rf(event, tagOf(n)));

/** What was told of curfew violations: version, state, end, codes, cause. */
const told = (room: Room) =>
  room
    .told()
    .filter(({ version }) => version.type === 'curfew')
    .map(({ version: v }) => [v.version, v.state, v.endMs, v.codes.join(' '), v.cause]);

t.test('a way home that came after its timer withdraws the alert, also after a kill and a start', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const room = await openRoom(folder.path, 1, { startMs: NOON });
  await setUp(room, 1);
  await room.clock.advanceTo(at('18:00'));
  await room.upload(unitOf(0), 1, [reading(0, at('18:00'), 'ENTER')]);
  await room.clock.advanceTo(at('20:00'));
  await room.upload(unitOf(0), 2, [reading(0, at('20:00'), 'EXIT')]);
  await room.clock.advanceTo(at('20:05:10'));
  await room.settled();
  t.same(told(room), [[1, 'open', null, 'AL10', 'timer']]);
  await room.close();

  const after = await openRoom(folder.path, 2);
  t.teardown(() => after.close());
  await after.upload(unitOf(0), 3, [reading(0, at('20:04:50'), 'ENTER')]);
  await after.settled();
  t.same(told(after), [
    [1, 'open', null, 'AL10', 'timer'],
    [2, 'withdrawn', null, 'AL10', 'late_data'],
  ]);
  t.equal(after.telemetry.counts.get('fairwatch_records_late_total rerun'), 1);
  t.same(after.failures, []);
});

t.test('what a re-run rests on is in the recent log before anybody is told of it', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const order: string[] = [];
  const room = await openRoom(folder.path, 1, {
    startMs: NOON,
    wrapRecentLog: (log) =>
      around(log, {
        async commit(epoch, changes) {
          await log.commit(epoch, changes);
          if (changes.some(({ uploads }) => uploads.length > 0)) order.push('logged');
        },
      }),
  });
  t.teardown(() => room.close());
  await setUp(room, 1);
  room.ledger.onCommit(() => order.push('told'));
  await room.clock.advanceTo(at('20:00'));
  await room.upload(unitOf(0), 1, [reading(0, at('20:00'), 'EXIT')]);
  await room.clock.advanceTo(at('20:05:10'));
  order.length = 0;
  await room.upload(unitOf(0), 2, [reading(0, at('20:04:50'), 'ENTER')]);
  await room.settled();
  t.same(order, ['logged', 'told']);
});
