/** What every register of lawful business promises, crashes and destroyed keys included. */
import t, { type Test } from 'tap';
import { parseSubjectId } from '../../src/domain/ids.js';
import type { ReviewKeys } from '../../src/ports/order-keys.js';
import { OrderKeysGone, type Register, type RegisterDocument, VersionTaken } from '../../src/ports/register.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { agencyId, orderId, T0 } from '../support/samples.js';

export interface RegisterPlace {
  /** The same keys each time. */
  open(): Promise<Register>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

const subject = parseSubjectId('SUB-1');

/** A hold of order `n`; null: of no order. */
const hold = (id: string, version: number, n: number | null, change: Partial<RegisterDocument> = {}) => ({
  kind: 'hold' as const,
  id,
  version,
  orderId: n === null ? null : orderId(n),
  subjectId: subject.ok ? subject.value : null,
  agency: agencyId(1),
  atMs: T0 + version,
  by: 'officer-1',
  body: { state: version === 1 ? 'standing' : 'lifted', reason: `reason ${id} ${version}`, more: [1, null, true] },
  ...change,
});

export function registerContract(name: string, make: (keys: ReviewKeys) => Promise<RegisterPlace>): void {
  const clause = (
    text: string,
    run: (o: { register: Register; keys: MemoryReviewKeys; place: RegisterPlace; t: Test }) => Promise<void>,
  ) =>
    t.test(`${name}: ${text}`, async (t) => {
      const keys = new MemoryReviewKeys();
      for (const n of [1, 2]) await keys.make(orderId(n));
      const place = await make(keys);
      t.teardown(() => place.remove());
      await run({ register: await place.open(), keys, place, t });
    });

  clause('a document comes back whole, its newest version first asked for and all of them on request', async (o) => {
    const { register, t } = o;
    await register.put(hold('H-1', 1, 1));
    await register.put(hold('H-1', 2, 1));
    await register.put(hold('H-2', 1, null, { subjectId: null, agency: null }));
    t.same(register.get('hold', 'H-1'), hold('H-1', 2, 1));
    t.same(register.history('hold', 'H-1'), [hold('H-1', 1, 1), hold('H-1', 2, 1)]);
    t.same(register.get('hold', 'H-2'), hold('H-2', 1, null, { subjectId: null, agency: null }));
    t.equal(register.get('hold', 'H-3'), null);
    t.equal(register.get('grant', 'H-1'), null, 'an id is unique within its kind');
    t.same(register.history('hold', 'H-3'), []);
    await register.close();
  });

  clause('of two who put the same version one is told that it is taken, and the first stands', async (o) => {
    const { register, t } = o;
    await register.put(hold('H-1', 1, 1));
    const race = await Promise.allSettled([
      register.put(hold('H-1', 2, 1, { by: 'a' })),
      register.put(hold('H-1', 2, 1, { by: 'b' })),
    ]);
    t.same(
      race.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    t.equal(register.get('hold', 'H-1')?.by, 'a');
    await t.rejects(register.put(hold('H-1', 1, 1)), VersionTaken);
    await t.rejects(register.put(hold('H-1', 4, 1)), VersionTaken, 'none is left out');
    await t.rejects(register.put(hold('H-9', 2, 1)), VersionTaken, 'the first is 1');
    t.equal(register.history('hold', 'H-1').length, 2);
    await register.close();
  });

  clause(
    'a list has the newest version of each, in the order of the first puts, of one kind, of one order',
    async (o) => {
      const { register, t } = o;
      await register.put(hold('Z', 1, 1));
      await register.put(hold('A', 1, 2));
      await register.put({ ...hold('G', 1, 1), kind: 'grant' });
      await register.put(hold('M', 1, null));
      await register.put(hold('B', 1, 1));
      await register.put(hold('Z', 2, 1));
      const listed = (...args: Parameters<Register['list']>) =>
        [...register.list(...args)].map(({ id, version }) => `${id}${version}`);
      t.same(listed('hold'), ['Z2', 'A1', 'M1', 'B1']);
      t.same(listed('hold', { orderId: orderId(1) }), ['Z2', 'B1']);
      t.same(listed('grant'), ['G1']);
      t.same(listed('grant', { orderId: orderId(2) }), []);
      await register.close();
    },
  );

  clause('what was put is there after a crash, and the next version follows it', async (o) => {
    const { register, place, t } = o;
    await register.put(hold('H-1', 1, 1));
    await register.put(hold('H-1', 2, 1));
    await place.crash();
    const again = await place.open();
    t.same(again.get('hold', 'H-1'), hold('H-1', 2, 1));
    await t.rejects(again.put(hold('H-1', 2, 1)), VersionTaken);
    await again.put(hold('H-1', 3, 1));
    t.same(
      [...again.list('hold')].map(({ version }) => version),
      [3],
    );
    await again.close();
  });

  clause('when the keys of an order are destroyed its documents are gone, and those of others stand', async (o) => {
    const { register, keys, t } = o;
    await register.put(hold('H-1', 1, 1));
    await register.put(hold('H-2', 1, 2));
    await register.put(hold('H-3', 1, null));
    await keys.destroy(orderId(1));
    t.equal(register.get('hold', 'H-1'), null);
    t.same(register.history('hold', 'H-1'), []);
    t.same(
      [...register.list('hold')].map(({ id }) => id),
      ['H-2', 'H-3'],
    );
    await t.rejects(register.put(hold('H-1', 2, 1)), OrderKeysGone);
    await t.rejects(register.put(hold('H-4', 1, 1)), OrderKeysGone);
    await register.close();
  });

  clause(
    'the rows of an order are removed, with its keys or without, a second time too, and after a crash',
    async (o) => {
      const { register, keys, place, t } = o;
      await register.put(hold('H-1', 1, 1));
      await register.put(hold('H-1', 2, 1));
      await register.put({ ...hold('G', 1, 1), kind: 'grant' });
      await register.put(hold('H-2', 1, 2));
      await keys.destroy(orderId(1));
      t.equal(await register.removeOrder(orderId(1)), 3);
      t.equal(await register.removeOrder(orderId(1)), 0);
      await place.crash();
      const again = await place.open();
      await keys.make(orderId(1));
      t.equal(again.get('hold', 'H-1'), null);
      t.same([...again.list('hold', { orderId: orderId(1) })], []);
      t.same(
        [...again.list('hold')].map(({ id }) => id),
        ['H-2'],
      );
      await again.put(hold('H-1', 1, 1));
      t.equal(again.get('hold', 'H-1')?.version, 1);
      await again.close();
    },
  );

  clause('the older versions of a work that is done are forgotten, the newest stands and goes on', async (o) => {
    const { register, t } = o;
    for (const version of [1, 2, 3]) await register.put(hold('H-1', version, 1));
    await register.put(hold('H-2', 1, 1));
    await register.forgetOlder('hold', 'H-1');
    await register.forgetOlder('hold', 'H-7');
    t.same(register.history('hold', 'H-1'), [hold('H-1', 3, 1)]);
    t.same(register.history('hold', 'H-2'), [hold('H-2', 1, 1)]);
    await register.put(hold('H-1', 4, 1));
    t.equal(register.get('hold', 'H-1')?.version, 4);
    await register.close();
  });

  clause('a document stays with its order', async (o) => {
    const { register, t } = o;
    await register.put(hold('H-1', 1, 1));
    await t.rejects(register.put(hold('H-1', 2, 2)), /cannot pass/);
    await t.rejects(register.put(hold('H-1', 2, null)), /cannot pass/);
    t.equal(register.get('hold', 'H-1')?.version, 1);
    await register.close();
  });
}
