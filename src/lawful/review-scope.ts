/** Which of an order's records may be shown: spoken by its own devices, inside curfew hours unless more is open (¶19). */
import type { Sight } from '../domain/grant.js';
import type { DeviceId } from '../domain/ids.js';
import { type Assignment, assignmentsWithin } from '../domain/order.js';
import type { RfReading } from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import type { ArchivedRecord } from '../ports/archive.js';
import type { Reviewed } from '../ports/evidence.js';
import type { OrderRevision } from '../ports/ledger.js';
import { orderWindows } from '../rules/windows.js';

interface Edition {
  readonly fromMs: number;
  /** Whether radio was ordered to be watched at that moment. */
  readonly watched: (atMs: number) => boolean;
}

export class ReviewScope {
  readonly #speaking: ReadonlyMap<DeviceId, readonly Assignment[]>;
  readonly #editions: readonly Edition[];

  /** `revisions`: oldest first, at least one. */
  constructor(revisions: readonly OrderRevision[]) {
    this.#speaking = speaking(revisions);
    this.#editions = revisions.map(editionOf);
  }

  /** Null: it is no position, or not this order's. */
  fix(said: ArchivedRecord): Reviewed | null {
    return said.record.body.kind === 'fix' && this.#wears(said.deviceId, said.record.timeMs) ? said : null;
  }

  /** Null: a position, not this order's, or more than the sight allows. */
  other(said: ArchivedRecord, sight: Sight): Reviewed | null {
    const { record, deviceId } = said;
    switch (record.body.kind) {
      case 'fix':
        return null;
      case 'rf':
        return sight.records === 'all' ? this.#reading(said, record.body, sight) : null;
      case 'alcohol':
      case 'unknown':
        return sight.records === 'all' && this.#wears(deviceId, record.timeMs) ? said : null;
      case 'tag':
      case 'unit':
      case 'heartbeat':
        return sight.records !== 'none' && this.#wears(deviceId, record.timeMs) ? said : null;
      default:
        return unreachable(record.body);
    }
  }

  #reading(said: ArchivedRecord, { tagId }: RfReading, sight: Sight): Reviewed | null {
    const { timeMs } = said.record;
    if (!this.#wears(tagId, timeMs)) return null;
    const ownUnit = this.#wears(said.deviceId, timeMs);
    if (ownUnit && this.#watched(timeMs)) return said;
    if (!sight.beyondCurfew) return null;
    return ownUnit || sight.namesOthers ? said : { ...said, deviceId: null };
  }

  #wears(deviceId: DeviceId, atMs: number): boolean {
    const slots = this.#speaking.get(deviceId) ?? [];
    return slots.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  }

  #watched(atMs: number): boolean {
    return (this.#editions.findLast(({ fromMs }) => fromMs <= atMs) ?? this.#editions[0])?.watched(atMs) ?? false;
  }
}

/**
 * Who wore what is a fact that may be told late: what a later revision says of a device holds for the past too, and one
 * that leaves a device out ends it when it takes effect.
 */
function speaking(revisions: readonly OrderRevision[]): Map<DeviceId, readonly Assignment[]> {
  const byDevice = new Map<DeviceId, readonly Assignment[]>();
  for (const { order, effectiveMs } of revisions) {
    const told = new Map<DeviceId, readonly Assignment[]>();
    for (const slot of assignmentsWithin(order)) told.set(slot.deviceId, [...(told.get(slot.deviceId) ?? []), slot]);
    for (const [deviceId, slots] of byDevice) {
      if (told.has(deviceId)) continue;
      byDevice.set(
        deviceId,
        slots.map((slot) => ({ ...slot, toMs: Math.min(slot.toMs, effectiveMs) })),
      );
    }
    for (const [deviceId, slots] of told) byDevice.set(deviceId, slots);
  }
  return byDevice;
}

/** Curfews, and appointments at an address: that is when radio may say where somebody is. */
function editionOf({ order, effectiveMs }: OrderRevision): Edition {
  const curfews = order.conditions.flatMap((condition) =>
    condition.kind === 'curfew' ? [orderWindows(condition.timetable, order)] : [],
  );
  const appointments = order.conditions.flatMap((condition) =>
    condition.kind === 'attendance' && condition.at.kind === 'address' ? condition.appointments : [],
  );
  return {
    fromMs: effectiveMs,
    watched: (atMs) =>
      curfews.some((windows) => windows.windowAt(atMs) !== null) ||
      appointments.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs),
  };
}
