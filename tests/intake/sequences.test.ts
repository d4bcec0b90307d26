import t from 'tap';
import type { UploadEntry } from '../../src/domain/entry.js';
import { DIGESTS_MAX } from '../../src/intake/recent-digests.js';
import { SequenceRanges } from '../../src/intake/sequence-ranges.js';
import { SequenceWindow } from '../../src/intake/sequences.js';
import { deviceId, deviceStream, randomFrom } from '../support/samples.js';

const device = deviceId(1);
const digest = (n: number): string => Buffer.alloc(16, n).toString('base64url');
const window = () => new SequenceWindow(5_000);
const due = (w: SequenceWindow, ...asked: Parameters<SequenceWindow['dueGaps']>) =>
  w.dueGaps(...asked).map((gap) => gap.deviceId);

/** Takes uploads in at the given times. */
function taken(w: SequenceWindow, uploads: readonly [sequence: bigint, oldestHeld: bigint, atMs: number][]): void {
  for (const [sequence, oldestHeld, atMs] of uploads) {
    if (w.take(device, sequence, digest(1)) === 'new') w.noted(device, oldestHeld, atMs);
  }
}

t.test('a sequence is new once, then a repeat with the same digest and reused with another', async (t) => {
  const w = window();
  t.equal(w.take(device, 7n, digest(1)), 'new');
  t.equal(w.take(device, 7n, digest(1)), 'repeated');
  t.equal(w.take(device, 7n, digest(2)), 'reused');
  t.equal(w.take(device, 7n, digest(1)), 'repeated', 'the first one stands');
  t.equal(w.take(deviceId(2), 7n, digest(2)), 'new', 'another device counts for itself');
});

t.test('what did not become durable is new again', async (t) => {
  const w = window();
  for (const sequence of [1n, 2n, 3n]) w.take(device, sequence, digest(1));
  w.forget(device, 2n);
  t.equal(w.take(device, 1n, digest(2)), 'reused');
  t.equal(w.take(device, 2n, digest(2)), 'new');
});

t.test('as many repeats are known as one connection may have in flight', async (t) => {
  const w = window();
  for (let n = 1; n <= DIGESTS_MAX + 1; n += 1) w.take(device, BigInt(n), digest(n));
  t.equal(w.take(device, 2n, digest(2)), 'repeated');
  t.equal(w.take(device, BigInt(DIGESTS_MAX + 1), digest(0)), 'reused');
  t.equal(w.take(device, 1n, digest(1)), 'new', 'an older one is taken in again rather than lost');
});

t.test('after a start the journal says what was taken in', async (t) => {
  const w = window();
  const entry: UploadEntry = {
    kind: 'upload',
    stream: deviceStream(1),
    receivedMs: 0,
    deviceId: device,
    sequence: 4n,
    index: 0,
    digest: digest(4),
    records: [],
  };
  w.replayed(entry);
  w.replayed({ ...entry, index: 1 });
  t.equal(w.take(device, 4n, digest(4)), 'repeated');
  t.equal(w.take(device, 4n, digest(5)), 'reused');
});

t.test('a sequence that stays missing at or above oldest_held is one gap, after the grace', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 0],
    [3n, 1n, 1_000],
  ]);
  t.same(due(w, 5_999), []);
  t.same(due(w, 6_000), [device]);
  t.same(due(w, 60_000), [], 'told once');
  taken(w, [[4n, 2n, 61_000]]);
  t.same(due(w, 70_000), [], 'the same hole is not told again');
  taken(w, [[6n, 2n, 71_000]]);
  t.same(due(w, 76_000), [device], 'a new hole is');
});

t.test('a backlog that is sent newest first is no gap while it is coming, nor afterwards', async (t) => {
  const w = window();
  for (let n = 0; n < 50; n += 1) {
    taken(w, [[BigInt(50 - n), 1n, n * 4_000]]);
    t.same(due(w, n * 4_000 + 3_999), []);
  }
  t.same(due(w, 1_000_000), []);
});

t.test(
  'a backlog that is cut by a lost connection is judged only when the device has been back for the grace',
  async (t) => {
    const w = window();
    taken(w, [
      [10n, 1n, 0],
      [9n, 1n, 100],
    ]);
    t.same(
      due(w, 600_000, () => false),
      [],
      'gone for ten minutes',
    );
    t.same(
      due(w, 604_999, () => true),
      [],
    );
    t.same(
      due(w, 605_000, () => true),
      [device],
    );
  },
);

t.test('a repeat does not put the check off', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 0],
    [3n, 1n, 0],
    [3n, 1n, 4_000],
  ]);
  t.same(due(w, 5_000), [device]);
});

