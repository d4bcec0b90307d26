// The truth about curfews, on cases worked out by hand.
import t from 'tap';
import type { OrderPlan } from '../../src/sim/order-plan.js';
import { heartbeatBody, type Report, rfBody, unitBody } from '../../src/sim/report.js';
import { truthOfOrder } from '../../src/sim/truth-of-order.js';

const at = (time: string): number => Date.parse(`2026-03-02T${time}:00Z`);

// a Monday in winter time, 19:00 to 21:00, default tolerance of 300 s
const order: OrderPlan = {
  order_id: 'O',
  subject_id: 'S',
  revision: 1,
  type: 'BAIL',
  curfew_only: true,
  hdc: false,
  under_18: false,
  restricted: false,
  supervisor: 'a',
  time_zone: 'Europe/London',
  start: '2026-03-02T12:00:00Z',
  end: '2026-04-02T12:00:00Z',
  devices: [
    { device_id: 'HU', kind: 'home_unit', address: 'primary', from: '2026-03-02T12:00:00Z' },
    { device_id: 'TAG', kind: 'rf_tag', from: '2026-03-02T12:00:00Z' },
  ],
  conditions: [
    {
      condition_id: 'C1',
      kind: 'curfew',
      timetable: [{ days: ['MONDAY'], start: '19:00', end: '21:00', addresses: ['primary'] }],
    },
  ],
};

const unit = (time: string, ...bodies: Report['bodies']): Report => ({
  deviceId: 'HU',
  orderId: 'O',
  timeMs: at(time),
  bodies,
});
const home = unit('18:00', rfBody('TAG', 'PRESENT'));
const leave = (time: string): Report => unit(time, rfBody('TAG', 'EXIT'));
const back = (time: string): Report => unit(time, rfBody('TAG', 'ENTER'));
const call = (time: string): Report => unit(time, heartbeatBody(1));

/** Type, codes, start, end and reason of each item. */
function truth(reports: Report[], until = '22:00', plan = order): string[] {
  return truthOfOrder(plan, new Map(), reports, at(until)).map((item) =>
    [
      [item.type, ...item.codes].join(' '),
      `${new Date(item.startMs).toISOString().slice(11, 16)}-${item.endMs === null ? '' : new Date(item.endMs).toISOString().slice(11, 16)}`,
      item.endedBy ?? '',
    ]
      .join(' ')
      .trim(),
  );
}

const cases: [name: string, reports: Report[], expected: string[]][] = [
  ['at home all the while', [home, call('19:00'), call('20:00')], []],
  ['late', [home, leave('18:30'), back('19:06')], ['curfew AL08 AL09 19:00-19:06 return']],
  ['late by just the tolerance', [home, leave('18:30'), back('19:05')], []],
  ['out and back', [home, leave('19:30'), back('19:36')], ['curfew AL10 19:30-19:36 return']],
  ['out for just the tolerance', [home, leave('19:30'), back('19:35')], []],
  ['out at the end', [home, call('20:00'), leave('20:30'), back('21:30')], ['curfew AL10 AL11 20:30-21:00 window']],
  ['out for the whole', [home, leave('18:30'), call('20:00'), back('21:30')], ['curfew AL08 AL12 19:00-21:00 window']],
  ['out at the very end, within the tolerance', [home, call('20:00'), leave('20:56'), back('21:30')], []],
  [
    'out twice',
    [home, leave('19:10'), back('19:20'), leave('19:25'), back('19:40')],
    ['curfew AL10 19:10-19:20 return', 'curfew AL10 19:25-19:40 return'],
  ],
  [
    'a heartbeat tells nothing of presence',
    [call('18:00'), call('19:00'), call('20:00')],
    ['curfew.unverified 19:00-21:00'],
  ],
  ['first heard within what is borne', [unit('19:15', rfBody('TAG', 'PRESENT'))], []],
  ['first heard after it', [unit('19:16', rfBody('TAG', 'PRESENT'))], ['curfew.unverified 19:00-19:16']],
  [
    'another tag is not this one',
    [home, leave('19:10'), unit('19:12', rfBody('OTHER', 'ENTER')), back('19:20')],
    ['curfew AL10 19:10-19:20 return'],
  ],
  [
    'moved, and read again only after the reset',
    [
      home,
      unit('19:10', unitBody(['MOVED'])),
      unit('19:20', rfBody('TAG', 'PRESENT')),
      unit('19:30', unitBody(['RESET'])),
      unit('19:40', rfBody('TAG', 'PRESENT')),
    ],
    ['curfew.unverified 19:10-19:40', 'unit.moved AL05 19:10-19:30'],
  ],
];

for (const [name, reports, expected] of cases) {
  t.test(`curfew: ${name}`, async (t) => t.same(truth(reports, '21:05'), expected));
}

t.test('a silent home unit makes an absence unknown, and unknown is not absent', async (t) => {
  // silent after 18:30: unknown from 20:35 on; it speaks again at 22:30
  t.same(truth([home, leave('18:30'), call('22:30')], '23:00'), [
    'curfew AL08 19:00-20:35 unknown',
    'curfew.unverified 20:35-21:00',
    'device.silent 20:35-22:30',
  ]);
});

t.test('a unit that calls when doubt would begin leaves none', async (t) => {
  t.same(truth([home, call('20:05'), call('22:00')]), []);
});

t.test('before the tolerance has passed nothing is known; when it has, the violation runs', async (t) => {
  const reports = [home, leave('18:30')];
  t.same(truth(reports, '19:04'), []);
  t.same(truth(reports, '19:05'), ['curfew AL08 19:00-']);
});

t.test('an authorised absence cuts the window in two, and each is judged by itself', async (t) => {
  const [curfew] = order.conditions;
  const plan = {
    ...order,
    conditions: [
      {
        ...curfew,
        authorised_absences: [{ from: '2026-03-02T19:30:00Z', to: '2026-03-02T20:00:00Z', reason: 'hospital' }],
      } as OrderPlan['conditions'][number],
    ],
  };
  t.same(truth([home, leave('19:32'), back('19:58')], '22:00', plan), []);
  t.same(truth([home, leave('19:20'), back('20:10')], '22:00', plan), [
    'curfew AL10 AL11 19:20-19:30 window',
    'curfew AL08 AL09 20:00-20:10 return',
  ]);
});

t.test('the rows of a split night are one window', async (t) => {
  const plan: OrderPlan = {
    ...order,
    conditions: [
      {
        condition_id: 'C1',
        kind: 'curfew',
        timetable: [
          { days: ['MONDAY'], start: '19:00', end: '19:59', addresses: ['primary'] },
          { days: ['MONDAY'], start: '20:00', end: '21:00', addresses: ['primary'] },
        ],
      },
    ],
  };
  t.same(truth([home, leave('19:50'), back('20:10')], '22:00', plan), ['curfew AL10 19:50-20:10 return']);
});
