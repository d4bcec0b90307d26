/** The curfew of an HMPPS order: its timetable, the night of release, its own dates. */
import { type Interval, WEEKDAYS } from '../domain/timetable.js';
import { DAY_MS } from '../rules/civil-time.js';
import type { Draft, Json } from './hmpps-draft.js';
import { clockOf, type Source } from './hmpps-source.js';

const ID = 'curfew';
const ADDRESS_TYPES = ['PRIMARY', 'SECONDARY', 'TERTIARY'];
const ADDRESS_NAMES = ADDRESS_TYPES.map((type) => type.toLowerCase());
const EXAMPLE_ROW = { days: ['MONDAY'], start: '19:00', end: '07:00', addresses: ['primary'] };

interface Row {
  readonly day: string;
  readonly start: string;
  readonly end: string;
  readonly addresses: readonly string[];
}

export function mapCurfew(order: Source, draft: Draft): void {
  const conditions = order.get('curfewConditions');
  const period = draft.period(conditions);
  const allowed = addressesOf(conditions.get('curfewAddress'), order);
  const rows: Row[] = [];
  let whole = true;
  for (const source of order.get('curfewTimeTable').items()) {
    const row = readRow(source, order, allowed);
    if (row === null) {
      draft.note(source, 'is a row without a day, both times, or an address that is known: it is left out');
      whole = false;
    } else rows.push(row);
  }
  if (rows.length === 0 || !whole) {
    const why =
      rows.length === 0 ? 'the source has a curfew and no rows for it' : 'a row of the source is not complete';
    draft.need(`conditions.${ID}.timetable`, 'the rows of the curfew, all of them', why, [EXAMPLE_ROW]);
  }
  const timetable = grouped(rows);
  const release = mapRelease(order, draft, allowed);
  // at the same addresses it is the first of the nights; else it is judged by itself, for rows of two sets must not overlap
  const first = release !== null && timetable.every((row) => sameAddresses(row, release.row)) ? release : null;
  const held = first === null ? [period] : joinedNights([first.interval, period]);
  const absences = draft.absencesOutside(held, 'outside the dates of the curfew');
  draft.conditions[ID] = {
    kind: 'curfew',
    ...(rows.length === 0 ? {} : { timetable }),
    ...(first === null ? {} : { dated: [first.row] }),
    ...(absences.length === 0 ? {} : { authorised_absences: absences }),
  };
  if (release !== null && first === null) draft.conditions[`${ID}-release`] = { kind: 'curfew', dated: [release.row] };
}

const sameAddresses = (a: Json, b: Json): boolean => String(a.addresses) === String(b.addresses);

/** A night that ends at 23:59 goes on with the curfew that begins at midnight: the minute between is not cut out. */
function joinedNights([night, curfew]: readonly [Interval, Interval]): Interval[] {
  const gapMs = curfew.startMs - night.endMs;
  return gapMs > 0 && gapMs <= 60_000 ? [{ startMs: night.startMs, endMs: curfew.endMs }] : [night, curfew];
}

function readRow(source: Source, order: Source, allowed: readonly string[] | null): Row | null {
  const day = source.get('dayOfWeek').text()?.toUpperCase() ?? '';
  const start = clockOf(source.get('startTime'));
  const end = clockOf(source.get('endTime'));
  const addresses = addressesOf(source.get('curfewAddress'), order) ?? allowed;
  if (!WEEKDAYS.some((name) => name === day) || start === null || end === null || !addresses?.length) return null;
  return { day, start, end, addresses };
}

/**
 * `PRIMARY_ADDRESS,SECONDARY_ADDRESS` or `PRIMARY` or the id of one of the order's addresses → short names. Null: none is
 * given; empty: one is not known. The street address behind a name stays where it is.
 */
function addressesOf(source: Source, order: Source): readonly string[] | null {
  const words = (source.text() ?? '').split(/[\s,;]+/).filter((word) => word !== '');
  const names = words.map((word) => {
    const byId = order
      .get('addresses')
      .items()
      .find((address) => address.get('id').text() === word);
    const type = byId === undefined ? word.toUpperCase().replace(/_ADDRESS$/, '') : byId.get('addressType').text();
    return ADDRESS_TYPES.find((known) => known === type)?.toLowerCase() ?? null;
  });
  if (names.length === 0) return null;
  return names.includes(null) ? [] : [...new Set(names as string[])];
}

/** The source lists a span once for each address: at the same time the person may be at any of them. */
function grouped(rows: readonly Row[]): Json[] {
  const spans = new Map<string, { readonly row: Row; readonly addresses: Set<string> }>();
  for (const row of rows) {
    const key = `${row.day} ${row.start} ${row.end}`;
    const same = spans.get(key);
    if (same === undefined) spans.set(key, { row, addresses: new Set(row.addresses) });
    else for (const address of row.addresses) same.addresses.add(address);
  }
  const groups = new Map<string, { readonly days: Set<string>; readonly rest: Json }>();
  for (const { row, addresses } of spans.values()) {
    const rest = {
      start: row.start,
      end: row.end,
      addresses: ADDRESS_NAMES.filter((name) => addresses.has(name)),
    };
    const key = JSON.stringify(rest);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { days: new Set([row.day]), rest });
    else same.days.add(row.day);
  }
  return [...groups.values()].map(({ days, rest }) => ({ days: WEEKDAYS.filter((day) => days.has(day)), ...rest }));
}

/** `curfewReleaseDateConditions`: a row of its own on the day of release, which holds even before the curfew's first day. */
function mapRelease(
  order: Source,
  draft: Draft,
  allowed: readonly string[] | null,
): { row: Json; interval: Interval } | null {
  const source = order.get('curfewReleaseDateConditions');
  const day = draft.day(source.get('releaseDate'));
  const [start, end] = [clockOf(source.get('startTime')), clockOf(source.get('endTime'))];
  const addresses = addressesOf(source.get('curfewAddress'), order) ?? allowed;
  if (day === null && start === null && end === null) return null;
  if (day === null || start === null || end === null || !addresses?.length) {
    const why = 'the source does not say the day of release, both times, or an address that is known';
    const example = [{ date: '2026-03-02', start: '15:00', end: '23:59', addresses: ['primary'] }];
    draft.need(`conditions.${ID}.dated`, 'the curfew on the day of release', why, example);
    return null;
  }
  const interval = {
    startMs: draft.zone.utcMs(day, secondsOf(start)),
    endMs: draft.zone.utcMs(secondsOf(end) <= secondsOf(start) ? day + 1 : day, secondsOf(end)),
  };
  if (draft.startMs !== null && interval.startMs < draft.startMs) {
    draft.note(source, 'begins before the order starts: nothing is watched before that');
  }
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return { row: { date, start, end, addresses: ADDRESS_NAMES.filter((name) => addresses.includes(name)) }, interval };
}

function secondsOf(clock: string): number {
  const [h = 0, m = 0, s = 0] = clock.split(':').map(Number);
  return h * 3600 + m * 60 + s;
}