t.test('what is below oldest_held was acknowledged or never existed, and is no gap', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 0],
    [1_000_000_001n, 1_000_000_001n, 1_000],
  ]);
  t.same(due(w, 10_000), [], 'a range that was skipped at a reboot');
  taken(w, [[1_000_000_005n, 1_000_000_002n, 11_000]]);
  taken(w, [[1_000_000_006n, 1_000_000_006n, 12_000]]);
  t.same(due(w, 20_000), [], 'a later upload says that nothing is missing any more');
});

t.test('an upload sent again with an older oldest_held brings no gap back', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 0],
    [9n, 9n, 1_000],
    [10n, 1n, 2_000],
  ]);
  t.same(due(w, 10_000), []);
});

t.test('a device that does not say what it holds is not judged', async (t) => {
  const w = window();
  taken(w, [
    [1n, 0n, 0],
    [9n, 0n, 0],
  ]);
  t.same(due(w, 10_000), []);
});

t.test('a hole as wide as the number range costs nothing', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 0],
    [2n ** 64n - 1n, 1n, 0],
  ]);
  t.same(due(w, 5_000), [device]);
});

t.test('a clock that is set back does not put the check off by as much', async (t) => {
  const w = window();
  taken(w, [
    [1n, 1n, 3_600_000],
    [3n, 1n, 3_600_000],
  ]);
  t.same(due(w, 0), []);
  t.same(due(w, 5_000), [device]);
});

t.test('ranges agree with a plain set, whatever is added and removed', async (t) => {
  const seed = 20_260_302;
  t.comment(`seed ${seed}`);
  const random = randomFrom(seed);
  for (let round = 0; round < 50; round += 1) {
    const ranges = new SequenceRanges();
    const set = new Set<bigint>();
    for (let step = 0; step < 200; step += 1) {
      const sequence = BigInt(1 + Math.floor(random() * 40));
      if (random() < 0.3) {
        ranges.remove(sequence);
        set.delete(sequence);
      } else {
        ranges.add(sequence);
        set.add(sequence);
      }
      const newest = [...set].reduce((a, b) => (a > b ? a : b), 0n);
      const from = BigInt(1 + Math.floor(random() * 40));
      const holes: bigint[] = [];
      for (let n = from; n < newest; n += 1n) if (!set.has(n)) holes.push(n);
      const missing = holes.length > 0;
      const span = ranges.spanMissingFrom(from);
      const same =
        ranges.newest === newest &&
        ranges.missingFrom(from) === missing &&
        span?.first === holes[0] &&
        span?.last === holes.at(-1) &&
        [...Array(42).keys()].every((n) => ranges.has(BigInt(n)) === set.has(BigInt(n)));
      if (!same) return t.fail(`seed ${seed}, round ${round}, step ${step}`);
    }
  }
  t.pass('50 rounds of 200 steps');
});

t.test(
  'behind a broker a hole is judged when its device has gone on without filling it, and not in a tunnel',
  async (t) => {
    const minute = 60_000;
    const patient = () => new SequenceWindow(30_000, 2 * minute);
    const steady = patient();
    taken(steady, [
      [1n, 1n, 0],
      [3n, 1n, minute],
      [4n, 1n, 2 * minute],
    ]);
    t.same(due(steady, 10 * minute), [], 'it may be on its way');
    taken(steady, [[5n, 1n, 3 * minute]]);
    t.same(due(steady, 3 * minute + 29_999), []);
    taken(steady, [[6n, 1n, 3 * minute + 29_999]]);
    const gaps = steady.dueGaps(3 * minute + 30_000);
    t.same(gaps, [{ deviceId: device, missing: { first: 2n, last: 2n } }], 'going on puts it off no more');
    taken(steady, [[7n, 1n, 9 * minute]]);
    t.same(due(steady, 20 * minute), [], 'once');

    const cut = patient();
    taken(cut, [
      [1n, 1n, 0],
      [9n, 1n, minute],
      [8n, 1n, minute],
    ]);
    t.same(due(cut, 60 * minute), [], 'silence says nothing of it');
    taken(cut, [
      [10n, 1n, 60 * minute],
      [7n, 1n, 60 * minute + 1_000],
    ]);
    t.same(due(cut, 61 * minute), [], 'it is filling');
    taken(cut, [
      [6n, 1n, 62 * minute],
      [5n, 1n, 64 * minute],
      [4n, 1n, 66 * minute],
      [3n, 1n, 68 * minute],
    ]);
    t.same(due(cut, 69 * minute), []);
    taken(cut, [
      [2n, 1n, 70 * minute],
      [11n, 1n, 90 * minute],
    ]);
    t.same(due(cut, 99 * minute), []);

    const lost = patient();
    taken(lost, [
      [1n, 1n, 0],
      [3n, 1n, minute],
      [4n, 1n, 4 * minute],
      [2n, 1n, 4 * minute + 29_000],
    ]);
    t.same(due(lost, 5 * minute), [], 'sent again in time');
  },
);
