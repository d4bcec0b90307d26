/** Enrols and disables devices, for the API and the command line alike. */
import { createPublicKey, randomBytes } from 'node:crypto';
import { passwordHash, passwordMatches } from '../crypto/password.js';
import { type DeviceId, parseDeviceId } from '../domain/ids.js';
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { DeviceRegistry, EnrolledDevice, StoredSessionKey } from '../ports/device-registry.js';
import { parseWith } from './parse.js';
import { type EnrolmentBody, enrolmentBody } from './schemas.js';

/** Wraps device keys for the tier that opens what devices send (`crypto/device-keys`). */
export interface DeviceKeys {
  wrap(key: Uint8Array, kid: string): Promise<string>;
}

export interface Credentials {
  readonly device_id: DeviceId;
  readonly kind: string;
  readonly cipher: string;
  readonly password: string;
  readonly key_id: number;
  readonly session_key: string;
  readonly wrapping_key?: string;
  readonly topic_up: string;
  readonly topic_down: string;
}

export type EnrolmentRefusal = { readonly code: 'invalid' | 'already_enrolled'; readonly problems: readonly Problem[] };
export type Enrolment = Result<{ readonly created: boolean; readonly credentials: Credentials }, EnrolmentRefusal>;

const firstKeyId = 1;
/** Enrolments of one device under way in this process: a second one waits and finds the first. */
const underWay = new Map<DeviceId, Promise<unknown>>();

/**
 * Enrols a device; credentials that are not given are drawn at random, and leave in the answer only. An enrolment
 * done again with the same password and session key is no fault. Throws the `invalid` fault of a body out of shape.
 */
export async function enrol(
  registry: DeviceRegistry,
  keys: DeviceKeys,
  raw: unknown,
  nowMs: number,
): Promise<Enrolment> {
  const body = parseWith(enrolmentBody, raw, 'enrolment');
  const deviceId = parseDeviceId(body.device_id);
  if (!deviceId.ok) throw new Error('the schema and the grammar of ids differ');
  const problems = identityProblems(body);
  if (problems.length > 0) return bad({ code: 'invalid', problems });

  const before = underWay.get(deviceId.value);
  const mine = (before ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => enrolOne(registry, keys, deviceId.value, body, nowMs));
  underWay.set(deviceId.value, mine);
  try {
    return await mine;
  } finally {
    if (underWay.get(deviceId.value) === mine) underWay.delete(deviceId.value);
  }
}

async function enrolOne(
  registry: DeviceRegistry,
  keys: DeviceKeys,
  deviceId: DeviceId,
  body: EnrolmentBody,
  nowMs: number,
): Promise<Enrolment> {
  const enrolled = registry.get(deviceId);
  if (enrolled !== null) {
    if (!isSame(enrolled, body)) return bad(alreadyEnrolled(deviceId));
    return ok({
      created: false,
      credentials: credentialsOf(deviceId, body, body.password ?? '', body.session_key ?? ''),
    });
  }
  const password = body.password ?? randomBytes(32).toString('base64url');
  const sessionKey = body.session_key ?? randomBytes(32).toString('base64url');
  const wrappingKey = body.identity_jwk === undefined ? randomBytes(32) : null;
  await registry.put({
    deviceId,
    kind: body.kind,
    passwordHash: passwordHash(password),
    identityJwk: body.identity_jwk ?? null,
    wrappingJwe: wrappingKey === null ? null : await keys.wrap(wrappingKey, `${deviceId}:wrap`),
    keys: [
      {
        keyId: firstKeyId,
        cipher: body.cipher ?? 'A256GCM',
        jwe: await keys.wrap(Buffer.from(sessionKey, 'base64url'), `${deviceId}:${firstKeyId}`),
        keyHash: passwordHash(sessionKey),
        notBeforeMs: nowMs,
        notAfterMs: null,
      },
    ],
    enrolledMs: nowMs,
    disabledMs: null,
  });
  const credentials = credentialsOf(deviceId, body, password, sessionKey);
  return ok({
    created: true,
    credentials:
      wrappingKey === null ? credentials : { ...credentials, wrapping_key: wrappingKey.toString('base64url') },
  });
}

/** Disables a device; null: it is not enrolled. Done twice it keeps the first time. */
export async function disable(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  nowMs: number,
): Promise<EnrolledDevice | null> {
  return registry.update(deviceId, (enrolled) =>
    enrolled.disabledMs === null ? { ...enrolled, disabledMs: nowMs } : enrolled,
  );
}

/** A device as lists show it: no credential, wrapped or not. */
export function deviceSummary(device: EnrolledDevice) {
  const newest = device.keys.reduce<StoredSessionKey | null>((a, b) => (a !== null && a.keyId > b.keyId ? a : b), null);
  return {
    device_id: device.deviceId,
    kind: device.kind,
    cipher: newest?.cipher ?? null,
    key_id: newest?.keyId ?? null,
    key_since: newest === null ? null : new Date(newest.notBeforeMs).toISOString(),
    offered_key_id: device.offered?.keyId ?? null,
    replaceable: device.identityJwk !== null || device.wrappingJwe !== null,
    enrolled: new Date(device.enrolledMs).toISOString(),
    disabled: device.disabledMs === null ? null : new Date(device.disabledMs).toISOString(),
  };
}

function credentialsOf(deviceId: DeviceId, body: EnrolmentBody, password: string, sessionKey: string): Credentials {
  return {
    device_id: deviceId,
    kind: body.kind,
    cipher: body.cipher ?? 'A256GCM',
    password,
    key_id: firstKeyId,
    session_key: sessionKey,
    topic_up: `em/v1/d/${deviceId}/up`,
    topic_down: `em/v1/d/${deviceId}/down`,
  };
}

/** An import done twice: everything given is what is stored, and both secrets were given. A disabled device is not the same. */
function isSame(enrolled: EnrolledDevice, body: EnrolmentBody): boolean {
  const first = enrolled.keys.find((key) => key.keyId === firstKeyId);
  if (body.password === undefined || body.session_key === undefined || first === undefined) return false;
  if (enrolled.disabledMs !== null || enrolled.kind !== body.kind || first.cipher !== (body.cipher ?? 'A256GCM')) {
    return false;
  }
  const { identityJwk } = enrolled;
  const given = body.identity_jwk;
  if ((identityJwk === null) !== (given === undefined)) return false;
  if (given !== undefined && (identityJwk?.x !== given.x || identityJwk?.y !== given.y)) return false;
  if (!passwordMatches(body.password, enrolled.passwordHash)) return false;
  return first.keyHash !== undefined && passwordMatches(body.session_key, first.keyHash);
}

function identityProblems(body: EnrolmentBody): Problem[] {
  const problems: Problem[] = [];
  for (const field of ['session_key', 'password'] as const) {
    const value = body[field];
    if (value !== undefined && Buffer.from(value, 'base64url').toString('base64url') !== value) {
      problems.push({ path: field, expected: 'canonical base64url of 32 bytes', got: '(not shown)' });
    }
  }
  if (body.identity_jwk !== undefined) {
    const { kty, crv, x, y } = body.identity_jwk;
    try {
      createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    } catch {
      problems.push({ path: 'identity_jwk', expected: 'a point on P-256', got: 'x and y that are none' });
    }
  }
  return problems;
}

function alreadyEnrolled(deviceId: DeviceId): EnrolmentRefusal {
  return {
    code: 'already_enrolled',
    problems: [
      { path: 'device_id', expected: 'a device that is not enrolled, or the same credentials', got: `"${deviceId}"` },
    ],
  };
}
