/** The refusals of an order that need more than its shape: sense in time, devices, addresses, and what others hold. */
import type { OrderId, ZoneId } from '../domain/ids.js';
import {
  type Appointment,
  type Assignment,
  assignmentsWithin,
  type Condition,
  type Order,
  type ZoneSource,
} from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import type { DatedRow, Interval, WeeklyRow } from '../domain/timetable.js';
import { dayNumber, rowOverlaps } from './order-rows.js';
import { swappedProblem } from './zone-countries.js';

/** What the store knows of other orders and of shared zones. */
export interface OtherOrders {
  zoneExists(zoneId: ZoneId): boolean;
  /** Another order that has the device during a part of the assignment, or null. */
  overlapping(orderId: OrderId, assignment: Assignment): OrderId | null;
}

const PROBLEMS_MAX = 100;

/** All problems, at most 100, with the paths of the contract's JSON; none: the order may be stored. */
export function checkOrder(order: Order, others: OtherOrders): Problem[] {
  const problems = [
    ...periodProblems(order),
    ...timeZoneProblems(order.timeZone),
    ...order.devices.flatMap((_, i) => deviceProblems(order, i, others)),
    ...Object.entries(order.addresses).flatMap(([name, position]) =>
      position === null ? [] : (swappedProblem(position, order.timeZone, `addresses.${name}.position`) ?? []),
    ),
    ...order.conditions.flatMap((_, i) => conditionProblems(order, i, others)),
    ...rowOverlaps(order),
  ];
  return problems.slice(0, PROBLEMS_MAX);
}

function periodProblems({ startMs, endMs }: Order): Problem[] {
  return endMs > startMs
    ? []
    : [{ path: 'end', expected: `a time after the start (${iso(startMs)})`, got: iso(endMs) }];
}

/** Names only: an offset like +01:00 has no summer time. */
function timeZoneProblems(timeZone: string): Problem[] {
  try {
    if (/^[A-Za-z]/.test(timeZone)) {
      new Intl.DateTimeFormat('en', { timeZone });
      return [];
    }
  } catch {
    // a RangeError is how Intl says that it does not know the name
  }
  return [{ path: 'time_zone', expected: 'an IANA time zone, like Europe/London', got: quote(timeZone) }];
}

function deviceProblems(order: Order, i: number, others: OtherOrders): Problem[] {
  const device = order.devices[i] as Assignment;
  const { deviceId, kind, address, fromMs, toMs } = device;
  const path = `devices[${i}]`;
  const problems: Problem[] = [];
  const refuse = (field: string, expected: string, got: string) =>
    problems.push({ path: `${path}${field}`, expected, got });

  if (kind === 'home_unit' && address === null)
    refuse('.address', 'the address at which the home unit stands', 'nothing');
  if (kind !== 'home_unit' && address !== null) refuse('.address', `no address, for a ${kind} is worn`, quote(address));
  if (kind === 'rf_tag' && !order.devices.some((other) => other.kind === 'home_unit')) {
    refuse('.kind', 'a home unit in the order, for nothing else hears an rf_tag', 'none');
  }
  if (toMs <= fromMs) refuse('.to', `a time after its start (${iso(fromMs)})`, iso(toMs));
  // A tag is often fitted before the order begins; what it says then is nobody's (`assignmentsWithin`).
  if (toMs > fromMs && toMs <= order.startMs)
    refuse('.to', `a time after the order starts (${iso(order.startMs)})`, iso(toMs));
  if (fromMs >= order.endMs) refuse('.from', `a time before the order ends (${iso(order.endMs)})`, iso(fromMs));

  for (const [j, earlier] of order.devices.slice(0, i).entries()) {
    if (earlier.deviceId !== deviceId) continue;
    if (earlier.kind !== kind)
      refuse('.kind', `the kind that ${deviceId} has in devices[${j}] (${earlier.kind})`, kind);
    if (earlier.fromMs < toMs && fromMs < earlier.toMs) {
      refuse('', `assignments of ${deviceId} that do not overlap`, `an overlap with devices[${j}]`);
    }
  }
  const [within] = assignmentsWithin({ ...order, devices: [device] });
  const other = within === undefined ? null : others.overlapping(order.orderId, within);
  if (other !== null) refuse('', `a time in which no other order has ${deviceId}`, `an overlap with order ${other}`);
  return problems;
}

