// What is acknowledged comes into the archive once, whenever the compactor dies; and nobody can open it who may not.
import t from 'tap';
import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import { makeRecord } from '../../src/codec/record.js';
import type { DeviceId, OrderId, StreamKey } from '../../src/domain/ids.js';
import { GATEWAY_STREAM, orderOfStream, streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { Compactor } from '../../src/engine/compactor.js';
import { openSegment } from '../../src/lawful/open-segment.js';
import type { Archive, ArchiveBatch } from '../../src/ports/archive.js';
import { type LoggedUpload, opensFromMs, type RecentChange } from '../../src/ports/recent-log.js';
import { seeded, seedOfRun } from '../rules/seeded.js';
import { fix, rf } from '../rules/step-driver.js';
import { ArchiveContent, MemoryArchive } from '../support/memory-archive.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { around } from './around.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 2, 2);
const DEVICE = 'TAG-1' as DeviceId;
const streamOf = (n: number): StreamKey => streamOfOrder(`ORD-${n}` as OrderId);
const OWN = streamOfDevice('TAG-9' as DeviceId);

function upload(
  stream: StreamKey,
  position: number,
  receivedMs: number,
  records: readonly DeviceRecord[],
): LoggedUpload {
  const place = { stream, deviceId: DEVICE, sequence: BigInt(position), index: 0, digest: '', receivedMs };
  return { position, entry: { kind: 'upload', ...place, records } };
}

const change = (stream: StreamKey, parts: Partial<RecentChange>): RecentChange => ({
  ...{ stream, uploads: [], kept: [], snapshots: [], dropped: [], arrivedMs: 0 },
  ...parts,
});

/** A gateway's room for archiving. */
class Room {
  readonly log = new MemoryRecentLog();
  readonly content = new ArchiveContent();
  readonly archive = new MemoryArchive(this.content);
  readonly keys = new MemoryReviewKeys();
  readonly telemetry = new RecordingTelemetry();
  readonly streams = new Set<StreamKey>();

  /** One that has started just now. */
  compactor(archive: Archive = this.archive, streamOfRecord = (): StreamKey => OWN): Compactor {
    return new Compactor({
      epoch: 1,
      recentLog: this.log,
      archive,
      keys: this.keys,
      streams: () => this.streams,
      streamOf: streamOfRecord,
      telemetry: this.telemetry,
    });
  }

  put(stream: StreamKey, parts: Partial<RecentChange>): void {
    this.streams.add(stream);
    this.log.commitNow([change(stream, parts)]);
  }

  /** Times of the records that the archive has of a stream, as the review service reads them. */
  read(stream: StreamKey): number[] {
    const orderId = orderOfStream(stream) as OrderId;
    const key = this.keys.archivePrivateKey(orderId);
    if (key === null) return [];
    return [...this.archive.segments(stream, 0, 1e6)].flatMap(({ sealed, day }) => {
      const opened = openSegment(key, sealed, this.keys.nameOf(orderId), day);
      if (!opened.ok) throw new Error(opened.fault);
      for (const { record: said } of opened.value) {
        if (Math.floor(said.timeMs / (24 * HOUR)) !== day) throw new Error('in a segment of another day');
      }
      return opened.value.map(({ record: said }) => said.timeMs);
    });
  }
}

t.test(
  'days of people, a compactor that dies all the time: all is archived before its hour is over, and once',
  async (t) => {
    let deaths = 0;
    for (let run = 0; run < 10; run++) {
      const chance = seeded(seed + run);
      const room = new Room();
      await room.archive.claim(1);
      const people = 5;
      for (let n = 0; n < people; n++) await room.keys.make(`ORD-${n}` as OrderId);
      const sent: { stream: StreamKey; receivedMs: number; position: number; times: number[] }[] = [];
      let position = 0;
      /** The process dies before or after what it was about to do; what it gathered is gone with it. */
      const mortal = around<Archive>(room.archive, {
        append: async (batch: ArchiveBatch) => {
          const luck = chance();
          if (luck < 0.2) {
            deaths++;
            throw new Error('died before');
          }
          await room.archive.append(batch);
          if (luck < 0.4) {
            deaths++;
            throw new Error('died after');
          }
        },
      });
      let compactor = room.compactor(mortal);
      const until = START + 6 * 24 * HOUR;
      for (let ms = START; ms < until; ms += 20 * MINUTE) {
        for (let n = 0; n < people; n++) {
          // nobody says anything in the last days: what is there is archived all the same
          if (ms > START + 3 * 24 * HOUR || chance() < 0.3) continue;
          position++;
          const late = chance() < 0.1 ? chance() * 71 * HOUR : chance() * MINUTE;
          const times = [0, 1].map((i) => Math.floor(ms - late) + i * 1_000);
          const made = upload(
            streamOf(n),
            position,
            ms,
            times.map((at) => makeRecord(at, fix(Math.round(chance() * 900)))),
          );
          const isKept = chance() < 0.1;
          room.put(streamOf(n), isKept ? { kept: [made] } : { uploads: [made] });
          sent.push({ stream: streamOf(n), receivedMs: ms, position, times });
        }
        const before = deaths;
        await compactor.run(ms);
        if (deaths > before || chance() < 0.02) compactor = room.compactor(mortal);
        room.log.expireNow(opensFromMs(ms));
        for (const { stream, receivedMs, times, position: at } of sent) {
          if (receivedMs >= room.log.keptFromMs || times.length === 0) continue;
          // it is gone from the log
          if (!room.archive.hasSequence(DEVICE, BigInt(at))) throw new Error(`upload ${at} of ${stream} is nowhere`);
        }
      }
      for (let n = 0; n < people; n++) {
        const expected = sent.filter(({ stream }) => stream === streamOf(n)).flatMap(({ times }) => times);
        t.same(room.read(streamOf(n)).sort(), expected.sort(), `person ${n}`);
      }
    }
    t.ok(deaths > 20, `${deaths} deaths`);
  },
);

