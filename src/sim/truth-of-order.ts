/** The whole truth about one person: what their devices' complete reports mean under their order, at one moment. */
import type { Interval } from '../domain/timetable.js';
import type { OrderPlan, ZoneShapeJson } from './order-plan.js';
import { inEventOrder, type Report } from './report.js';
import type { TruthItem } from './truth.js';
import { crossingTruth } from './truth-crossing.js';
import { curfewTruth } from './truth-curfew.js';
import { type DeviceMoment, equipmentTruth } from './truth-equipment.js';
import { presenceStretches } from './truth-presence.js';
import { effectiveWindows } from './truth-windows.js';
import { approachTruth, exclusionTruth, inclusionTruth, seenFixes, sidedFixes } from './truth-zones.js';

// The figures of the rules that hold where an order says nothing else.
const TOLERANCE_S = 300;
const UNVERIFIED_S = 900;
const UNIT_SILENCE_MS = 7_500_000;
const TAG_SILENCE_MS = 3_900_000;
const GAP_MS = 600_000;
const LEANING_FIXES = 3;

/**
 * Everything that must stand at `atMs`, records and timers up to and at it included. `reports`: all of this person's
 * devices; later ones are left out. One tag and at most one home unit, as the simulated people have.
 */
export function truthOfOrder(
  order: OrderPlan,
  zones: ReadonlyMap<string, ZoneShapeJson>,
  reports: readonly Report[],
  atMs: number,
): TruthItem[] {
  const span = { startMs: Date.parse(order.start), endMs: Date.parse(order.end) };
  const known = inEventOrder(reports.filter((report) => report.timeMs <= atMs && report.timeMs >= span.startMs));
  const tag = order.devices.find((device) => device.kind !== 'home_unit');
  const unit = order.devices.find((device) => device.kind === 'home_unit');
  if (tag === undefined) throw new Error(`order ${order.order_id} has no tag`);
  const items = [
    ...conditionTruth(order, zones, known, span, { tagId: tag.device_id, unitId: unit?.device_id ?? null }, atMs),
    ...order.devices.flatMap((device) =>
      equipmentTruth({
        orderId: order.order_id,
        deviceId: device.device_id,
        kind: device.kind,
        moments: momentsOf(known, device.device_id, tag.device_id),
        silenceMs: { home_unit: UNIT_SILENCE_MS, tag: TAG_SILENCE_MS, rf_tag: null }[device.kind],
        atMs,
      }),
    ),
  ];
  return items.sort((a, b) => a.startMs - b.startMs || (a.type < b.type ? -1 : 1));
}

function conditionTruth(
  order: OrderPlan,
  zones: ReadonlyMap<string, ZoneShapeJson>,
  reports: readonly Report[],
  span: Interval,
  devices: { readonly tagId: string; readonly unitId: string | null },
  atMs: number,
): TruthItem[] {
  const { tagId, unitId } = devices;
  const seen = { startMs: span.startMs, endMs: Math.min(span.endMs, atMs + 1) };
  return order.conditions.flatMap((condition) => {
    if (condition.kind === 'trail') return [];
    const windows = effectiveWindows(condition, order.time_zone, span, seen);
    const common = { orderId: order.order_id, conditionId: condition.condition_id, windows, atMs };
    if (condition.kind === 'curfew') {
      const ofUnit = reports.filter((report) => report.deviceId === unitId);
      return curfewTruth({
        ...common,
        presence: presenceStretches(ofUnit, tagId, UNIT_SILENCE_MS, span.startMs, atMs),
        toleranceMs: (condition.tolerance_s ?? TOLERANCE_S) * 1_000,
        unverifiedMs: UNVERIFIED_S * 1_000,
      });
    }
    const shape = condition.zone ?? zones.get(condition.zone_ref ?? '');
    if (shape === undefined) throw new Error(`order ${order.order_id} names an unknown zone`);
    const fixes = seenFixes(reports.filter((report) => report.deviceId === tagId));
    const facts = { ...common, fixes: sidedFixes(fixes, shape), k: LEANING_FIXES, gapMs: GAP_MS };
    if (condition.kind === 'inclusion_zone') {
      return inclusionTruth(facts, (condition.tolerance_s ?? TOLERANCE_S) * 1_000);
    }
    const bufferM = condition.buffer_m ?? 0;
    return [
      ...exclusionTruth(facts),
      ...(bufferM > 0 ? approachTruth(facts, sidedFixes(fixes, shape, bufferM)) : []),
      ...crossingTruth(facts, fixes, shape),
    ];
  });
}

/** Every record of the device; for the tag also what the home unit reports of its strap and battery. */
function momentsOf(reports: readonly Report[], deviceId: string, tagId: string): DeviceMoment[] {
  return reports.flatMap((report) =>
    report.bodies.flatMap((body): DeviceMoment[] => {
      const atMs = report.timeMs;
      if (body.kind === 'rf') {
        // what a unit says of another's tag is no word of this person's devices
        if (body.tagId !== tagId) return [];
        if (deviceId === tagId && body.status !== null) {
          return [{ atMs, flags: body.status.flags, batteryPct: body.status.batteryPct }];
        }
        return report.deviceId === deviceId ? [{ atMs, flags: [], batteryPct: null }] : [];
      }
      if (report.deviceId !== deviceId) return [];
      if (body.kind === 'tag' || body.kind === 'unit') {
        return [{ atMs, flags: body.flags, batteryPct: body.batteryPct }];
      }
      return [{ atMs, flags: [], batteryPct: null }];
    }),
  );
}
