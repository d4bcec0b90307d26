import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import type { RecordBody, RfKind, UnitFlag } from '../../src/domain/record.js';
import { CurfewDriver, curfewOrder, heartbeat, rf, unitSays } from './curfew-driver.js';
import { absence, dated, timetable, utc } from './timetables.js';

const HOME = 'HU-1' as DeviceId;
const MOTHER = 'HU-2' as DeviceId;
const TAG = 'TAG-1' as DeviceId;

/** Times are of 5 January 2026, UTC. */
const at = (time: string): number => utc(`2026-01-05T${time}Z`);
const clock = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(11, 19));

const device = (
  deviceId: DeviceId,
  kind: Assignment['kind'],
  address: string | null,
  from = '00:00',
  to = '23:59',
) => ({
  deviceId,
  kind,
  address,
  fromMs: at(from),
  toMs: at(to),
});
const unit = device(HOME, 'home_unit', 'home');
const tag = device(TAG, 'tag', null);

/** Home from 19:00 to 22:00, unless the test says otherwise. */
function order(o: { devices?: Assignment[]; table?: ReturnType<typeof timetable>; toleranceS?: number } = {}): Order {
  const conditionId = 'C1' as ConditionId;
  const table = o.table ?? timetable(null, [dated('2026-01-05', '19:00-22:00')]);
  return curfewOrder({
    startMs: at('00:00'),
    endMs: at('23:59'),
    devices: o.devices ?? [unit, tag],
    conditions: [{ kind: 'curfew', conditionId, toleranceS: o.toleranceS ?? null, timetable: table }],
  });
}

/** `18:00 HU-1 ENTER`, `18:30 HU-1 heartbeat`, `18:30 HU-1 MOVED`, `18:30 HU-1 ENTER TAG-2`. */
function says(driver: CurfewDriver, line: string): void {
  const [time = '', unitId = '', what = '', tagId = TAG] = line.split(' ');
  const body: RecordBody =
    what === 'heartbeat'
      ? heartbeat
      : ['ENTER', 'EXIT', 'PRESENT', 'UNSPECIFIED'].includes(what)
        ? rf(tagId as DeviceId, what as RfKind)
        : unitSays(...(what.split('+') as UnitFlag[]));
  driver.say({ unitId: unitId as DeviceId, timeMs: at(time), hash: `${time} ${what}`, body });
}

/** One version a line: when it was told, from, to, how it ended, its codes, the records it rests on. */
const shown = (findings: readonly Finding[]): string[] =>
  findings.map(({ type, eventMs, startMs, endMs, endedBy, codes, records, cause }) =>
    [
      `${clock(eventMs)} ${type} ${clock(startMs)}–${clock(endMs) ?? ''}`,
      endedBy ?? '-',
      codes.join('+') || '-',
      records.map((r) => r.hash).join(', ') || '-',
      cause,
    ].join(' | '),
  );

function watched(lines: readonly string[], o: Parameters<typeof order>[0] & { until?: string } = {}): string[] {
  const driver = new CurfewDriver(order(o));
  for (const line of lines) says(driver, line);
  driver.tick(at(o.until ?? '23:00'));
  return shown(driver.told);
}

interface Line {
  readonly says: string;
  readonly records: readonly string[];
  readonly order?: Parameters<typeof order>[0];
  readonly until?: string;
  readonly told: readonly string[];
}

const hourly = ['19:05', '20:30', '21:50'];
const alive = (unitId = 'HU-1') => hourly.map((time) => `${time} ${unitId} heartbeat`);
const mixed = (...lines: string[]) => [...lines, ...alive()].sort();

