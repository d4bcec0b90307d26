/** The timetable of a condition in the contract's JSON: weekly rows, dated rows, authorised absences. */
import {
  type AuthorisedAbsence,
  type DatedRow,
  type Timetable,
  WEEKDAYS,
  type WeeklyRow,
} from '../domain/timetable.js';
import { date, describe, Fields, list, oneOf, type Place, type Read, text, time, timeOfDay } from './order-reader.js';

/** Short names only: a street address has no place in an order, and `__proto__` none in a record. */
export const addressName: Read<string> = (value, at) => {
  if (typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value) && value !== '__proto__') return value;
  at.expected('the short name of an address (1 to 64 of A-Z a-z 0-9 . _ -), like primary', describe(value));
  return '';
};

const days: Read<WeeklyRow['days']> = (value, at) => {
  const read = list(oneOf(WEEKDAYS), { min: 1, max: 7, of: 'days' })(value, at);
  if (new Set(read).size < read.length) at.expected('each day once', describe(value));
  return read;
};

/** A curfew's rows name addresses, a zone's must not. */
function span(fields: Fields, withAddresses: boolean) {
  const startS = fields.required('start', timeOfDay);
  const endS = fields.required('end', timeOfDay);
  const addresses = withAddresses
    ? fields.required('addresses', list(addressName, { min: 1, max: 10, of: 'addresses' }))
    : [];
  fields.done();
  return { startS, endS, addresses };
}

const weeklyRow =
  (withAddresses: boolean): Read<WeeklyRow> =>
  (value, at) => {
    const fields = new Fields(value, at);
    return { days: fields.required('days', days), ...span(fields, withAddresses) };
  };

const datedRow =
  (withAddresses: boolean): Read<DatedRow> =>
  (value, at) => {
    const fields = new Fields(value, at);
    return { date: fields.required('date', date), ...span(fields, withAddresses) };
  };

/** `reason` may be left out. */
const absence: Read<AuthorisedAbsence> = (value, at: Place) => {
  const fields = new Fields(value, at);
  const read = {
    startMs: fields.required('from', time),
    endMs: fields.required('to', time),
    reason: fields.optional('reason', text(200), ''),
  };
  fields.done();
  return read;
};

/**
 * From the condition's own fields `timetable`, `dated` and `authorised_absences`. With dated rows alone the weekly rows
 * are none, not "always": whoever writes a date means that date.
 */
export function readTimetable(fields: Fields, withAddresses: boolean): Timetable {
  const weekly = fields.optional('timetable', list(weeklyRow(withAddresses), { min: 0, max: 200, of: 'rows' }), null);
  const dated = fields.optional('dated', list(datedRow(withAddresses), { min: 0, max: 2_000, of: 'rows' }), []);
  const absences = fields.optional('authorised_absences', list(absence, { min: 0, max: 2_000, of: 'absences' }), []);
  return { weekly: weekly === null && dated.length > 0 ? [] : weekly, dated, absences };
}

export function timetableJson({ weekly, dated, absences }: Timetable): Record<string, unknown> {
  return {
    ...(weekly === null ? {} : { timetable: weekly.map((row) => ({ days: row.days, ...spanJson(row) })) }),
    ...(dated.length === 0 ? {} : { dated: dated.map((row) => ({ date: row.date, ...spanJson(row) })) }),
    ...(absences.length === 0
      ? {}
      : {
          authorised_absences: absences.map(({ startMs, endMs, reason }) => ({
            from: timeJson(startMs),
            to: timeJson(endMs),
            ...(reason === '' ? {} : { reason }),
          })),
        }),
  };
}

function spanJson({ startS, endS, addresses }: WeeklyRow | DatedRow): Record<string, unknown> {
  return { start: clock(startS), end: clock(endS), ...(addresses.length === 0 ? {} : { addresses }) };
}

/** RFC 3339, UTC, with milliseconds. */
export const timeJson = (ms: number): string => new Date(ms).toISOString();

function clock(secondsOfDay: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(secondsOfDay / 3_600), Math.floor(secondsOfDay / 60) % 60, secondsOfDay % 60];
  return s === 0 ? `${two(h)}:${two(m)}` : `${two(h)}:${two(m)}:${two(s)}`;
}
