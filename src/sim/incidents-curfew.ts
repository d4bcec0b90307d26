/** What goes wrong with a curfew, and what nearly does. Each says what the truth must then contain. */
import type { Interval } from '../domain/timetable.js';
import { GRID_MS, localOf, MINUTE_MS, rfc3339, timeText } from './civil-time.js';
import { around } from './ground.js';
import { curfewWindows, isFree, type PersonDraft } from './person-draft.js';

/** Plans itself into a person, within a span of the run; false: this person's timetable has no room for it. */
export type Incident = (person: PersonDraft, span: Interval) => boolean;

const TOLERANCE_MS = 300_000;
const MARGIN_MS = 20 * MINUTE_MS;

const grid = (ms: number): number => Math.round(ms / GRID_MS) * GRID_MS;
const minutes = (person: PersonDraft, low: number, high: number): number =>
  grid(person.random.between(low, high) * MINUTE_MS);

/** A stretch away from home that the plan means; false when something else is planned near. */
function away(person: PersonDraft, leaveMs: number, returnMs: number, expected: readonly string[] | null): boolean {
  const span = { startMs: leaveMs, endMs: returnMs };
  if (!isFree(person, span, MARGIN_MS)) return false;
  const reach = Math.min(1_500, ((returnMs - leaveMs) / 1_000 / 3) * 4);
  const outward = Math.atan2(person.home.y, person.home.x) + person.random.between(-1, 1);
  person.trips.push({ leaveMs, returnMs, to: around(person.home, outward, reach), dense: false });
  person.reserved.push(span);
  if (expected !== null) person.expected.push({ type: 'curfew', codes: expected });
  return true;
}

/** The windows that begin and end within the span, with room on both sides. */
function wholeWindows(person: PersonDraft, span: Interval): Interval[] {
  return curfewWindows(person).filter(
    (w) => w.startMs >= span.startMs + 75 * MINUTE_MS && w.endMs <= span.endMs - 75 * MINUTE_MS,
  );
}

/** The windows that begin within the span with at least `roomMs` of them inside it. */
function beginningWindows(person: PersonDraft, span: Interval, roomMs: number): Interval[] {
  return curfewWindows(person)
    .filter((w) => w.startMs >= span.startMs + 75 * MINUTE_MS)
    .map((w) => ({ startMs: w.startMs, endMs: Math.min(w.endMs, span.endMs - MARGIN_MS) }))
    .filter((w) => w.endMs - w.startMs >= roomMs);
}

function inOne(person: PersonDraft, windows: readonly Interval[], plan: (window: Interval) => boolean): boolean {
  return person.random.shuffled(windows).some(plan);
}

export const lateReturn: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 100 * MINUTE_MS), (w) =>
    away(person, w.startMs - minutes(person, 25, 55), w.startMs + minutes(person, 8, 75), ['AL08', 'AL09']),
  );

export const outInCurfew: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 100 * MINUTE_MS), (w) => {
    const leave = w.startMs + minutes(person, 15, (w.endMs - w.startMs) / MINUTE_MS - 75);
    return away(person, leave, leave + minutes(person, 6, 50), ['AL10']);
  });

export const outAtEnd: Incident = (person, span) =>
  inOne(person, wholeWindows(person, span), (w) =>
    away(person, w.endMs - minutes(person, 10, 50), w.endMs + minutes(person, 20, 60), ['AL10', 'AL11']),
  );

export const outEntire: Incident = (person, span) =>
  inOne(
    person,
    wholeWindows(person, span).filter((w) => w.endMs - w.startMs <= 150 * MINUTE_MS),
    (w) => away(person, w.startMs - minutes(person, 20, 50), w.endMs + minutes(person, 15, 50), ['AL08', 'AL12']),
  );

/** Leaves, then the home unit falls silent: the absence is known only until presence becomes unknown. */
export const outThenUnknown: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 240 * MINUTE_MS), (w) => {
    const leave = w.startMs + minutes(person, 15, 25);
    const back = leave + minutes(person, 195, 210);
    if (!away(person, leave, back, ['AL10'])) return false;
    person.unitQuiet.push({ startMs: leave + GRID_MS, endMs: back });
    person.expected.push({ type: 'device.silent', codes: [] }, { type: 'curfew.unverified', codes: [] });
    return true;
  });

/** Back at the last moment that is borne: an absence of exactly the tolerance is none. */
export const backOnTheDot: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 60 * MINUTE_MS), (w) =>
    away(person, w.startMs - minutes(person, 25, 50), w.startMs + TOLERANCE_MS, null),
  );

/** Out for the tolerance, or one step of the grid less. */
export const shortAbsence: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 60 * MINUTE_MS), (w) => {
    const leave = w.startMs + minutes(person, 15, (w.endMs - w.startMs) / MINUTE_MS - 20);
    return away(person, leave, leave + TOLERANCE_MS - person.random.whole(0, 2) * GRID_MS, null);
  });

/** Out during an absence that was authorised. */
export const authorisedAbsence: Incident = (person, span) =>
  inOne(person, beginningWindows(person, span, 120 * MINUTE_MS), (w) => {
    const from = w.startMs + minutes(person, 20, 40);
    const to = from + minutes(person, 45, 60);
    if (!away(person, from + 2 * MINUTE_MS, to - 2 * MINUTE_MS, null) || person.curfew === null) return false;
    const absence = { from: rfc3339(from), to: rfc3339(to), reason: 'hospital' };
    person.curfew.authorised_absences = [...(person.curfew.authorised_absences ?? []), absence];
    return true;
  });

/** Nobody at the unit when monitoring begins in a window: unknown, which is not absent. */
export const lateFirstReading: Incident = (person, span) => {
  const { startMs } = person.run;
  if (span.startMs !== startMs || person.curfew === null) return false;
  const quiet = { startMs, endMs: startMs + minutes(person, 20, 45) };
  if (!isFree(person, { startMs, endMs: quiet.endMs + 30 * MINUTE_MS }, 0)) return false;
  const { date, seconds } = localOf(person.timeZone, startMs);
  const begins = timeText(seconds - 3_600);
  const ends = timeText(seconds + 3_600);
  person.curfew.dated = [...(person.curfew.dated ?? []), { date, start: begins, end: ends, addresses: ['primary'] }];
  person.firstUnitReportMs.value = quiet.endMs;
  person.reserved.push({ startMs, endMs: quiet.endMs + 30 * MINUTE_MS });
  person.expected.push({ type: 'curfew.unverified', codes: [] });
  return true;
};
