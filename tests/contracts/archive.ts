/** What every archive promises, crashes included. */
import t, { type Test } from 'tap';
import type { StreamKey } from '../../src/domain/ids.js';
import type { Archive, ArchiveBatch } from '../../src/ports/archive.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { deviceId, deviceStream, orderStream, randomFrom } from '../support/samples.js';

export interface ArchivePlace {
  /** A new client of the one archive of this place. */
  open(): Promise<Archive>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

const ONE = orderStream(1);
const TWO = orderStream(2);
const DAY = 20_514;

/** As long as a day's segment, told apart by `n`. */
const sealed = (n: number, length = 40) => Buffer.alloc(length, `segment ${n} `);
const segment = (stream: StreamKey, day: number, n: number) => ({ stream, day, sealed: sealed(n) });

const batch = (parts: Partial<ArchiveBatch>): ArchiveBatch => ({
  epoch: 1,
  segments: [],
  archivedUpTo: new Map(),
  sequences: [],
  ...parts,
});

/** Days and contents of a stream's segments. */
const all = (archive: Archive, stream: StreamKey, fromDay = 0, toDay = 100_000) =>
  [...archive.segments(stream, fromDay, toDay)].map(({ day, sealed }) => [day, Buffer.from(sealed).toString()]);
const kept = (...list: [day: number, n: number][]) => list.map(([day, n]) => [day, sealed(n).toString()]);

export function archiveContract(name: string, make: () => Promise<ArchivePlace>): void {
  const clause = (text: string, run: (archive: Archive, t: Test, place: ArchivePlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      const archive = await place.open();
      await archive.claim(1);
      await run(archive, t, place);
    });

  clause('a new archive holds nothing of anybody', async (archive, t) => {
    t.same(all(archive, ONE), []);
    t.equal(archive.archivedUpTo(ONE), 0);
    t.equal(archive.hasSequence(deviceId(1), 1n), false);
    t.equal(await archive.remove(ONE), 0);
    await archive.append(batch({}));
    await archive.close();
  });

  clause('segments come back byte for byte, by day and then by age', async (archive, t) => {
    const days = [DAY + 1, DAY, DAY + 256, DAY, DAY + 1];
    for (const [n, day] of days.entries()) {
      await archive.append(batch({ segments: [segment(ONE, day, n)], archivedUpTo: new Map([[ONE, n + 1]]) }));
    }
    await archive.append(
      batch({ segments: [segment(ONE, DAY, 7), segment(ONE, DAY, 6)], archivedUpTo: new Map([[ONE, 9]]) }),
    );
    t.same(all(archive, ONE), kept([DAY, 1], [DAY, 3], [DAY, 7], [DAY, 6], [DAY + 1, 0], [DAY + 1, 4], [DAY + 256, 2]));
    const large = Buffer.alloc(300_000, 'x');
    await archive.append(
      batch({ segments: [{ stream: TWO, day: DAY, sealed: large }], archivedUpTo: new Map([[TWO, 9]]) }),
    );
    const [found] = [...archive.segments(TWO, DAY, DAY)];
    t.ok(found !== undefined && large.equals(found.sealed));
    t.equal(found?.stream, TWO);
    await archive.close();
  });

  clause('a range of days has both its ends', async (archive, t) => {
    const segments = [0, 1, 15, 16, 17, 4_000].map((n) => segment(ONE, DAY + n, n));
    await archive.append(batch({ segments, archivedUpTo: new Map([[ONE, 1]]) }));
    t.same(all(archive, ONE, DAY + 1, DAY + 16), kept([DAY + 1, 1], [DAY + 15, 15], [DAY + 16, 16]));
    t.same(all(archive, ONE, DAY, DAY), kept([DAY, 0]));
    t.same(all(archive, ONE, DAY + 2, DAY + 14), []);
    t.same(all(archive, ONE, DAY + 1, DAY), []);
    t.same(all(archive, ONE, -5, DAY), kept([DAY, 0]));
    await archive.close();
  });

  clause('hundreds of days are read one after the other, over awaits and over later appends', async (archive, t) => {
    const segments = Array.from({ length: 600 }, (_, n) => segment(ONE, DAY + n, n));
    await archive.append(batch({ segments, archivedUpTo: new Map([[ONE, 1]]) }));
    const days: number[] = [];
    for (const { day } of archive.segments(ONE, DAY, DAY + 10_000)) {
      if (day === DAY + 100) {
        const more = [segment(ONE, DAY + 700, 700), segment(ONE, DAY + 3, 3)];
        await archive.append(batch({ segments: more, archivedUpTo: new Map([[ONE, 2]]) }));
      }
      days.push(day);
    }
    t.same(
      days.slice(0, 600),
      Array.from({ length: 600 }, (_, n) => DAY + n),
    );
    t.ok(days.length <= 601);
    await archive.close();
  });

  clause(
    'what was appended survives a crash, with the position and the sequences it stands for',
    async (archive, t, place) => {
      await archive.append(
        batch({
          segments: [segment(ONE, DAY, 1), segment(TWO, DAY, 2)],
          archivedUpTo: new Map([
            [ONE, 41],
            [TWO, Number.MAX_SAFE_INTEGER],
            [orderStream(3), 40],
          ]),
          sequences: [{ deviceId: deviceId(1), sequence: 18_446_744_073_709_551_615n }],
        }),
      );
      await place.crash();
      const again = await place.open();
      t.same(all(again, ONE), kept([DAY, 1]));
      t.same(all(again, TWO), kept([DAY, 2]));
      t.same(
        [ONE, TWO, orderStream(3), orderStream(4)].map((stream) => again.archivedUpTo(stream)),
        [41, Number.MAX_SAFE_INTEGER, 40, 0],
      );
      t.equal(again.hasSequence(deviceId(1), 2n ** 64n - 1n), true);
      await again.claim(2);
      await again.append(batch({ epoch: 2, segments: [segment(ONE, DAY, 3)], archivedUpTo: new Map([[ONE, 42]]) }));
      t.same(all(again, ONE), kept([DAY, 1], [DAY, 3]));
      await again.close();
    },
  );

  clause('the same batch once more changes nothing: its answer may have got lost', async (archive, t, place) => {
    const first = batch({
      segments: [segment(ONE, DAY, 1), segment(ONE, DAY, 2), segment(TWO, DAY, 3)],
      archivedUpTo: new Map([
        [ONE, 10],
        [TWO, 12],
      ]),
      sequences: [1n, 2n, 5n].map((sequence) => ({ deviceId: deviceId(1), sequence })),
    });
    await archive.append(first);
    await archive.append(first);
    await place.crash();
    const again = await place.open();
    await again.claim(2);
    const later = batch({ epoch: 2, segments: [segment(ONE, DAY, 4)], archivedUpTo: new Map([[ONE, 20]]) });
    await again.append(later);
    await again.append({ ...first, epoch: 2 });
    t.same(all(again, ONE), kept([DAY, 1], [DAY, 2], [DAY, 4]));
    t.same(all(again, TWO), kept([DAY, 3]));
    t.equal(again.archivedUpTo(ONE), 20, 'a position never goes back');
    t.same(
      [1n, 2n, 3n, 4n, 5n].map((sequence) => again.hasSequence(deviceId(1), sequence)),
      [true, true, false, false, true],
    );
    await again.close();
  });

  clause(
    'other segments of what is archived already are refused, and nothing of their batch is kept',
    async (archive, t) => {
      const upTo = (position: number) => new Map([[ONE, position]]);
      await archive.append(batch({ segments: [segment(ONE, DAY, 1)], archivedUpTo: upTo(10) }));
      for (const position of [10, 9]) {
        const other = batch({
          segments: [segment(TWO, DAY, 5), segment(ONE, DAY, 2)],
          archivedUpTo: new Map([[TWO, 99], ...upTo(position)]),
          sequences: [{ deviceId: deviceId(1), sequence: 1n }],
        });
        await t.rejects(archive.append(other), /archived up to position 10/);
      }
      t.same(all(archive, ONE), kept([DAY, 1]));
      t.same(all(archive, TWO), []);
      t.equal(archive.archivedUpTo(TWO), 0);
      t.equal(archive.hasSequence(deviceId(1), 1n), false);
      await archive.close();
    },
  );

  clause('a batch that is wrong in one part does nothing at all', async (archive, t) => {
    const segments = [segment(TWO, DAY, 1), segment(ONE, DAY, 1)];
    const sequences = [{ deviceId: deviceId(1), sequence: 1n }];
    await t.rejects(archive.append(batch({ segments, archivedUpTo: new Map([[TWO, 1]]), sequences })), /position/);
    for (const position of [-1, 1.5, Number.NaN]) {
      const archivedUpTo = new Map([
        [TWO, 1],
        [ONE, position],
      ]);
      await t.rejects(archive.append(batch({ segments, archivedUpTo, sequences })), RangeError);
    }
    const archivedUpTo = new Map([
      [TWO, 1],
      [ONE, 1],
    ]);
    await t.rejects(archive.append(batch({ segments: [...segments, segment(ONE, -1, 2)], archivedUpTo })), RangeError);
    await t.rejects(
      archive.append(batch({ segments, archivedUpTo, sequences: [{ deviceId: deviceId(1), sequence: -1n }] })),
      RangeError,
    );
    t.same([all(archive, ONE), all(archive, TWO)], [[], []]);
    t.same([archive.archivedUpTo(ONE), archive.archivedUpTo(TWO)], [0, 0]);
    t.equal(archive.hasSequence(deviceId(1), 1n), false);
    await archive.close();
  });

  clause('sequences are told apart by device, in any order and number', async (archive, t) => {
    const seed = 20_261_122;
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    const plain = [new Set<bigint>(), new Set<bigint>()];
    for (let n = 0; n < 20; n++) {
      const sequences = Array.from({ length: 15 }, () => {
        const device = random() < 0.5 ? 0 : 1;
        const sequence = BigInt(1 + Math.floor(random() * 200));
        plain[device]?.add(sequence);
        return { deviceId: deviceId(device), sequence };
      });
      await archive.append(batch({ sequences }));
    }
    for (const device of [0, 1]) {
      const wrong = Array.from({ length: 202 }, (_, n) => BigInt(n)).filter(
        (n) => archive.hasSequence(deviceId(device), n) !== plain[device]?.has(n),
      );
      t.same(wrong, []);
    }
    t.equal(archive.hasSequence(deviceId(2), 1n), false);
    await archive.close();
  });

  clause('of a device that leaves out numbers without end, the newest are told exactly', async (archive, t) => {
    for (let from = 0; from < 2_000; from += 500) {
      const sequences = Array.from({ length: 500 }, (_, n) => ({
        deviceId: deviceId(1),
        sequence: BigInt(2 * (from + n) + 1),
      }));
      await archive.append(batch({ sequences }));
    }
    const odd = Array.from({ length: 2_000 }, (_, n) => BigInt(2 * n + 1));
    t.same(
      odd.filter((n) => !archive.hasSequence(deviceId(1), n)),
      [],
      'what is archived is never called missing',
    );
    const newest = odd.slice(-250).map((n) => n - 1n);
    t.same(
      newest.filter((n) => archive.hasSequence(deviceId(1), n)),
      [],
    );
    await archive.close();
  });

  clause('what is removed is gone, and nothing of anybody else', async (archive, t, place) => {
    const streams = [ONE, TWO, deviceStream(1), orderStream(11)];
    await archive.append(
      batch({
        segments: streams.flatMap((stream) => [segment(stream, DAY, 1), segment(stream, DAY + 1, 2)]),
        archivedUpTo: new Map(streams.map((stream) => [stream, 7])),
        sequences: [{ deviceId: deviceId(1), sequence: 3n }],
      }),
    );
    t.equal(await archive.remove(ONE), 2);
    t.equal(await archive.remove(ONE), 0);
    await place.crash();
    const again = await place.open();
    t.same(
      streams.map((stream) => [all(again, stream).length, again.archivedUpTo(stream)]),
      [
        [0, 0],
        [2, 7],
        [2, 7],
        [2, 7],
      ],
    );
    t.equal(again.hasSequence(deviceId(1), 3n), true);
    await again.close();
  });

  clause('an epoch that is not the highest claims nothing', async (archive, t) => {
    await archive.claim(4);
    await t.rejects(archive.claim(4), Superseded);
    await t.rejects(archive.claim(3), Superseded);
    await archive.claim(5);
    await archive.close();
  });

  clause('a superseded owner writes nothing', async (archive, t, place) => {
    await archive.append(batch({ segments: [segment(ONE, DAY, 1)], archivedUpTo: new Map([[ONE, 1]]) }));
    const owner = await place.open();
    await owner.claim(2);
    const late = batch({
      segments: [segment(ONE, DAY, 2)],
      archivedUpTo: new Map([[ONE, 2]]),
      sequences: [{ deviceId: deviceId(1), sequence: 1n }],
    });
    await t.rejects(archive.append(late), Superseded);
    t.same(all(owner, ONE), kept([DAY, 1]));
    t.equal(owner.archivedUpTo(ONE), 1);
    t.equal(owner.hasSequence(deviceId(1), 1n), false);
    await owner.append({ ...late, epoch: 2 });
    t.same(all(owner, ONE), kept([DAY, 1], [DAY, 2]));
    await archive.close();
    await owner.close();
  });
}
