/** Grants as clients send and see them. */
import { z } from 'zod';
import { type Grant, type GrantRequest, type GrantState, type Person, TRIGGERS } from '../domain/grant.js';
import { ID_EXPECTED, parseAlertId, parseOrderId, parseSubjectId } from '../domain/ids.js';
import { PURPOSES } from '../domain/purpose.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const readersMax = 10;
const wordsMax = 2_000;

export const time = z
  .string()
  .refine(
    (text) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
    {
      message: 'a time of RFC 3339 with its offset, like 2026-03-09T19:00:00Z',
    },
  )
  .meta({ format: 'date-time' });
export const id = (parse: (raw: unknown) => { readonly ok: boolean }) =>
  z
    .string()
    .refine((text) => parse(text).ok, ID_EXPECTED)
    .meta({ pattern: '^[A-Za-z0-9._-]{1,64}$' });
export const words = (what: string) => z.string().trim().min(3, what).max(wordsMax, `at most ${wordsMax} characters`);

export const grantBody = z
  .strictObject({
    trigger: z.enum(TRIGGERS, `one of ${TRIGGERS.join(', ')}`),
    subject_id: id(parseSubjectId),
    order_id: id(parseOrderId).optional().meta({ description: 'needed where several orders concern the person' }),
    from: time.optional(),
    to: time.optional(),
    purpose: z
      .enum(PURPOSES, `one of ${PURPOSES.join(', ')}`)
      .optional()
      .meta({
        description: 'as the header Fairwatch-Purpose says it, which must be there',
      }),
    legal_basis: words('the power, and why it is necessary and proportionate'),
    alert_id: id(parseAlertId).optional(),
    case_reference: z.string().trim().min(1).max(128).optional(),
    beyond_curfew: z
      .boolean()
      .optional()
      .meta({ description: 'radio outside curfew hours and foreign sightings too (¶19)' }),
    readers: z.array(z.string().min(1).max(256)).max(readersMax).optional().meta({
      description: 'users of your agency who may read; absent: you',
    }),
    expires: time.optional(),
  })
  .meta({
    examples: [
      {
        trigger: 'standing_alert',
        subject_id: 'SUB-1',
        alert_id: 'A-1',
        legal_basis:
          'licence condition 5(ii): entry to the exclusion zone is to be verified before recall is considered',
      },
    ],
  });
export const reviewBody = z.strictObject({ justified: z.boolean(), note: words('what was looked at, and found') });
export const revokeBody = z.strictObject({ reason: words('why it ends') });
export const grantListQuery = z.strictObject({
  order_id: id(parseOrderId).optional(),
  state: z.enum(['requested', 'open', 'expired', 'revoked', 'closed']).optional(),
  limit: z.coerce.number('a number from 1 to 1000').int().min(1).max(1_000).default(100),
  after: z.string().max(80).optional(),
});
export const windowQuery = z.strictObject({ from: time.optional(), to: time.optional() });

const ms = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

/** `orderId` was found by the person or the alert. */
export function requestOf(body: z.output<typeof grantBody>, orderId: GrantRequest['orderId']): GrantRequest {
  const alertId = parseAlertId(body.alert_id);
  return {
    trigger: body.trigger,
    orderId,
    fromMs: ms(body.from),
    toMs: ms(body.to),
    legalBasis: body.legal_basis,
    alertId: alertId.ok ? alertId.value : null,
    caseReference: body.case_reference ?? null,
    beyondCurfew: body.beyond_curfew ?? false,
    readers: body.readers ?? [],
    expiresMs: ms(body.expires),
  };
}

export const askedWindow = (query: z.output<typeof windowQuery>) => ({ fromMs: ms(query.from), toMs: ms(query.to) });

const rfc3339 = (at: number): string => new Date(at).toISOString();
const timeOrNull = (at: number | null): string | null => (at === null ? null : rfc3339(at));
const personJson = ({ user, role, agency }: Person) => ({ user, role, agency });

export function grantToJson(grant: Grant, state: GrantState) {
  return {
    grant_id: grant.grantId,
    subject_id: grant.subjectId,
    order_id: grant.orderId,
    from: rfc3339(grant.fromMs),
    to: rfc3339(grant.toMs),
    purpose: grant.purpose,
    legal_basis: grant.legalBasis,
    trigger: grant.trigger,
    alert_id: grant.alertId,
    case_reference: grant.caseReference,
    beyond_curfew: grant.beyondCurfew,
    requested_by: grant.trigger === 'trail' ? null : personJson(grant.requested.by),
    requested: rfc3339(grant.requested.atMs),
    readers: grant.readers,
    approved_by: grant.approved === null || grant.trigger === 'trail' ? null : personJson(grant.approved.by),
    approved: timeOrNull(grant.approved?.atMs ?? null),
    expires: timeOrNull(grant.expiresMs),
    state,
    review_due: timeOrNull(grant.reviewDueMs),
    reviewed_by: grant.reviewed === null ? null : personJson(grant.reviewed.by),
    reviewed: timeOrNull(grant.reviewed?.atMs ?? null),
    justified: grant.reviewed?.justified ?? null,
    revoked_by: grant.revoked === null ? null : personJson(grant.revoked.by),
    revoked: timeOrNull(grant.revoked?.atMs ?? null),
    revoke_reason: grant.revoked?.reason ?? null,
  };
}

const text = { type: 'string' };
const maybeText = { type: ['string', 'null'] };
const maybeTime = { type: ['string', 'null'], format: 'date-time' };
const person: JsonSchema = {
  type: ['object', 'null'],
  properties: { user: text, role: text, agency: text },
  required: ['user', 'role', 'agency'],
};
const grantMembers: Readonly<Record<string, JsonSchema>> = {
  grant_id: text,
  subject_id: text,
  order_id: text,
  from: { ...text, format: 'date-time' },
  to: { ...text, format: 'date-time' },
  purpose: { enum: PURPOSES },
  legal_basis: text,
  trigger: { enum: TRIGGERS },
  alert_id: maybeText,
  case_reference: maybeText,
  beyond_curfew: { type: 'boolean' },
  requested_by: { ...person, description: 'null: nobody asked, the trail condition is the grant (¶18)' },
  requested: { ...text, format: 'date-time' },
  readers: { type: 'array', items: text },
  approved_by: person,
  approved: maybeTime,
  expires: { ...maybeTime, description: 'until it is approved: what was asked for' },
  state: { enum: ['requested', 'open', 'expired', 'revoked', 'closed'] },
  review_due: { ...maybeTime, description: 'another person must look at it by then' },
  reviewed_by: person,
  reviewed: maybeTime,
  justified: { type: ['boolean', 'null'] },
  revoked_by: person,
  revoked: maybeTime,
  revoke_reason: maybeText,
};
export const grantSchema: JsonSchema = {
  type: 'object',
  properties: grantMembers,
  required: Object.keys(grantMembers),
};
export const grantHistorySchema: JsonSchema = {
  type: 'object',
  properties: { grant: grantSchema, versions: { type: 'array', items: grantSchema } },
  required: ['grant', 'versions'],
};
export const grantListSchema: JsonSchema = {
  type: 'object',
  properties: { grants: { type: 'array', items: grantSchema }, more: { type: 'boolean' } },
  required: ['grants', 'more'],
};
