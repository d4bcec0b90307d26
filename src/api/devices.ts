/** `/v1/devices`: enrols, lists and disables devices. */
import type { FastifyInstance } from 'fastify';
import { parseDeviceId } from '../domain/ids.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import { deviceSummary, disable, enrol } from './enrolment.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { credentials, device, deviceList, deviceListQuery, documented, enrolmentBody } from './schemas.js';

export function deviceRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { registry, deviceKeys, clock } = deps;

  app.post(
    '/v1/devices',
    {
      config: { action: 'devices.enrol' },
      schema: describe({
        summary: 'Enrols a device and gives its credentials, once',
        tag: 'devices',
        body: documented(enrolmentBody),
        answers: { 200: credentials, 201: credentials },
        refusals: [400, 409, 422],
      }),
    },
    async (request, reply) => {
      const enrolled = await enrol(registry, deviceKeys, request.body, clock.nowMs());
      if (!enrolled.ok) {
        const detail =
          enrolled.fault.code === 'already_enrolled'
            ? 'It keeps its credentials. Disable it and enrol another id, or send the same credentials again.'
            : 'The enrolment is refused; see problems.';
        throw new Fault(enrolled.fault.code, detail, enrolled.fault.problems);
      }
      reply.code(enrolled.value.created ? 201 : 200).header('cache-control', 'no-store');
      return enrolled.value.credentials;
    },
  );

  app.post<{ Params: { device_id: string } }>(
    '/v1/devices/:device_id/disable',
    {
      config: { action: 'devices.disable' },
      schema: describe({
        summary: 'Disables a device: its live connection is closed within a second',
        tag: 'devices',
        params: ['device_id'],
        answers: { 200: device },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const deviceId = parseId(parseDeviceId, request.params.device_id, 'device_id');
      const disabled = await disable(registry, deviceId, clock.nowMs());
      if (disabled === null) throw new Fault('not_found', 'No such device is enrolled.');
      return deviceSummary(disabled);
    },
  );

  app.get(
    '/v1/devices',
    {
      config: { action: 'devices.list' },
      schema: describe({
        summary: 'Enrolled devices, without their credentials',
        tag: 'devices',
        query: documented(deviceListQuery),
        answers: { 200: deviceList },
        refusals: [422],
      }),
    },
    async (request) => {
      const { after, limit } = parseWith(deviceListQuery, request.query, 'query');
      const devices = [];
      let skipping = after !== undefined;
      for (const one of registry.list()) {
        if (skipping) skipping = one.deviceId !== after;
        else if (devices.length === limit) return { devices, more: true };
        else devices.push(deviceSummary(one));
      }
      return { devices, more: false };
    },
  );
}
