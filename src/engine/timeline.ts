/** What was said of one order, laid out in time: which revision, with which zones and devices, held from when to when. */
import type { ZoneId } from '../domain/ids.js';
import { type Assignment, assignmentsWithin, type Order } from '../domain/order.js';
import type { SharedZone } from '../domain/zone.js';
import { sharedZonesOf } from '../rules/compile.js';

/** A revision of an order, with the journal position that it came from and the time from which it holds. */
export interface Revision {
  readonly position: number;
  readonly order: Order;
  /** When it was told; -Infinity: before anything happened. */
  readonly receivedMs: number;
  readonly effectiveMs: number;
}

/** A shared zone as it was stored. That it was deleted changes nothing of what was: nobody named it any more. */
export interface ZoneVersion {
  readonly position: number;
  readonly atMs: number;
  readonly zone: SharedZone;
}

/** A stretch in which nothing of the order or of its zones changes. */
export interface Segment {
  /** The same statements make the same name, in this process and after a restart. */
  readonly name: string;
  readonly fromMs: number;
  /** The revision, with the devices that speak for the order in this stretch. */
  readonly order: Order;
  readonly zones: ReadonlyMap<ZoneId, SharedZone>;
}

/**
 * Oldest first, without those that never came into force: a new revision stands in place of all that was to come at or
 * after its time. `revisions`: by position.
 */
export function revisionsInForce(revisions: readonly Revision[]): Revision[] {
  const line: Revision[] = [];
  for (const revision of revisions) {
    while ((line.at(-1)?.effectiveMs ?? -Infinity) >= revision.effectiveMs) line.pop();
    line.push(revision);
  }
  return line;
}

/** `versionsOf`: of a shared zone, oldest first. */
export function segmentsOf(
  line: readonly Revision[],
  versionsOf: (zoneId: ZoneId) => readonly ZoneVersion[],
): Segment[] {
  return line.flatMap(({ order, position, effectiveMs }, i) => {
    const toMs = line[i + 1]?.effectiveMs ?? Infinity;
    const named = [...sharedZonesOf(order)].map((zoneId) => ({ zoneId, versions: versionsOf(zoneId) }));
    // What a zone was before it was first stored nobody said: it is taken as it was said first.
    const edits = named.flatMap(({ versions }) => versions.slice(1).map(({ atMs }) => atMs));
    const cuts = [...new Set(edits.filter((ms) => ms > effectiveMs && ms < toMs))].sort((a, b) => a - b);
    const inForce = { ...order, devices: devicesDuring(line, i) };
    return [effectiveMs, ...cuts].map((fromMs): Segment => {
      const zones = new Map<ZoneId, SharedZone>();
      let newest = 0;
      for (const { zoneId, versions } of named) {
        const version = versions.findLast(({ atMs }) => atMs <= fromMs) ?? versions[0];
        if (version === undefined) continue;
        newest = Math.max(newest, version.position);
        zones.set(zoneId, version.zone);
      }
      return { name: newest === 0 ? `${position}` : `${position}.${newest}`, fromMs, order: inForce, zones };
    });
  });
}

/**
 * The devices of revision `i`. Who wore what is a fact that may be told late: where a later revision says anew until when
 * an assignment lasted, that holds; and a device that it has first speaks for the order from when it says.
 */
function devicesDuring(line: readonly Revision[], i: number): Assignment[] {
  const own = line[i]?.order.devices ?? [];
  const later = line.slice(i + 1);
  const saidLast = (device: Assignment): Assignment =>
    later.flatMap(({ order }) => order.devices.find((other) => sameAssignment(device, other)) ?? []).at(-1) ?? device;
  const devices = own.map(saidLast);
  const known = new Set(line.slice(0, i + 1).flatMap(({ order }) => order.devices.map(({ deviceId }) => deviceId)));
  for (const { order } of later) {
    const added = assignmentsWithin(order).filter(({ deviceId }) => !known.has(deviceId));
    devices.push(...added.map(saidLast));
    for (const { deviceId } of added) known.add(deviceId);
  }
  return devices;
}

const sameAssignment = (a: Assignment, b: Assignment): boolean =>
  a.deviceId === b.deviceId && a.fromMs === b.fromMs && a.kind === b.kind && a.address === b.address;

/**
 * Whose a device's records are, at any time: an order that has been replaced keeps what was said while it held, from the
 * beginning of time where it was the first.
 */
export function spokenFor(line: readonly Revision[]): Assignment[] {
  const spans: Assignment[] = [];
  for (const [i, { order, effectiveMs }] of line.entries()) {
    const [sinceMs, untilMs] = [i === 0 ? -Infinity : effectiveMs, line[i + 1]?.effectiveMs ?? Infinity];
    for (const device of assignmentsWithin({ ...order, devices: devicesDuring(line, i) })) {
      const span = { ...device, fromMs: Math.max(device.fromMs, sinceMs), toMs: Math.min(device.toMs, untilMs) };
      if (span.fromMs >= span.toMs) continue;
      const last = spans.findIndex(
        (s) =>
          s.deviceId === span.deviceId && s.toMs === span.fromMs && s.kind === span.kind && s.address === span.address,
      );
      if (last === -1) spans.push(span);
      else spans[last] = { ...(spans[last] as Assignment), toMs: span.toMs };
    }
  }
  return spans;
}
