/** What every quarantine promises, crashes included. */
import t, { type Test } from 'tap';
import type { Quarantine, Quarantined, QuarantineReader } from '../../src/ports/quarantine.js';
import { deviceId, T0 } from '../support/samples.js';

export interface QuarantinePlace {
  open(): Promise<Quarantine>;
  /** As the review service opens it. */
  reader(): Promise<QuarantineReader>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

const poison = (position: number): Quarantined => ({
  position,
  deviceId: deviceId(position % 3),
  receivedMs: T0 + position,
  reason: 'bad_seal',
  bytes: Buffer.from(`poison ${position}`),
});

export function quarantineContract(name: string, make: () => Promise<QuarantinePlace>): void {
  const clause = (text: string, run: (quarantine: Quarantine, t: Test, place: QuarantinePlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(await place.open(), t, place);
    });

  clause(
    'what is kept is listed oldest first, and comes back to the reader byte for byte',
    async (quarantine, t, place) => {
      await quarantine.keep([poison(40), poison(7)]);
      await quarantine.keep([poison(300)]);
      await quarantine.keep([]);
      t.same(
        [...quarantine.list()].map(({ position, byteLength, reason }) => [position, byteLength, reason]),
        [
          [7, 8, 'bad_seal'],
          [40, 9, 'bad_seal'],
          [300, 10, 'bad_seal'],
        ],
      );
      const reader = await place.reader();
      t.same(await reader.open(40), poison(40));
      t.equal(await reader.open(41), null);
      t.same([...reader.list()], [...quarantine.list()]);
      await reader.close();
      await quarantine.close();
    },
  );

  clause('a position that is there already is left as it is', async (quarantine, t, place) => {
    await quarantine.keep([poison(1)]);
    await quarantine.keep([{ ...poison(1), reason: 'too_large', bytes: Buffer.from('another') }]);
    const reader = await place.reader();
    t.same(await reader.open(1), poison(1));
    await reader.close();
    await quarantine.close();
  });

  clause(
    'an item is given another reason and keeps its payload; what is taken away is gone',
    async (quarantine, t, place) => {
      await quarantine.keep([poison(1), poison(2)]);
      const other = { ...poison(1), reason: 'unknown_key' as const };
      await quarantine.relabel(1, 'unknown_key');
      const reader = await place.reader();
      t.same(await reader.open(1), other);
      await quarantine.relabel(3, 'unknown_key');
      t.equal(quarantine.has(3), false, 'nothing was there');
      await quarantine.remove(1);
      await quarantine.remove(1);
      t.equal(await reader.open(1), null);
      await reader.close();
      t.equal(quarantine.has(1), false);
      t.equal(quarantine.has(2), true);
      t.equal(quarantine.size(), 1);
      await quarantine.close();
    },
  );

  clause('it is there after a crash', async (quarantine, t, place) => {
    await quarantine.keep([poison(1), poison(2)]);
    await place.crash();
    const again = await place.open();
    const reader = await place.reader();
    t.same(await reader.open(2), poison(2));
    await reader.close();
    await again.close();
  });

  clause('what is older than asked is removed, and nothing else', async (quarantine, t, place) => {
    await quarantine.keep([poison(1), poison(2), poison(3)]);
    t.equal(await quarantine.expire(T0 + 2), 1);
    t.same(
      [...quarantine.list()].map(({ position }) => position),
      [2, 3],
    );
    const reader = await place.reader();
    t.equal(await reader.open(1), null);
    t.same(await reader.open(3), poison(3));
    await reader.close();
    t.equal(await quarantine.expire(T0 + 2), 0);
    await quarantine.close();
  });
}
