// RF says present while two fixes in a row are more than 500 m, and their radius, from the address (§6).
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import {
  assigned,
  at,
  CENTRE,
  clock,
  curfew,
  editionOf,
  fix,
  heartbeat,
  type Line,
  lineOf,
  orderOf,
  record,
  rf,
  TAG,
  UNIT,
  unitSays,
} from './step-driver.js';
import { absence, DAILY, timetable, weekly } from './timetables.js';

const order = (change: Partial<Order> = {}): Order =>
  orderOf({ conditions: [curfew()], addresses: { home: CENTRE }, ...change });

/** `20:00 600` is a fix so many metres north of the address, of radius 10; `20:00 600/90` of radius 90. */
function say(line: Line, said: readonly string[]): void {
  for (const one of said) {
    const [time = '', what = ''] = one.split(' ');
    const [north = '', accuracy = '10'] = what.split('/');
    const bodies: Record<string, RecordBody> = {
      heartbeat,
      MOVED: unitSays('MOVED'),
      RESET: unitSays('RESET'),
      EXIT: rf('EXIT'),
      PRESENT: rf('PRESENT'),
    };
    const body = bodies[what];
    if (body === undefined) line.say(TAG, at(time), fix(Number(north), Number(accuracy)));
    else line.say(UNIT, at(time), body);
  }
}

function told(said: readonly string[], change: Partial<Order> = {}): string[] {
  const line = lineOf(order(change));
  say(line, said);
  line.runTo(at('23:59'));
  t.equal(line.late, 0);
  return contradictions(line);
}

const contradictions = (line: Line): string[] => {
  const newest = new Map(line.versions.filter((v) => v.type === 'integrity.contradiction').map((v) => [v.alertId, v]));
  return [...newest.values()].map(({ conditionId, deviceId, startMs, endMs, endedBy }) =>
    [conditionId, deviceId, `${clock(startMs)}–${clock(endMs) ?? ''}`, endedBy ?? ''].join(' ').trim(),
  );
};

const home = ['18:30 PRESENT', '20:30 PRESENT', '22:00 heartbeat'];
const mixed = (...more: string[]): string[] => [...home, ...more].sort();

