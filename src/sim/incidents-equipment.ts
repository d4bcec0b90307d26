/** What happens to tags and home units: tampering, power, batteries, silence. */
import type { TagFlag, UnitFlag } from '../domain/record.js';
import type { Interval } from '../domain/timetable.js';
import { GRID_MS, HOUR_MS, MINUTE_MS } from './civil-time.js';
import type { Incident } from './incidents-curfew.js';
import { curfewWindows, isFree, overlaps, type PersonDraft } from './person-draft.js';

const grid = (ms: number): number => Math.round(ms / GRID_MS) * GRID_MS;

/** Reserves a time of this length at home, away from whatever else is planned; null: no room. */
function atHome(
  person: PersonDraft,
  span: Interval,
  wholeMs: number,
  accept: (at: Interval) => boolean = () => true,
): Interval | null {
  for (let attempt = 0; attempt < 40; attempt++) {
    const earliest = span.startMs + 10 * MINUTE_MS;
    const latest = span.endMs - wholeMs - 20 * MINUTE_MS;
    if (latest < earliest) return null;
    const startMs = grid(person.random.between(earliest, latest));
    const at = { startMs, endMs: startMs + wholeMs };
    if (!isFree(person, at, 15 * MINUTE_MS) || !accept(at)) continue;
    person.reserved.push(at);
    return at;
  }
  return null;
}

function tagSpan(type: string, from: TagFlag, to: TagFlag, codes: string[], lowMin: number, highMin: number): Incident {
  return (person, span) => {
    const at = atHome(person, span, grid(person.random.between(lowMin, highMin) * MINUTE_MS));
    if (at === null) return false;
    person.tagEvents.push({ atMs: at.startMs, flags: [from] }, { atMs: at.endMs, flags: [to] });
    person.expected.push({ type, codes });
    return true;
  };
}

function unitSpan(
  type: string,
  from: UnitFlag,
  to: UnitFlag,
  codes: string[],
  lowMin: number,
  highMin: number,
): Incident {
  return (person, span) => {
    const at = atHome(person, span, grid(person.random.between(lowMin, highMin) * MINUTE_MS));
    if (at === null) return false;
    person.unitEvents.push({ atMs: at.startMs, flags: [from] }, { atMs: at.endMs, flags: [to] });
    person.expected.push({ type, codes });
    return true;
  };
}

export const strapTamper = tagSpan('tamper.strap', 'STRAP_TAMPER_START', 'STRAP_TAMPER_END', [], 2, 40);
export const caseOpen = tagSpan('tamper.case', 'CASE_OPEN_START', 'CASE_OPEN_END', [], 2, 20);
export const shielding = tagSpan('tamper.shielding', 'SHIELDING_START', 'SHIELDING_END', [], 5, 30);
export const jamming = tagSpan('tamper.jamming', 'JAMMING_START', 'JAMMING_END', [], 5, 30);
export const tagFault = tagSpan('device.fault', 'SELF_TEST_FAULT', 'SELF_TEST_OK', ['AL24'], 10, 60);
export const powerOff = unitSpan('unit.power_off', 'MAINS_LOST', 'MAINS_RESTORED', ['AL04'], 5, 90);
export const unitCaseOpen = unitSpan('tamper.unit_case', 'CASE_OPEN_START', 'CASE_OPEN_END', [], 2, 15);
export const unitFault = unitSpan('device.fault', 'SELF_TEST_FAULT', 'SELF_TEST_OK', ['AL24'], 10, 60);

/** The strap says twice that it is open: still one alert. */
export const strapTwice: Incident = (person, span) => {
  const at = atHome(person, span, 20 * MINUTE_MS);
  if (at === null) return false;
  for (const [minute, flag] of [
    [0, 'STRAP_TAMPER_START'],
    [7, 'STRAP_TAMPER_START'],
    [20, 'STRAP_TAMPER_END'],
  ] as const) {
    person.tagEvents.push({ atMs: at.startMs + minute * MINUTE_MS, flags: [flag] });
  }
  person.expected.push({ type: 'tamper.strap', codes: [] });
  return true;
};

/** Carried about during a window: presence is unknown until a reading after it stands again. */
export const unitMoved: Incident = (person, span) => {
  const windows = curfewWindows(person);
  const at = atHome(person, span, 40 * MINUTE_MS, ({ startMs, endMs }) =>
    windows.some((w) => w.startMs <= startMs && endMs + 10 * MINUTE_MS <= w.endMs),
  );
  if (at === null) return false;
  person.unitEvents.push({ atMs: at.startMs, flags: ['MOVED'] }, { atMs: at.endMs, flags: ['RESET'] });
  person.expected.push({ type: 'unit.moved', codes: ['AL05'] }, { type: 'curfew.unverified', codes: [] });
  return true;
};

