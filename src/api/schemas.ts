/** The shapes of the API for its OpenAPI document; those with a zod schema are checked by it, the others by their codec. */
import { z } from 'zod';
import { ALERT_TYPES, DECISION_KINDS, VIOLATION_TYPES } from '../domain/alert.js';
import { DEGRADATIONS, REASONS } from '../domain/health.js';
import { ID_EXPECTED, parseDeviceId } from '../domain/ids.js';
import { DEVICE_KINDS, ORDER_TYPES } from '../domain/order.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const key32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url of 32 bytes, unpadded (43 characters)');
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url of 32 bytes, unpadded (43 characters)');

export const enrolmentBody = z.strictObject({
  device_id: z
    .string()
    .refine((id) => parseDeviceId(id).ok, ID_EXPECTED)
    .meta({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
  kind: z.enum(DEVICE_KINDS, `one of ${DEVICE_KINDS.join(', ')}`),
  cipher: z.enum(['A256GCM', 'C20P'], 'A256GCM or C20P').optional(),
  identity_jwk: z
    .strictObject({
      kty: z.literal('EC', 'EC'),
      crv: z.literal('P-256', 'P-256'),
      x: coordinate,
      y: coordinate,
      kid: z.string().max(128).optional(),
      use: z.string().max(16).optional(),
      alg: z.string().max(32).optional(),
    })
    .optional(),
  session_key: key32.optional(),
  password: key32.optional(),
});
export type EnrolmentBody = z.output<typeof enrolmentBody>;

const alertState = z.enum(['open', 'acknowledged', 'decided', 'withdrawn'], 'open, acknowledged, decided or withdrawn');
const alertType = z.enum([...VIOLATION_TYPES, ...ALERT_TYPES], 'a type of alert or violation');
const agency = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, ID_EXPECTED);
const filter = { state: alertState.optional(), type: alertType.optional(), agency: agency.optional() };

export const alertListQuery = z.strictObject({
  ...filter,
  cursor: z.string().max(128).optional(),
  limit: z.coerce.number('a number from 1 to 1000').int().min(1).max(1_000).default(100),
});
export const alertStreamQuery = z.strictObject({
  ...filter,
  cursor: z.string().max(128).optional(),
  from: z.literal('start', 'start').optional(),
});
export const deviceListQuery = z.strictObject({
  after: z.string().max(64).optional(),
  limit: z.coerce.number('a number from 1 to 10000').int().min(1).max(10_000).default(1_000),
});
export const orderQuery = z.strictObject({ revision: z.coerce.number('a revision').int().min(1).optional() });
export const clockBody = z.strictObject({ to_ms: z.number('UTC milliseconds').int().min(0).max(4_102_444_800_000) });

/** A zod schema as OpenAPI 3.1 wants it. */
export function documented(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return rest;
}

const text = { type: 'string' };
const nullable = (type: string) => ({ type: [type, 'null'] });
const time = { type: 'string', format: 'date-time' };
const nullableTime = { type: ['string', 'null'], format: 'date-time' };
const object = (properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const list = (items: JsonSchema) => ({ type: 'array', items });

export const problem: JsonSchema = object(
  {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    code: text,
    problems: list(object({ path: text, expected: text, got: text })),
    to_the_person: { ...text, description: 'what the person concerned is to be told, their rights included' },
  },
  ['type', 'title', 'status', 'detail', 'code', 'problems'],
);

export const order: JsonSchema = {
  ...object({
    order_id: text,
    subject_id: text,
    revision: { type: 'integer', minimum: 1 },
    effective_from: { ...time, description: 'when this revision takes effect; absent: on arrival' },
    type: { enum: ORDER_TYPES },
    curfew_only: { type: 'boolean' },
    hdc: { type: 'boolean' },
    under_18: { type: 'boolean' },
    restricted: { type: 'boolean' },
    supervisor: text,
    time_zone: text,
    start: time,
    end: time,
    atv_allowance_min: nullable('number'),
    minor_max_min: nullable('number'),
    devices: list({ type: 'object' }),
    addresses: { type: 'object' },
    conditions: list({ type: 'object' }),
    policy: { type: 'object' },
  }),
  required: ['order_id', 'subject_id', 'revision', 'type', 'supervisor', 'start', 'end', 'conditions'],
  description: 'An order as it is imported. No names, dates of birth or street addresses.',
};

export const zone: JsonSchema = {
  ...object({ type: { const: 'Feature' }, id: text, geometry: { type: 'object' } }),
  description: 'A GeoJSON Feature with an opaque id; Polygon, MultiPolygon, or a Circle (center, radius_m).',
};

const act = {
  by: object({ user: text, role: text, agency: text }),
  at: time,
  reason: nullable('string'),
};
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const handling: JsonSchema = {
  ...orNull(
    object({
      acknowledged: orNull(object(act)),
      decision: orNull(
        object({
          ...act,
          kind: { enum: DECISION_KINDS },
          referred_to: nullable('string'),
          seen_version: { type: 'integer' },
          reconsidered: { type: 'boolean' },
          significant: { type: 'boolean', description: 'the person concerned may ask to have it reconsidered' },
          excuses: { type: 'boolean', description: 'its minutes do not count as violation time' },
        }),
      ),
      reconsideration: orNull(object({ ...act, on_behalf_of: text })),
      escalation: orNull(object({ level: { type: 'integer' }, at: time })),
      superseded_evidence: {
        type: 'boolean',
        description: 'the alert is no more what the person saw who decided; the decision stands',
      },
    }),
  ),
  description: 'null while nobody has done anything about it',
};

export const alert: JsonSchema = object({
  alert_id: text,
  version: { type: 'integer' },
  state: { enum: alertState.options },
  kind: { enum: ['alert', 'violation'] },
  type: text,
  order_id: nullable('string'),
  subject_id: nullable('string'),
  agency: nullable('string'),
  condition_id: nullable('string'),
  device_id: nullable('string'),
  start: time,
  end: nullableTime,
  event_time: time,
  derived_time: time,
  ended_by: nullable('string'),
  minutes: nullable('number'),
  codes: list(text),
  code: nullable('string'),
  confidence: nullable('string'),
  margin_m: nullable('number'),
  mechanism: nullable('string'),
  count: { type: 'integer' },
  cause: text,
  policy_revision: { type: 'integer' },
  rules_version: { type: 'integer' },
  records: list(object({ device_id: text, time_ms: { type: 'integer' }, hash: text })),
  event_ms: { type: 'integer' },
  derived_ms: { type: 'integer' },
  route: { ...list(object({ to: text, duty: text })), description: 'to whom it goes, first things first' },
  minor: { type: 'boolean', description: "a curfew violation that the order's own policy calls minor" },
  handling,
});

export const event: JsonSchema = object({
  specversion: { const: '1.0' },
  id: text,
  source: text,
  type: text,
  subject: text,
  time,
  datacontenttype: { const: 'application/json' },
  cursor: { ...text, description: 'opaque; resumes a list or stream after this event, whatever its filters' },
  data: alert,
});

export const alertList: JsonSchema = object({ events: list(event), cursor: text, more: { type: 'boolean' } });
export const alertVersions: JsonSchema = object({ alert, versions: list(alert) });

export const stored: JsonSchema = object({
  id: text,
  revision: { type: 'integer' },
  outcome: { enum: ['created', 'replaced', 'unchanged', 'deleted', 'logged'] },
});

export const credentials: JsonSchema = object(
  {
    device_id: text,
    kind: { enum: DEVICE_KINDS },
    cipher: { enum: ['A256GCM', 'C20P'] },
    password: text,
    key_id: { type: 'integer' },
    session_key: text,
    wrapping_key: text,
    topic_up: text,
    topic_down: text,
  },
  ['device_id', 'kind', 'cipher', 'password', 'key_id', 'session_key', 'topic_up', 'topic_down'],
);

export const device: JsonSchema = object({
  device_id: text,
  kind: { enum: DEVICE_KINDS },
  cipher: nullable('string'),
  key_id: nullable('integer'),
  key_since: { ...nullableTime, description: 'a key is replaced when it is 30 days old, at the latest' },
  offered_key_id: { ...nullable('integer'), description: 'made, and not used by the device yet' },
  replaceable: { type: 'boolean', description: 'a new key can be sent to it' },
  enrolled: time,
  disabled: nullableTime,
});
export const keyChange: JsonSchema = object({
  device_id: text,
  outcome: { enum: ['offered', 'logged'], description: 'logged: the ingest has not made the key yet' },
  key_id: nullable('integer'),
  not_before: nullableTime,
  old_key_id: { type: 'integer' },
  old_not_after: { ...nullableTime, description: 'it seals no more after this, and opens for 73 h more' },
});
export const wished: JsonSchema = object({
  device_id: text,
  version: { type: 'integer', description: 'of several that wait only the newest is told' },
});
export const quarantineList: JsonSchema = object({
  items: list(
    object({
      position: { type: 'integer' },
      device_id: text,
      received: time,
      reason: text,
      bytes: { type: 'integer' },
    }),
  ),
  more: { type: 'boolean' },
});
export const retried: JsonSchema = object({
  items: list(
    object({
      position: { type: 'integer' },
      outcome: { enum: ['accepted', 'left', 'gone', 'logged'] },
      reason: { ...nullable('string'), description: 'why it was left' },
    }),
  ),
});
export const deviceList: JsonSchema = object({ devices: list(device), more: { type: 'boolean' } });

export const subject: JsonSchema = object({
  subject_id: text,
  orders: list(
    object({
      order_id: text,
      revision: { type: 'integer' },
      type: text,
      supervisor: text,
      start: time,
      end: time,
      in_force: { type: 'boolean' },
      conditions: list(object({ condition_id: text, kind: text })),
      devices: list(object({ device_id: text, kind: text, from: time, to: time })),
      open: list(alert),
      open_more: { type: 'boolean', description: 'more are open than are listed' },
    }),
  ),
});

export const clock: JsonSchema = object({ now_ms: { type: 'integer' } });
export const readiness: JsonSchema = object({
  ready: { type: 'boolean' },
  reasons: list({ type: 'string', description: `why not: ${words(REASONS)}` }),
  degraded: list({ type: 'string', description: `what wants a look all the same: ${words(DEGRADATIONS)}` }),
});

function words(told: Readonly<Record<string, string>>): string {
  return Object.entries(told)
    .map(([word, meaning]) => `\`${word}\` (${meaning})`)
    .join('; ');
}
