/** Mandatory attendance of an HMPPS order: appointments on days that are written in words. */
import { WEEKDAYS, type Weekday } from '../domain/timetable.js';
import { DAY_MS, weekdayOf } from '../rules/civil-time.js';
import type { Draft, Json } from './hmpps-draft.js';
import { EXAMPLE_ZONE } from './hmpps-examples.js';
import { clockOf, type Source } from './hmpps-source.js';
import { timeJson } from './order-timetable.js';

/** As many as an order may have in one condition. */
const APPOINTMENTS_MAX = 2_000;

export function mapAttendance(order: Source, draft: Draft): void {
  const sources = order.get('mandatoryAttendanceConditions').items();
  if (sources.length === 0) {
    draft.need(
      'conditions.attendance-1',
      'an attendance condition, or null for none',
      'the source asks for attendance and has none',
      { kind: 'attendance', zone: EXAMPLE_ZONE, appointments: exampleAppointments(draft), attend_min: 30 },
    );
  }
  for (const [i, source] of sources.entries()) {
    const id = `attendance-${i + 1}`;
    const path = `conditions.${id}`;
    const appointments = appointmentsOf(source, draft);
    if (appointments === null) {
      draft.need(
        `${path}.appointments`,
        'the appointments',
        `their days, dates or times are not plain enough to be worked out (${source.path}.appointmentDay)`,
        exampleAppointments(draft),
      );
    }
    draft.need(
      `${path}.attend_min`,
      'minutes that the person must be there, at each appointment that does not say otherwise',
      'the source does not say',
      30,
    );
    draft.need(
      `${path}.zone`,
      'where: the geometry of a zone, or zone_ref, or address, the short name of one with a home unit',
      `it comes as a street address (${source.path}.addressLine1), which is not kept`,
      EXAMPLE_ZONE,
      [`${path}.zone_ref`, `${path}.address`],
    );
    draft.conditions[id] = { kind: 'attendance', ...(appointments === null ? {} : { appointments }) };
  }
}

function exampleAppointments(draft: Draft): Json[] {
  const fromMs = (draft.startMs ?? Date.UTC(2026, 2, 1)) + DAY_MS;
  return [{ from: timeJson(fromMs), to: timeJson(fromMs + DAY_MS / 24) }];
}

/** Null: a person must say. */
function appointmentsOf(source: Source, draft: Draft): Json[] | null {
  const days = daysInWords(source.get('appointmentDay').text() ?? '');
  const firstDay = draft.day(source.get('startDate'));
  const lastDay = draft.day(source.get('endDate')) ?? (draft.endMs === null ? null : draft.zone.dayAt(draft.endMs - 1));
  const [start, end] = [clockOf(source.get('startTime')), clockOf(source.get('endTime'))];
  if (days === null || firstDay === null || lastDay === null || start === null || end === null) return null;
  const appointments: Json[] = [];
  for (let day = firstDay; day <= lastDay; day++) {
    if (!days.has(WEEKDAYS[weekdayOf(day)] ?? 'MONDAY')) continue;
    const [startS, endS] = [secondsOf(start), secondsOf(end)];
    const fromMs = draft.zone.utcMs(day, startS);
    const toMs = draft.zone.utcMs(endS <= startS ? day + 1 : day, endS);
    if (fromMs < (draft.startMs ?? 0) || toMs > (draft.endMs ?? Infinity)) {
      draft.note(source, 'has appointments outside the order: they are left out');
      continue;
    }
    appointments.push({ from: timeJson(fromMs), to: timeJson(toMs) });
    if (appointments.length > APPOINTMENTS_MAX) return null;
  }
  return appointments.length === 0 ? null : appointments;
}

const SHORT_NAMES: ReadonlyMap<string, Weekday> = new Map(
  WEEKDAYS.flatMap((day) => [2, 3, 4, 5].map((n) => [day.slice(0, n).toLowerCase(), day] as const)),
);
const FILLERS = new Set(['every', 'each', 'on', 'and', 'weekly']);

/** `Monday`, `every Tue & Thurs`, `Monday to Friday`, `daily` → days. Null: anything else ("fortnightly", "first Monday"). */
export function daysInWords(words: string): ReadonlySet<Weekday> | null {
  const text = words.toLowerCase().replace(/\s*(?:-|–|\bto\b)\s*/g, ' to ');
  if (/^\s*(?:daily|every ?day|each day|monday to sunday)\s*\.?\s*$/.test(text)) return new Set(WEEKDAYS);
  if (/^\s*(?:weekdays|every weekday)\s*\.?\s*$/.test(text)) return new Set(WEEKDAYS.slice(0, 5));
  const days = new Set<Weekday>();
  let last: number | null = null;
  let range = false;
  for (const word of text.split(/[\s,;&/.+]+/).filter((part) => part !== '')) {
    const day = dayNamed(word);
    if (day === null && word === 'to' && last !== null) range = true;
    else if (day === null && FILLERS.has(word) && !range) last = null;
    else if (day === null) return null;
    else {
      const index = WEEKDAYS.indexOf(day);
      for (let i: number = range && last !== null ? last : index; ; i = (i + 1) % 7) {
        days.add(WEEKDAYS[i] as Weekday);
        if (i === index) break;
      }
      last = index;
      range = false;
    }
  }
  return days.size === 0 || range ? null : days;
}

function dayNamed(word: string): Weekday | null {
  const whole = WEEKDAYS.find((day) => day.toLowerCase() === word || `${day.toLowerCase()}s` === word);
  return whole ?? (word.length >= 3 ? (SHORT_NAMES.get(word) ?? null) : null);
}

function secondsOf(clock: string): number {
  const [h = 0, m = 0, s = 0] = clock.split(':').map(Number);
  return h * 3600 + m * 60 + s;
}
