/** What devices say of themselves, and what their silence says (§6): tampering, power, battery, faults. */
import type { AlertCode, AlertType, EndedBy, IntegrityType } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { DeviceKind } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { RecordBody, TagFlag, UnitFlag } from '../domain/record.js';
import type { EquipmentState } from '../domain/subject-state.js';
import { amend, close, type Moment, open } from './machine.js';

export interface Watched {
  readonly deviceId: DeviceId;
  readonly kind: DeviceKind;
}

export type EquipmentNumbers = Pick<
  Policy,
  | 'silenceS'
  | 'tagSilenceS'
  | 'alcoholSilenceS'
  | 'batteryLowPct'
  | 'batteryCriticalPct'
  | 'batteryDeadPct'
  | 'batteryMarginPct'
>;

type Switch = readonly [turn: 'on' | 'off', type: AlertType, code?: AlertCode];

/** Flags that begin or end an alert. Charging is the battery's; motion is judged in `no-fix`. */
const TAG_SWITCHES: Readonly<Partial<Record<TagFlag, Switch>>> = {
  STRAP_TAMPER_START: ['on', 'tamper.strap'],
  STRAP_TAMPER_END: ['off', 'tamper.strap'],
  CASE_OPEN_START: ['on', 'tamper.case'],
  CASE_OPEN_END: ['off', 'tamper.case'],
  SHIELDING_START: ['on', 'tamper.shielding'],
  SHIELDING_END: ['off', 'tamper.shielding'],
  JAMMING_START: ['on', 'tamper.jamming'],
  JAMMING_END: ['off', 'tamper.jamming'],
  SELF_TEST_FAULT: ['on', 'device.fault', 'AL24'],
  SELF_TEST_OK: ['off', 'device.fault'],
};

const UNIT_SWITCHES: Readonly<Partial<Record<UnitFlag, Switch>>> = {
  CASE_OPEN_START: ['on', 'tamper.unit_case'],
  CASE_OPEN_END: ['off', 'tamper.unit_case'],
  MAINS_LOST: ['on', 'unit.power_off', 'AL04'],
  MAINS_RESTORED: ['off', 'unit.power_off'],
  MOVED: ['on', 'unit.moved', 'AL05'],
  RESET: ['off', 'unit.moved'],
  SELF_TEST_FAULT: ['on', 'device.fault', 'AL24'],
  SELF_TEST_OK: ['off', 'device.fault'],
};

/** Every alert of a device that can run; what an assignment's end closes. */
const TYPES: readonly AlertType[] = [
  ...new Set([...Object.values(TAG_SWITCHES), ...Object.values(UNIT_SWITCHES)].map(([, type]) => type)),
  'battery.low',
  'battery.critical',
  'battery.dead',
  'device.silent',
  'device.no_fix',
];

export const UNHEARD: EquipmentState = Object.freeze({
  lastMs: null,
  silent: false,
  lastBatteryPct: null,
  chargePct: null,
  lastFix: null,
  motion: { sinceMs: null, spans: [] },
});

/**
 * A record that concerns a device: its own, or a home unit's reading of it (then `body` is the reading).
 *
 * What counts as hearing from it: any record of its own, also one whose body is not known here; never a home unit's
 * reading of a `tag` or `alcohol_tag`, whose own channel is what silence is about. An `rf_tag` has no channel: it is
 * heard when it is read, and an EXIT is the unit not hearing it.
 */
export function stepEquipment(
  device: Watched,
  state: EquipmentState,
  body: RecordBody,
  numbers: EquipmentNumbers,
  moment: Moment,
): EquipmentState {
  const reading = body.kind === 'rf' && body.tagId === device.deviceId ? body : null;
  const heard = reading === null || (device.kind === 'rf_tag' && (reading.event !== 'EXIT' || reading.status !== null));
  let next = heard ? hear(device, state, moment) : state;
  const status = reading === null ? body : reading.status;
  if (status?.kind === 'tag') {
    for (const flag of status.flags) {
      turn(device, TAG_SWITCHES[flag], moment);
      if (flag === 'CHARGING_START') next = charge(device, next, moment);
      else if (flag === 'CHARGING_END') next = { ...next, chargePct: null };
    }
    next = battery(device, next, status.batteryPct, numbers, moment);
  } else if (status?.kind === 'unit') {
    for (const flag of status.flags) turn(device, UNIT_SWITCHES[flag], moment);
    next = battery(device, next, status.batteryPct, numbers, moment);
  }
  return next;
}

/** A due time has come: the device is silent, and if its battery was all but empty, dead. */
export function equipmentTime(
  device: Watched,
  state: EquipmentState,
  numbers: EquipmentNumbers,
  moment: Moment,
): EquipmentState {
  const dueMs = equipmentDueMs(device, state, numbers);
  if (dueMs === null || moment.atMs < dueMs) return state;
  const since = { kind: 'alert', deviceId: device.deviceId, startMs: dueMs } as const;
  open(moment, { ...since, type: 'device.silent' });
  if (spent(state, numbers)) open(moment, { ...since, type: 'battery.dead', code: 'AL23' });
  return { ...state, silent: true };
}