/** Battery readings at steps of minutes; null: put on charge (which says no level). */
function batteryRun(
  person: PersonDraft,
  span: Interval,
  steps: readonly (readonly [number, number | null])[],
): Interval | null {
  const lengthMs = (steps.at(-1)?.[0] ?? 0) * MINUTE_MS;
  const at = atHome(person, span, lengthMs);
  if (at === null) return null;
  person.batteryScripts.push(at);
  for (const [minute, pct] of steps) {
    const atMs = at.startMs + minute * MINUTE_MS;
    person.tagEvents.push(pct === null ? { atMs, flags: ['CHARGING_START'] } : { atMs, flags: [], batteryPct: pct });
  }
  return at;
}

/** Low, and better only when it is five points above: 24 does not close what 20 opened. */
export const batteryLow: Incident = (person, span) => {
  const found = batteryRun(person, span, [
    [0, 24],
    [15, 21],
    [30, 20],
    [45, 22],
    [60, 24],
    [75, 25],
    [90, 60],
  ]);
  if (found === null) return false;
  person.expected.push({ type: 'battery.low', codes: ['AL21'] });
  return true;
};

export const batteryCritical: Incident = (person, span) => {
  const found = batteryRun(person, span, [
    [0, 22],
    [15, 19],
    [30, 14],
    [45, 11],
    [60, 9],
    [75, 8],
    [80, null],
    [140, 85],
  ]);
  if (found === null) return false;
  person.expected.push({ type: 'battery.low', codes: ['AL21'] }, { type: 'battery.critical', codes: ['AL21'] });
  return true;
};

/** Runs flat, is silent for over an hour, and is put on charge. */
export const batteryDead: Incident = (person, span) => {
  const steps = [
    [0, 19],
    [20, 12],
    [40, 9],
    [60, 5],
    [80, 3],
    [200, null],
    [250, 70],
  ] as const;
  const found = batteryRun(person, span, steps);
  if (found === null) return false;
  person.tagQuiet.push({ startMs: found.startMs + 80 * MINUTE_MS + GRID_MS, endMs: found.startMs + 200 * MINUTE_MS });
  for (const type of ['battery.low', 'battery.critical']) person.expected.push({ type, codes: ['AL21'] });
  person.expected.push({ type: 'device.silent', codes: [] }, { type: 'battery.dead', codes: ['AL23'] });
  return true;
};

export const tagSilent: Incident = (person, span) => {
  const at = atHome(person, span, grid(person.random.between(90, 180) * MINUTE_MS));
  if (at === null) return false;
  person.tagQuiet.push(at);
  person.expected.push({ type: 'device.silent', codes: [] });
  return true;
};

/** The home unit is not heard for hours; in a window that also leaves the curfew unverified. */
export const unitSilent: Incident = (person, span) => {
  const wholeMs = grid(person.random.between(190, 220) * MINUTE_MS);
  const windows = curfewWindows(person);
  const at = atHome(person, span, wholeMs, (found) => {
    // judged either clearly in a window or clearly outside one, whatever the phase of the hourly call
    const unknown = { startMs: found.startMs + 60 * MINUTE_MS, endMs: found.endMs };
    return (
      windows.some((w) => w.startMs <= unknown.startMs && unknown.endMs <= w.endMs) ||
      !windows.some((w) => overlaps(w, unknown))
    );
  });
  if (at === null) return false;
  person.unitQuiet.push(at);
  person.expected.push({ type: 'device.silent', codes: [] });
  if (windows.some((w) => overlaps(w, { startMs: at.endMs - HOUR_MS, endMs: at.endMs }))) {
    person.expected.push({ type: 'curfew.unverified', codes: [] });
  }
  return true;
};

/** Silent for just as long as is borne: the next call comes exactly when doubt would begin. */
export const unitQuietNotSilent: Incident = (person, span) => {
  const at = atHome(person, span, 7_500_000);
  if (at === null) return false;
  // a record where the quiet begins fixes what it is counted from
  person.unitEvents.push({ atMs: at.startMs, flags: [] });
  person.unitQuiet.push({ startMs: at.startMs + GRID_MS, endMs: at.endMs });
  return true;
};

/** Another's home unit sees this person's tag while they visit: a foreign sighting, which tells nobody anything. */
export const foreignSighting: Incident = (person, span) => {
  const trip = person.trips.find((t) => t.leaveMs >= span.startMs && t.returnMs - t.leaveMs >= 40 * MINUTE_MS);
  if (trip === undefined) return false;
  const middle = grid((trip.leaveMs + trip.returnMs) / 2);
  person.visitsTo.push({ fromMs: middle - 5 * MINUTE_MS, toMs: middle + 5 * MINUTE_MS });
  return true;
};
