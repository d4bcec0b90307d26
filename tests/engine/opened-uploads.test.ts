// What is kept open of a recent log is what the log would give, and is opened a few times, not with each upload.
import fc from 'fast-check';
import t from 'tap';
import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import { type OrderId, streamOfOrder } from '../../src/domain/ids.js';
import { OpenedUploads } from '../../src/engine/opened-uploads.js';
import type { LoggedUpload, RecentChange } from '../../src/ports/recent-log.js';
import { seedOfRun } from '../rules/seeded.js';
import { DAY, heartbeat, record, TAG } from '../rules/step-driver.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const streamOf = (n: number) => streamOfOrder(`ORD-${n}` as OrderId);

function upload(n: number, position: number, timesMs: readonly number[]): LoggedUpload {
  const records = timesMs.map((ms) => record(ms, heartbeat));
  const place = { stream: streamOf(n), deviceId: TAG, sequence: BigInt(position), index: 0, digest: '' };
  const receivedMs = Math.max(...timesMs);
  return { position, entry: { kind: 'upload', ...place, receivedMs, records } };
}

const changeOf = (n: number, uploads: readonly LoggedUpload[]): RecentChange => ({
  stream: streamOf(n),
  uploads,
  kept: [],
  snapshots: [],
  dropped: [],
  arrivedMs: 0,
});

class Counted extends MemoryRecentLog {
  opened = 0;
  override uploads(...asked: Parameters<MemoryRecentLog['uploads']>): LoggedUpload[] {
    const found = super.uploads(...asked);
    this.opened += found.length;
    return found;
  }
}

t.test('whatever comes, goes and is asked for, it is what the log has', async (t) => {
  const minute = fc.integer({ min: 0, max: 400 });
  const minutes = fc.array(minute, { minLength: 1, maxLength: 3 });
  const steps = fc.array(
    fc.record({
      n: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 1 }) }, fc.integer({ min: 2, max: 9 })),
      said: fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), minutes), { maxLength: 80 }),
      expired: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 8 }),
      from: minute,
    }),
    { minLength: 20, maxLength: 60 },
  );
  let asked = 0;
  fc.assert(
    fc.property(steps, (taken) => {
      const log = new MemoryRecentLog();
      // so few that streams are forgotten and asked for anew
      const opened = new OpenedUploads(log, 300);
      for (const { n, said, expired, from } of taken) {
        const all = said.map(([position, at]) => {
          const timesMs = at.map((m) => DAY + m * MINUTE);
          return upload(n, position, timesMs);
        });
        // nothing arrives in an hour that is over for the log
        const uploads = all.filter(({ entry }) => entry.receivedMs >= log.keptFromMs);
        const change = changeOf(n, uploads);
        opened.changed(change);
        log.commitNow([change]);
        if (expired !== null) {
          log.expireNow(DAY + expired * HOUR);
          opened.forget(log.keptFromMs);
        }
        const names = (found: readonly LoggedUpload[]): string =>
          JSON.stringify(found.map((one) => [one.position, one.entry.records.map(({ timeMs }) => timeMs)]).sort());
        const fromMs = DAY + from * MINUTE;
        asked += 1;
        if (names(opened.from(streamOf(n), fromMs)) !== names(log.uploads(streamOf(n), fromMs))) {
          throw new Error(`not so of stream ${n} from ${from}`);
        }
      }
    }),
    { seed, numRuns: 100, endOnFailure: true },
  );
  t.ok(asked > 1_000);
});

t.test('a backlog of two days, newest first, is opened a few times over', async (t) => {
  const log = new Counted();
  const opened = new OpenedUploads(log);
  const minutes = 2 * 1_440;
  log.commitNow([
    changeOf(
      0,
      Array.from({ length: minutes }, (_, m) => upload(0, m + 1, [DAY + m * MINUTE])),
    ),
  ]);
  let position = minutes;
  for (let m = minutes - 1; m >= 0; m -= 1) {
    const found = opened.from(streamOf(0), DAY + m * MINUTE);
    if (found.length !== 2 * (minutes - m) - 1) throw new Error(`${found.length} of minute ${m}`);
    position += 1;
    const change = changeOf(0, [upload(0, position, [DAY + m * MINUTE + 30_000])]);
    opened.changed(change);
    log.commitNow([change]);
  }
  t.ok(log.opened < 1.1 * minutes, `${log.opened} were opened, of ${minutes}`);
});

t.test(
  'many devices that empty backlogs by turns cost no opening of what they have just sent, nor of what lies before',
  async (t) => {
    const log = new Counted();
    const opened = new OpenedUploads(log);
    const [devices, history, backlog] = [200, 360, 36];
    for (let n = 0; n < devices; n++) {
      const past = Array.from({ length: history }, (_, m) => upload(n, m + 1, [DAY + m * MINUTE]));
      log.commitNow([changeOf(n, past)]);
    }
    for (let i = 0; i < backlog; i++) {
      for (let n = 0; n < devices; n++) {
        const change = changeOf(n, [upload(n, 1_000 + i, [DAY + (2 * history + i) * MINUTE])]);
        const found = opened.from(streamOf(n), DAY + (2 * history + i) * MINUTE);
        if (found.length > 0) throw new Error('nothing is so late');
        opened.changed(change);
        log.commitNow([change]);
        // a re-run begins at the snapshot before: half an hour back
        const again = opened.from(streamOf(n), DAY + (2 * history + i - 30) * MINUTE);
        if (again.length !== Math.min(i, 30) + 1) throw new Error(`${again.length} since then`);
      }
    }
    t.equal(log.opened, 0);
  },
);

t.test('of a stream that is erased nothing stays', async (t) => {
  const log = new Counted();
  const opened = new OpenedUploads(log);
  log.commitNow([changeOf(0, [upload(0, 1, [DAY])])]);
  opened.from(streamOf(0), DAY);
  opened.erase(streamOf(0));
  log.expireNow(DAY + 48 * HOUR);
  t.same(opened.from(streamOf(0), DAY), []);
});
