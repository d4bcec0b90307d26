import t from 'tap';
import type { DeviceKind } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { RecordBody, RfKind, TagFlag, TagStatus, UnitFlag } from '../../src/domain/record.js';
import type { EquipmentState } from '../../src/domain/subject-state.js';
import {
  countIntegrity,
  endEquipment,
  equipmentDueMs,
  equipmentTime,
  stepEquipment,
  UNHEARD,
} from '../../src/rules/equipment.js';
import { Book, device, ref } from './moments.js';

const id = device('D-1');
const tag = (flags: readonly TagFlag[], batteryPct: number | null = null): TagStatus => ({
  kind: 'tag',
  flags,
  batteryPct,
});
const unit = (flags: readonly UnitFlag[], batteryPct: number | null = null): RecordBody => ({
  kind: 'unit',
  flags,
  batteryPct,
});
const level = (pct: number) => tag([], pct);
const read = (event: RfKind, status: TagStatus | null = null): RecordBody => ({
  kind: 'rf',
  tagId: id,
  event,
  rssiDbm: -60,
  status,
});
const heartbeat: RecordBody = { kind: 'heartbeat', firmware: '1', uptimeS: 1 };

type Said = readonly [second: number, body: RecordBody];

/** What a device says, second by second, with the due times between; records come before timers at equal times. */
function say(kind: DeviceKind, said: readonly Said[], untilS = 0) {
  const book = new Book();
  const watched = { deviceId: id, kind };
  let state: EquipmentState = UNHEARD;
  const timers = (beforeMs: number) => {
    const next = () => equipmentDueMs(watched, state, DEFAULT_POLICY);
    for (let due = next(); due !== null && due < beforeMs; due = next()) {
      state = equipmentTime(watched, state, DEFAULT_POLICY, book.at(due));
    }
  };
  for (const [second, body] of said) {
    timers(second * 1000);
    state = stepEquipment(watched, state, body, DEFAULT_POLICY, book.at(second * 1000, ref(second * 1000)));
  }
  timers(untilS * 1000 + 1);
  return { book, state, watched };
}

/** `type code from–to`, in seconds, in the order of their beginning; `…` while it runs. */
const alerts = (book: Book): string[] =>
  [...book.ended, ...book.running.values()]
    .sort((a, b) => a.startMs - b.startMs || (a.type < b.type ? -1 : 1))
    .map(
      (f) =>
        `${f.type}${f.codes.map((c) => ` ${c}`).join('')} ${f.startMs / 1000}–${f.endMs === null ? '…' : f.endMs / 1000}`,
    );

