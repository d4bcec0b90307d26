/** Listed windows against the definition, in every zone of the platform and around its clock changes, to the millisecond. */
import assert from 'node:assert/strict';
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import { listWindows } from '../../src/rules/window-listing.js';
import { type DefinedCondition, definedWindows, WallClock } from '../support/window-definition.js';
import { seeded, seedOfRun } from './seeded.js';

const DAY_MS = 86_400_000;
const DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const seed = seedOfRun();
const cases = Number(process.env.CASES ?? 250);
const random = seeded(seed);
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
const two = (n: number): string => String(n).padStart(2, '0');
const clockText = (s: number): string => `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
const zones = Intl.supportedValuesOf('timeZone');

/** A day of the year on which the zone's clock is changed, if there is one; else any. */
function dayOfInterest(zone: string, year: number): number {
  const clock = WallClock.in(zone);
  const first = Date.UTC(year, 0, 1) / DAY_MS;
  const changes = Array.from({ length: 365 }, (_, i) => first + i).filter(
    (day) => clock.offset(day * DAY_MS) !== clock.offset((day + 1) * DAY_MS),
  );
  return changes.length > 0 && random() < 0.9 ? pick(changes) : first + below(365);
}

const timeOfDay = (): number =>
  pick([
    () => below(86_400),
    () => below(8) * 1800,
    () => pick([0, 1, 59, 60, 61, 3_600, 86_340, 86_341, 86_399]),
    () => pick([7, 12, 19, 22]) * 3600,
  ])();

const span = (withAddresses: boolean) => ({
  start: clockText(timeOfDay()),
  end: clockText(timeOfDay()),
  ...(withAddresses ? { addresses: pick([['a'], ['a'], ['a'], ['b'], ['a', 'b'], ['b', 'a']]) } : {}),
});
const some = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);

function anOrder() {
  const time_zone = pick(zones);
  const middle = dayOfInterest(time_zone, 2001 + below(98)) * DAY_MS;
  const moment = (days: number): number => middle + Math.floor((random() - 0.5) * 2 * days * DAY_MS);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const startMs = moment(4);
  const endMs = startMs + 1 + below(8 * DAY_MS);
  const conditions = ['curfew', 'exclusion_zone', 'inclusion_zone'].map((kind, i): DefinedCondition => {
    const row = () => span(kind === 'curfew');
    const dated = some(2, () => ({ date: iso(moment(4)).slice(0, 10), ...row() }));
    const weekly = [0, 1, 2].map(() => ({ days: DAYS.filter(() => random() < 0.6).concat('SUNDAY'), ...row() }));
    const timetable = weekly.map((one) => ({ ...one, days: [...new Set(one.days)] }));
    return {
      condition_id: `C${i}`,
      kind,
      ...(kind !== 'curfew' ? { zone: { type: 'Circle', center: [0, 0], radius_m: 100 } } : {}),
      ...(kind === 'curfew' || random() < 0.7 ? { timetable } : {}),
      ...(dated.length > 0 ? { dated } : {}),
      authorised_absences: some(3, () => {
        const from = moment(4);
        return { from: iso(from), to: iso(from + below(DAY_MS)) };
      }),
    };
  });
  const head = { order_id: 'O', subject_id: 'S', revision: 1, type: 'BAIL', supervisor: 'A', time_zone };
  return { ...head, start: iso(startMs), end: iso(endMs), conditions };
}

t.test(`in every zone, windows are as they are defined (SEED=${seed} CASES=${cases})`, async (t) => {
  let [found, cut, joined] = [0, 0, 0];
  for (let i = 0; i < cases; i++) {
    const json = anOrder();
    const parsed = parseOrder(json);
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const order = parsed.value;
    const listed = listWindows(order, order);
    for (const condition of json.conditions) {
      const expected = definedWindows(condition, json.time_zone, order);
      const own = listed.filter(({ conditionId }) => conditionId === condition.condition_id);
      const plain = own.map(({ startMs, endMs, addresses }) => ({ startMs, endMs, addresses }));
      assert.deepEqual(plain, expected, `case ${i}: ${JSON.stringify({ ...json, conditions: [condition] })}`);

      // what cut a window: there, and only there, the same rows without absences and bounds go on
      const wide = { startMs: order.startMs - 3 * DAY_MS, endMs: order.endMs + 3 * DAY_MS };
      const uncut = definedWindows({ ...condition, authorised_absences: [] }, json.time_zone, wide);
      const always = condition.timetable === undefined && condition.dated === undefined;
      for (const { startMs, endMs, startBy, endBy, rows } of own) {
        const starts = !always && uncut.some((w) => w.startMs === startMs);
        const ends = !always && uncut.some((w) => w.endMs === endMs);
        assert.equal(startBy, starts ? 'timetable' : startMs === order.startMs ? 'order' : 'absence');
        assert.equal(endBy, ends ? 'timetable' : endMs === order.endMs ? 'order' : 'absence');
        const lying = [
          ...(condition.timetable ?? []).map((row, r) => [`timetable[${r}]`, { timetable: [row] }] as const),
          ...(condition.dated ?? []).map((row, r) => [`dated[${r}]`, { dated: [row] }] as const),
        ].filter(([, alone]) =>
          definedWindows({ condition_id: '', kind: '', ...alone }, json.time_zone, order).some(
            (w) => w.startMs < endMs && w.endMs > startMs,
          ),
        );
        assert.deepEqual(
          rows,
          lying.map(([path]) => path),
        );
        found++;
        cut += Number(startBy === 'absence') + Number(endBy === 'absence');
        joined += Number(rows.length > 1);
      }
    }
  }
  t.ok(found > 2 * cases && cut > cases / 10 && joined > cases / 10, `${found} windows, ${cut} cut, ${joined} joined`);
});
