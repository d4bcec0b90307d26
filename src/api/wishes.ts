/** What people want of a device, put into its row of the registry: intake follows it and tells the device when it can. */
import { z } from 'zod';
import { type DeviceConfig, NOTICE_NAMES, type Notice } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { DeviceRegistry, EnrolledDevice, Wish } from '../ports/device-registry.js';

const DAY_S = 86_400;
const seconds = (max: number) =>
  z
    .number(`whole seconds, 1 to ${max}`)
    .int(`whole seconds, 1 to ${max}`)
    .min(1, `at least 1`)
    .max(max, `at most ${max}`);

export const configBody = z
  .strictObject({
    report_interval_s: seconds(DAY_S).optional(),
    violation_interval_s: seconds(DAY_S).optional(),
    heartbeat_s: seconds(DAY_S).optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'at least one interval');
export type ConfigBody = z.output<typeof configBody>;

export const noticeBody = z.strictObject({ notice: z.enum(NOTICE_NAMES, `one of ${NOTICE_NAMES.join(', ')}`) });

/** Shorter than a minute a device that is connected might miss it. */
export const OVERLAP_S_MIN = 60;
export const OVERLAP_S_MAX = 30 * DAY_S;
export const keysBody = z
  .strictObject({
    overlap_s: z
      .number('whole seconds')
      .int('whole seconds')
      .min(OVERLAP_S_MIN, `at least ${OVERLAP_S_MIN}`)
      .max(OVERLAP_S_MAX, `at most ${OVERLAP_S_MAX}`)
      .optional(),
  })
  .optional();

export type WishRefusal = 'not_found' | 'device_disabled' | 'needs_enrolment';

/** Intervals that are not given stay as they were wished last; the device keeps its own where none ever was. */
export function wishConfig(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  body: ConfigBody,
): Promise<Result<EnrolledDevice, WishRefusal>> {
  return wish(registry, deviceId, (device) => {
    const before = device.config?.value;
    const value: DeviceConfig = {
      reportIntervalS: body.report_interval_s ?? before?.reportIntervalS ?? 0,
      violationIntervalS: body.violation_interval_s ?? before?.violationIntervalS ?? 0,
      heartbeatS: body.heartbeat_s ?? before?.heartbeatS ?? 0,
    };
    return { ...device, config: next(device.config, value) };
  });
}

export function wishNotice(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  notice: Notice,
): Promise<Result<EnrolledDevice, WishRefusal>> {
  return wish(registry, deviceId, (device) => ({ ...device, notice: next(device.notice, notice) }));
}

/** Intake makes the key: it alone can open what devices send under it. `overlapMs` null: as the gateway thinks right. */
export async function wishKey(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  overlapMs: number | null,
  nowMs: number,
): Promise<Result<EnrolledDevice, WishRefusal>> {
  const device = registry.get(deviceId);
  if (device !== null && device.identityJwk === null && device.wrappingJwe === null) return bad('needs_enrolment');
  return wish(registry, deviceId, (now) => ({ ...now, rotation: { askedMs: nowMs, overlapMs } }));
}

/** The device once it has another newest key than `keyId`; null after `withinMs`. */
export function newKeyOf(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  keyId: number,
  withinMs: number,
): Promise<EnrolledDevice | null> {
  return new Promise((resolve) => {
    const look = (): EnrolledDevice | null => {
      const device = registry.get(deviceId);
      return device !== null && newestKeyId(device) !== keyId ? device : null;
    };
    const finish = (device: EnrolledDevice | null): void => {
      stop();
      clearTimeout(timer);
      resolve(device);
    };
    const stop = registry.onChange((changed) => {
      const device = changed === deviceId ? look() : null;
      if (device !== null) finish(device);
    });
    const timer = setTimeout(() => finish(look()), withinMs);
    const already = look();
    if (already !== null) finish(already);
  });
}

export const newestKeyId = ({ keys }: EnrolledDevice): number => Math.max(0, ...keys.map(({ keyId }) => keyId));

async function wish(
  registry: DeviceRegistry,
  deviceId: DeviceId,
  change: (device: EnrolledDevice) => EnrolledDevice,
): Promise<Result<EnrolledDevice, WishRefusal>> {
  const device = await registry.update(deviceId, (now) => (now.disabledMs === null ? change(now) : now));
  if (device === null) return bad('not_found');
  return device.disabledMs === null ? ok(device) : bad('device_disabled');
}

const next = <T>(before: Wish<T> | null | undefined, value: T): Wish<T> => ({
  version: (before?.version ?? 0) + 1,
  value,
});
