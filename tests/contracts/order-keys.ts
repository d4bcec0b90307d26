/** What every pair of an order's key rings promises: the one that makes and reads, and the one that only seals. */
import { createECDH, type KeyObject } from 'node:crypto';
import t, { type Test } from 'tap';
import { p256 } from '../../src/crypto/key-jwe.js';
import { KeyDestroyed, SealBroken } from '../../src/crypto/seals.js';
import type { IngestKeyRing, ReviewKeys } from '../../src/ports/order-keys.js';
import { orderId } from '../support/samples.js';

export interface OrderKeysPlace {
  /** Each call as a process of its own would open it. */
  review(): Promise<ReviewKeys>;
  ingest(): Promise<IngestKeyRing>;
  /** A crash between the two tiers' files: the ingest tier's part of the order was never written. */
  loseIngestPart(name: string): Promise<void>;
  remove(): Promise<void>;
}

const A = orderId(1);
const B = orderId(2);
const text = Buffer.from('what is kept');

export function orderKeysContract(name: string, open: () => Promise<OrderKeysPlace>): void {
  const clause = (what: string, run: (place: OrderKeysPlace, t: Test) => Promise<void>) =>
    t.test(`${name}: ${what}`, async (t) => {
      const place = await open();
      t.teardown(() => place.remove());
      await run(place, t);
    });

  clause('an order without keys has none of any kind', async (place, t) => {
    const [review, ingest] = [await place.review(), await place.ingest()];
    for (const ring of [review, ingest]) {
      t.equal(ring.sealsOf(A), null);
      t.equal(ring.archivePublicKey(A), null);
      t.equal(ring.sealsNamed('../../etc/passwd'), null, 'a name out of a row leads to no other file');
    }
    t.equal(review.archivePrivateKey(A), null);
    t.equal(review.auditSealsOf(A), null);
    t.equal(review.nameOf(A), ingest.nameOf(A), 'both tiers name an order alike');
    t.not(review.nameOf(A), review.nameOf(B));
    t.match(review.nameOf(A), /^[0-9a-f]{32}$/);
  });

  clause('what one tier seals under the data key the other opens, and no other order does', async (place, t) => {
    const review = await place.review();
    const ingest = await place.ingest();
    await Promise.all([review.make(A), review.make(B)]);
    const sealed = must(ingest.sealsOf(A)).seal('alerts', '1', text);
    t.same(must(review.sealsOf(A)).open('alerts', '1', sealed), text);
    t.same(must(review.sealsNamed(ingest.nameOf(A))).open('alerts', '1', sealed), text);
    t.throws(() => must(review.sealsOf(B)).open('alerts', '1', sealed), SealBroken);
    t.throws(() => must(review.auditSealsOf(A)).open('alerts', '1', sealed), SealBroken);
  });

  clause('the archive key that one tier has is the public half of the other’s', async (place, t) => {
    const review = await place.review();
    await review.make(A);
    const pub = p256(must((await place.ingest()).archivePublicKey(A)));
    t.equal(pub.d, undefined, 'the tier that writes the archive cannot read it');
    t.equal(publicOf(must(review.archivePrivateKey(A))), `${pub.x}.${pub.y}`);
  });

  clause('making them again changes nothing, also at once and after a restart', async (place, t) => {
    const review = await place.review();
    await Promise.all([review.make(A), review.make(A)]);
    const sealed = must(review.auditSealsOf(A)).seal('audit', '1', text);
    const again = await place.review();
    await again.make(A);
    t.same(must(again.auditSealsOf(A)).open('audit', '1', sealed), text);
  });

  clause(
    'a crash between the two tiers’ parts is repaired at the next making, with the same keys',
    async (place, t) => {
      const first = await place.review();
      await first.make(A);
      const sealed = must(first.sealsOf(A)).seal('alerts', '1', text);
      await place.loseIngestPart(first.nameOf(A));
      t.equal((await place.ingest()).sealsOf(A), null);
      await (await place.review()).make(A);
      t.same(must((await place.ingest()).sealsOf(A)).open('alerts', '1', sealed), text);
    },
  );

  clause('destroyed keys are gone from both tiers and from memory; the same id then gets others', async (place, t) => {
    const [review, ingest] = [await place.review(), await place.ingest()];
    await Promise.all([review.make(A), review.make(B)]);
    const held = must(review.sealsOf(A));
    const heldByIngest = must(ingest.sealsOf(A));
    const sealed = held.seal('alerts', '1', text);
    await review.destroy(A);
    await ingest.refresh(A);
    for (const ring of [review, ingest, await place.review(), await place.ingest()]) {
      t.equal(ring.sealsOf(A), null);
      t.ok(ring.sealsOf(B));
    }
    t.throws(() => held.open('alerts', '1', sealed), KeyDestroyed, 'whoever still holds the seals holds nothing');
    t.throws(() => heldByIngest.seal('alerts', '1', text), KeyDestroyed);
    await review.destroy(A);
    await review.make(A);
    t.throws(() => must(review.sealsOf(A)).open('alerts', '1', sealed), SealBroken);
  });

  clause('the ingest tier can forget its own part, twice', async (place, t) => {
    const [review, ingest] = [await place.review(), await place.ingest()];
    await review.make(A);
    const held = must(ingest.sealsOf(A));
    await ingest.forget(A);
    await ingest.forget(A);
    t.equal(ingest.sealsOf(A), null);
    t.equal((await place.ingest()).sealsOf(A), null);
    t.throws(() => held.seal('alerts', '1', text), KeyDestroyed);
    t.ok(review.sealsOf(A));
  });
}

function must<T>(value: T | null): T {
  if (value === null) throw new Error('it should be there');
  return value;
}

/** By another way than the code's: the point that the private number leads to. */
function publicOf(key: KeyObject): string {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(p256(key).d ?? '', 'base64url');
  const point = ecdh.getPublicKey();
  return `${point.subarray(1, 33).toString('base64url')}.${point.subarray(33).toString('base64url')}`;
}
