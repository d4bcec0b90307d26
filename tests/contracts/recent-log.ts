/** What every recent log promises, crashes included. */
import t, { type Test } from 'tap';
import type { UploadEntry } from '../../src/domain/entry.js';
import type { StreamKey } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import type { Snapshot } from '../../src/domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../../src/ports/recent-log.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { deviceId, deviceStream, orderStream, randomFrom, state, T0 } from '../support/samples.js';

export interface RecentLogPlace {
  /** A new client of the one log of this place. */
  open(): Promise<RecentLog>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

const HOUR = 3_600_000;
const ONE = orderStream(1);
const TWO = orderStream(2);

const hash = (n: number) => Buffer.alloc(16, n % 251).toString('base64url');

const rf = (timeMs: number): DeviceRecord => ({
  timeMs,
  hash: hash(timeMs),
  body: { kind: 'rf', tagId: deviceId(100), event: 'PRESENT', rssiDbm: -60, status: null },
});

/** An upload at `position` with a record at each of `timesMs`. */
function logged(position: number, timesMs: readonly number[], change: Partial<UploadEntry> = {}): LoggedUpload {
  return {
    position,
    entry: {
      kind: 'upload',
      stream: ONE,
      receivedMs: T0 + (position % 1_000),
      deviceId: deviceId(1),
      sequence: BigInt(position),
      index: 0,
      digest: hash(position),
      records: timesMs.map(rf),
      ...change,
    },
  };
}

const change = (stream: StreamKey, parts: Partial<RecentChange>): RecentChange => ({
  stream,
  uploads: [],
  kept: [],
  snapshots: [],
  dropped: [],
  arrivedMs: T0,
  ...parts,
});

const uploadsAt = (log: RecentLog, stream: StreamKey, fromMs = 0) =>
  log.uploads(stream, fromMs).map(({ position }) => position);
/** A state of the stream that has come to `T0 + ms`. */
const snapshot = (n: number, ms: number, coversMs = T0 + ms): Snapshot => ({
  state: { ...state(n, ms), atMs: T0 + ms },
  coversMs,
});
const snapshotsAt = (log: RecentLog, stream: StreamKey) =>
  [...log.snapshots(stream)].map((one) => (one.state.atMs ?? 0) - T0);

export function recentLogContract(name: string, make: () => Promise<RecentLogPlace>): void {
  const clause = (text: string, run: (log: RecentLog, t: Test, place: RecentLogPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      const log = await place.open();
      await log.claim(1);
      await run(log, t, place);
    });

  clause('a new log holds nothing of anybody', async (log, t) => {
    t.same(log.uploads(ONE, 0), []);
    t.same([...log.snapshots(ONE)], []);
    await log.commit(1, [change(ONE, { dropped: [T0 + 3] })]);
    t.same(log.since(ONE, 0, 10), []);
    t.equal(await log.expire(1, T0, 10), 0);
    t.equal(log.keptFromMs, Number.NEGATIVE_INFINITY);
    t.equal(log.brokenMs(ONE), null);
    t.same(log.uploads(ONE, 0), []);
    await log.close();
  });

  clause('entries come back exactly: 64-bit sequences, hashes, every known kind of body', async (log, t) => {
    const fix: DeviceRecord = {
      timeMs: T0,
      hash: hash(1),
      body: {
        kind: 'fix',
        latE7: 515_000_000,
        lonE7: -1_278_000,
        accuracyDm: 150,
        speedCmS: 120,
        headingCdeg: 35_999,
        satellites: 9,
        hdopCenti: 110,
        mechanism: 'GNSS',
        altitudeDm: -20,
      },
    };
    const records: DeviceRecord[] = [
      fix,
      { timeMs: T0 + 1, hash: hash(2), body: { kind: 'tag', batteryPct: 40, flags: ['STRAP_TAMPER_START'] } },
      { timeMs: T0 + 2, hash: hash(3), body: { kind: 'unit', flags: ['MAINS_LOST'], batteryPct: null } },
      { timeMs: T0 + 3, hash: hash(4), body: { kind: 'alcohol', tacUgL: 120, flags: ['OBSTRUCTED'] } },
      { timeMs: T0 + 4, hash: hash(5), body: { kind: 'heartbeat', firmware: '1.2.3', uptimeS: 86_400 } },
      rf(T0 + 5),
    ];
    const uploads = [
      logged(1, [], { sequence: 2n ** 64n - 1n, index: 3, records }),
      logged(Number.MAX_SAFE_INTEGER, [T0 + 9], { sequence: 2n ** 53n + 1n }),
    ];
    await log.commit(1, [change(ONE, { uploads })]);
    const found = log.uploads(ONE, 0);
    t.strictSame(found, uploads);
    t.equal(found[0]?.entry.sequence, 18_446_744_073_709_551_615n);
    t.equal(found[1]?.entry.sequence, 9_007_199_254_740_993n);
    await log.close();
  });

  clause('uploads come in order of their position, whatever the times of their records', async (log, t) => {
    const times = [[T0 + 50], [T0 + 10, T0 + 40], [T0], [T0 + 50], [T0 + 20]];
    await log.commit(1, [change(ONE, { uploads: times.map((of, n) => logged(250 + n, of)).reverse() })]);
    t.same(uploadsAt(log, ONE), [250, 251, 252, 253, 254]);
    await log.close();
  });

  clause('an upload is in the range if its last record is, even when its first is not', async (log, t) => {
    const uploads = [logged(1, [T0, T0 + 100]), logged(2, [T0 + 99]), logged(3, [T0 + 100]), logged(4, [T0 + 101])];
    await log.commit(1, [change(ONE, { uploads })]);
    t.same(uploadsAt(log, ONE, T0 + 99), [1, 2, 3, 4]);
    t.same(uploadsAt(log, ONE, T0 + 100), [1, 3, 4]);
    t.same(uploadsAt(log, ONE, T0 + 100.5), [4]);
    t.same(uploadsAt(log, ONE, T0 + 102), []);
    const before = (fromMs: number, beforeMs: number) =>
      log.uploads(ONE, fromMs, beforeMs).map(({ position }) => position);
    t.same(before(T0, T0 + 100), [2], 'and before, where it is said');
    t.same(before(T0 + 100, T0 + 101), [1, 3]);
    t.same(before(T0 + 100, T0 + 100), []);
    t.same(before(T0, Number.POSITIVE_INFINITY), [1, 2, 3, 4]);
    t.same(uploadsAt(log, ONE, Number.NEGATIVE_INFINITY), [1, 2, 3, 4]);
    t.same(uploadsAt(log, ONE, Number.POSITIVE_INFINITY), []);
    await log.close();
  });

  clause('the latest record counts where a device sent them out of order', async (log, t) => {
    await log.commit(1, [change(ONE, { uploads: [logged(1, [T0 + 100, T0])] })]);
    t.same(uploadsAt(log, ONE, T0 + 100), [1]);
    await log.close();
  });

  clause('any range of many uploads is what a plain filter would choose', async (log, t) => {
    const seed = 20_260_302;
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    // some far away, so that the times differ in their number of digits
    const moment = () => (random() < 0.1 ? Math.floor(random() * 1e15) : T0 + Math.floor(random() * 500));
    const uploads = Array.from({ length: 700 }, (_, n) =>
      logged(
        n + 1,
        Array.from({ length: 1 + Math.floor(random() * 3) }, moment).sort((a, b) => a - b),
      ),
    );
    for (let from = 0; from < uploads.length; from += 70) {
      await log.commit(1, [change(ONE, { uploads: uploads.slice(from, from + 70) })]);
    }
    for (let n = 0; n < 20; n++) {
      const fromMs = moment();
      const expected = uploads.filter(({ entry }) => (entry.records.at(-1)?.timeMs ?? 0) >= fromMs);
      t.same(
        uploadsAt(log, ONE, fromMs),
        expected.map(({ position }) => position),
      );
    }
    await log.close();
  });

  clause('snapshots come back whole, the newest position first, number order and not text order', async (log, t) => {
    const states = [9, 10, 0, 100_000, 2 ** 40, 255].map((ms) => snapshot(1, ms));
    await log.commit(1, [change(ONE, { snapshots: states })]);
    t.strictSame(
      [...log.snapshots(ONE)],
      [...states].sort((a, b) => b.state.position - a.state.position),
    );
    await log.close();
  });

  clause('snapshots are read as they are asked for, over awaits and over later commits', async (log, t) => {
    await log.commit(1, [change(ONE, { snapshots: [1, 2, 3, 4].map((ms) => snapshot(1, ms)) })]);
    const reading = log.snapshots(ONE);
    t.equal(reading.next().value?.state.atMs, T0 + 4);
    await log.commit(1, [change(ONE, { dropped: [T0 + 4, T0 + 3], snapshots: [snapshot(1, 5)] })]);
    t.equal(reading.next().value?.state.atMs, T0 + 2, 'what was dropped meanwhile is not told');
    t.equal(reading.next().value?.state.atMs, T0 + 1);
    t.equal(reading.next().done, true);
    t.equal(log.snapshots(ONE).next().value?.state.atMs, T0 + 5);
    await log.close();
  });

  clause('what was committed survives a crash', async (log, t, place) => {
    const uploads = [logged(4, [T0, T0 + 10]), logged(6, [T0 + 5])];
    await log.commit(1, [change(ONE, { uploads, snapshots: [snapshot(1, 4), snapshot(1, 6)] })]);
    await place.crash();
    const again = await place.open();
    t.strictSame(again.uploads(ONE, 0), uploads);
    t.strictSame([...again.snapshots(ONE)], [snapshot(1, 6), snapshot(1, 4)]);
    await again.claim(2);
    await again.commit(2, [change(ONE, { dropped: [T0 + 6] })]);
    t.same(snapshotsAt(again, ONE), [4]);
    await again.close();
  });

  clause('the same commit once more changes nothing: its answer may have got lost', async (log, t) => {
    await log.commit(1, [
      change(ONE, { uploads: [logged(1, [T0]), logged(2, [T0 + 60])], snapshots: [snapshot(1, 1), snapshot(1, 2)] }),
    ]);
    const changes = [
      change(ONE, {
        uploads: [logged(3, [T0 + 30])],
        snapshots: [snapshot(1, 33)],
        dropped: [T0 + 2, T0 + 1],
      }),
    ];
    for (let time = 0; time < 2; time++) {
      await log.commit(1, changes);
      t.same(uploadsAt(log, ONE), [1, 2, 3]);
      t.same(snapshotsAt(log, ONE), [33]);
    }
    await log.close();
  });

  clause('a dropped snapshot is gone, and a new one may stand at its time', async (log, t) => {
    await log.commit(1, [change(ONE, { uploads: [logged(7, [T0])], snapshots: [5, 6, 7].map((n) => snapshot(1, n)) })]);
    await log.commit(1, [change(ONE, { dropped: [T0 + 6, T0 + 7, T0 + 99], snapshots: [snapshot(2, 7)] })]);
    t.strictSame([...log.snapshots(ONE)], [snapshot(2, 7), snapshot(1, 5)]);
    t.same(uploadsAt(log, ONE), [7], 'the upload of that position stays');
    await log.close();
  });

  clause(
    'two parts of one upload stand beside each other by their last records; one of the same is replaced',
    async (log, t) => {
      const [early, late] = [logged(7, [T0, T0 + 5]), logged(7, [T0 + 9])];
      await log.commit(1, [change(ONE, { uploads: [early, logged(8, [T0 + 7])] })]);
      await log.commit(1, [change(ONE, { uploads: [late] })]);
      t.strictSame(
        log.uploads(ONE, 0).filter(({ position }) => position === 7),
        [early, late],
      );
      const whole = logged(7, [T0 + 2, T0 + 9]);
      await log.commit(1, [change(ONE, { uploads: [whole] })]);
      t.strictSame(log.uploads(ONE, T0 + 8), [whole]);
      await log.close();
    },
  );

  clause(
    'an hour goes whole: what arrived in it, whatever it says of, and the snapshots that go with it',
    async (log, t) => {
      const at = (position: number, hour: number, timesMs: readonly number[]) =>
        logged(position, timesMs, { receivedMs: T0 + hour * HOUR });
      const kept = [logged(9, [], { receivedMs: T0 }), logged(10, [T0], { receivedMs: T0 + HOUR })];
      await log.commit(1, [
        change(ONE, {
          uploads: [at(1, 0, [T0]), at(2, 0, [T0 + HOUR - 1]), at(3, 1, [T0 + 5])],
          kept: kept.slice(0, 1),
        }),
        change(TWO, { uploads: [at(4, 0, [T0])] }),
        change(deviceStream(1), { uploads: [at(5, 2, [T0 + 2 * HOUR])] }),
      ]);
      await log.commit(1, [change(ONE, { kept: kept.slice(1), snapshots: [snapshot(1, 1), snapshot(1, 2)] })]);
      await log.commit(1, [change(ONE, { snapshots: [snapshot(1, 2), snapshot(1, 3)], arrivedMs: T0 + HOUR })]);
      t.equal(await log.expire(1, T0 + HOUR - 1, 100), 0, 'the hour is not over');
      t.equal(log.keptFromMs, Number.NEGATIVE_INFINITY);
      while ((await log.expire(1, T0 + HOUR, 2)) > 0)
        t.equal(log.keptFromMs, T0 + HOUR, 'said with the first that goes');
      t.same(uploadsAt(log, ONE), [3]);
      t.same(uploadsAt(log, TWO), []);
      t.same(uploadsAt(log, deviceStream(1)), [5]);
      t.same(snapshotsAt(log, ONE), [3, 2], 'one that was written again goes with its last writing');
      t.same(
        log.since(ONE, 0, 10).map(({ position }) => position),
        [3, 10],
      );
      t.equal(await log.expire(1, T0 + HOUR, 2), 0);
      while ((await log.expire(1, T0 + 9 * HOUR, 100)) > 0);
      t.same([...uploadsAt(log, ONE), ...uploadsAt(log, deviceStream(1)), ...snapshotsAt(log, ONE)], []);
      t.equal(log.keptFromMs, T0 + 9 * HOUR);
      await log.close();
    },
  );

  clause(
    'what was expired stays so after a crash, and an owner who has lost the log expires nothing',
    async (log, t, place) => {
      await log.commit(1, [change(ONE, { uploads: [logged(1, [T0])] }), change(TWO, { uploads: [logged(2, [T0])] })]);
      await log.expire(1, T0 + HOUR, 1);
      await place.crash();
      const owner = await place.open();
      t.equal(owner.keptFromMs, T0 + HOUR);
      await owner.claim(2);
      await owner.commit(2, [change(ONE, { uploads: [logged(3, [T0])] })]);
      await t.rejects(log.expire(1, T0 + HOUR, 10), Superseded);
      t.same(uploadsAt(owner, ONE).includes(3), true);
      await log.close();
      await owner.close();
    },
  );

  clause('what came since a position is told in the order in which the stream was given it', async (log, t) => {
    const uploads = [logged(5, [T0 + 9]), logged(2, [T0 + 1]), { ...logged(1, [T0]), since: 7 }];
    const kept = [logged(6, []), logged(3, [T0 + 2])];
    await log.commit(1, [change(ONE, { uploads, kept }), change(TWO, { uploads: [logged(9, [T0])] })]);
    const told = (after: number, max: number) => log.since(ONE, after, max).map(({ position }) => position);
    t.same(told(0, 10), [2, 3, 5, 6, 1]);
    t.same(told(3, 2), [5, 6]);
    t.same(told(6, 2), [1]);
    t.same(told(7, 2), []);
    t.strictSame(log.since(ONE, 6, 1), [{ ...logged(1, [T0]), since: 7 }]);
    t.strictSame(log.since(ONE, 5, 1), [logged(6, [])], 'one without records too');
    t.same(uploadsAt(log, ONE), [1, 2, 5], 'what is only kept is used by no rule');
    await log.close();
  });

  clause('a state that has judged nothing stands before all others', async (log, t) => {
    const first: Snapshot = { state: { ...state(1, 1), atMs: null }, coversMs: T0 };
    await log.commit(1, [change(ONE, { snapshots: [first, snapshot(1, 4)] })]);
    t.strictSame([...log.snapshots(ONE)], [snapshot(1, 4), first]);
    const again = { ...first, coversMs: T0 + 5 };
    await log.commit(1, [change(ONE, { snapshots: [again] })]);
    t.strictSame([...log.snapshots(ONE)], [snapshot(1, 4), again]);
    await log.commit(1, [change(ONE, { dropped: [-1] })]);
    t.strictSame([...log.snapshots(ONE)], [snapshot(1, 4)]);
    await log.close();
  });

  clause('other streams are untouched, a device and the order of the same name among them', async (log, t) => {
    const streams = [ONE, TWO, deviceStream(1), orderStream(11)];
    const uploads = [logged(1, [T0]), logged(2, [T0 + 1])];
    const snapshots = [snapshot(1, 1), snapshot(1, 2)];
    await log.commit(
      1,
      streams.map((stream) => change(stream, { uploads, snapshots })),
    );
    await log.commit(1, [change(ONE, { dropped: [T0 + 1, T0 + 2] }), change(TWO, { dropped: [T0 + 2] })]);
    t.same(
      streams.map((stream) => uploadsAt(log, stream)),
      [
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    );
    t.same(
      streams.map((stream) => snapshotsAt(log, stream)),
      [[], [1], [2, 1], [2, 1]],
    );
    await log.close();
  });

  clause('a commit with an upload that has no place in the log does nothing at all', async (log, t) => {
    const changes = [change(ONE, { uploads: [logged(1, [T0])] }), change(TWO, { uploads: [logged(2, [])] })];
    await t.rejects(log.commit(1, changes), /without records/);
    await t.rejects(log.commit(1, [change(ONE, { uploads: [logged(1, [T0]), logged(-1, [T0])] })]), RangeError);
    t.same(uploadsAt(log, ONE), []);
    await log.close();
  });

  clause('an epoch that is not the highest claims nothing', async (log, t) => {
    await log.claim(4);
    await t.rejects(log.claim(4), Superseded);
    await t.rejects(log.claim(3), Superseded);
    await log.claim(5);
    await log.close();
  });

  clause('a superseded owner writes nothing, and removes nothing', async (log, t, place) => {
    await log.commit(1, [change(ONE, { uploads: [logged(1, [T0])], snapshots: [snapshot(1, 1)] })]);
    const owner = await place.open();
    await owner.claim(2);
    const late = change(ONE, { uploads: [logged(2, [T0])], dropped: [T0 + 1] });
    await t.rejects(log.commit(1, [late]), Superseded);
    t.same(uploadsAt(owner, ONE), [1]);
    t.same(snapshotsAt(owner, ONE), [1]);
    await owner.commit(2, [change(ONE, { uploads: [logged(3, [T0])] })]);
    t.same(uploadsAt(owner, ONE), [1, 3]);
    await log.close();
    await owner.close();
  });
}