const specification: readonly (readonly [sentence: string, kind: DeviceKind, said: readonly Said[], want: string[]])[] =
  [
    // flags that begin and end
    ['a cut strap runs from START', 'tag', [[10, tag(['STRAP_TAMPER_START'])]], ['tamper.strap 10–…']],
    [
      'a strap that is whole again ends it',
      'tag',
      [
        [10, tag(['STRAP_TAMPER_START'])],
        [20, tag(['STRAP_TAMPER_END'])],
      ],
      ['tamper.strap 10–20'],
    ],
    [
      'a repeated START changes nothing',
      'tag',
      [
        [10, tag(['STRAP_TAMPER_START'])],
        [15, tag(['STRAP_TAMPER_START'])],
        [20, tag(['STRAP_TAMPER_END'])],
      ],
      ['tamper.strap 10–20'],
    ],
    ['an END without a START changes nothing', 'tag', [[10, tag(['STRAP_TAMPER_END', 'SHIELDING_END'])]], []],
    [
      'flags of one status apply in their order',
      'tag',
      [[10, tag(['CASE_OPEN_START', 'CASE_OPEN_END', 'CASE_OPEN_START'])]],
      ['tamper.case 10–10', 'tamper.case 10–…'],
    ],
    [
      'different tampers run beside each other',
      'tag',
      [
        [10, tag(['SHIELDING_START', 'JAMMING_START'])],
        [20, tag(['JAMMING_END'])],
      ],
      ['tamper.jamming 10–20', 'tamper.shielding 10–…'],
    ],
    [
      'an open case of a home unit is the unit’s',
      'home_unit',
      [
        [10, unit(['CASE_OPEN_START'])],
        [20, unit(['CASE_OPEN_END'])],
      ],
      ['tamper.unit_case 10–20'],
    ],
    [
      'mains lost is AL04 until it is back',
      'home_unit',
      [
        [10, unit(['MAINS_LOST'])],
        [20, unit(['MAINS_RESTORED'])],
      ],
      ['unit.power_off AL04 10–20'],
    ],
    [
      'a moved unit is AL05 until it is reset',
      'home_unit',
      [
        [10, unit(['MOVED'])],
        [20, unit(['RESET'])],
      ],
      ['unit.moved AL05 10–20'],
    ],
    [
      'a failed self test is AL24 until one is passed, for units',
      'home_unit',
      [
        [10, unit(['SELF_TEST_FAULT'])],
        [20, unit(['SELF_TEST_OK'])],
      ],
      ['device.fault AL24 10–20'],
    ],
    [
      'and for tags',
      'tag',
      [
        [10, tag(['SELF_TEST_FAULT'])],
        [20, tag(['SELF_TEST_OK'])],
      ],
      ['device.fault AL24 10–20'],
    ],
    [
      'a tag that only RF sees reports its strap through its home unit',
      'rf_tag',
      [
        [10, read('PRESENT', tag(['STRAP_TAMPER_START']))],
        [20, read('PRESENT', tag(['STRAP_TAMPER_END']))],
      ],
      ['tamper.strap 10–20'],
    ],
    ['motion and calibration raise nothing', 'tag', [[10, tag(['MOTION_START', 'MOTION_END'])]], []],

    // battery
    ['21 % is not low', 'tag', [[10, level(21)]], []],
    ['20 % is low', 'tag', [[10, level(20)]], ['battery.low AL21 10–…']],
    [
      '24 % is still low, 25 % is not',
      'tag',
      [
        [10, level(20)],
        [20, level(24)],
        [30, level(25)],
      ],
      ['battery.low AL21 10–30'],
    ],
    [
      'a level that swings about the threshold is one alert',
      'tag',
      [
        [10, level(20)],
        [20, level(22)],
        [30, level(19)],
      ],
      ['battery.low AL21 10–…'],
    ],
    ['10 % is both', 'tag', [[10, level(10)]], ['battery.critical AL21 10–…', 'battery.low AL21 10–…']],
    [
      'critical ends at 15 %, low goes on',
      'tag',
      [
        [10, level(10)],
        [20, level(14)],
        [30, level(15)],
      ],
      ['battery.critical AL21 10–30', 'battery.low AL21 10–…'],
    ],
    [
      'the charger ends both, and a low level on it is no news',
      'tag',
      [
        [10, level(9)],
        [20, tag(['CHARGING_START'], 8)],
        [30, level(8)],
        [40, level(12)],
      ],
      ['battery.critical AL21 10–20', 'battery.low AL21 10–20'],
    ],
    [
      'a charger that does not charge is',
      'tag',
      [
        [10, level(19)],
        [20, tag(['CHARGING_START'])],
        [30, level(18)],
        [40, level(17)],
      ],
      ['battery.low AL21 10–20', 'battery.low AL21 40–…'],
    ],
    [
      'taken off the charger while low it is low again',
      'tag',
      [
        [10, level(19)],
        [20, tag(['CHARGING_START'], 19)],
        [30, tag(['CHARGING_END'], 20)],
      ],
      ['battery.low AL21 10–20', 'battery.low AL21 30–…'],
    ],
    ['a status without a level says nothing of the battery', 'tag', [[10, tag([])]], []],
    ['a home unit’s battery counts as well', 'home_unit', [[10, unit([], 20)]], ['battery.low AL21 10–…']],
  ];

for (const [sentence, kind, said, want] of specification) t.strictSame(alerts(say(kind, said).book), want, sentence);

