/** `/v1/devices/{device_id}/keys`, `/config`, `/notice`: what a device is to be told. */
import type { FastifyInstance } from 'fastify';
import { parseDeviceId } from '../domain/ids.js';
import type { Result } from '../domain/result.js';
import type { EnrolledDevice } from '../ports/device-registry.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented, keyChange, wished } from './schemas.js';
import {
  configBody,
  keysBody,
  newestKeyId,
  newKeyOf,
  noticeBody,
  type WishRefusal,
  wishConfig,
  wishKey,
  wishNotice,
} from './wishes.js';

interface Path {
  Params: { device_id: string };
}

export function deviceWishRoutes(app: FastifyInstance, { registry, clock }: ApiDeps, limits: ApiLimits): void {
  app.post<Path>(
    '/v1/devices/:device_id/keys',
    {
      config: { action: 'devices.rotate' },
      schema: describe({
        summary: 'Replaces the session key; the new one goes to the device, sealed to it, and never into an answer',
        tag: 'devices',
        params: ['device_id'],
        body: documented(keysBody),
        answers: { 201: keyChange, 202: keyChange },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const deviceId = parseId(parseDeviceId, request.params.device_id, 'device_id');
      const body = parseWith(keysBody, request.body ?? undefined, 'rotation');
      const overlapMs = body?.overlap_s === undefined ? null : body.overlap_s * 1_000;
      const before = registry.get(deviceId);
      taken(await wishKey(registry, deviceId, overlapMs, clock.nowMs()));
      const keyId = before === null ? 0 : newestKeyId(before);
      const device = await newKeyOf(registry, deviceId, keyId, limits.settleMs);
      if (device === null) return reply.code(202).send(keyChangeOf(deviceId, null, keyId));
      return reply.code(201).send(keyChangeOf(deviceId, device, keyId));
    },
  );

  app.put<Path>(
    '/v1/devices/:device_id/config',
    {
      config: { action: 'devices.downlink' },
      schema: describe({
        summary: 'Sets how often the device reports; it is told when it is connected',
        tag: 'devices',
        params: ['device_id'],
        body: documented(configBody),
        answers: { 202: wished },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const deviceId = parseId(parseDeviceId, request.params.device_id, 'device_id');
      const body = parseWith(configBody, request.body, 'config');
      const device = taken(await wishConfig(registry, deviceId, body));
      return reply.code(202).send({ device_id: deviceId, version: device.config?.version ?? 0 });
    },
  );

  app.post<Path>(
    '/v1/devices/:device_id/notice',
    {
      config: { action: 'devices.downlink' },
      schema: describe({
        summary:
          'Tells the wearer something by vibration or voice: of several notices the newest, when it is connected',
        tag: 'devices',
        params: ['device_id'],
        body: documented(noticeBody),
        answers: { 202: wished },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const deviceId = parseId(parseDeviceId, request.params.device_id, 'device_id');
      const { notice } = parseWith(noticeBody, request.body, 'notice');
      const device = taken(await wishNotice(registry, deviceId, notice));
      return reply.code(202).send({ device_id: deviceId, version: device.notice?.version ?? 0 });
    },
  );
}

const DETAILS: Readonly<Record<WishRefusal, string>> = {
  not_found: 'No such device is enrolled.',
  device_disabled: 'It is told nothing any more. Enrol another id if the device is to be used again.',
  needs_enrolment:
    'It has neither an identity key nor a key-wrapping key, so no key can be sent to it: disable it and enrol it anew.',
};

/** For whoever asked. */
export const refusalDetail = (refusal: WishRefusal): string => DETAILS[refusal];

/** Throws the refusal. */
function taken(result: Result<EnrolledDevice, WishRefusal>): EnrolledDevice {
  if (result.ok) return result.value;
  throw new Fault(result.fault, DETAILS[result.fault]);
}

/** `device` null: asked for, and not made yet. */
export function keyChangeOf(deviceId: string, device: EnrolledDevice | null, oldKeyId: number) {
  const time = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());
  const old = device?.keys.find(({ keyId }) => keyId === oldKeyId);
  const made = device?.keys.find(({ keyId }) => keyId === newestKeyId(device));
  return {
    device_id: deviceId,
    outcome: device === null ? 'logged' : 'offered',
    key_id: made?.keyId ?? null,
    not_before: time(made?.notBeforeMs),
    old_key_id: oldKeyId,
    old_not_after: time(old?.notAfterMs),
  };
}
