/** People under curfew and what their home units say of them, most of it at moments on which something hangs. */
import type { CurfewJson, DeviceJson, RecordJson } from '../contract.js';
import { effectiveWindows, type Window, windowsOf } from '../windows.js';
import type { Chance } from './chance.js';
import { type Draft, type DraftOrder, emptyOrder, orderJson, say, talkingTime } from './draft.js';
import { iso, someAbsences, someTimetable } from './rows.js';
import { HOUR } from './seasons.js';

const MINUTE = 60_000;
const NAMES = ['primary', 'second', 'third'];

/** An order under curfew with its devices and all they say; at times a second order takes devices over. */
export function curfewPeople(chance: Chance, draft: Draft): void {
  const order = emptyOrder(chance, draft, 'A');
  const names = NAMES.slice(0, chance.pick([1, 1, 1, 2, 2, 3]));
  for (const name of names) order.addresses[name] = {};
  if (chance.is(0.2)) order.policy.silence_s = chance.pick([3_600, 7_200, 4_000]);
  if (chance.is(0.2)) order.policy.unverified_s = chance.pick([0, 300, 3_600]);
  if (chance.is(0.2)) order.policy.tolerance_s = chance.pick([0, 120, 900]);
  if (chance.is(0.4)) order.atvMin = chance.pick([0, 5, 30, 120, 480]);
  addCurfews(chance, draft, order, names);

  const wearsUntil = chance.is(0.3) ? chance.int(order.fromMs + HOUR, order.toMs - HOUR) : null;
  const id = (name: string) => `${draft.name}-${name}`;
  const device = (deviceId: string, kind: DeviceJson['kind'], fromMs: number, toMs: number | null): DeviceJson => ({
    device_id: deviceId,
    kind,
    from: iso(fromMs),
    ...(toMs !== null && { to: iso(toMs) }),
  });
  const first = order.fromMs + chance.pick([0, 0, -HOUR, HOUR, chance.int(0, 3 * HOUR)]);
  const kind = chance.pick(['rf_tag', 'tag'] as const);
  order.devices.push(device(id('T1'), kind, first, wearsUntil));
  if (wearsUntil !== null) {
    const next = wearsUntil + chance.pick([0, 0, chance.int(1, 3 * HOUR)]);
    order.devices.push(device(id('T2'), kind, next, null));
  }
  for (const [i, address] of names.entries()) {
    const swapped = chance.is(0.15) ? chance.int(order.fromMs + HOUR, order.toMs - HOUR) : null;
    order.devices.push({ ...device(id(`H${i}`), 'home_unit', first, swapped), address });
    if (swapped !== null)
      order.devices.push({
        ...device(id(`X${i}`), 'home_unit', swapped + chance.pick([0, chance.int(1, HOUR)]), null),
        address,
      });
  }
  const heir = wearsUntil !== null && chance.is(0.5) ? takeOver(chance, draft, order, wearsUntil) : null;
  for (const one of heir === null ? [order] : [order, heir]) speak(chance, draft, one);
}

export function addCurfews(chance: Chance, draft: Draft, order: DraftOrder, names: readonly string[]): void {
  for (let i = 0; i < (chance.is(0.15) ? 2 : 1); i++) {
    const timetable = someTimetable(chance, draft.season, names);
    const bare: CurfewJson = { condition_id: `C${i + 1}`, kind: 'curfew', ...timetable };
    const curfew: CurfewJson = {
      ...bare,
      ...(chance.is(0.5) && { tolerance_s: chance.pick([0, 1, 60, 300, 600, 1_800, 7_200]) }),
    };
    const absences = someAbsences(chance, windowsOf(orderJson(order), curfew));
    order.conditions.push(absences.length === 0 ? curfew : { ...curfew, authorised_absences: absences });
    // rows of different addresses must not overlap, in one curfew or in two
    if (overlaps(order)) order.conditions.pop();
  }
  if (order.conditions.length > 0) return;
  const row = { days: ['FRIDAY', 'SATURDAY', 'SUNDAY'] as const, start: '22:00', end: '06:00', addresses: names };
  order.conditions.push({ condition_id: 'C1', kind: 'curfew', timetable: [row] });
}

