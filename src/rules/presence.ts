/** Is the person at home? What the home units say of the order's tags, as a function of time (radio frequency). */
import type { DeviceId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { DeviceRecord, RfReading } from '../domain/record.js';
import type { Presence, UnitPresence } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';

/** Where a home unit stands and when; a move to another address is another stay. */
interface Stay extends Interval {
  readonly address: string;
}

interface TagPlan {
  readonly worn: readonly Interval[];
  /**
   * Whether it is the person's tag, whose first reading is waited for when it is put on. An alcohol tag is not: it is
   * worn beside the tag, and says where the person is only while no other is worn.
   */
  readonly isTheTag: boolean;
}

/** Who speaks for the order, and when. */
export interface PresencePlan {
  readonly units: ReadonlyMap<DeviceId, readonly Stay[]>;
  readonly tags: ReadonlyMap<DeviceId, TagPlan>;
  readonly silenceMs: number;
}

/** What `hearUnit` leaves: the unit's state, and what the record made of its presence (null: nothing) at which address. */
export interface Heard {
  readonly unit: UnitPresence;
  readonly changedTo: Presence | null;
  readonly address: string | null;
}

export type Units = Readonly<Record<DeviceId, UnitPresence>>;

export function compilePresence(order: Pick<Order, 'devices'>, numbers: Pick<Policy, 'silenceS'>): PresencePlan {
  const units = new Map<DeviceId, Stay[]>();
  const tags = new Map<DeviceId, { worn: Interval[]; isTheTag: boolean }>();
  for (const { deviceId, kind, address, fromMs, toMs } of [...order.devices].sort((a, b) => a.fromMs - b.fromMs)) {
    const span = { startMs: fromMs, endMs: toMs };
    if (kind !== 'home_unit') {
      const tag = tags.get(deviceId) ?? { worn: [], isTheTag: kind !== 'alcohol_tag' };
      tags.set(deviceId, { ...tag, worn: withSpan(tag.worn, span, () => true) });
    } else if (address !== null) {
      const stay = { ...span, address };
      units.set(
        deviceId,
        withSpan(units.get(deviceId) ?? [], stay, (last) => last.address === address),
      );
    }
  }
  return { units, tags, silenceMs: numbers.silenceS * 1000 };
}

export function initialUnit(): UnitPresence {
  return { presence: 'unknown', tagId: null, heardMs: null, moved: false };
}

/**
 * Takes in one record that a home unit sent, or a reading of the order's tag at it, in event-time order (equal times:
 * by sequence, then position). A reading of a tag that is not the order's at that time changes nothing (¶19).
 */
export function hearUnit(plan: PresencePlan, unitId: DeviceId, before: UnitPresence, record: DeviceRecord): Heard {
  const { timeMs, body } = record;
  const stay = at(plan.units.get(unitId), timeMs);
  if (stay === null || (body.kind === 'rf' && wornTag(plan, body.tagId, timeMs) === null)) {
    return { unit: before, changedTo: null, address: null };
  }
  const known = before.heardMs !== null && before.heardMs >= stay.startMs ? before : initialUnit();
  // records come before timers at equal times, so a silence that is due now has not set in
  const silent = known.heardMs !== null && timeMs > known.heardMs + plan.silenceMs;
  const held = silent || !rests(plan, known, timeMs) ? { ...known, ...NOT_KNOWN } : known;
  const says = body.kind !== 'rf' || speaksOfPerson(plan, body.tagId, timeMs) ? spoken(held, body) : held;
  const unit = { ...says, heardMs: timeMs };
  return { unit, changedTo: unit.presence === held.presence ? null : unit.presence, address: stay.address };
}

const NOT_KNOWN = { presence: 'unknown', tagId: null } as const;
const SAYS = { ENTER: 'present', PRESENT: 'present', EXIT: 'absent' } as const;

function spoken(unit: UnitPresence, body: DeviceRecord['body']): UnitPresence {
  if (body.kind === 'rf') return unit.moved ? unit : read(unit, body);
  if (body.kind !== 'unit') return unit;
  let state = unit;
  for (const flag of body.flags) {
    if (flag === 'MOVED') state = { ...state, ...NOT_KNOWN, moved: true };
    else if (flag === 'RESET') state = { ...state, moved: false };
  }
  return state;
}

function read(unit: UnitPresence, reading: RfReading): UnitPresence {
  return reading.event === 'UNSPECIFIED' ? unit : { ...unit, presence: SAYS[reading.event], tagId: reading.tagId };
}

/**
 * Presence at any of the addresses: present if present at one, absent if absent at all, otherwise unknown. Units that
 * stand at one address at that time are combined in the same way; an address without a unit is unknown. The answer is
 * for the moment as a whole: every record of `atMs` is in `units`, and a silence that is due at `atMs` has set in.
 */
export function presenceAt(plan: PresencePlan, units: Units, addresses: readonly string[], atMs: number): Presence {
  let absent = addresses.length > 0;
  for (const address of addresses) {
    let unitsHere = 0;
    for (const [unitId, stays] of plan.units) {
      const stay = at(stays, atMs);
      if (stay === null || stay.address !== address) continue;
      unitsHere++;
      const presence = unitAt(plan, stay, units[unitId], atMs);
      if (presence === 'present') return 'present';
      if (presence === 'unknown') absent = false;
    }
    if (unitsHere === 0) absent = false;
  }
  return absent ? 'absent' : 'unknown';
}

/** What one unit by itself says of a moment; null: it stands nowhere for the order then. */
export function unitPresence(plan: PresencePlan, unitId: DeviceId, units: Units, atMs: number): Presence | null {
  const stay = at(plan.units.get(unitId), atMs);
  return stay === null ? null : unitAt(plan, stay, units[unitId], atMs);
}

/** The units that stand at an address at a moment. */
export function standing(plan: PresencePlan, address: string, atMs: number): DeviceId[] {
  const unitIds: DeviceId[] = [];
  for (const [unitId, stays] of plan.units) if (at(stays, atMs)?.address === address) unitIds.push(unitId);
  return unitIds;
}

function unitAt(plan: PresencePlan, stay: Stay, unit: UnitPresence | undefined, atMs: number): Presence {
  if (unit === undefined || unit.heardMs === null || unit.heardMs < stay.startMs) return 'unknown';
  if (atMs >= unit.heardMs + plan.silenceMs) return 'unknown';
  return rests(plan, unit, atMs) ? unit.presence : 'unknown';
}

/** Does what a unit said still rest on the tag that is worn? */
function rests(plan: PresencePlan, unit: UnitPresence, atMs: number): boolean {
  if (unit.tagId === null || unit.heardMs === null) return false;
  const worn = wornTag(plan, unit.tagId, atMs);
  if (worn === null || unit.heardMs < worn.startMs) return false;
  for (const [tagId, tag] of plan.tags) {
    if (tagId === unit.tagId || !tag.isTheTag) continue;
    for (const { startMs } of tag.worn) if (startMs > unit.heardMs && startMs <= atMs) return false;
  }
  return true;
}

/**
 * The next moment at which `presenceAt` may change though no record comes: a silence, or an edge of an assignment.
 * `firedMs`: timers due at or before it have fired (a tick at t: t; after a record at t: t − 1).
 */
export function presenceDueMs(plan: PresencePlan, units: Units, firedMs: number): number | null {
  let dueMs = Infinity;
  const consider = (ms: number): void => {
    if (ms > firedMs && ms < dueMs) dueMs = ms;
  };
  const edges = (spans: readonly Interval[]): void => {
    for (const { startMs, endMs } of spans) {
      consider(startMs);
      consider(endMs);
    }
  };
  for (const [unitId, stays] of plan.units) {
    edges(stays);
    const unit = units[unitId];
    if (unit !== undefined && unit.heardMs !== null && unit.presence !== 'unknown')
      consider(unit.heardMs + plan.silenceMs);
  }
  for (const { worn } of plan.tags.values()) edges(worn);
  return dueMs === Infinity ? null : dueMs;
}

function speaksOfPerson({ tags }: PresencePlan, tagId: DeviceId, atMs: number): boolean {
  if (tags.get(tagId)?.isTheTag === true) return true;
  for (const { worn, isTheTag } of tags.values()) if (isTheTag && at(worn, atMs) !== null) return false;
  return true;
}

function wornTag(plan: PresencePlan, tagId: DeviceId, atMs: number): Interval | null {
  return at(plan.tags.get(tagId)?.worn, atMs);
}

function at<S extends Interval>(spans: readonly S[] | undefined, ms: number): S | null {
  return spans?.find((span) => ms >= span.startMs && ms < span.endMs) ?? null;
}

/** Adds a span to those before it; one that goes on where the last ends, of the same kind, is no change. */
function withSpan<S extends Interval>(spans: readonly S[], span: S, same: (last: S) => boolean): S[] {
  const last = spans.at(-1);
  return last !== undefined && last.endMs === span.startMs && same(last)
    ? [...spans.slice(0, -1), { ...last, endMs: span.endMs }]
    : [...spans, span];
}
