// The table of hard cases of devices, through `replay`: what is told of tags and home units, from when to when.
import { calls, type HardCase, holds, lasts, tag, unit } from './hard-cases.js';

const still = { conditions: [{ condition_id: 'T1', kind: 'trail' }], ...lasts('03-01 00:00', '03-03 00:00') };

const batteries: HardCase[] = [
  {
    name: 'low at 20 %, until 25 %',
    records: ['03-02 10:00 TAG-1 21%', '03-02 10:10 TAG-1 20%', '03-02 10:20 TAG-1 24%', '03-02 10:30 TAG-1 25%'],
    until: '03-02 11:00',
    want: ['battery.low TAG-1 03-02 10:10 – 03-02 10:30 AL21 closed'],
  },
  {
    name: 'critical at first sight is low as well, and ends before it',
    records: ['03-02 10:00 TAG-1 8%', '03-02 10:10 TAG-1 14%', '03-02 10:20 TAG-1 15%', '03-02 10:30 TAG-1 25%'],
    until: '03-02 11:00',
    want: [
      'battery.critical TAG-1 03-02 10:00 – 03-02 10:20 AL21 closed',
      'battery.low TAG-1 03-02 10:00 – 03-02 10:30 AL21 closed',
    ],
  },
  {
    name: 'the charger ends both; taken off it while low it is low again',
    records: [
      '03-02 10:00 TAG-1 8%',
      '03-02 10:10 TAG-1 CHARGING_START 8%',
      '03-02 10:20 TAG-1 12%',
      '03-02 10:30 TAG-1 CHARGING_END 19%',
      '03-02 10:40 TAG-1 30%',
    ],
    until: '03-02 11:00',
    want: [
      'battery.critical TAG-1 03-02 10:00 – 03-02 10:10 AL21 closed',
      'battery.low TAG-1 03-02 10:00 – 03-02 10:10 AL21 closed',
      'battery.low TAG-1 03-02 10:30 – 03-02 10:40 AL21 closed',
    ],
  },
  {
    name: 'empty and then silent is dead, beside being silent',
    records: ['03-02 10:00 TAG-1 30%', '03-02 10:30 TAG-1 3%', '03-02 12:00 TAG-1 CHARGING_START 3%'],
    until: '03-02 12:30',
    want: [
      'battery.critical TAG-1 03-02 10:30 – 03-02 12:00 AL21 closed',
      'battery.low TAG-1 03-02 10:30 – 03-02 12:00 AL21 closed',
      'battery.dead TAG-1 03-02 11:35 – 03-02 12:00 AL23 closed',
      'device.silent TAG-1 03-02 11:35 – 03-02 12:00 closed',
    ],
  },
  {
    name: 'the last level counts, though a later status had none',
    records: ['03-02 10:00 TAG-1 3%', '03-02 10:30 TAG-1 MOTION_END', '03-02 11:00 TAG-1 heartbeat'],
    until: '03-02 12:05',
    want: [
      'battery.critical TAG-1 03-02 10:00 – AL21 open',
      'battery.low TAG-1 03-02 10:00 – AL21 open',
      'battery.dead TAG-1 03-02 12:05 – AL23 open',
      'device.silent TAG-1 03-02 12:05 – open',
    ],
  },
];

