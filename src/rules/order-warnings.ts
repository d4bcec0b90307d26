/** What an order says that is legal and surely not meant: told to whoever checks it, and no reason to refuse it. */
import {
  type Assignment,
  assignmentsWithin,
  type Condition,
  type CurfewCondition,
  type DeviceKind,
  type Order,
} from '../domain/order.js';
import type { DatedRow, Interval, Timetable, WeeklyRow } from '../domain/timetable.js';
import { civilDay, DAY_MS } from './civil-time.js';
import { orderWindows, type Windows } from './windows.js';

export interface OrderWarning {
  /** JSON path from the order's root, as in `Problem`. */
  readonly path: string;
  readonly warning: string;
}

const WARNINGS_MAX = 100;

/** For an order in which `checkOrder` finds nothing wrong; at most 100. */
export function orderWarnings(order: Order): OrderWarning[] {
  const ofConditions = order.conditions.flatMap((condition, i) => ofCondition(order, condition, `conditions[${i}]`));
  return [...ofOrder(order), ...ofConditions, ...unusedAddresses(order)].slice(0, WARNINGS_MAX);
}

function ofOrder({ effectiveMs, endMs, policy, curfewOnly, conditions }: Order): OrderWarning[] {
  const warnings: OrderWarning[] = [];
  const warn = (path: string, warning: string): void => void warnings.push({ path, warning });
  if (effectiveMs !== null && effectiveMs >= endMs) {
    warn('effective_from', 'is not before the end of the order, so this revision is never in force');
  }
  if (curfewOnly && conditions.some(({ kind }) => kind !== 'curfew')) {
    warn('curfew_only', 'is true, and there are conditions that are no curfew');
  }
  const { batteryLowPct: low, batteryCriticalPct: critical } = policy;
  if (low !== undefined && critical !== undefined && critical > low) {
    warn('policy.battery_critical_pct', `is above battery_low_pct (${low})`);
  }
  return warnings;
}

function ofCondition(order: Order, condition: Condition, path: string): OrderWarning[] {
  const whole: WhenWatched = (fromMs) => ({ startMs: Math.max(fromMs, order.startMs), endMs: order.endMs });
  switch (condition.kind) {
    case 'curfew':
      return [
        ...ofTimetable(order, condition.timetable, path),
        ...ofCurfew(order, condition, path),
        ...unwatched(order, worn('tag', 'rf_tag'), whenIn(orderWindows(condition.timetable, order)), path),
      ];
    case 'exclusion_zone':
    case 'inclusion_zone':
      return [
        ...ofTimetable(order, condition.timetable, path),
        ...unwatched(order, worn('tag'), whenIn(orderWindows(condition.timetable, order)), path),
      ];
    case 'trail':
      return unwatched(order, worn('tag'), whole, path);
    case 'attendance': {
      const when: WhenWatched = (fromMs) =>
        [...condition.appointments].sort((a, b) => a.startMs - b.startMs).find(({ endMs }) => endMs > fromMs) ?? null;
      if (condition.at.kind === 'zone') return unwatched(order, worn('tag'), when, path);
      const { address } = condition.at;
      return [
        ...unwatched(order, worn('tag', 'rf_tag'), when, path),
        ...unwatched(order, unitAt(address), when, `${path}.address`),
      ];
    }
    case 'alcohol_abstinence':
    case 'alcohol_level':
      return unwatched(order, worn('alcohol_tag'), whole, path);
  }
}

function ofTimetable(order: Order, timetable: Timetable, path: string): OrderWarning[] {
  const warnings: OrderWarning[] = [];
  const warn = (at: string, warning: string): void => void warnings.push({ path: `${path}${at}`, warning });
  const { weekly, dated, absences } = timetable;
  const uncut = orderWindows({ ...timetable, absences: [] }, order);
  if (uncut.firstEndingAfter(order.startMs) === null) {
    warn('', 'has no window within the order');
    return warnings;
  }
  if (orderWindows(timetable, order).firstEndingAfter(order.startMs) === null)
    warn('.authorised_absences', 'cover every window of the condition');
  absences.forEach(({ startMs, endMs }, i) => {
    if ((uncut.firstEndingAfter(startMs)?.startMs ?? Infinity) >= endMs)
      warn(`.authorised_absences[${i}]`, 'lies outside every window, so it cuts nothing');
  });
  const seen = new Map<string, string>();
  const row = (it: WeeklyRow | DatedRow, at: string, alone: Pick<Timetable, 'weekly' | 'dated'>): void => {
    if (it.startS === it.endS && it.startS !== 0) warn(at, 'ends when it starts, so it lasts a whole day');
    const same = seen.get(JSON.stringify(it));
    if (same !== undefined) warn(at, `says the same as ${path}${same}`);
    else seen.set(JSON.stringify(it), at);
    if (mayMiss(order, it) && orderWindows({ ...alone, absences: [] }, order).firstEndingAfter(order.startMs) === null)
      warn(at, 'has no moment within the order');
  };
  for (const [i, it] of (weekly ?? []).entries()) row(it, `.timetable[${i}]`, { weekly: [it], dated: [] });
  for (const [i, it] of dated.entries()) row(it, `.dated[${i}]`, { weekly: [], dated: [it] });
  return warnings;
}

