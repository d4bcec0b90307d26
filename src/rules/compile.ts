/** An order made ready for stepping: its numbers settled, its timetables and shapes compiled, its devices by name. */
import type { DeviceId, ZoneId } from '../domain/ids.js';
import { type Assignment, assignmentsWithin, type Condition, type Order, type ZoneSource } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { ZoneShape } from '../domain/zone.js';
import { type AlcoholLimit, compileAlcohol } from './alcohol.js';
import { type CompiledAttendance, compileAttendance } from './attendance.js';
import { type CompiledCurfew, compileCurfew } from './curfew.js';
import { type Part, partOfDevice } from './part.js';
import { compilePresence, type PresencePlan } from './presence.js';
import { type CompiledZone, compileZone } from './zone-condition.js';
import { reachOf, type ZoneReach } from './zone-reach.js';

/** What the rules go by for one order, from `effectiveMs` on. */
export interface OrderPolicy {
  /** Tells the editions of one order apart; the same statements make the same name. */
  readonly edition: string;
  readonly effectiveMs: number;
  /** When the gateway was first told of the order: before, silence says nothing. */
  readonly toldMs: number;
  readonly order: Order;
  readonly numbers: Policy;
  readonly curfews: readonly CompiledCurfew[];
  readonly zones: readonly CompiledZone[];
  /** Where the zones are. */
  readonly reach: ZoneReach;
  readonly attendance: readonly CompiledAttendance[];
  readonly alcohol: readonly AlcoholLimit[];
  /** By device, earliest first. */
  readonly devices: ReadonlyMap<DeviceId, readonly Assignment[]>;
  /** What each device is called among the parts of the rules (`rules/draft`): put together once. */
  readonly parts: ReadonlyMap<DeviceId, Part>;
  readonly presence: PresencePlan;
}

/** `shapeOf` gives a shared zone's shape; a condition whose zone is not there is not watched. */
export function compileOrder(
  order: Order,
  shapeOf: (zoneId: ZoneId) => ZoneShape | null,
  defaults: Policy,
  place: { readonly edition: string; readonly effectiveMs: number; readonly toldMs?: number },
): OrderPolicy {
  const numbers: Policy = { ...defaults, ...order.policy };
  const toldMs = place.toldMs ?? -Infinity;
  const curfews: CompiledCurfew[] = [];
  const zones: CompiledZone[] = [];
  const attendance: CompiledAttendance[] = [];
  const alcohol: AlcoholLimit[] = [];
  for (const condition of order.conditions) {
    if (condition.kind === 'curfew') curfews.push(compileCurfew(condition, order, numbers, toldMs));
    else if (condition.kind === 'exclusion_zone' || condition.kind === 'inclusion_zone') {
      const zone = compileZone(condition, order, numbers, shapeOf);
      if (zone !== null) zones.push(zone);
    } else if (condition.kind === 'attendance') {
      attendance.push(compileAttendance(condition, order, numbers, shapeOf, toldMs));
    } else if (condition.kind === 'alcohol_abstinence' || condition.kind === 'alcohol_level') {
      alcohol.push(compileAlcohol(condition));
    }
  }
  const devices = new Map<DeviceId, Assignment[]>();
  const assigned = assignmentsWithin(order);
  for (const assignment of [...assigned].sort((a, b) => a.fromMs - b.fromMs)) {
    const list = devices.get(assignment.deviceId) ?? [];
    devices.set(assignment.deviceId, list);
    const last = list.at(-1);
    // An assignment that goes on where the last ends is one: nothing of the device ends in between.
    if (last?.toMs === assignment.fromMs && last.kind === assignment.kind && last.address === assignment.address) {
      list[list.length - 1] = { ...last, toMs: assignment.toMs };
    } else list.push(assignment);
  }
  const parts = new Map([...devices.keys()].map((deviceId) => [deviceId, partOfDevice(deviceId)]));
  const reach = reachOf(zones);
  const presence = compilePresence({ devices: assigned }, numbers);
  return { ...place, toldMs, order, numbers, curfews, zones, reach, attendance, alcohol, devices, parts, presence };
}

/** The assignment of a device that covers a moment; null: it does not speak for this order then. */
export function assignmentAt(policy: OrderPolicy, deviceId: DeviceId, atMs: number): Assignment | null {
  for (const assignment of policy.devices.get(deviceId) ?? []) {
    if (assignment.fromMs <= atMs && atMs < assignment.toMs) return assignment;
  }
  return null;
}

/** Shared zones that an order names, each once. */
export function sharedZonesOf(order: Order): ReadonlySet<ZoneId> {
  const ids = new Set<ZoneId>();
  for (const condition of order.conditions) {
    const source = zoneSourceOf(condition);
    if (source?.kind === 'shared') ids.add(source.zoneId);
  }
  return ids;
}

function zoneSourceOf(condition: Condition): ZoneSource | null {
  if (condition.kind === 'exclusion_zone' || condition.kind === 'inclusion_zone') return condition.zone;
  if (condition.kind === 'attendance' && condition.at.kind === 'zone') return condition.at.zone;
  return null;
}