const silences: HardCase[] = [
  {
    name: 'a record that is made at the very end of the silence is in time, though it comes later',
    records: ['03-02 10:00 TAG-1 heartbeat', '03-02 11:05 TAG-1 heartbeat'],
    until: '03-02 12:00',
    want: ['device.silent TAG-1 03-02 11:05 – withdrawn'],
  },
  {
    name: 'a millisecond later it is not',
    records: ['03-02 10:00 TAG-1 heartbeat', '03-02 11:05:00.001 TAG-1 heartbeat'],
    until: '03-02 12:00',
    want: ['device.silent TAG-1 03-02 11:05 – 03-02 11:05:00.001 closed'],
  },
  {
    name: 'nobody is silent at the moment at which they speak for the order no more',
    order: { devices: [tag('TAG-1', 'tag', '03-01 00:00', '03-02 11:05')] },
    records: ['03-02 10:00 TAG-1 heartbeat'],
    want: [],
  },
  {
    name: 'a millisecond before it they are, and that ends with it',
    order: { devices: [tag('TAG-1', 'tag', '03-01 00:00', '03-02 11:05:00.001')] },
    records: ['03-02 10:00 TAG-1 heartbeat'],
    want: ['device.silent TAG-1 03-02 11:05 – 03-02 11:05:00.001 closed'],
  },
  {
    name: 'a record from an assignment that is over, the first that comes at all, leaves nothing behind',
    order: { devices: [tag('TAG-1', 'tag', '03-01 00:00', '03-02 10:00'), tag('TAG-1', 'tag', '03-02 12:00')] },
    records: ['03-02 09:00 TAG-1 heartbeat <- 03-02 12:30'],
    until: '03-02 14:00',
    want: [],
  },
  {
    name: 'nor does what ran then run on in the next assignment',
    order: {
      devices: [
        unit('HU-1', 'home'),
        tag('TAG-1', 'tag', '03-01 00:00', '03-02 10:00'),
        tag('TAG-1', 'tag', '03-02 12:00'),
      ],
    },
    records: [
      ...calls('HU-1', '03-02 08:30', '03-02 13:30'),
      '03-02 09:30 TAG-1 STRAP_TAMPER_START <- 03-02 12:30',
      '03-02 12:40 TAG-1 STRAP_TAMPER_END',
    ],
    until: '03-02 13:40',
    want: ['tamper.strap TAG-1 03-02 09:30 – 03-02 10:00 closed'],
  },
  {
    name: 'a home unit is silent after 7,500 s, and what it says of a neighbour’s tag is no sign of life',
    records: ['03-02 10:00 HU-1 heartbeat', '03-02 12:00 HU-1 PRESENT TAG-9'],
    until: '03-02 12:30',
    want: ['device.silent HU-1 03-02 12:05 – open'],
  },
  {
    name: 'a tag that only RF sees is out, not silent',
    order: { devices: [unit('HU-1', 'home'), tag('TAG-1', 'rf_tag')] },
    records: [
      '03-02 10:00 HU-1 PRESENT TAG-1 50%',
      '03-02 10:10 HU-1 EXIT',
      ...calls('HU-1', '03-02 10:30', '03-02 20:30'),
    ],
    until: '03-02 21:00',
    want: [],
  },
  {
    name: 'but with its battery all but empty it is dead',
    order: { devices: [unit('HU-1', 'home'), tag('TAG-1', 'rf_tag')] },
    records: [
      '03-02 10:00 HU-1 PRESENT TAG-1 2%',
      '03-02 10:10 HU-1 EXIT',
      ...calls('HU-1', '03-02 10:30', '03-02 20:30'),
    ],
    until: '03-02 21:00',
    want: [
      'battery.critical TAG-1 03-02 10:00 – AL21 open',
      'battery.low TAG-1 03-02 10:00 – AL21 open',
      'battery.dead TAG-1 03-02 11:05 – AL23 open',
      'device.silent TAG-1 03-02 11:05 – open',
    ],
  },
];

const switches: HardCase[] = [
  {
    name: 'a repeated START changes nothing; after the END another is another',
    records: [
      '03-02 10:00 TAG-1 STRAP_TAMPER_START',
      '03-02 10:10 TAG-1 STRAP_TAMPER_START',
      '03-02 10:20 TAG-1 STRAP_TAMPER_END',
      '03-02 10:30 TAG-1 STRAP_TAMPER_START',
    ],
    until: '03-02 11:00',
    want: ['tamper.strap TAG-1 03-02 10:00 – 03-02 10:20 closed', 'tamper.strap TAG-1 03-02 10:30 – open'],
  },
  {
    name: 'a tag may tell its strap through its home unit, and its whole strap by itself',
    records: ['03-02 10:00 HU-1 PRESENT TAG-1 STRAP_TAMPER_START', '03-02 10:10 TAG-1 STRAP_TAMPER_END'],
    until: '03-02 11:00',
    want: ['tamper.strap TAG-1 03-02 10:00 – 03-02 10:10 closed'],
  },
  {
    name: 'moved and reset in one status is told of, and is over',
    records: ['03-02 10:00 HU-1 MOVED RESET'],
    until: '03-02 11:00',
    want: ['unit.moved HU-1 03-02 10:00 – 03-02 10:00 AL05 closed'],
  },
  {
    name: 'a unit without mains keeps its presence',
    order: { conditions: undefined, ...lasts('03-01 00:00', '03-09 00:00') },
    records: [
      '03-02 17:40 HU-1 ENTER',
      ...calls('HU-1', '03-02 18:30', '03-03 07:30'),
      '03-02 20:00 HU-1 MAINS_LOST',
      '03-02 22:00 HU-1 MAINS_RESTORED',
    ],
    until: '03-03 08:00',
    want: ['unit.power_off HU-1 03-02 20:00 – 03-02 22:00 AL04 closed'],
  },
  {
    name: 'the order’s end ends what runs',
    records: ['03-02 23:30 TAG-1 JAMMING_START'],
    until: '03-04 00:00',
    want: ['tamper.jamming TAG-1 03-02 23:30 – 03-03 00:00 closed'],
  },
];