const curfewsOf = (order: DraftOrder): CurfewJson[] =>
  order.conditions.filter((condition) => condition.kind === 'curfew');

function overlaps(order: DraftOrder): boolean {
  const sets = curfewsOf(order).flatMap(({ timetable = [], dated = [] }) => [...timetable, ...dated]);
  if (new Set(sets.map(({ addresses }) => addresses?.join())).size < 2) return false;
  // the whole year of the rows is checked at import, not only the days of the order
  const wide = {
    ...orderJson(order),
    start: iso(order.fromMs - 200 * 24 * HOUR),
    end: iso(order.toMs + 200 * 24 * HOUR),
  };
  const windows = curfewsOf(order).flatMap((curfew) => windowsOf(wide, curfew));
  const sorted = windows.sort((a, b) => a.fromMs - b.fromMs);
  const isSame = (a: Window, b: Window) => a.addresses.join() === b.addresses.join();
  return sorted.some((a, i) => sorted.slice(i + 1, i + 8).some((b) => b.fromMs < a.toMs && !isSame(a, b)));
}

/** Another person gets the first tag and the first home unit once they are free. */
function takeOver(chance: Chance, draft: Draft, from: DraftOrder, freeMs: number): DraftOrder {
  const order = emptyOrder(chance, draft, 'B');
  order.addresses.primary = {};
  addCurfews(chance, draft, order, ['primary']);
  const tag = from.devices.find(({ device_id }) => device_id.endsWith('-T1')) as DeviceJson;
  const gap = chance.pick([0, 0, chance.int(1, 2 * HOUR)]);
  order.devices.push({ device_id: tag.device_id, kind: tag.kind, from: iso(freeMs + gap) });
  order.devices.push({
    device_id: `${draft.name}-B0`,
    kind: 'home_unit',
    address: 'primary',
    from: iso(order.fromMs),
  });
  return order;
}

