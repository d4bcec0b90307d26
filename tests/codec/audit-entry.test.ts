/** Entries have one spelling, and what belongs under the seal is never outside it. */
import t from 'tap';
import {
  decodeAuditEntry,
  decodePersonFields,
  encodeAuditEntry,
  encodePersonFields,
  type StoredAuditEntry,
} from '../../src/codec/audit-entry.js';
import { auditEvent } from '../support/audit-events.js';
import { orderId, subjectId, T0 } from '../support/samples.js';

const stored = (over: Partial<StoredAuditEntry> = {}): StoredAuditEntry => {
  const { orderId: _, subjectId: __, detail: ___, ...event } = auditEvent(3);
  return { index: 3, event, order: '00ff', under: 'order', sealed: Buffer.of(1, 2, 255), ...over };
};

t.test('an entry is JSON with sorted members, which anyone can read', async (t) => {
  t.equal(
    encodeAuditEntry(stored()).toString(),
    '{"action":"grants.read","actor":{"agency":"agency-1","kind":"person","role":"supervising_officer",' +
      `"user":"officer-3"},"at_ms":${T0 + 3},"attempt":2,"category":"consultation","index":3,"order":"00ff",` +
      '"phase":"allowed","purpose":"compliance_monitoring","reason":null,"sealed":"AQL_","under":"order","v":1}',
  );
});

t.test('every kind of entry comes back as it was', async (t) => {
  for (const entry of [
    stored(),
    stored({ order: null, under: 'office', index: 0 }),
    stored({ event: { ...stored().event, actor: { kind: 'gateway' }, purpose: null, reason: 'role_refused' } }),
    stored({ event: { ...stored().event, actor: { kind: 'stranger' }, attempt: null, phase: 'attempt' } }),
    stored({ event: { ...stored().event, action: 'ümlaut "quoted" \u2028 \ud800' } }),
  ]) {
    t.same(decodeAuditEntry(encodeAuditEntry(entry)), { ok: true, value: entry });
  }
});

t.test('of a whole event, the person fields stay out', async (t) => {
  const text = encodeAuditEntry(stored({ event: auditEvent(3) })).toString();
  t.equal(text, encodeAuditEntry(stored()).toString());
  t.notMatch(text, /ORD-3|SUB-3|GRANT-3/);
});

t.test('no other bytes are taken for an entry, and no changed bit goes unnoticed or is harmless', async (t) => {
  const bytes = encodeAuditEntry(stored());
  let same = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    const read = decodeAuditEntry(changed);
    if (read.ok && encodeAuditEntry(read.value).equals(bytes)) same++;
  }
  t.equal(same, 0);
  const text = bytes.toString();
  for (const other of [
    '',
    'null',
    '[]',
    '{}',
    `${text} `,
    ` ${text}`,
    text.replace('"v":1', '"v":2'),
    text.replace('"v":1', '"v":1,"w":1'),
    text.replace('"index":3', '"index":3.5'),
    text.replace('"index":3', '"index":03'),
    text.replace('AQL_', 'AQL/'),
    text.replace('"kind":"person"', '"kind":"nobody"'),
    text.replace('agency-1', 'agency/1'),
    text.replace('"allowed"', '"done"'),
    text.replace('"consultation"', '"look"'),
    text.replace('"under":"order"', '"under":"none"'),
    text.replace('"attempt":2', '"attempt":"2"'),
    text.replace('"reason":null', '"reason":null,"reason":null'),
  ]) {
    t.equal(decodeAuditEntry(Buffer.from(other)).ok, false, other.slice(0, 60));
  }
  t.equal(decodeAuditEntry(Buffer.concat([bytes.subarray(0, 20), Buffer.of(0xff), bytes.subarray(20)])).ok, false);
});

t.test('person fields come back as they were, and damaged ones are told', async (t) => {
  for (const fields of [
    { orderId: orderId(1), subjectId: subjectId(1), detail: { grant_id: 'G-1', count: 3, whole: false, note: null } },
    { orderId: null, subjectId: null, detail: {} },
  ]) {
    t.same(decodePersonFields(encodePersonFields(fields)), fields);
  }
  for (const text of ['', '{}', '{"detail":{},"order_id":7,"subject_id":null}', '{"detail":[],"order_id":null}']) {
    t.throws(() => decodePersonFields(Buffer.from(text)), /damaged/);
  }
});
