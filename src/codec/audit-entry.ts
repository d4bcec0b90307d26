/**
 * An entry of the audit log as it is kept and hashed: JSON with one spelling (RFC 8785: members sorted, no white space),
 * so that whoever gets the bytes can read them and a proof speaks of nothing else.
 *
 * `sealed` are the person fields under the key that `under` names; without that key the rest can still be read.
 */
import { AUDIT_CATEGORIES, AUDIT_PHASES, type AuditEvent } from '../domain/audit.js';
import { parseAgencyId, parseOrderId, parseSubjectId } from '../domain/ids.js';
import { bad, ok, type Result } from '../domain/result.js';

const FORMAT = 1;
// one for all: making one costs more than an entry's reading, and a check reads millions
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What is sealed: whose data it was, and what exactly. */
export type PersonFields = Pick<AuditEvent, 'orderId' | 'subjectId' | 'detail'>;
/** Who, what, when, why and how it ended: nobody's data. */
export type OpenFields = Omit<AuditEvent, keyof PersonFields>;

export interface StoredAuditEntry {
  /** Its place in the log, from 0. */
  readonly index: number;
  readonly event: OpenFields;
  /** Pseudonym of the order; null: nobody's in particular. */
  readonly order: string | null;
  /** Whose key seals the person fields: the order's audit key, or the review service's own. */
  readonly under: 'order' | 'office';
  readonly sealed: Uint8Array;
}

export function encodeAuditEntry({ index, event, order, under, sealed }: StoredAuditEntry): Buffer {
  // each by its name: of a whole event, what belongs under the seal stays out
  const { atMs, actor, action, category, phase, attempt, purpose, reason } = event;
  // sorted as they stand here, the actor's too: spelled at once, two entries a request (bench/api)
  const text = JSON.stringify({
    action,
    actor:
      actor.kind === 'person'
        ? { agency: actor.agency, kind: actor.kind, role: actor.role, user: actor.user }
        : { kind: actor.kind },
    at_ms: atMs,
    attempt,
    category,
    index,
    order,
    phase,
    purpose,
    reason,
    sealed: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).toString('base64url'),
    under,
    v: FORMAT,
  });
  return Buffer.from(text);
}

/** Only what `encodeAuditEntry` writes, to the last byte. The fault is for people and holds nothing of the entry. */
export function decodeAuditEntry(bytes: Uint8Array): Result<StoredAuditEntry, string> {
  const json = jsonOf(bytes);
  if (!isObject(json)) return bad('it is not JSON');
  if (json.v !== FORMAT) return bad(`format ${String(json.v).slice(0, 20)} is not known here, only ${FORMAT}`);
  const { index, order, under, sealed, action, attempt, purpose, reason } = json;
  const actor = actorOf(json.actor);
  const category = AUDIT_CATEGORIES.find((known) => known === json.category);
  const phase = AUDIT_PHASES.find((known) => known === json.phase);
  if (
    !isCount(index) ||
    !isTextOrNull(order) ||
    (under !== 'order' && under !== 'office') ||
    typeof sealed !== 'string' ||
    typeof json.at_ms !== 'number' ||
    typeof action !== 'string' ||
    (attempt !== null && !isCount(attempt)) ||
    !isTextOrNull(purpose) ||
    !isTextOrNull(reason) ||
    actor === null ||
    category === undefined ||
    phase === undefined
  ) {
    return bad('its members are not those of an entry');
  }
  const event = { atMs: json.at_ms, actor, action, category, phase, attempt, purpose, reason };
  const entry = { index, event, order, under, sealed: Buffer.from(sealed, 'base64url') } as const;
  return encodeAuditEntry(entry).equals(bytes) ? ok(entry) : bad('it is not spelled as an entry is');
}

export function encodePersonFields({ orderId, subjectId, detail }: PersonFields): Buffer {
  return Buffer.from(canonical({ detail, order_id: orderId, subject_id: subjectId }));
}

/** They were sealed by us: throws when they are not what `encodePersonFields` writes. */
export function decodePersonFields(bytes: Uint8Array): PersonFields {
  const json = jsonOf(bytes);
  const { order_id: order, subject_id: subject, detail } = isObject(json) ? json : {};
  const orderId = order === null ? ok(null) : parseOrderId(order);
  const subjectId = subject === null ? ok(null) : parseSubjectId(subject);
  if (!orderId.ok || !subjectId.ok || !isObject(detail)) throw new Error('the person fields of an entry are damaged');
  return { orderId: orderId.value, subjectId: subjectId.value, detail: detail as PersonFields['detail'] };
}

/** RFC 8785 for what entries hold: ASCII member names, and values that JSON.stringify writes as it demands. */
function canonical(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function actorOf(json: unknown): AuditEvent['actor'] | null {
  if (!isObject(json)) return null;
  const { kind, user, role, agency } = json;
  if (kind === 'gateway' || kind === 'stranger') return { kind };
  const parsed = parseAgencyId(agency);
  if (kind !== 'person' || typeof user !== 'string' || typeof role !== 'string' || !parsed.ok) return null;
  return { kind, user, role, agency: parsed.value };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';