const specification: readonly Line[] = [
  { says: 'who is at home is not told of', records: mixed('18:00 HU-1 ENTER'), told: [] },
  {
    says: 'out as the curfew begins is AL08 when the tolerance is over, and AL09 on the return',
    records: mixed('18:00 HU-1 EXIT', '19:20 HU-1 ENTER'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:20:00 curfew 19:00:00–19:20:00 | return | AL08+AL09 | 19:20 ENTER | record',
    ],
  },
  {
    says: 'out for the entire curfew is AL08, then AL12 at its end',
    records: mixed('18:00 HU-1 EXIT'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '22:00:00 curfew 19:00:00–22:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'leaving during the curfew is AL10, and the return closes it without a code',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:40 HU-1 ENTER'),
    told: [
      '20:05:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer',
      '20:40:00 curfew 20:00:00–20:40:00 | return | AL10 | 20:00 EXIT, 20:40 ENTER | record',
    ],
  },
  {
    says: 'leaving and staying out is AL10, then AL11 at the end',
    records: mixed('18:00 HU-1 ENTER', '21:00 HU-1 EXIT'),
    told: [
      '21:05:00 curfew 21:00:00– | - | AL10 | 21:00 EXIT | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL10+AL11 | 21:00 EXIT | timer',
    ],
  },
  {
    says: 'a return at exactly start + tolerance was not longer than the tolerance',
    records: mixed('18:00 HU-1 EXIT', '19:05 HU-1 ENTER'),
    told: [],
  },
  {
    says: 'a return one second later was',
    records: mixed('18:00 HU-1 EXIT', '19:05:01 HU-1 ENTER'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:05:01 curfew 19:00:00–19:05:01 | return | AL08+AL09 | 19:05:01 ENTER | record',
    ],
  },
  { says: 'an exit at exactly the end is outside', records: mixed('18:00 HU-1 ENTER', '22:00 HU-1 EXIT'), told: [] },
  {
    says: 'an exit at exactly the start is out at commencement',
    records: mixed('18:00 HU-1 ENTER', '19:00 HU-1 EXIT'),
    until: '19:10',
    told: ['19:05:00 curfew 19:00:00– | - | AL08 | 19:00 EXIT | timer'],
  },
  {
    says: 'an absence of the tolerance that the end cuts short is none',
    records: mixed('18:00 HU-1 ENTER', '21:55 HU-1 EXIT'),
    told: [],
  },
  {
    says: 'a repeated exit does not start the absence again',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:03 HU-1 EXIT'),
    until: '20:10',
    told: ['20:05:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer'],
  },
  {
    says: 'two windows that follow each other at different addresses are judged each by itself',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 EXIT', '19:30 HU-2 heartbeat'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [
        dated('2026-01-05', '19:00-19:30', ['home']),
        dated('2026-01-05', '19:30-20:00', ['mother']),
      ]),
    },
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:30:00 curfew 19:00:00–19:30:00 | window | AL08+AL12 | - | timer',
      '19:35:00 curfew 19:30:00– | - | AL08 | - | timer',
      '20:00:00 curfew 19:30:00–20:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'an authorised absence in the middle makes two windows',
    records: mixed('18:00 HU-1 EXIT', '19:02 HU-1 ENTER', '19:50 HU-1 EXIT'),
    order: {
      table: timetable(null, [dated('2026-01-05', '19:00-22:00')], [absence('2026-01-05T19:45Z', '2026-01-05T21:00Z')]),
    },
    told: [
      '21:05:00 curfew 21:00:00– | - | AL08 | - | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'present at one of two addresses is present',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 ENTER', '19:30 HU-2 PRESENT', '20:45 HU-2 PRESENT'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    },
    told: [],
  },
  {
    says: 'absent at one and unknown at the other is unknown',
    records: mixed('18:00 HU-1 EXIT'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    },
    told: [
      '19:15:00 curfew.unverified 19:00:00– | - | - | - | timer',
      '22:00:00 curfew.unverified 19:00:00–22:00:00 | window | - | - | timer',
    ],
  },
  {
    says: 'two units at one address are one address: seen by either is present',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 ENTER', '19:30 HU-2 heartbeat', '21:00 HU-2 heartbeat'),
    order: { devices: [unit, device(MOTHER, 'home_unit', 'home'), tag] },
    told: [],
  },
  {
    says: 'a silent unit makes absence unknown at its last record + 7,500 s, and a heartbeat does not restore it',
    records: ['18:00 HU-1 EXIT', '18:10 HU-1 heartbeat', '20:30 HU-1 heartbeat', '21:00 HU-1 EXIT'],
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '20:15:00 curfew 19:00:00–20:15:00 | unknown | AL08 | - | timer',
      '20:30:00 curfew.unverified 20:15:00– | - | - | - | timer',
      '21:00:00 curfew.unverified 20:15:00–21:00:00 | - | - | 21:00 EXIT | record',
      '21:05:00 curfew 21:00:00– | - | AL10 | 21:00 EXIT | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL10+AL11 | 21:00 EXIT | timer',
    ],
  },
  {
    says: 'a record at exactly 7,500 s of silence comes before the silence',
    records: ['18:00 HU-1 ENTER', '20:05 HU-1 heartbeat', '21:59 HU-1 heartbeat'],
    told: [],
  },
  {
    says: "what a unit says of somebody else's tag does not count as having been heard",
    records: ['18:00 HU-1 ENTER', '20:00 HU-1 PRESENT TAG-9'],
    until: '20:30',
    told: ['20:20:00 curfew.unverified 20:05:00– | - | - | - | timer'],
  },
  {
    says: 'a reading of no stated kind is heard, and says nothing',
    records: ['18:00 HU-1 ENTER', '20:00 HU-1 UNSPECIFIED', '21:50 HU-1 UNSPECIFIED'],
    told: [],
  },
  {
    says: 'a moved unit is not believed until it was reset and then read the tag',
    records: mixed(
      '18:00 HU-1 EXIT',
      '19:10 HU-1 MOVED',
      '19:20 HU-1 PRESENT',
      '19:30 HU-1 RESET',
      '19:40 HU-1 PRESENT',
    ),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:10:00 curfew 19:00:00–19:10:00 | unknown | AL08 | 19:10 MOVED | record',
      '19:25:00 curfew.unverified 19:10:00– | - | - | 19:10 MOVED | timer',
      '19:40:00 curfew.unverified 19:10:00–19:40:00 | - | - | 19:10 MOVED, 19:40 PRESENT | record',
    ],
  },
  {
    says: 'flags of one status are taken in their order: moved and reset in one still waits for a reading',
    records: mixed('18:00 HU-1 ENTER', '19:10 HU-1 MOVED+RESET', '19:20 HU-1 PRESENT'),
    told: [],
  },
  {
    says: 'unknown for exactly 900 s is not told of',
    records: mixed('19:15 HU-1 ENTER'),
    told: [],
  },
  {
    says: 'unknown from before the window counts from its start',
    records: mixed('19:15:01 HU-1 ENTER'),
    told: [
      '19:15:00 curfew.unverified 19:00:00– | - | - | - | timer',
      '19:15:01 curfew.unverified 19:00:00–19:15:01 | - | - | 19:15:01 ENTER | record',
    ],
  },
  {
    says: 'a new tag is unknown until it is read for the first time, and the old one speaks no more',
    records: mixed('18:00 HU-1 ENTER', '20:10 HU-1 EXIT TAG-1', '20:20 HU-1 PRESENT TAG-2'),
    order: {
      devices: [unit, device(TAG, 'tag', null, '00:00', '20:00'), device('TAG-2' as DeviceId, 'tag', null, '20:00')],
    },
    told: [
      '20:15:00 curfew.unverified 20:00:00– | - | - | - | timer',
      '20:20:00 curfew.unverified 20:00:00–20:20:00 | - | - | 20:20 PRESENT | record',
    ],
  },
  {
    says: 'the first reading of a new tag may come in the moment in which it is put on',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 PRESENT TAG-2'),
    order: {
      devices: [unit, device(TAG, 'tag', null, '00:00', '20:00'), device('TAG-2' as DeviceId, 'tag', null, '20:00')],
    },
    told: [],
  },
  {
    says: 'an alcohol tag that is put on beside the tag changes nothing',
    records: mixed('18:00 HU-1 ENTER'),
    order: { devices: [unit, tag, device('ALC-1' as DeviceId, 'alcohol_tag', null, '20:00')] },
    told: [],
  },
  {
    says: 'a unit that was replaced no longer has a say: the new one alone can tell of an absence',
    records: [...mixed('18:00 HU-1 EXIT'), '19:40 HU-2 EXIT', '21:00 HU-2 heartbeat'].sort(),
    order: {
      devices: [device(HOME, 'home_unit', 'home', '00:00', '19:30'), device(MOTHER, 'home_unit', 'home', '19:30'), tag],
    },
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:30:00 curfew 19:00:00–19:30:00 | unknown | AL08 | - | timer',
      '19:45:00 curfew 19:40:00– | - | AL10 | 19:40 EXIT | timer',
      '22:00:00 curfew 19:40:00–22:00:00 | window | AL10+AL11 | 19:40 EXIT | timer',
    ],
  },
  {
    says: 'a condition may have a tolerance of none',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:00:01 HU-1 ENTER'),
    order: { toleranceS: 0 },
    told: [
      '20:00:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer',
      '20:00:01 curfew 20:00:00–20:00:01 | return | AL10 | 20:00 EXIT, 20:00:01 ENTER | record',
    ],
  },
];

