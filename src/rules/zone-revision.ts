/** What a new edition of the policy does to a zone: goes on, is judged anew with a reason, or is watched no more (§4). */
import type { VisitPart, VisitReason } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import type { CompiledZone } from './zone-condition.js';

/** Null: visits go on, though the order may begin or end at another time. */
export function zoneChange(
  former: OrderPolicy,
  next: OrderPolicy,
  zone: CompiledZone,
  atMs: number,
): Exclude<VisitReason, 'INITIAL'> | null {
  if (next.order.endMs <= atMs) return 'ORDER_ENDED';
  const successor = next.zones.find(({ conditionId }) => conditionId === zone.conditionId);
  if (successor === undefined) return 'ORDER_REVISED';
  return terms(former, zone) === terms(next, successor) && sameShape(zone, successor) ? null : 'ZONE_EDITED';
}

/** The part as the next edition has it; undefined: it would have begun elsewhere, or not at all. */
export function partUnder(
  next: CompiledZone,
  part: VisitPart | null,
  sinceMs: number | null,
): VisitPart | null | undefined {
  if (part === null) return null;
  const window = next.windows.windowAt(part.lastInMs);
  if (window === null || Math.max(sinceMs ?? part.startMs, window.startMs) !== part.startMs) return undefined;
  return window.endMs === part.windowEndMs ? part : { ...part, windowEndMs: window.endMs };
}

/** All that decides about a visit but the order's own bounds. */
function terms({ order }: OrderPolicy, zone: CompiledZone): string {
  const condition = order.conditions.find(({ conditionId }) => conditionId === zone.conditionId);
  const timetable = condition !== undefined && 'timetable' in condition ? condition.timetable : null;
  const { type, k, gapMs, toleranceMs, approach } = zone;
  return JSON.stringify([type, k, gapMs, toleranceMs, approach?.bufferM ?? 0, timetable, order.timeZone]);
}

/** A shape is compiled once, so one that nobody touched is the same object. */
function sameShape({ shape: a }: CompiledZone, { shape: b }: CompiledZone): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