const evening = { conditions: undefined, ...lasts('03-01 00:00', '03-09 00:00') };
const placed = { ...evening, addresses: { home: { position: [-1.54, 53.81] } } };
const atHome = ['03-02 18:00 HU-1 ENTER', ...calls('HU-1', '03-02 18:30', '03-02 23:30')];
const positions: HardCase[] = [
  {
    name: 'ten minutes of motion without a good fix, shown by a later record',
    records: [
      '03-02 10:00 TAG-1 MOTION_START',
      '03-02 10:10 TAG-1 fix 0/101',
      '03-02 10:12 TAG-1 fix 0/101',
      '03-02 10:30 TAG-1 fix 0/100',
    ],
    until: '03-02 11:00',
    want: ['device.no_fix TAG-1 03-02 10:10 – 03-02 10:30 closed'],
  },
  {
    name: 'a good fix that comes late takes it back',
    records: [
      '03-02 10:00 TAG-1 MOTION_START',
      '03-02 10:05 TAG-1 fix 0 <- 03-02 11:00',
      '03-02 10:12 TAG-1 MOTION_END',
    ],
    until: '03-02 11:10',
    want: ['device.no_fix TAG-1 03-02 10:10 – withdrawn'],
  },
  {
    name: 'RF says present, two fixes say otherwise',
    order: placed,
    records: [...atHome, '03-02 20:00 TAG-1 fix 600', '03-02 20:01 TAG-1 fix 600', '03-02 20:02 TAG-1 fix 0'],
    until: '03-02 21:00',
    want: ['integrity.contradiction C1 03-02 20:00 – 03-02 20:02 closed'],
  },
  {
    name: 'RF had said absent by then, though it is told of later: nothing is contradicted',
    order: placed,
    records: [
      ...atHome,
      '03-02 20:00 TAG-1 fix 600',
      '03-02 20:01 TAG-1 fix 600',
      '03-02 19:58 HU-1 EXIT <- 03-02 20:10',
      '03-02 20:02 HU-1 ENTER <- 03-02 20:10',
    ],
    until: '03-02 21:00',
    want: ['integrity.contradiction C1 03-02 20:00 – withdrawn'],
  },
  {
    name: 'fixes from before what the unit said last are compared with what it said then',
    order: placed,
    records: [
      ...atHome,
      '03-02 20:10 HU-1 EXIT',
      '03-02 20:12 HU-1 ENTER',
      '03-02 20:00 TAG-1 fix 600 <- 03-02 20:20',
      '03-02 20:01 TAG-1 fix 600 <- 03-02 20:20',
      '03-02 20:05 TAG-1 fix 0 <- 03-02 20:21',
    ],
    until: '03-02 21:00',
    want: ['integrity.contradiction C1 03-02 20:00 – 03-02 20:05 closed'],
  },
  {
    name: 'outside a window nothing is compared',
    order: placed,
    records: [
      '03-02 12:00 HU-1 ENTER',
      '03-02 12:30 TAG-1 fix 600',
      '03-02 12:31 TAG-1 fix 600',
      ...calls('HU-1', '03-02 13:00', '03-02 14:00'),
    ],
    until: '03-02 13:30',
    want: [],
  },
];

for (const cases of [batteries, silences, switches, positions]) {
  holds(
    cases.map((one) => ({ ...one, order: { ...still, ...one.order } })),
    /^curfew/,
  );
}