for (const line of specification) {
  t.test(line.says, (t) => {
    t.same(
      watched(line.records, { ...line.order, ...(line.until === undefined ? {} : { until: line.until }) }),
      line.told,
    );
    t.end();
  });
}

t.test('two units that speak in one moment give one answer, whichever is heard first', (t) => {
  const o = {
    devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
    table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    until: '19:50',
  };
  const before = ['18:00 HU-1 EXIT', '18:00 HU-2 EXIT'];
  const together = ['19:40 HU-1 MOVED', '19:40 HU-2 ENTER'];
  const told = watched([...before, ...together], o);
  t.match(told.at(-1), /19:00:00–19:40:00 \| return \| AL08\+AL09/);
  t.same(watched([...before, ...together.toReversed()], o), told);
  t.end();
});

t.test('of two exits in one moment the violation names the one of the first unit by id', (t) => {
  const o = { devices: [unit, device(MOTHER, 'home_unit', 'home'), tag], until: '20:06' };
  const exits = ['20:00 HU-2 EXIT', '20:00 HU-1 EXIT'];
  for (const lines of [exits, exits.toReversed()]) {
    const driver = new CurfewDriver(order(o));
    for (const line of ['18:00 HU-1 ENTER', '18:00 HU-2 ENTER', ...lines]) says(driver, line);
    driver.tick(at('20:06'));
    t.match(driver.told[0]?.records, [{ deviceId: HOME }]);
  }
  t.end();
});

