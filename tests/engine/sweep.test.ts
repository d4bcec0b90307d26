// One sweep lets go of what is over, of streams that speak no more too; a restart needs none of it.
import t from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import { streamOfDevice } from '../../src/domain/ids.js';
import { replayRecent } from '../../src/engine/history.js';
import { JournalTrimming } from '../../src/engine/journal-trimming.js';
import type { RecentLog } from '../../src/ports/recent-log.js';
import { at, fix, record, rf } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { around } from './around.js';
import { openRoom } from './room.js';
import { NOON, setUp, tagOf, unitOf } from './story.js';

const HOUR = 3_600_000;

t.test(
  'a gateway of days: the journal holds hours, the log three days, and a restart goes on from there',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(() => folder.remove());
    let log: RecentLog | null = null;
    const wrapRecentLog = (store: RecentLog): RecentLog => {
      log = store;
      return store;
    };
    let room = await openRoom(folder.path, 1, { startMs: NOON, wrapRecentLog });
    await setUp(room, 2);
    const spare = 'TAG-SPARE' as ReturnType<typeof tagOf>;
    await room.upload(spare, 1, [record(NOON, fix(900))]);
    const uploadsOf = (stream: string): number =>
      (log as RecentLog | null)?.uploads(stream as Parameters<RecentLog['uploads']>[0], 0).length ?? -1;
    let epoch = 1;
    for (let hour = 1; hour <= 80; hour++) {
      const nowMs = NOON + hour * HOUR;
      await room.clock.advanceTo(nowMs);
      // person 1 falls silent
      await room.upload(tagOf(0), hour, [record(nowMs - 1_000, fix(900))]);
      if (hour < 3) await room.upload(unitOf(1), hour, [record(nowMs - 1_000, rf('PRESENT', tagOf(1)))]);
      await room.settled();
      await room.engine.sweep(nowMs);
      t.ok(room.journal.first <= room.journal.last, 'when the gateway was last alive is known');
      if (hour === 72) t.ok(uploadsOf('ORD-1') === 2 && uploadsOf(streamOfDevice(spare)) === 1, 'all are there');
      if (hour % 20 === 0) {
        const told = room.told().length;
        await room.close();
        epoch += 1;
        room = await openRoom(folder.path, epoch, { wrapRecentLog });
        t.same(room.failures, []);
        t.equal(room.told().length, told);
        const shown: JournalEntry[] = [];
        await replayRecent(room.journal, nowMs, (entry) => shown.push(entry));
        t.ok(
          shown.some(({ kind, receivedMs }) => kind === 'upload' && receivedMs >= nowMs - HOUR),
          'intake remembers what came lately',
        );
      }
    }
    t.same([uploadsOf('ORD-1'), uploadsOf(streamOfDevice(spare))], [0, 0], 'who is silent is forgotten like others');
    t.ok(uploadsOf('ORD-0') >= 72 && uploadsOf('ORD-0') <= 73, `${uploadsOf('ORD-0')} hours of who is not`);
    t.ok(room.journal.first > 100, `the journal begins at ${room.journal.first} of ${room.journal.last}`);
    await room.close();
  },
);

t.test('what no checkpoint covers stays in the journal', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const trimmed: number[] = [];
  const room = await openRoom(folder.path, 1, {
    startMs: NOON,
    wrapJournal: (journal) =>
      around(journal, {
        trim: async (position: number) => {
          trimmed.push(position);
          await journal.trim(position);
        },
      }),
  });
  await setUp(room, 1);
  Object.defineProperty(room.states, 'lastingPosition', { value: 1 });
  for (let hour = 1; hour <= 5; hour++) {
    await room.clock.advanceTo(NOON + hour * HOUR);
    await room.engine.sweep(NOON + hour * HOUR);
  }
  t.ok(trimmed.length > 0);
  t.equal(Math.max(...trimmed), 2);
  await room.close();
});

t.test('two hours of the journal are kept, whatever the clock does', (t) => {
  const trimming = new JournalTrimming();
  const start = at('12:00');
  let [last, most] = [0, 0];
  for (let minute = 0; minute < 600; minute++) {
    last += 10;
    const position = trimming.upTo(start + minute * 60_000, last);
    t.ok(position <= Math.max(0, last - 1_200), `minute ${minute}`);
    most = Math.max(most, position);
  }
  t.ok(most > 4_500, 'and not much more');
  // set back by a day: nothing goes for a day, and nothing is taken back
  for (let minute = 0; minute < 60; minute++) {
    last += 10;
    t.ok(trimming.upTo(start - 86_400_000 + minute * 60_000, last) <= last - 1_200);
  }
  t.end();
});
