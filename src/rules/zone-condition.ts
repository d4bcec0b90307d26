/** A zone condition made ready for its fixes: shape, windows and numbers, and how far from it a position is. */
import type { ZoneId } from '../domain/ids.js';
import type { Order, ZoneCondition } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape, signedDistanceM } from './geometry.js';
import type { Told } from './visits-parts.js';
import { orderWindows } from './windows.js';

export interface CompiledZone extends Told {
  readonly type: 'exclusion' | 'inclusion';
  readonly shape: CompiledShape;
  readonly k: number;
  readonly gapMs: number;
  /** When the order ends: nothing is known of a visit after it. */
  readonly endMs: number;
  /** Null: there is no buffer around it. */
  readonly approach: (Told & { readonly bufferM: number }) | null;
  /** Two fixes at most this far apart can show that the way between them led through the zone. */
  readonly crossingMs: number;
}

/** Null: the zone it names is not known, so there is nothing to watch. */
export function compileZone(
  condition: ZoneCondition,
  order: Pick<Order, 'timeZone' | 'startMs' | 'endMs'>,
  numbers: Pick<Policy, 'k' | 'gapS' | 'toleranceS' | 'crossingS'>,
  shapeOf: (zoneId: ZoneId) => ZoneShape | null,
): CompiledZone | null {
  const shape = condition.zone.kind === 'own' ? condition.zone.shape : shapeOf(condition.zone.zoneId);
  if (shape === null) return null;
  const exclusion = condition.kind === 'exclusion_zone';
  const { conditionId, bufferM } = condition;
  const windows = orderWindows(condition.timetable, order);
  return {
    conditionId,
    type: exclusion ? 'exclusion' : 'inclusion',
    shape: compileShape(shape),
    windows,
    k: numbers.k,
    gapMs: numbers.gapS * 1000,
    endMs: order.endMs,
    toleranceMs: exclusion ? ANY_LENGTH : (condition.toleranceS ?? numbers.toleranceS) * 1000,
    approach:
      exclusion && bufferM > 0
        ? { conditionId, type: 'zone.approach', windows, toleranceMs: ANY_LENGTH, bufferM }
        : null,
    crossingMs: numbers.crossingS * 1000,
  };
}

/** Also a part of no length counts. */
const ANY_LENGTH = -1;

/**
 * Signed metres to where a visit of this zone begins: negative where the person must not be. Exact as far as a fix of
 * that radius can be in doubt about the zone or its buffer; beyond, some value that is surely clear of both.
 */
export function zoneDistanceM(zone: CompiledZone, lon: number, lat: number, radiusM: number): number {
  if (zone.type === 'exclusion') {
    // With a buffer a metre more, for taking it off again may round below the radius.
    const capM = zone.approach === null ? radiusM : radiusM + zone.approach.bufferM + 1;
    return signedDistanceM(zone.shape, lon, lat, capM);
  }
  return exchanged(signedDistanceM(zone.shape, lon, lat, Infinity, radiusM));
}

/** In and out exchanged. On the boundary one leans into the zone, whichever side of it is forbidden (§4). */
export const exchanged = (distanceM: number): number => (distanceM === 0 ? Number.MIN_VALUE : -distanceM);