t.test('a curfew whose rows name no address never finds anybody absent', (t) => {
  const table = timetable(null, [dated('2026-01-05', '19:00-22:00', [])]);
  t.match(watched(['18:00 HU-1 EXIT'], { table, until: '21:00' }), [/curfew.unverified/]);
  t.end();
});

t.test('inside a window nothing is noted of an address that is not its own', (t) => {
  const driver = new CurfewDriver(order({ devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag] }));
  for (const line of ['18:00 HU-1 ENTER', '19:30 HU-2 ENTER']) says(driver, line);
  t.equal(driver.state.pending, null);
  says(driver, '19:40 HU-1 EXIT');
  t.match(driver.state.pending, { atMs: at('19:40') }, 'while one that is its own is judged when its moment is over');
  t.end();
});

t.test('outside the windows the state keeps what units said last, and nothing of when or by which reading', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of ['12:00 HU-1 ENTER', '13:00 HU-1 EXIT', '13:30 HU-1 heartbeat']) says(driver, line);
  t.same(driver.state, { window: null, stretch: null, pending: null });
  t.same(driver.units, { 'HU-1': { presence: 'absent', tagId: TAG, heardMs: at('13:30'), moved: false } });
  t.end();
});

t.test('a revision that leaves the running window as it is lets a violation go on', (t) => {
  const driver = new CurfewDriver(order());
  says(driver, '18:00 HU-1 EXIT');
  const longer = timetable(null, [dated('2026-01-05', '19:00-22:30')]);
  driver.revise(order({ table: longer }), at('19:30'));
  says(driver, '19:40 HU-1 heartbeat');
  driver.tick(at('23:00'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '21:45:00 curfew 19:00:00–21:45:00 | unknown | AL08 | - | timer',
    '22:00:00 curfew.unverified 21:45:00– | - | - | - | timer',
    '22:30:00 curfew.unverified 21:45:00–22:30:00 | window | - | - | timer',
  ]);
  t.end();
});

t.test('a revision that takes the tag away leaves nobody who could tell of the person, from its own beginning', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of ['18:00 HU-1 EXIT', '19:20 HU-1 heartbeat']) says(driver, line);
  driver.revise(order({ devices: [unit, device(TAG, 'tag', null, '00:00', '12:00')] }), at('19:30'));
  driver.tick(at('19:50'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '19:30:00 curfew 19:00:00–19:30:00 | unknown | AL08 | - | timer',
    '19:45:00 curfew.unverified 19:30:00– | - | - | - | timer',
  ]);
  t.end();
});

t.test('a revision that moves the window closes what runs, and judges from its own beginning', (t) => {
  const driver = new CurfewDriver(order());
  says(driver, '18:00 HU-1 EXIT');
  driver.revise(order({ table: timetable(null, [dated('2026-01-05', '18:30-20:00')]) }), at('19:30'));
  driver.tick(at('23:00'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '19:30:00 curfew 19:00:00–19:30:00 | ORDER_REVISED | AL08 | - | timer',
    '19:35:00 curfew 19:30:00– | - | AL08 | - | timer',
    '20:00:00 curfew 19:30:00–20:00:00 | window | AL08+AL12 | - | timer',
  ]);
  t.end();
});

t.test(
  'an order that takes effect in the midst of a window is judged from then on, not from before it was known',
  (t) => {
    const driver = new CurfewDriver(order(), {}, at('20:00'));
    driver.tick(at('20:20'));
    t.same(shown(driver.told), ['20:15:00 curfew.unverified 20:00:00– | - | - | - | timer']);
    t.end();
  },
);

t.test('an order that is ended closes what runs with that reason; a window that ends then goes before it', (t) => {
  for (const [time, how] of [
    ['21:00', 'ORDER_ENDED | AL08'],
    ['22:00', 'window | AL08+AL12'],
  ] as const) {
    const driver = new CurfewDriver(order());
    for (const line of mixed('18:00 HU-1 EXIT').filter((l) => l.slice(0, 5) < time)) says(driver, line);
    driver.close(at(time));
    t.same(shown(driver.told).at(-1), `${time}:00 curfew 19:00:00–${time}:00 | ${how} | - | timer`);
  }
  t.end();
});
