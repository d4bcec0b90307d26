/** Within what time somebody must have seen an alert, as data, and how often that time has passed. */
import type { Finding } from '../domain/alert.js';

const MINUTE_MS = 60_000;

/** What may mean danger now is looked at within four minutes, the response time of active monitoring (NIJ Standard 1004.00). */
const LIMITS_MS = {
  urgent: 4 * MINUTE_MS,
  high: 15 * MINUTE_MS,
  normal: 60 * MINUTE_MS,
  low: 24 * 60 * MINUTE_MS,
} as const;
type Severity = keyof typeof LIMITS_MS;

const SEVERITIES: Partial<Record<Finding['type'], Severity>> = {
  exclusion: 'urgent',
  'zone.approach': 'urgent',
  'zone.crossing_inferred': 'urgent',
  'tamper.strap': 'urgent',
  'tamper.case': 'urgent',
  'tamper.jamming': 'urgent',
  'tamper.shielding': 'urgent',
  curfew: 'high',
  inclusion: 'high',
  'tamper.unit_case': 'high',
  'unit.moved': 'high',
  'alcohol.suspected': 'high',
  'alcohol.tamper': 'high',
  'curfew.atv_exceeded': 'high',
  'integrity.replayed': 'high',
  'integrity.bad_seal': 'high',
  'integrity.double_session': 'high',
  attendance: 'normal',
  'attendance.missed': 'normal',
  'attendance.unverified': 'normal',
  'curfew.unverified': 'normal',
  'device.silent': 'normal',
  'device.no_fix': 'normal',
  'battery.critical': 'normal',
  'battery.dead': 'normal',
  'unit.power_off': 'normal',
  'integrity.contradiction': 'normal',
};

/** Others, of equipment that has time and of what the gateway counts, wait for a day. */
export const acknowledgeWithinMs = (type: Finding['type']): number => LIMITS_MS[SEVERITIES[type] ?? 'low'];

/** Told again when the limit has passed once, three times, and ten times: to a supervisor, a manager, the contract's owner. */
const LEVELS_AT = [1, 3, 10] as const;
export const LEVEL_MAX = LEVELS_AT.length;

/** The level that an alert has come to that nobody has acknowledged; 0: there is time yet. */
export function escalationLevel(type: Finding['type'], raisedMs: number, nowMs: number): number {
  const limitMs = acknowledgeWithinMs(type);
  return LEVELS_AT.filter((times) => nowMs - raisedMs > times * limitMs).length;
}
