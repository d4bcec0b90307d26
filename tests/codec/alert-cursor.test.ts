/** Cursors: the HMAC that they say they hold, and nothing but one's own read back. */
import { createHmac } from 'node:crypto';
import t from 'tap';
import { decodeAlertCursor, encodeAlertCursor } from '../../src/codec/alert-cursor.js';
import { seeded, seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

t.test('a cursor is the place and eight bytes of HMAC-SHA256 under the ledger’s id, whatever was asked before', (t) => {
  const random = seeded(seed);
  const ledgers = ['L', 'ledger-2', 'ü'.repeat(40), 'x'.repeat(64), 'x'.repeat(65), 'y'.repeat(200), ''];
  for (let i = 0; i < 500; i++) {
    const ledgerId = ledgers[Math.floor(ledgers.length * random())] as string;
    const place = Math.floor(2 ** (53 * random()));
    const placed = Buffer.alloc(8);
    placed.writeBigUInt64BE(BigInt(place));
    const check = createHmac('sha256', ledgerId).update(placed).digest().subarray(0, 8);
    const cursor = encodeAlertCursor(ledgerId, place);
    if (cursor !== Buffer.concat([placed, check]).toString('base64url')) t.fail(`${ledgerId} ${place}: ${cursor}`);
    if (decodeAlertCursor(ledgerId, cursor) !== place) t.fail(`${cursor} does not read back`);
    if (decodeAlertCursor(`${ledgerId}-`, cursor) !== null) t.fail(`${cursor} is read by another ledger`);
  }
  for (const place of [-1, 0.5, 2 ** 53]) t.throws(() => encodeAlertCursor('L', place), RangeError);
  t.end();
});