const specification: readonly (readonly [string, readonly string[], string[], Partial<Order>?])[] = [
  [
    'two fixes far away while RF says present',
    mixed('20:00 600', '20:01 600', '20:02 0'),
    ['C1 HU-1 20:00:00–20:02:00'],
  ],
  ['one is none', mixed('20:00 600', '20:01 0', '20:02 600', '20:03 0'), []],
  ['the radius is given the benefit', mixed('20:00 600/101', '20:01 600/101'), []],
  ['and no more than that', mixed('20:00 600/99', '20:01 600/99', '20:02 600/101'), ['C1 HU-1 20:00:00–20:02:00']],
  ['it ends with the window', mixed('22:50 600', '22:51 600', '23:01 0'), ['C1 HU-1 22:50:00–23:00:00 window']],
  [
    'a fix at the window’s very end is outside it',
    mixed('22:50 600', '22:51 600', '23:00 0'),
    ['C1 HU-1 22:50:00–23:00:00 window'],
  ],
  ['before the window nothing is compared', mixed('18:50 600', '18:55 600', '19:00 600', '19:01 0'), []],
  ['nor after it', ['18:30 PRESENT', '22:30 PRESENT', '22:59 600', '23:00 600', '23:01 600'], []],
  ['while RF says absent nothing is contradicted', ['18:30 EXIT', '20:00 600', '20:01 600'], []],
  ['nor while it does not know', ['20:00 600', '20:01 600'], []],
  ['a unit that was moved is believed no more', mixed('20:00 MOVED', '20:01 600', '20:02 600'), []],
  ['a unit that has fallen silent neither', ['18:30 PRESENT', '20:35 600', '20:36 600'], []],
  ['just before it has', ['18:30 PRESENT', '20:34 600', '20:34:59 600', '20:35 600'], ['C1 HU-1 20:34:00–20:35:00']],
  [
    'it ends at the first fix at which RF says present no more',
    mixed('20:00 600', '20:01 600', '20:01:30 EXIT', '20:02 600'),
    ['C1 HU-1 20:00:00–20:02:00'],
  ],
  [
    'the first of the two must contradict as well',
    ['18:30 EXIT', '20:00 600', '20:00:30 PRESENT', '20:01 600', '20:02 0'],
    [],
  ],
  ['an implausible fix is compared with nothing', mixed('20:00 600', '20:00:10 90000', '20:00:20 0'), []],
  [
    'of an address without a position nothing can be said',
    mixed('20:00 600', '20:01 600'),
    [],
    { addresses: { home: null } },
  ],
  [
    'an authorised absence is no window',
    mixed('20:00 600', '20:01 600'),
    [],
    {
      conditions: [
        {
          ...curfew(),
          timetable: timetable([weekly(DAILY, '19:00-23:00')], [], [absence('2026-03-02T19:30Z', '2026-03-02T20:30Z')]),
        } as never,
      ],
    },
  ],
  [
    'what is far is the order’s to say',
    mixed('20:00 300', '20:01 300', '20:02 0'),
    ['C1 HU-1 20:00:00–20:02:00'],
    { policy: { contradictionM: 200 } },
  ],
  [
    'RF may say so in the very moment of the fix, whichever is heard first',
    ['20:00 600', '20:00 PRESENT', '20:01 600', '20:02 0'],
    ['C1 HU-1 20:00:00–20:02:00'],
  ],
  ['or say the opposite', mixed('20:00 600', '20:01 600', '20:01 EXIT'), []],
  [
    'in two curfews at once it is two alerts, each of its own window',
    mixed('20:00 600', '20:01 600', '20:10 0'),
    ['C1 HU-1 20:00:00–20:10:00', 'C2 HU-1 20:00:00–20:05:00 window'],
    { conditions: [curfew(), curfew('19:30', '20:05', 'C2')] },
  ],
  [
    'the order’s end is the window’s',
    mixed('21:00 600', '21:01 600'),
    ['C1 HU-1 21:00:00–21:30:00 window'],
    { endMs: at('21:30') },
  ],
];
for (const [sentence, said, want, change] of specification) t.strictSame(told(said, change ?? {}), want, sentence);

t.test('it is raised at the second fix and rests on both; its end on the first and the last', (t) => {
  const line = lineOf(order());
  say(line, mixed('20:00 600', '20:01 600', '20:02 600', '20:03 0'));
  t.match(
    line.findings.filter(({ type }) => type === 'integrity.contradiction'),
    [
      {
        op: 'open',
        kind: 'alert',
        cause: 'record',
        eventMs: at('20:01'),
        records: [{ timeMs: at('20:00') }, { timeMs: at('20:01') }],
      },
      {
        op: 'close',
        cause: 'record',
        eventMs: at('20:03'),
        records: [{ timeMs: at('20:00') }, { timeMs: at('20:03') }],
      },
    ],
  );
  t.end();
});

t.test('nothing is kept of near fixes, and nothing of far ones outside a window', (t) => {
  const line = lineOf(order());
  say(line, ['18:30 PRESENT', '18:40 600', '18:41 600', '19:30 0', '20:00 0']);
  t.strictSame(line.state.contradiction, { pending: null, runs: {} });
  t.end();
});

t.test('ordinary races of unit and tag are none: a reading after a near fix is not late', (t) => {
  const line = lineOf(order());
  say(line, ['18:30 PRESENT', '20:00:05 0', '20:00:00 EXIT', '20:30 PRESENT', '20:29:50 0']);
  t.equal(line.late, 0);
  t.end();
});