/** A quick no for the rows that surely lie in the order: a file may hold 100,000 orders. */
function mayMiss({ startMs, endMs }: Order, row: WeeklyRow | DatedRow): boolean {
  if (!('date' in row)) return endMs - startMs < 10 * DAY_MS;
  const dayMs = civilDay(row.date) * DAY_MS;
  return dayMs < startMs + 2 * DAY_MS || dayMs > endMs - 3 * DAY_MS;
}

function ofCurfew(order: Order, { timetable, toleranceS }: CurfewCondition, path: string): OrderWarning[] {
  const rows = [...(timetable.weekly ?? []), ...timetable.dated];
  const warnings = [...new Set(rows.flatMap(({ addresses }) => addresses))].flatMap((address) => {
    const there = (row: WeeklyRow | DatedRow): boolean => row.addresses.includes(address);
    const { weekly, dated, absences } = timetable;
    const windows = orderWindows({ weekly: weekly?.filter(there) ?? [], dated: dated.filter(there), absences }, order);
    return unwatched(order, unitAt(address), whenIn(windows), path);
  });
  const lengthS = ({ startS, endS }: WeeklyRow | DatedRow): number => endS - startS + (endS > startS ? 0 : 86_400);
  const allowedS = toleranceS ?? order.policy.toleranceS ?? 0;
  if (rows.some((row) => lengthS(row) <= allowedS)) {
    const shown = orderWindows(timetable, order).between(order.startMs, order.startMs + 28 * DAY_MS);
    if (shown.length > 0 && shown.every((w) => w.endMs - w.startMs <= allowedS * 1000))
      warnings.push({
        path: `${path}.tolerance_s`,
        warning: 'is as long as the windows, so nothing is ever a violation',
      });
  }
  return warnings;
}

/** The first stretch that ends after a moment and in which a condition is in force. */
type WhenWatched = (fromMs: number) => Interval | null;
const whenIn =
  (windows: Windows): WhenWatched =>
  (fromMs) =>
    windows.firstEndingAfter(fromMs);

interface Watching {
  readonly what: string;
  does(assignment: Assignment): boolean;
}

const worn = (...kinds: readonly DeviceKind[]): Watching => ({
  what: kinds.join(' or '),
  does: ({ kind }) => kinds.includes(kind),
});
const unitAt = (name: string): Watching => ({
  what: `home unit at ${name}`,
  does: ({ kind, address }) => kind === 'home_unit' && address === name,
});

/** A condition without the device it needs raises nothing, or says "unknown" all the time; the first such stretch is told. */
function unwatched(order: Order, watching: Watching, when: WhenWatched, path: string): OrderWarning[] {
  const assigned = assignmentsWithin(order)
    .filter((assignment) => watching.does(assignment))
    .sort((a, b) => a.fromMs - b.fromMs);
  if (assigned.length === 0) {
    return when(order.startMs) === null ? [] : [{ path, warning: `no ${watching.what} is assigned to the order` }];
  }
  let freeMs = order.startMs;
  for (const { fromMs, toMs } of [...assigned, { fromMs: order.endMs, toMs: order.endMs }]) {
    // devices are fitted some hours after an order begins: that is meant
    const beingFitted = freeMs === order.startMs && fromMs - freeMs <= DAY_MS && fromMs < order.endMs;
    const stretch = freeMs < fromMs && !beingFitted ? when(freeMs) : null;
    if (stretch !== null && stretch.startMs < fromMs) {
      const since = iso(Math.max(stretch.startMs, freeMs));
      return [{ path, warning: `no ${watching.what} is assigned from ${since} to ${iso(fromMs)}` }];
    }
    freeMs = Math.max(freeMs, toMs);
  }
  return [];
}

function unusedAddresses({ conditions, devices, addresses }: Order): OrderWarning[] {
  const named = new Set(
    conditions.flatMap((condition): readonly string[] => {
      if (condition.kind === 'attendance') return condition.at.kind === 'address' ? [condition.at.address] : [];
      if (condition.kind !== 'curfew') return [];
      return [...(condition.timetable.weekly ?? []), ...condition.timetable.dated].flatMap((row) => row.addresses);
    }),
  );
  const warning = 'is named by no condition';
  return [
    ...devices.flatMap(({ address }, i) =>
      address === null || named.has(address) ? [] : [{ path: `devices[${i}].address`, warning }],
    ),
    ...Object.keys(addresses).flatMap((name) => (named.has(name) ? [] : [{ path: `addresses.${name}`, warning }])),
  ];
}

const iso = (ms: number): string => new Date(ms).toISOString();
