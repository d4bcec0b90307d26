/** From packed and sealed to opened: the way of a day through the archive. */
import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { encodeSegment } from '../../src/codec/segment.js';
import { sealSegment } from '../../src/crypto/segment-seal.js';
import { openSegment } from '../../src/lawful/open-segment.js';
import type { ArchivedRecord } from '../../src/ports/archive.js';
import { testSeals } from '../support/folder.js';
import { deviceId, orderStream, T0 } from '../support/samples.js';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stream = testSeals().pseudonym(orderStream(1));
const day = Math.floor(T0 / 86_400_000);
const records: ArchivedRecord[] = Array.from({ length: 30 }, (_, n) => ({
  deviceId: deviceId(1),
  receivedS: Math.floor(T0 / 1000) + n,
  record: makeRecord(T0 + 60_000 * n, { kind: 'tag', batteryPct: 90 - n, flags: n === 7 ? ['CHARGING_START'] : [] }),
}));

t.test('what was packed and sealed to an order opens with its private key, record for record', async (t) => {
  const sealed = sealSegment(publicKey, encodeSegment(records), { stream, day });
  t.strictSame(openSegment(privateKey, sealed, stream, day), { ok: true, value: records });
  t.strictSame(openSegment(privateKey, sealed, stream, day), { ok: true, value: records }, 'and again');
});

t.test('what does not open says why, and nothing of what it holds', async (t) => {
  const sealed = sealSegment(publicKey, encodeSegment(records), { stream, day });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  t.same(openSegment(stranger, sealed, stream, day), { ok: false, fault: 'does_not_open' });
  t.same(openSegment(privateKey, sealed, stream, day + 1), { ok: false, fault: 'does_not_open' });
  const other = testSeals().pseudonym(orderStream(2));
  t.same(openSegment(privateKey, sealed, other, day), { ok: false, fault: 'does_not_open' });
  t.same(openSegment(privateKey, Buffer.from('no segment'), stream, day), { ok: false, fault: 'not_a_segment' });
  const newer = sealSegment(publicKey, Buffer.from([2, 1, 1]), { stream, day });
  t.same(openSegment(privateKey, newer, stream, day), { ok: false, fault: 'unreadable' });
});