function conditionProblems(order: Order, i: number, others: OtherOrders): Problem[] {
  const condition = order.conditions[i] as Condition;
  const path = `conditions[${i}]`;
  const same = order.conditions.findIndex(({ conditionId }) => conditionId === condition.conditionId);
  const problems: Problem[] = [];
  if (same < i) {
    problems.push({ path: `${path}.condition_id`, expected: 'an id of its own', got: `that of conditions[${same}]` });
  }
  switch (condition.kind) {
    case 'curfew':
    case 'exclusion_zone':
    case 'inclusion_zone':
      problems.push(...timetableProblems(order, condition, path));
      if (condition.kind !== 'curfew') problems.push(...zoneProblem(order, condition.zone, path, others));
      break;
    case 'attendance':
      if (condition.at.kind === 'zone') problems.push(...zoneProblem(order, condition.at.zone, path, others));
      else problems.push(...addressProblem(order, condition.at.address, `${path}.address`));
      problems.push(
        ...condition.appointments.flatMap((one, n) => appointmentProblems(order, one, `${path}.appointments[${n}]`)),
      );
      break;
    default: // a trail and alcohol conditions have nothing that can contradict
  }
  return problems;
}

type WithTimetable = Extract<Condition, { readonly timetable: unknown }>;

function timetableProblems(order: Order, { kind, timetable }: WithTimetable, path: string): Problem[] {
  const { weekly, dated, absences } = timetable;
  const problems: Problem[] = [];
  const always = weekly === null && kind !== 'curfew';
  if (!always && (weekly ?? []).length + dated.length === 0) {
    const expected =
      kind === 'curfew' ? 'at least one row' : 'at least one row, or no timetable for a zone that is always active';
    problems.push({ path: `${path}.timetable`, expected, got: weekly === null ? 'nothing' : 'an empty list' });
  }
  const addressesOf = (row: WeeklyRow | DatedRow, at: string): Problem[] =>
    row.addresses.flatMap((name, n) => addressProblem(order, name, `${at}.addresses[${n}]`));
  problems.push(...(weekly ?? []).flatMap((row, r) => addressesOf(row, `${path}.timetable[${r}]`)));
  dated.forEach((row, r) => {
    const at = `${path}.dated[${r}]`;
    if (dayNumber(row.date) === null)
      problems.push({ path: `${at}.date`, expected: 'a date that exists', got: quote(row.date) });
    problems.push(...addressesOf(row, at));
  });
  problems.push(...absences.flatMap((absence, n) => intervalProblem(absence, `${path}.authorised_absences[${n}]`)));
  return problems;
}

/** An address exists when a home unit stands at it; `addresses` only adds where that is. */
function addressProblem(order: Order, name: string, path: string): Problem[] {
  const homes = order.devices.flatMap(({ kind, address }) =>
    kind === 'home_unit' && address !== null ? [address] : [],
  );
  if (homes.includes(name)) return [];
  const known = homes.length === 0 ? 'it has none' : [...new Set(homes)].join(', ');
  return [{ path, expected: `an address where a home unit of the order stands (${known})`, got: quote(name) }];
}

function zoneProblem(order: Order, zone: ZoneSource, path: string, others: OtherOrders): Problem[] {
  if (zone.kind === 'own') {
    const swapped = swappedProblem(zone.shape, order.timeZone, `${path}.zone`);
    return swapped === null ? [] : [swapped];
  }
  if (others.zoneExists(zone.zoneId)) return [];
  return [{ path: `${path}.zone_ref`, expected: 'the id of a shared zone that is stored', got: quote(zone.zoneId) }];
}

function appointmentProblems(order: Order, appointment: Appointment, path: string): Problem[] {
  const { startMs, endMs } = appointment;
  const minutes = (endMs - startMs) / 60_000;
  if (minutes <= 0) return intervalProblem(appointment, path);
  // of the time outside the order nothing is known of the person (¶16), so they could only be accused of missing it
  if (startMs < order.startMs)
    return [
      { path: `${path}.from`, expected: `a time within the order (from ${iso(order.startMs)})`, got: iso(startMs) },
    ];
  if (endMs > order.endMs)
    return [{ path: `${path}.to`, expected: `a time within the order (until ${iso(order.endMs)})`, got: iso(endMs) }];
  // nobody could meet it
  if (appointment.attendMin <= minutes) return [];
  const expected = `at most the ${minutes} minutes of the appointment`;
  return [{ path: `${path}.attend_min`, expected, got: String(appointment.attendMin) }];
}

function intervalProblem({ startMs, endMs }: Interval, path: string): Problem[] {
  return endMs > startMs
    ? []
    : [{ path: `${path}.to`, expected: `a time after its start (${iso(startMs)})`, got: iso(endMs) }];
}

const iso = (ms: number): string => new Date(ms).toISOString();
const quote = (text: string): string =>
  text.length <= 78 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 76))}…`;
