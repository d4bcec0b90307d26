/** Orders at the edges of what is refused: times that touch, devices that follow each other, appointments of a minute. */
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import type { ConditionId } from '../../src/domain/ids.js';
import type { Assignment, Condition, Order } from '../../src/domain/order.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { others, validOrder } from '../support/order-fixtures.js';
import { device } from './moments.js';
import { absence, dated, timetable } from './timetables.js';

const parsed = parseOrder(validOrder('community.json'));
if (!parsed.ok) throw new Error('the example of the contract must be read');
const MINUTE_MS = 60_000;
const [START, END] = [Date.UTC(2026, 2, 1), Date.UTC(2026, 8, 1)];
const unit: Assignment = { deviceId: device('HU-1'), kind: 'home_unit', address: 'primary', fromMs: START, toMs: END };
const tag: Assignment = { deviceId: device('TAG-1'), kind: 'tag', address: null, fromMs: START, toMs: END };
const example: Order = {
  ...parsed.value,
  timeZone: 'Europe/London',
  startMs: START,
  endMs: END,
  devices: [unit, tag],
  addresses: {},
  conditions: [],
};
/** The paths of what is refused. */
const refused = (more: Partial<Order>): string[] => checkOrder({ ...example, ...more }, others).map(({ path }) => path);
const withTag = (more: Partial<Assignment>, ...rest: Assignment[]) =>
  refused({ devices: [unit, { ...tag, ...more }, ...rest] });

t.test('an order lasts, if only for a millisecond', (t) => {
  t.strictSame(refused({}), []);
  t.strictSame(refused({ endMs: START + 1 }), []);
  t.ok(refused({ endMs: START }).includes('end'));
  t.end();
});

t.test('an assignment lasts, and shares a moment with its order', (t) => {
  t.strictSame(withTag({ toMs: START + 1 }), []);
  t.strictSame(withTag({ fromMs: START - 5, toMs: START }), ['devices[1].to'], 'over as the order begins');
  t.strictSame(withTag({ fromMs: START - 5, toMs: START + 1 }), []);
  t.strictSame(withTag({ fromMs: START + 5, toMs: START + 5 }), ['devices[1].to'], 'no time at all, told once');
  t.strictSame(withTag({ fromMs: START - 5, toMs: START - 5 }), ['devices[1].to'], 'nor before the order');
  t.strictSame(withTag({ fromMs: END, toMs: END + 5 }), ['devices[1].from'], 'not yet as the order ends');
  t.strictSame(withTag({ fromMs: END - 1, toMs: END + 5 }), []);
  t.end();
});

t.test('assignments of one device may touch, written in either order', (t) => {
  const [early, late] = [{ toMs: START + 100 }, { fromMs: START + 100 }];
  t.strictSame(withTag(early, { ...tag, ...late }), []);
  t.strictSame(withTag(late, { ...tag, ...early }), []);
  t.strictSame(withTag(early, { ...tag, fromMs: START + 99 }), ['devices[2]']);
  t.strictSame(withTag({ fromMs: START + 99 }, { ...tag, ...early }), ['devices[2]']);
  t.strictSame(withTag({ fromMs: START + 200 }, { ...tag, ...early }), [], 'days apart, the later first');
  t.end();
});

const curfew = (...addresses: string[]): Condition => ({
  conditionId: 'C1' as ConditionId,
  kind: 'curfew',
  toleranceS: null,
  timetable: timetable([], [dated('2026-03-02', '19:00-22:00', addresses)]),
});

t.test('an address is where a home unit stands: the one of a tag, or of nobody, is none', (t) => {
  const paths = (devices: readonly Assignment[], ...addresses: string[]) =>
    refused({ devices, conditions: [curfew(...addresses)] });
  t.strictSame(paths([unit, tag], 'primary'), []);
  t.strictSame(paths([unit, { ...tag, address: 'car' }], 'car'), [
    'devices[1].address',
    'conditions[0].dated[0].addresses[0]',
  ]);
  const told = (devices: readonly Assignment[]) =>
    checkOrder({ ...example, devices, conditions: [curfew('elsewhere')] }, others).at(-1);
  const second = { ...unit, deviceId: device('HU-2') };
  t.match(told([unit, second, tag])?.expected, '(primary)', 'each address is named once');
  t.match(told([{ ...unit, address: null }, tag])?.expected, '(it has none)');
  t.end();
});

t.test('an appointment lies within the order and lasts as long as is to be attended', (t) => {
  const paths = (startMs: number, endMs: number, attendMin: number) =>
    refused({
      conditions: [
        {
          conditionId: 'C1' as ConditionId,
          kind: 'attendance',
          at: { kind: 'address', address: 'primary' },
          appointments: [{ startMs, endMs, attendMin }],
        },
      ],
    }).map((path) => path.replace('conditions[0].appointments[0].', ''));
  t.strictSame(paths(START, START + MINUTE_MS, 1), [], 'from the first minute of the order');
  t.strictSame(paths(END - MINUTE_MS, END, 1), [], 'to the last');
  t.strictSame(paths(START - 1, START + MINUTE_MS, 1), ['from']);
  t.strictSame(paths(END - MINUTE_MS, END + 1, 1), ['to']);
  t.strictSame(paths(START, START + MINUTE_MS - 1, 1), ['attend_min'], 'a millisecond short');
  t.strictSame(paths(START, START + MINUTE_MS / 2, 0.5), [], 'half a minute is one');
  t.strictSame(paths(START + 5, START + 5, 0), ['to'], 'no time at all');
  t.strictSame(paths(START + 5, START, 0), ['to']);
  t.end();
});

t.test('an authorised absence lasts', (t) => {
  const paths = (from: string, to: string) =>
    refused({
      conditions: [
        {
          ...curfew('primary'),
          timetable: timetable([], [dated('2026-03-02', '19:00-22:00', ['primary'])], [absence(from, to)]),
        } as Condition,
      ],
    });
  t.strictSame(paths('2026-03-02T20:00:00Z', '2026-03-02T20:00:00.001Z'), []);
  t.strictSame(paths('2026-03-02T20:00Z', '2026-03-02T20:00Z'), ['conditions[0].authorised_absences[0].to']);
  t.end();
});

t.test('what came is quoted, and cut where it is long', (t) => {
  const got = (timeZone: string) => checkOrder({ ...example, timeZone }, others)[0]?.got;
  t.equal(got('Mars/Base'), '"Mars/Base"');
  t.equal(got('M'.repeat(78)), `"${'M'.repeat(78)}"`);
  t.equal(got('M'.repeat(79)), `"${'M'.repeat(76)}"…`);
  t.end();
});