const silences: readonly (readonly [
  sentence: string,
  DeviceKind,
  said: readonly Said[],
  untilS: number,
  want: string[],
])[] = [
  ['a tag is silent 3,900 s after its last record', 'tag', [[0, heartbeat]], 3_900, ['device.silent 3900–…']],
  ['not a second earlier', 'tag', [[0, heartbeat]], 3_899, []],
  ['a home unit after 7,500 s', 'home_unit', [[0, heartbeat]], 7_500, ['device.silent 7500–…']],
  ['an alcohol tag after 90,000 s', 'alcohol_tag', [[0, heartbeat]], 90_000, ['device.silent 90000–…']],
  [
    'a record at that very moment is in time',
    'tag',
    [
      [0, heartbeat],
      [3_900, heartbeat],
    ],
    3_900,
    [],
  ],
  [
    'the next record ends the silence',
    'tag',
    [
      [0, heartbeat],
      [5_000, heartbeat],
    ],
    5_000,
    ['device.silent 3900–5000'],
  ],
  [
    'a body that is not known here is a sign of life',
    'tag',
    [
      [0, heartbeat],
      [3_000, { kind: 'unknown' }],
    ],
    5_000,
    [],
  ],
  ['a device that was never heard has not fallen silent', 'tag', [], 1_000_000, []],
  [
    'with the battery at 3 % it is dead beside being silent',
    'tag',
    [[0, level(3)]],
    3_900,
    ['battery.critical AL21 0–…', 'battery.low AL21 0–…', 'battery.dead AL23 3900–…', 'device.silent 3900–…'],
  ],
  [
    'both end with the next record, whatever it says',
    'tag',
    [
      [0, level(3)],
      [5_000, heartbeat],
    ],
    5_000,
    ['battery.critical AL21 0–…', 'battery.low AL21 0–…', 'battery.dead AL23 3900–5000', 'device.silent 3900–5000'],
  ],
  [
    'at 4 % it is only silent',
    'tag',
    [[0, level(4)]],
    3_900,
    ['battery.critical AL21 0–…', 'battery.low AL21 0–…', 'device.silent 3900–…'],
  ],
  [
    'a home unit that reads a tag does not speak for it',
    'tag',
    [
      [0, heartbeat],
      [3_000, read('PRESENT', level(50))],
    ],
    3_900,
    ['device.silent 3900–…'],
  ],
  [
    'a home unit speaks for itself when it reads a tag',
    'home_unit',
    [
      [0, heartbeat],
      [5_000, { kind: 'rf', tagId: device('TAG-9'), event: 'EXIT', rssiDbm: 0, status: null }],
    ],
    7_500,
    [],
  ],
  [
    'a tag that only RF sees is out, not silent',
    'rf_tag',
    [
      [0, read('PRESENT', level(50))],
      [100, read('EXIT')],
    ],
    90_000,
    [],
  ],
  [
    'unless its battery was all but empty: then it is dead',
    'rf_tag',
    [
      [0, read('PRESENT', level(2))],
      [100, read('EXIT')],
    ],
    3_900,
    ['battery.critical AL21 0–…', 'battery.low AL21 0–…', 'battery.dead AL23 3900–…', 'device.silent 3900–…'],
  ],
  [
    'until it is read again',
    'rf_tag',
    [
      [0, read('PRESENT', level(2))],
      [4_000, read('EXIT')],
      [5_000, read('ENTER')],
    ],
    5_000,
    ['battery.critical AL21 0–…', 'battery.low AL21 0–…', 'battery.dead AL23 3900–5000', 'device.silent 3900–5000'],
  ],
];

for (const [sentence, kind, said, untilS, want] of silences) {
  t.strictSame(alerts(say(kind, said, untilS).book), want, sentence);
}

t.test('an alert rests on the record that began it and the one that ended it; a timer rests on none', (t) => {
  const { book } = say('tag', [
    [10, tag(['STRAP_TAMPER_START'])],
    [20, tag(['STRAP_TAMPER_END'])],
    [5_000, heartbeat],
  ]);
  t.match(book.told, [
    { type: 'tamper.strap', cause: 'record', kind: 'alert', deviceId: 'D-1', records: [{ timeMs: 10_000 }] },
    { op: 'close', endedBy: null, records: [{ timeMs: 10_000 }, { timeMs: 20_000 }] },
    { type: 'device.silent', cause: 'timer', eventMs: 3_920_000 },
    { type: 'device.silent', op: 'close', cause: 'record' },
  ]);
  t.strictSame(book.told[2]?.records, []);
  t.end();
});

t.test('when its assignment ends, what runs of a device ends with the reason, and it is watched no more', (t) => {
  const { book, watched } = say('tag', [[10, tag(['STRAP_TAMPER_START'], 2)]], 4_000);
  countIntegrity(book.at(4_001_000), 'integrity.replayed', id);
  const state = endEquipment(watched, book.at(5_000_000), 'ORDER_REVISED');
  t.equal(state, UNHEARD);
  t.equal(equipmentDueMs(watched, state, DEFAULT_POLICY), null);
  t.strictSame(
    book.ended.map((f) => [f.type, f.endMs, f.endedBy]).sort(),
    ['battery.critical', 'battery.dead', 'battery.low', 'device.silent', 'tamper.strap'].map((type) => [
      type,
      5_000_000,
      'ORDER_REVISED',
    ]),
  );
  t.strictSame(
    [...book.running.values()].map((f) => f.type),
    ['integrity.replayed'],
    'counts stay until a person has looked',
  );
  t.end();
});
