/** Shared by the invariants: the truth of a run, and how its items and alerts are named in a message. */
import type { ZoneShapeJson } from '../../../../src/sim/order-plan.js';
import type { HeardAlert, TruthItem } from '../../../../src/sim/truth.js';
import { truthOfOrder } from '../../../../src/sim/truth-of-order.js';
import type { History } from '../history.js';
import { reportsIn } from '../plan.js';

/** What must stand at the moment of the picture, from all that the devices have reported. */
export function truthOf({ plan, atMs }: History): TruthItem[] {
  const zones = new Map(plan.zones.map((zone): [string, ZoneShapeJson] => [zone.id, zone.geometry]));
  const reports = reportsIn(plan);
  return plan.orders.flatMap((order) =>
    truthOfOrder(
      order,
      zones,
      reports.filter(({ orderId }) => orderId === order.order_id),
      atMs,
    ),
  );
}

export const nameItem = (item: TruthItem): string =>
  `${item.type} ${item.orderId} ${item.conditionId ?? item.deviceId} ${iso(item.startMs)}–${iso(item.endMs)} ${item.endedBy ?? ''} ${item.codes.join(' ')}`;

export const nameAlert = (alert: HeardAlert): string =>
  `${alert.type} ${alert.order_id} ${alert.condition_id ?? alert.device_id} ${alert.start}–${alert.end ?? ''} ${alert.ended_by ?? ''} ${alert.codes.join(' ')} (version ${alert.version})`;

export const iso = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());

/** What comes of the records is the same in every order; the gateway's own observations are of what reached it when. */
const SEEN_BY_GATEWAY = /^integrity\.(?!contradiction|location_jump)/;
export const isSeenByGateway = (type: string): boolean => SEEN_BY_GATEWAY.test(type);

/** What the simulator's truth speaks of, beside every violation. */
const JUDGED = new Set<string>([
  ...['tamper.strap', 'tamper.case', 'tamper.unit_case', 'tamper.shielding', 'tamper.jamming', 'device.fault'],
  ...['unit.power_off', 'unit.moved', 'battery.low', 'battery.critical', 'battery.dead', 'device.silent'],
  ...['curfew.unverified', 'zone.approach', 'zone.crossing_inferred', 'integrity.location_jump'],
]);
export const isTrueOrFalse = ({ kind, type }: { kind: string; type: string }): boolean =>
  kind === 'violation' || JUDGED.has(type);