function speak(chance: Chance, draft: Draft, order: DraftOrder): void {
  const { fromMs, toMs } = talkingTime(chance, order);
  const windows = curfewsOf(order).flatMap((curfew) => effectiveWindows(orderJson(order), curfew));
  const edges = [order.fromMs, ...windows.flatMap((w) => [w.fromMs, w.toMs])];
  const toleranceMs = (curfewsOf(order)[0]?.tolerance_s ?? order.policy.tolerance_s ?? 300) * 1_000;
  const silenceMs = (order.policy.silence_s ?? 7_500) * 1_000;
  const near = () =>
    chance.pick(edges) +
    chance.pick([
      0,
      0,
      1,
      -1,
      toleranceMs,
      toleranceMs - 1,
      toleranceMs + 1,
      -toleranceMs,
      chance.int(-40, 40) * MINUTE,
    ]) +
    chance.pick([0, 0, chance.int(0, 999)]);
  const anywhere = () => chance.int(fromMs, toMs);
  const where = ['', ...Object.keys(order.addresses)];

  // where the person is from when on; '' is out
  const moves = Array.from({ length: chance.int(2, 26) }, () => ({
    atMs: chance.is(0.8) ? near() : anywhere(),
    place: chance.pick(where),
  })).sort((a, b) => a.atMs - b.atMs);
  const path = [{ atMs: fromMs + chance.int(0, HOUR), place: chance.pick(where) }, ...moves];
  const tagIds = order.devices.filter(({ kind }) => kind !== 'home_unit');
  const tagAt = (ms: number) =>
    (tagIds.findLast((tag) => Date.parse(tag.from) <= ms) ?? (tagIds[0] as DeviceJson)).device_id;
  const oldTag = (tagIds[0] as DeviceJson).device_id;

  for (const unit of order.devices.filter(({ kind }) => kind === 'home_unit')) {
    const unit0 = Math.max(fromMs, Date.parse(unit.from) - chance.pick([0, 0, 10 * MINUTE]));
    const unit1 = Math.min(toMs, unit.to === undefined ? toMs : Date.parse(unit.to) + chance.pick([0, 0, HOUR]));
    const rf = (atMs: number, kind: 'ENTER' | 'EXIT' | 'PRESENT'): RecordJson => ({
      time_ms: atMs,
      rf: {
        tag_id: chance.is(0.02) ? oldTag : chance.is(0.02) ? 'NEIGHBOUR' : tagAt(atMs),
        kind,
        ...(chance.is(0.3) && { rssi_dbm: -chance.int(40, 95) }),
      },
    });
    let records: RecordJson[] = [];
    for (const [i, { atMs, place }] of path.entries()) {
      const isHere = place === unit.address;
      const wasHere = path[i - 1]?.place === unit.address;
      if (isHere !== wasHere && !chance.is(0.05)) records.push(rf(atMs, isHere ? 'ENTER' : 'EXIT'));
      if (i === 0 && !isHere && chance.is(0.7)) records.push(rf(atMs, 'EXIT'));
    }
    const placeAt = (ms: number) => path.findLast(({ atMs }) => atMs <= ms)?.place;
    const every = Math.min(chance.pick([HOUR, HOUR, HOUR / 2, 2 * HOUR]), silenceMs - 31_000);
    for (let t = unit0 + chance.int(0, every); t < unit1; t += every + chance.pick([0, 0, chance.int(-30_000, 30_000)]))
      if (placeAt(t) === unit.address) records.push(rf(t, 'PRESENT'));
      else
        records.push(
          chance.is(0.5) ? { time_ms: t, heartbeat: { uptime_s: chance.int(1, 1e6) } } : { time_ms: t, unit: {} },
        );
    records.push(...handled(chance, unit0, unit1, near));
    if (chance.is(0.25))
      for (let n = chance.int(1, 25); n > 0; n--) records.push(rf(near(), chance.pick(['ENTER', 'EXIT', 'PRESENT'])));
    if (chance.is(0.2)) {
      const atMs = near();
      records.push(rf(atMs, chance.pick(['ENTER', 'EXIT'])), rf(atMs, chance.pick(['ENTER', 'EXIT'])));
    }
    records = silenced(chance, records, silenceMs).filter((r) => r.time_ms >= unit0 && r.time_ms < unit1);
    say(draft, unit.device_id, ...records);
  }
}

/** Somebody unplugs, carries and puts back the unit. */
function handled(chance: Chance, fromMs: number, toMs: number, near: () => number): RecordJson[] {
  if (chance.is(0.8)) return [];
  const movedMs = chance.is(0.5) ? near() : chance.int(fromMs, toMs);
  const records: RecordJson[] = [{ time_ms: movedMs, unit: { flags: ['MOVED'] } }];
  if (chance.is(0.3)) records.push({ time_ms: movedMs + chance.int(1, HOUR), unit: { flags: ['MOVED'] } });
  if (chance.is(0.8)) records.push({ time_ms: movedMs + chance.int(1, 10 * HOUR), unit: { flags: ['RESET'] } });
  return records;
}

/** Silences: hours of nothing, and silences that end on, just before or just after the moment that counts. */
function silenced(chance: Chance, records: readonly RecordJson[], silenceMs: number): RecordJson[] {
  let left = [...records].sort((a, b) => a.time_ms - b.time_ms);
  if (left.length > 0 && chance.is(0.35)) {
    const from = chance.pick(left).time_ms;
    const to = from + chance.int(1, 12) * HOUR;
    left = left.filter((r) => r.time_ms <= from || r.time_ms >= to);
  }
  if (left.length > 0 && chance.is(0.35)) {
    const from = chance.pick(left).time_ms;
    const to = from + silenceMs + chance.pick([-1, 0, 0, 1]);
    const next = left.find((r) => r.time_ms > from);
    left = left.filter((r) => r.time_ms <= from || r.time_ms >= to);
    if (next !== undefined && next.time_ms < to) left.push({ ...next, time_ms: to });
  }
  return left;
}
