/** The conditions of an order in the contract's JSON. */
import { parseConditionId, parseZoneId } from '../domain/ids.js';
import type { Appointment, AttendanceCondition, Condition, ZoneSource } from '../domain/order.js';
import { unreachable } from '../domain/result.js';
import { Fields, id, list, number, oneOf, type Read, time } from './order-reader.js';
import { addressName, readTimetable, timeJson, timetableJson } from './order-timetable.js';
import { readZoneShape, shapeJson } from './zone-json.js';

const KINDS = [
  'curfew',
  'exclusion_zone',
  'inclusion_zone',
  'trail',
  'attendance',
  'alcohol_abstinence',
  'alcohol_level',
] as const satisfies readonly Condition['kind'][];

const tolerance = number({ min: 0, max: 86_400, whole: true, unit: 'seconds' });
const buffer = number({ min: 0, max: 100_000, whole: false, unit: 'metres' });

export const readCondition: Read<Condition> = (value, at) => {
  const fields = new Fields(value, at);
  const conditionId = fields.required('condition_id', id(parseConditionId));
  const before = at.problems.length;
  const kind = fields.required('kind', oneOf(KINDS));
  // which fields belong here is not known without the kind
  if (!fields.isObject || at.problems.length > before) return { conditionId, kind: 'trail' };
  const condition = readKind(fields, kind, conditionId);
  fields.done();
  return condition;
};

function readKind(fields: Fields, kind: Condition['kind'], conditionId: Condition['conditionId']): Condition {
  switch (kind) {
    case 'curfew':
      return {
        conditionId,
        kind,
        toleranceS: fields.optional('tolerance_s', tolerance, null),
        timetable: readTimetable(fields, true),
      };
    case 'exclusion_zone':
      return {
        conditionId,
        kind,
        zone: readZone(fields),
        bufferM: fields.optional('buffer_m', buffer, 0),
        toleranceS: null,
        timetable: readTimetable(fields, false),
      };
    case 'inclusion_zone':
      return {
        conditionId,
        kind,
        zone: readZone(fields),
        bufferM: 0,
        toleranceS: fields.optional('tolerance_s', tolerance, null),
        timetable: readTimetable(fields, false),
      };
    case 'trail':
      return { conditionId, kind };
    case 'attendance':
      return {
        conditionId,
        kind,
        at: readWhere(fields),
        appointments: fields.required('appointments', list(appointment, { min: 1, max: 2_000, of: 'appointments' })),
      };
    case 'alcohol_abstinence':
    case 'alcohol_level':
      return {
        conditionId,
        kind,
        thresholdUgL: fields.required('threshold_ug_l', number({ min: 1, max: 10_000, whole: false, unit: 'µg/l' })),
        consecutive: fields.optional('consecutive', number({ min: 1, max: 100, whole: true, unit: 'readings' }), 2),
      };
    default:
      return unreachable(kind);
  }
}

/** Its own geometry (`zone`) or a shared zone by its id (`zone_ref`), not both. */
function readZone(fields: Fields): ZoneSource {
  const own = fields.optional('zone', readZoneShape, null);
  const shared = fields.optional('zone_ref', id(parseZoneId), null);
  const given = Number(fields.has('zone')) + Number(fields.has('zone_ref'));
  if (given !== 1) fields.at.expected('either zone or zone_ref', given === 0 ? 'neither' : 'both');
  if (shared !== null) return { kind: 'shared', zoneId: shared };
  return { kind: 'own', shape: own ?? { kind: 'polygons', polygons: [] } };
}

function readWhere(fields: Fields): AttendanceCondition['at'] {
  if (!fields.has('zone') && !fields.has('zone_ref')) {
    const address = fields.optional('address', addressName, null);
    if (address === null) fields.at.expected('an address, a zone or a zone_ref', 'none of them');
    return { kind: 'address', address: address ?? '' };
  }
  if (fields.has('address')) fields.at.expected('one of address, zone and zone_ref', 'an address and a zone');
  return { kind: 'zone', zone: readZone(fields) };
}

const appointment: Read<Appointment> = (value, at) => {
  const fields = new Fields(value, at);
  const read = {
    startMs: fields.required('from', time),
    endMs: fields.required('to', time),
    attendMin: fields.required('attend_min', number({ min: 1, max: 1_440, whole: false, unit: 'minutes' })),
  };
  fields.done();
  return read;
};

export function conditionJson(condition: Condition): Record<string, unknown> {
  const head = { condition_id: condition.conditionId, kind: condition.kind };
  switch (condition.kind) {
    case 'curfew':
      return { ...head, ...toleranceJson(condition.toleranceS), ...timetableJson(condition.timetable) };
    case 'exclusion_zone':
    case 'inclusion_zone':
      return {
        ...head,
        ...zoneSourceJson(condition.zone),
        ...(condition.bufferM === 0 ? {} : { buffer_m: condition.bufferM }),
        ...toleranceJson(condition.toleranceS),
        ...timetableJson(condition.timetable),
      };
    case 'trail':
      return head;
    case 'attendance':
      return {
        ...head,
        ...(condition.at.kind === 'address' ? { address: condition.at.address } : zoneSourceJson(condition.at.zone)),
        appointments: condition.appointments.map(({ startMs, endMs, attendMin }) => ({
          from: timeJson(startMs),
          to: timeJson(endMs),
          attend_min: attendMin,
        })),
      };
    case 'alcohol_abstinence':
    case 'alcohol_level':
      return { ...head, threshold_ug_l: condition.thresholdUgL, consecutive: condition.consecutive };
    default:
      return unreachable(condition);
  }
}

const toleranceJson = (toleranceS: number | null) => (toleranceS === null ? {} : { tolerance_s: toleranceS });
const zoneSourceJson = (zone: ZoneSource) =>
  zone.kind === 'own' ? { zone: shapeJson(zone.shape) } : { zone_ref: zone.zoneId };