t.test('a reading is late when it changes what a far fix was compared with, and only then', (t) => {
  const late = (...said: string[]): number => {
    const line = lineOf(order());
    say(line, ['18:30 PRESENT', ...said, '20:02:00 0']);
    return line.late;
  };
  t.equal(late('20:00 600', '20:01 600', '20:00:30 EXIT'), 1, 'it said present, and had been told absent');
  t.equal(late('20:00 600', '20:01 600', '20:00:30 PRESENT'), 0, 'it says the same');
  t.equal(late('20:00 600', '20:01 600', '20:00:30 heartbeat'), 0);
  t.equal(late('19:50 EXIT', '20:00 600', '20:01 600', '20:00:30 EXIT'), 0);
  t.equal(late('20:34 600', '20:35 600', '20:33 heartbeat'), 1, 'it was thought silent, and was not');
  t.equal(late('20:01 600', '20:01:30 PRESENT', '20:01:10 600'), 1, 'the fix is from before the unit’s last word');
  t.end();
});

t.test('a near fix from before the window’s end, which ended the alert, is late', (t) => {
  const line = lineOf(order());
  say(line, mixed('22:50 600', '22:51 600'));
  line.runTo(at('23:10'));
  t.strictSame(contradictions(line), ['C1 HU-1 22:50:00–23:00:00 window']);
  say(line, ['22:55 0']);
  t.equal(line.late, 1);
  t.end();
});

t.test('the same fix again does not count as the second', (t) => {
  const line = lineOf(order());
  say(line, ['18:30 PRESENT', '20:00 600', '20:00 600', '20:01 0']);
  t.strictSame(contradictions(line), []);
  t.end();
});

t.test('a revision ends it where it changes what is compared, with the reason; else it goes on', (t) => {
  const changes: [string, Partial<Order>, string][] = [
    ['the allowance of the order', { atvAllowanceMin: 5 }, 'C1 HU-1 20:00:00–20:10:00'],
    ['the end of the window', { conditions: [curfew('19:00', '22:00')] }, 'C1 HU-1 20:00:00–20:10:00'],
    [
      'the beginning of the window',
      { conditions: [curfew('19:30', '23:00')] },
      'C1 HU-1 20:00:00–20:05:00 ORDER_REVISED',
    ],
    ['the position', { addresses: { home: [CENTRE[0], 53.9] } }, 'C1 HU-1 20:00:00–20:05:00 ORDER_REVISED'],
    [
      'the unit',
      { devices: [assigned('HU-9' as DeviceId, 'home_unit'), assigned(TAG, 'tag')] },
      'C1 HU-1 20:00:00–20:05:00 ORDER_REVISED',
    ],
    ['what is far', { policy: { contradictionM: 550 } }, 'C1 HU-1 20:00:00–20:05:00 ORDER_REVISED'],
    ['the condition', { conditions: [curfew('19:00', '23:00', 'C7')] }, 'C1 HU-1 20:00:00–20:05:00 ORDER_REVISED'],
  ];
  for (const [what, change, want] of changes) {
    const line = lineOf(order());
    say(line, ['18:30 PRESENT', '20:00 600', '20:01 600']);
    line.revise(editionOf(order({ revision: 2, ...change }), { edition: 'second', effectiveMs: at('20:05') } as never));
    say(line, ['20:10 0']);
    t.strictSame(contradictions(line), [want], what);
  }
  t.end();
});

t.test('the unit that is contradicted is the one that says present', (t) => {
  const other = 'HU-2' as DeviceId;
  const line = lineOf(
    order({ devices: [assigned(UNIT, 'home_unit'), assigned(other, 'home_unit'), assigned(TAG, 'tag')] }),
  );
  line.feed({ kind: 'record', deviceId: other, receivedMs: at('19:00'), record: record(at('19:00'), rf('PRESENT')) });
  say(line, ['19:01 EXIT', '20:00 600', '20:01 600', '20:02 0']);
  t.strictSame(contradictions(line), ['C1 HU-2 20:00:00–20:02:00']);
  t.end();
});
