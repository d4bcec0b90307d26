/** What is legal and surely not meant: each warning with an order that earns it, and the orders that earn none. */
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { orderWarnings } from '../../src/rules/order-warnings.js';
import { orderJson } from '../api/harness.js';
import { others } from '../support/order-fixtures.js';

const DAILY = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const night = { days: DAILY, start: '19:00', end: '07:00', addresses: ['primary'] };
const curfew = (more: Record<string, unknown> = {}) => ({
  condition_id: 'C1',
  kind: 'curfew',
  timetable: [night],
  ...more,
});
const zone = (more: Record<string, unknown> = {}) => ({
  condition_id: 'Z1',
  kind: 'exclusion_zone',
  zone: { type: 'Circle', center: [-1.54, 53.81], radius_m: 100 },
  ...more,
});
const unit = { device_id: 'HU-1', kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' };
const tag = { device_id: 'TAG-1', kind: 'tag', from: '2026-03-01T09:00:00Z' };
const rfTag = { ...tag, kind: 'rf_tag' };

function warned(over: Record<string, unknown>): string[] {
  const parsed = parseOrder(orderJson({ addresses: {}, devices: [unit, tag], conditions: [curfew()], ...over }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  const problems = checkOrder(parsed.value, others);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return orderWarnings(parsed.value).map(({ path, warning }) => `${path} ${warning}`.trim());
}

const cases: readonly (readonly [says: string, order: Record<string, unknown>, warnings: readonly string[]])[] = [
  ['an order of nights at home', {}, []],
  ['an order with a zone beside them', { conditions: [curfew(), zone()] }, []],
  ['a curfew that only RF watches', { devices: [unit, rfTag] }, []],
  [
    'a device that is fitted within a day',
    { conditions: [zone(), { condition_id: 'T', kind: 'trail' }] },
    ['devices[0].address is named by no condition'],
  ],
  [
    'a weekly row that a short order never reaches',
    {
      start: '2026-03-02T00:00:00Z',
      end: '2026-03-03T00:00:00Z',
      conditions: [
        curfew({
          timetable: [
            { ...night, days: ['MONDAY'] },
            { ...night, days: ['FRIDAY'] },
          ],
        }),
      ],
    },
    ['conditions[0].timetable[1] has no moment within the order'],
  ],
  [
    'a curfew without any window in the order',
    {
      conditions: [
        curfew({
          timetable: [],
          dated: [{ date: '2026-12-24', start: '12:00', end: '13:00', addresses: ['primary'] }],
        }),
      ],
    },
    ['conditions[0] has no window within the order'],
  ],
  [
    'a dated row after the order',
    { conditions: [curfew({ dated: [{ date: '2026-09-24', start: '12:00', end: '13:00', addresses: ['primary'] }] })] },
    ['conditions[0].dated[0] has no moment within the order'],
  ],
  [
    'a dated row on the last day, before the order ends',
    {
      end: '2026-09-01T12:00:00Z',
      conditions: [curfew({ dated: [{ date: '2026-09-01', start: '12:00', end: '14:00', addresses: ['primary'] }] })],
    },
    [],
  ],
  [
    'a row given twice',
    { conditions: [curfew({ timetable: [night, night] })] },
    ['conditions[0].timetable[1] says the same as conditions[0].timetable[0]'],
  ],
  [
    'a row that ends when it starts',
    { conditions: [curfew({ timetable: [{ ...night, start: '11:11', end: '11:11', days: ['MONDAY'] }] })] },
    ['conditions[0].timetable[0] ends when it starts, so it lasts a whole day'],
  ],
  [
    'a whole civil day',
    { conditions: [curfew({ timetable: [{ ...night, start: '00:00', end: '00:00', days: ['MONDAY'] }] })] },
    [],
  ],
  [
    'an absence by day from a curfew by night',
    {
      conditions: [
        curfew({ authorised_absences: [{ from: '2026-04-02T07:00:00+01:00', to: '2026-04-02T19:00:00+01:00' }] }),
      ],
    },
    ['conditions[0].authorised_absences[0] lies outside every window, so it cuts nothing'],
  ],
  [
    'absences that leave nothing',
    { conditions: [curfew({ authorised_absences: [{ from: '2026-02-01T00:00:00Z', to: '2026-10-01T00:00:00Z' }] })] },
    ['conditions[0].authorised_absences cover every window of the condition'],
  ],
  [
    'a tolerance as long as the windows',
    { conditions: [curfew({ tolerance_s: 3600, timetable: [{ ...night, start: '18:00', end: '19:00' }] })] },
    ['conditions[0].tolerance_s is as long as the windows, so nothing is ever a violation'],
  ],
  [
    'a zone for one whom only RF watches',
    { devices: [unit, rfTag], conditions: [curfew(), zone()] },
    ['conditions[1] no tag is assigned to the order'],
  ],
  ['a curfew without a tag', { devices: [unit] }, ['conditions[0] no tag or rf_tag is assigned to the order']],
  [
    'a tag that comes late',
    { devices: [unit, { ...tag, from: '2026-03-08T09:00:00Z' }] },
    ['conditions[0] no tag or rf_tag is assigned from 2026-03-01T00:00:00.000Z to 2026-03-08T09:00:00.000Z'],
  ],
  [
    'a tag that is taken off too soon',
    { devices: [unit, { ...tag, to: '2026-08-01T12:00:00Z' }] },
    ['conditions[0] no tag or rf_tag is assigned from 2026-08-01T18:00:00.000Z to 2026-09-01T00:00:00.000Z'],
  ],
  [
    'a gap between two tags, by day',
    {
      devices: [
        unit,
        { ...tag, to: '2026-04-01T09:00:00Z' },
        { ...tag, device_id: 'TAG-2', from: '2026-04-01T15:00:00Z' },
      ],
    },
    [],
  ],
  [
    'a gap between two tags that lasts into the night',
    {
      devices: [
        unit,
        { ...tag, to: '2026-04-01T09:00:00Z' },
        { ...tag, device_id: 'TAG-2', from: '2026-04-01T23:00:00Z' },
      ],
    },
    ['conditions[0] no tag or rf_tag is assigned from 2026-04-01T18:00:00.000Z to 2026-04-01T23:00:00.000Z'],
  ],
  [
    'a home unit that goes home early',
    { devices: [{ ...unit, to: '2026-08-31T12:00:00Z' }, tag] },
    ['conditions[0] no home unit at primary is assigned from 2026-08-31T18:00:00.000Z to 2026-09-01T00:00:00.000Z'],
  ],
  [
    'an appointment after the tag is taken off',
    {
      devices: [unit, { ...tag, to: '2026-08-01T00:00:00Z' }],
      conditions: [
        {
          condition_id: 'A',
          kind: 'attendance',
          address: 'primary',
          appointments: [{ from: '2026-08-10T10:00:00Z', to: '2026-08-10T11:00:00Z', attend_min: 30 }],
        },
      ],
    },
    ['conditions[0] no tag or rf_tag is assigned from 2026-08-10T10:00:00.000Z to 2026-09-01T00:00:00.000Z'],
  ],
  [
    'alcohol without an alcohol tag',
    { conditions: [curfew(), { condition_id: 'A', kind: 'alcohol_abstinence', threshold_ug_l: 200 }] },
    ['conditions[1] no alcohol_tag is assigned to the order'],
  ],
  [
    'an address that nobody names',
    { addresses: { primary: {}, secondary: {} } },
    ['addresses.secondary is named by no condition'],
  ],
  [
    'a revision that comes too late',
    { effective_from: '2026-09-01T00:00:00Z' },
    ['effective_from is not before the end of the order, so this revision is never in force'],
  ],
  [
    'curfew only, and a zone',
    { curfew_only: true, conditions: [curfew(), zone()] },
    ['curfew_only is true, and there are conditions that are no curfew'],
  ],
  [
    'battery thresholds the wrong way round',
    { policy: { battery_low_pct: 10, battery_critical_pct: 20 } },
    ['policy.battery_critical_pct is above battery_low_pct (10)'],
  ],
];

for (const [says, order, warnings] of cases) {
  t.test(`${says}: ${warnings.length === 0 ? 'nothing to say' : 'a warning'}`, async (t) => {
    t.strictSame(warned(order), warnings);
  });
}

t.test('no more than a hundred warnings are told', async (t) => {
  const timetable = Array.from({ length: 150 }, () => night);
  t.equal(warned({ conditions: [curfew({ timetable })] }).length, 100);
});