/**
 * When the device will have been silent for too long; null: never. Silence counts from its first record: before it
 * there is nothing to have fallen silent. An `rf_tag` is watched only after a status that left its battery all but
 * empty: otherwise its silence is its wearer being out, which the curfew judges inside its windows and nobody may be
 * told outside them (¶19).
 */
export function equipmentDueMs(device: Watched, state: EquipmentState, numbers: EquipmentNumbers): number | null {
  if (state.lastMs === null || state.silent) return null;
  if (device.kind === 'rf_tag' && !spent(state, numbers)) return null;
  return state.lastMs + silenceS(device.kind, numbers) * 1000;
}

/**
 * The device speaks for the order no more: nothing it says can end what runs, so all of it ends here, with the reason.
 * Counts of what the gateway saw (`integrity.*`) stay until a person has looked at them.
 */
export function endEquipment(device: Watched, moment: Moment, reason: EndedBy): EquipmentState {
  for (const type of TYPES) {
    const running = moment.running(type, null, device.deviceId);
    if (running !== null) close(moment, running, moment.atMs, reason);
  }
  return UNHEARD;
}

/** Whether anything of the device runs: then its last day with the order still has something to end. */
export function equipmentRuns(running: Moment['running'], deviceId: DeviceId): boolean {
  return TYPES.some((type) => running(type, null, deviceId) !== null);
}

/**
 * One open alert a device and kind, with a count. Every occurrence amends it; which counts are worth a version is
 * decided where versions are made (`rules/alerts`).
 */
export function countIntegrity(moment: Moment, type: IntegrityType, deviceId: DeviceId): void {
  const running = moment.running(type, null, deviceId);
  if (running === null) {
    open(moment, { kind: 'alert', type, deviceId, startMs: moment.atMs });
    return;
  }
  const first = running.records[0];
  const records = first === undefined || moment.record === null ? running.records : [first, moment.record];
  amend(moment, running, { count: running.count + 1, records });
}

function silenceS(kind: DeviceKind, numbers: EquipmentNumbers): number {
  switch (kind) {
    case 'home_unit':
      return numbers.silenceS;
    case 'alcohol_tag':
      return numbers.alcoholSilenceS;
    case 'tag':
    case 'rf_tag':
      return numbers.tagSilenceS;
  }
}

function hear(device: Watched, state: EquipmentState, moment: Moment): EquipmentState {
  if (state.silent) {
    for (const type of ['device.silent', 'battery.dead'] as const) {
      const running = moment.running(type, null, device.deviceId);
      if (running !== null) close(moment, running, moment.atMs, null);
    }
  }
  return { ...state, lastMs: moment.atMs, silent: false };
}

function turn(device: Watched, how: Switch | undefined, moment: Moment): void {
  if (how === undefined) return;
  const [on, type, code] = how;
  const running = moment.running(type, null, device.deviceId);
  if (on === 'off' && running !== null) close(moment, running, moment.atMs, null);
  if (on === 'on' && running === null) {
    const opening = { kind: 'alert', type, deviceId: device.deviceId, startMs: moment.atMs } as const;
    open(moment, code === undefined ? opening : { ...opening, code });
  }
}

function charge(device: Watched, state: EquipmentState, moment: Moment): EquipmentState {
  for (const type of ['battery.low', 'battery.critical'] as const) {
    const running = moment.running(type, null, device.deviceId);
    if (running !== null) close(moment, running, moment.atMs, null);
  }
  return { ...state, chargePct: -1 };
}

/**
 * Levels begin at or under their threshold and end a margin above it. On the charger a low level is no news, unless it
 * keeps falling: a charger that does not charge.
 */
function battery(
  device: Watched,
  state: EquipmentState,
  pct: number | null,
  numbers: EquipmentNumbers,
  moment: Moment,
): EquipmentState {
  if (pct === null) return state;
  const rising = state.chargePct !== null && pct >= state.chargePct;
  const levels = [
    ['battery.low', numbers.batteryLowPct],
    ['battery.critical', numbers.batteryCriticalPct],
  ] as const;
  for (const [type, threshold] of levels) {
    const running = moment.running(type, null, device.deviceId);
    if (running !== null && pct >= threshold + numbers.batteryMarginPct) close(moment, running, moment.atMs, null);
    if (running === null && pct <= threshold && !rising) {
      open(moment, { kind: 'alert', type, deviceId: device.deviceId, startMs: moment.atMs, code: 'AL21' });
    }
  }
  return { ...state, lastBatteryPct: pct, chargePct: state.chargePct === null ? null : pct };
}

function spent(state: EquipmentState, numbers: EquipmentNumbers): boolean {
  return state.lastBatteryPct !== null && state.lastBatteryPct <= numbers.batteryDeadPct;
}