t.test('days that pass at once (a machine that slept) find all archived, before their keys go', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  const people = 200;
  const compactor = room.compactor();
  await compactor.run(START);
  for (let n = 0; n < people; n++) {
    await room.keys.make(`ORD-${n}` as OrderId);
    room.put(streamOf(n), {
      uploads: [upload(streamOf(n), n + 1, START + HOUR, [makeRecord(START + HOUR, fix(900))])],
    });
  }
  // before any turn of that day
  const wakeMs = START + 4 * 24 * HOUR + MINUTE;
  const underWay = compactor.run(wakeMs);
  await compactor.catchUp(wakeMs);
  const archived = Array.from({ length: people }, (_, n) => room.read(streamOf(n)).length);
  await underWay;
  t.same(archived, Array(people).fill(1), 'of everybody, what they said');
});

t.test('a day of a stream whose records come in order is one segment', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  await room.keys.make('ORD-1' as OrderId);
  const compactor = room.compactor();
  await compactor.run(START);
  for (let minute = 0; minute < 3 * 1_440; minute++) {
    const ms = START + minute * MINUTE;
    if (minute % 10 === 0) {
      room.put(streamOf(1), { uploads: [upload(streamOf(1), minute + 1, ms + 30_000, [makeRecord(ms, fix(900))])] });
    }
    await compactor.run(ms);
  }
  t.same(
    [...room.archive.segments(streamOf(1), 0, 1e6)].map(({ day }) => day - START / (24 * HOUR)),
    [0, 1],
  );
  t.ok((room.telemetry.gauges.get('fairwatch_uncompacted_oldest_seconds') ?? Infinity) <= 48 * 3_600);
});

t.test(
  'what a device says that nobody wears is in no segment; that it was acknowledged is known for ever',
  async (t) => {
    const room = new Room();
    await room.archive.claim(1);
    room.put(OWN, {
      uploads: [upload(OWN, 1, START, [makeRecord(START, rf('PRESENT'))])],
      kept: [upload(OWN, 2, START, [])],
    });
    await room.compactor().run(START + 26 * HOUR);
    t.equal(room.content.segments.get(OWN)?.length ?? 0, 0);
    t.ok(room.archive.hasSequence(DEVICE, 1n));
    t.ok(room.archive.hasSequence(DEVICE, 2n), 'without any records too');
  },
);

t.test('that an upload of foreign sightings alone was acknowledged is known too, without the tag', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  room.log.commitNow([change(GATEWAY_STREAM, { kept: [upload(GATEWAY_STREAM, 3, START, [])] })]);
  await room.compactor().run(START + 26 * HOUR);
  t.ok(room.archive.hasSequence(DEVICE, 3n));
});

t.test('an order whose keys are destroyed is archived no more, and that is no error', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  for (const n of [1, 2]) await room.keys.make(`ORD-${n}` as OrderId);
  for (const n of [1, 2])
    room.put(streamOf(n), { uploads: [upload(streamOf(n), n, START, [makeRecord(START, fix(900))])] });
  await room.keys.destroy('ORD-1' as OrderId);
  await room.compactor().run(START + 26 * HOUR);
  t.same([...room.archive.segments(streamOf(1), 0, 1e6)], []);
  t.same(room.read(streamOf(2)), [START]);
  t.equal(room.telemetry.counts.get('fairwatch_compaction_failures_total') ?? 0, 0);
});

t.test('what another is now known to have said is in their archive alone', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  for (const n of [1, 2]) await room.keys.make(`ORD-${n}` as OrderId);
  const said = [makeRecord(START, fix(900)), makeRecord(START + 1, fix(900))];
  room.put(streamOf(1), { uploads: [upload(streamOf(1), 5, START, said)] });
  room.put(streamOf(2), { uploads: [{ ...upload(streamOf(2), 5, START, said.slice(1)), since: 9 }] });
  const placed = (_: DeviceId, { timeMs }: DeviceRecord): StreamKey => streamOf(timeMs === START ? 1 : 2);
  await room.compactor(room.archive, placed as () => StreamKey).run(START + 26 * HOUR);
  t.same(room.read(streamOf(1)), [START]);
  t.same(room.read(streamOf(2)), [START + 1]);
  t.equal(room.archive.archivedUpTo(streamOf(2)), 9, 'by when the stream was given it');
});

t.test('a stream that cannot be archived keeps no other from it, and tells how old it grows', async (t) => {
  const room = new Room();
  await room.archive.claim(1);
  for (const n of [1, 2]) await room.keys.make(`ORD-${n}` as OrderId);
  for (const n of [1, 2])
    room.put(streamOf(n), { uploads: [upload(streamOf(n), n, START, [makeRecord(START, fix(900))])] });
  const { keys } = room;
  const broken = around<MemoryReviewKeys>(keys, {
    archivePublicKey: (orderId: OrderId) => {
      if (orderId === ('ORD-1' as OrderId)) throw new Error('the disk does not answer');
      return keys.archivePublicKey(orderId);
    },
  });
  Object.assign(room, { keys: broken });
  const compactor = room.compactor();
  await compactor.run(START + 50 * HOUR);
  Object.assign(room, { keys });
  t.same(room.read(streamOf(2)), [START]);
  t.ok((room.telemetry.counts.get('fairwatch_compaction_failures_total') ?? 0) > 0);
  t.equal(room.telemetry.gauges.get('fairwatch_uncompacted_oldest_seconds'), 50 * 3_600);
});
