// Attendance (§4): stories of appointments at home and in a zone, through the step.
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { AttendanceCondition, Condition, Order } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import {
  assigned,
  at,
  circle,
  clock,
  curfew,
  editionOf,
  fix,
  heartbeat,
  Line,
  lineOf,
  orderOf,
  rf,
  TAG,
  UNIT,
  unitSays,
} from './step-driver.js';

const TAG_2 = 'TAG-2' as DeviceId;
const MINUTE = 60_000;

type Appointments = readonly (readonly [from: string, to: string, attendMin: number])[];
const attendance = (where: AttendanceCondition['at'], appointments: Appointments, id = 'T1'): Condition => ({
  conditionId: id as ConditionId,
  kind: 'attendance',
  at: where,
  appointments: appointments.map(([from, to, attendMin]) => ({ startMs: at(from), endMs: at(to), attendMin })),
});
const HOME = { kind: 'address', address: 'home' } as const;
const OFFICE = { kind: 'zone', zone: { kind: 'own', shape: circle(200) } } as const;
const TEN: Appointments = [['10:00', '12:00', 90]];

const atHome = (appointments = TEN, change: Partial<Order> = {}): Order =>
  orderOf({ conditions: [attendance(HOME, appointments)], ...change });
const atOffice = (appointments = TEN, change: Partial<Order> = {}): Order =>
  orderOf({ conditions: [attendance(OFFICE, appointments)], ...change });

const [INSIDE, OUTSIDE] = [fix(0), fix(1_000)];

/** What was told of attendance, in the order in which it was told. */
const told = (line: Line): string[] => line.episodes().filter((episode) => episode.startsWith('attendance'));
const MISSED = ['attendance T1 10:00:00–12:00:00 window', 'attendance.missed T1 10:00:00–12:00:00 window'];
const UNVERIFIED = ['attendance.unverified T1 10:00:00–12:00:00 window'];

/** `'09:50 in'`, `'11:40 out'`: what the home unit says. */
function homeSays(order: Order, ...words: string[]): Line {
  const line = lineOf(order);
  speak(line, words);
  return line;
}

function speak(line: Line, words: readonly string[]): void {
  const says: Readonly<Record<string, RecordBody>> = {
    in: rf('PRESENT'),
    out: rf('EXIT'),
    beat: heartbeat,
    moved: unitSays('MOVED'),
    reset: unitSays('RESET'),
  };
  for (const word of words) {
    const [time = '', what = ''] = word.split(' ');
    line.say(UNIT, at(time), says[what] as RecordBody);
  }
}

/** A fix a minute from one time to another, both included. */
function stays(line: Line, from: string, to: string, body: RecordBody, everyMs = MINUTE, tag = TAG): void {
  for (let ms = at(from); ms <= at(to); ms += everyMs) line.say(tag, ms, body);
}

t.test('who is at home for long enough of an appointment there is not told of', async (t) => {
  for (const words of [
    ['09:50 in'],
    ['09:50 in', '11:30 out'],
    ['09:50 out', '10:30 in'],
    ['09:50 in', '10:40 out', '11:10 in'],
    ['09:00 in', '10:15 out', '10:30 in', '11:30 out', '11:45 in'],
  ]) {
    const line = homeSays(atHome(), ...words);
    line.runTo(at('13:00'));
    t.same(told(line), [], words.join(', '));
  }
});

t.test('who is known to have been away for too long has missed it, and it is told at its end', async (t) => {
  const line = homeSays(atHome(), '09:50 in', '10:00 in', '10:45 in', '11:29:59.999 out', '11:50 beat');
  line.runTo(at('11:59:59.999'));
  t.same(told(line), [], 'not before');
  line.runTo(at('12:00'));
  t.same(told(line), MISSED);
  const [violation, , alert] = line.versions;
  t.match(violation, { kind: 'violation', type: 'attendance', eventMs: at('12:00'), endMs: at('12:00') });
  t.match(alert, { kind: 'alert', type: 'attendance.missed', conditionId: 'T1', deviceId: null, cause: 'timer' });
  t.same(
    alert?.records.map(({ timeMs }) => clock(timeMs)),
    ['10:00:00', '11:29:59.999'],
    'it rests on what was said of the person in the appointment, and names nothing of before (¶19)',
  );
  t.match(line.versions[0], { version: 1, endedBy: 'window', confidence: null, codes: [] });
  t.same(
    Object.keys(line.state.open).filter((name) => name.startsWith('attendance')),
    [],
    'nothing of it runs',
  );
});

t.test('unknown time accuses nobody: it could make up the rest', async (t) => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['nothing was ever heard', [], UNVERIFIED],
    ['the unit fell silent', ['09:00 in'], UNVERIFIED],
    ['silence sets in when two hours and five minutes are over', ['09:25 in'], []],
    ['the unit was moved', ['09:50 in', '10:30 moved'], UNVERIFIED],
    ['and reset in time', ['09:50 in', '10:30 moved', '10:45 reset', '10:50 in'], []],
    ['moved, but away for too long without that', ['09:50 out', '10:45 in', '11:30 moved'], MISSED],
    ['a heartbeat does not restore presence', ['07:00 in', '10:01 beat'], UNVERIFIED],
    ['away for just as long as is allowed, until silence set in at 10:30', ['08:25 out'], UNVERIFIED],
    ['a millisecond longer', ['08:25:00.001 out'], MISSED],
  ];
  for (const [what, words, expected] of cases) {
    const line = homeSays(atHome(), ...words);
    line.runTo(at('13:00'));
    t.same(told(line), expected, what);
  }
});

t.test('presence is that of the order’s tag at the unit of that address', async (t) => {
  const mother = 'HU-2' as DeviceId;
  const devices = [
    assigned(UNIT, 'home_unit'),
    assigned(mother, 'home_unit', { address: 'mother' }),
    assigned(TAG, 'tag', { toMs: at('11:00') }),
    assigned(TAG_2, 'tag', { fromMs: at('11:00') }),
  ];
  const line = lineOf(atHome(TEN, { devices }));
  line.say(UNIT, at('09:50'), rf('PRESENT'));
  line.say(mother, at('10:20'), rf('EXIT'));
  line.runTo(at('13:00'));
  t.same(told(line), UNVERIFIED, 'from a change of tag until its first reading it is unknown');
  const other = lineOf(atHome(TEN, { devices }));
  other.say(UNIT, at('09:50'), rf('PRESENT'));
  other.say(mother, at('11:10'), rf('EXIT', TAG_2));
  other.say(UNIT, at('11:25'), rf('ENTER', TAG_2));
  other.runTo(at('13:00'));
  t.same(told(other), [], 'an hour with the one and 35 minutes with the other');
});

t.test('what is named is what spoke of the person there: not another address, not a bare heartbeat', async (t) => {
  const mother = 'HU-2' as DeviceId;
  const devices = [
    assigned(UNIT, 'home_unit'),
    assigned(mother, 'home_unit', { address: 'mother' }),
    assigned(TAG, 'tag'),
  ];
  const named = (...words: string[]): (string | null)[] => {
    const line = lineOf(atHome(TEN, { devices }));
    speak(line, words);
    line.say(mother, at('11:55'), rf('EXIT'));
    line.say(mother, at('11:56'), unitSays('MOVED'));
    line.runTo(at('12:00'));
    const told = line.versions.find(({ type }) => type === 'attendance.missed' || type === 'attendance.unverified');
    return told?.records.map(({ timeMs }) => clock(timeMs)) ?? [];
  };
  t.same(named('09:59 out', '11:00 beat'), []);
  t.same(named('09:59 in', '10:40 moved', '11:00 beat'), ['10:40:00']);
  t.same(named('09:59 in', '10:40 moved', '11:00 reset', '11:40 out', '11:50 beat'), ['10:40:00', '11:40:00']);
  t.same(named('09:59 out', '10:40 out', '10:50 out'), ['10:40:00', '10:50:00']);
});

t.test('when nobody speaks for the order any more, nothing is known', async (t) => {
  const gone = { toMs: at('09:30') };
  const line = lineOf(atHome(TEN, { devices: [assigned(UNIT, 'home_unit', gone), assigned(TAG, 'tag', gone)] }));
  line.say(UNIT, at('09:20'), rf('EXIT'));
  line.runTo(at('13:00'));
  t.same(told(line), UNVERIFIED);
  t.equal(line.versions.at(-1)?.kind, 'alert');
  t.same(line.versions.at(-1)?.records, []);
});

t.test('of two appointments with the same bounds the one that asks for more counts, once', async (t) => {
  const [more, less] = [
    ['10:00', '12:00', 90],
    ['10:00', '12:00', 30],
  ] as const;
  for (const both of [
    [more, less],
    [less, more],
  ]) {
    const line = homeSays(atHome(both), '09:59 out', '11:00 in');
    line.runTo(at('13:00'));
    t.same(told(line), MISSED);
  }
});

t.test('an appointment outside the order is not waited for', async (t) => {
  const line = lineOf(
    atHome(
      [
        ['08:00', '09:00', 60],
        ['22:00', '23:00', 60],
      ],
      { startMs: at('09:00'), endMs: at('22:00'), devices: [] },
    ),
  );
  line.runTo(at('09:00'));
  t.equal(line.state.dueMs, null);
});

t.test('at home an appointment is its own window, beside any curfew', async (t) => {
  const order = atHome(TEN, { conditions: [attendance(HOME, TEN), curfew('12:00', '13:00')] });
  const line = homeSays(order, '09:59 out', '11:00 beat', '12:30 in');
  line.runTo(at('13:00'));
  t.same(line.episodes(), [...MISSED, 'curfew C1 12:00:00–12:30:00 AL08 AL09 return'], 'at the very millisecond');
  const rest = homeSays(order, '08:00 out', '09:59 in', '11:59:59 out');
  rest.runTo(at('11:59:59.999'));
  t.same(rest.findings, [], 'and nothing is told of the time around it');
});

t.test('outside its appointments the state says nothing of who is at home', async (t) => {
  const line = homeSays(atHome([['10:00', '11:00', 30]]), '08:00 in', '09:59 out');
  t.same(line.state.attendance, {});
  line.say(UNIT, at('10:10'), rf('ENTER'));
  t.same(line.state.attendance.T1?.appointments.length, 1);
  line.runTo(at('11:00'));
  line.say(UNIT, at('11:10'), rf('EXIT'));
  t.same(line.state.attendance, { T1: { pastMs: at('11:00'), appointments: [], stay: null } });
});

t.test('a visit of the zone that is long enough, or several that are, attends', async (t) => {
  const cases: readonly (readonly [string, readonly (readonly [string, string, RecordBody])[], readonly string[]])[] = [
    ['all the time', [['09:50', '12:10', INSIDE]], []],
    [
      'ninety minutes to the second: from the first fix inside to the first outside',
      [
        ['09:50', '10:14', OUTSIDE],
        ['10:15', '11:44', INSIDE],
        ['11:45', '12:10', OUTSIDE],
      ],
      [],
    ],
    [
      'a minute less',
      [
        ['09:50', '10:15', OUTSIDE],
        ['10:16', '11:44', INSIDE],
        ['11:45', '12:10', OUTSIDE],
      ],
      MISSED,
    ],
    [
      'two visits',
      [
        ['09:30', '10:44', INSIDE],
        ['10:45', '11:14', OUTSIDE],
        ['11:15', '12:05', INSIDE],
      ],
      [],
    ],
    [
      'two visits that are too short together',
      [
        ['09:30', '10:43', INSIDE],
        ['10:44', '11:15', OUTSIDE],
        ['11:16', '12:05', INSIDE],
      ],
      MISSED,
    ],
  ];
  for (const [what, parts, expected] of cases) {
    const line = lineOf(atOffice());
    for (const [from, to, body] of parts) stays(line, from, to, body);
    line.runTo(at('13:00'));
    t.same(told(line), expected, what);
  }
});

t.test('time that fixes do not cover is unknown', async (t) => {
  const cases: readonly (readonly [string, readonly (readonly [string, string, RecordBody])[], readonly string[]])[] = [
    ['no fix at all', [], UNVERIFIED],
    [
      'no fix for an hour within',
      [
        ['10:00', '10:40', INSIDE],
        ['11:40', '12:00', INSIDE],
      ],
      UNVERIFIED,
    ],
    [
      'the same, but outside for long enough',
      [
        ['10:00', '10:31', OUTSIDE],
        ['11:40', '12:00', INSIDE],
      ],
      MISSED,
    ],
    ['outside for just half an hour, and then nothing', [['10:00', '10:30', OUTSIDE]], UNVERIFIED],
    ['the last fix a while before the end', [['09:50', '11:25', INSIDE]], UNVERIFIED],
    ['the last fix in time', [['09:50', '11:30', INSIDE]], []],
  ];
  for (const [what, parts, expected] of cases) {
    const line = lineOf(atOffice());
    for (const [from, to, body] of parts) stays(line, from, to, body);
    line.runTo(at('13:00'));
    t.same(told(line), expected, what);
  }
});

t.test('fixes that are in doubt are no proof of absence until k in a row lean out', async (t) => {
  const poor = fix(500, 900);
  const line = lineOf(atOffice());
  stays(line, '09:50', '10:15', INSIDE);
  line.say(TAG, at('10:16'), poor);
  line.say(TAG, at('10:17'), poor);
  t.equal(line.state.attendance.T1?.appointments[0]?.absentMs, 0);
  t.equal(line.state.attendance.T1?.stay?.side, 'in');
  line.say(TAG, at('10:18'), poor);
  t.equal(line.state.attendance.T1?.appointments[0]?.presentMs, 16 * MINUTE, 'the visit ended at the first of them');
  t.equal(line.state.attendance.T1?.appointments[0]?.absentMs, 2 * MINUTE);
  stays(line, '10:19', '10:21', fix(-150, 100));
  t.equal(line.state.attendance.T1?.appointments[0]?.absentMs, 3 * MINUTE, 'and so for being away');
  t.equal(line.state.attendance.T1?.appointments[0]?.presentMs, 18 * MINUTE);
});

t.test('where a zone ends is where it ends', async (t) => {
  const side = (body: RecordBody) => {
    const line = lineOf(atOffice());
    line.say(TAG, at('10:00'), body);
    return line.state.attendance.T1?.stay;
  };
  t.match(side(fix(189.5)), { side: 'in', run: null, openMs: at('10:00'), lostMs: at('10:10') });
  t.match(side(fix(190.5)), { side: null, run: { side: 'in', sinceMs: at('10:00'), count: 1 } });
  t.match(side(fix(199.5)), { side: null, run: { side: 'in' } });
  t.match(side(fix(200.5)), { side: null, run: { side: 'out' } });
  t.match(side(fix(209.5)), { side: null, run: { side: 'out' } });
  t.match(side(fix(210.5)), { side: 'out', run: null });
});

t.test('a fix of exactly the gap is of one row, and a millisecond later begins anew', async (t) => {
  for (const [afterMs, presentMs] of [
    [600_000, 600_000],
    [600_001, 0],
  ] as const) {
    const line = lineOf(atOffice());
    line.say(TAG, at('10:00'), INSIDE);
    line.say(TAG, at('10:00') + afterMs, INSIDE);
    t.equal(line.state.attendance.T1?.appointments[0]?.presentMs, presentMs);
  }
});

t.test('when all is over the state keeps no place, and no fix brings one back', async (t) => {
  const line = lineOf(atOffice());
  stays(line, '09:50', '12:10', INSIDE);
  t.same(line.state.attendance, { T1: { pastMs: at('12:00'), appointments: [], stay: null } });
});

t.test('an implausible fix is used by no zone, and by no appointment', async (t) => {
  const line = lineOf(atOffice([['10:00', '10:20', 20]]));
  stays(line, '09:58', '10:10', INSIDE);
  line.say(TAG, at('10:10:30'), fix(90_000));
  stays(line, '10:11', '10:21', INSIDE);
  t.same(told(line), []);
  t.ok(line.episodes().some((episode) => episode.startsWith('integrity.location_jump')));
});

t.test('what the end of an appointment leaves open waits for the fix that tells, or for the gap', async (t) => {
  const whole: Appointments = [['10:00', '12:00', 120]];
  const kept = lineOf(atOffice(whole));
  stays(kept, '09:59:30', '11:59:30', INSIDE);
  kept.runTo(at('12:00:29.999'));
  t.same(told(kept), [], 'nobody knows yet');
  kept.say(TAG, at('12:00:30'), OUTSIDE);
  kept.runTo(at('13:00'));
  t.same(told(kept), [], 'the visit went on to 12:00:30');

  const lost = lineOf(atOffice(whole));
  stays(lost, '09:59:30', '11:59:30', INSIDE);
  lost.runTo(at('12:09:29.999'));
  t.same(told(lost), []);
  lost.runTo(at('12:09:30'));
  t.same(told(lost), UNVERIFIED, 'half a minute is not known');
  t.equal(lost.versions.at(-1)?.eventMs, at('12:00'), 'what is told speaks of the appointment alone (¶19)');
  t.equal(clock(lost.versions.at(-1)?.records.at(-1)?.timeMs ?? 0), '11:59:30');
  lost.say(TAG, at('12:09:30'), INSIDE, 5_000);
  t.equal(lost.late, 1, 'a fix of the very last moment would have told');

  const left = lineOf(atOffice(whole));
  stays(left, '09:59:30', '11:58:30', INSIDE);
  stays(left, '11:59:30', '12:00', OUTSIDE, 10_000);
  left.runTo(at('12:00'));
  t.same(told(left), MISSED, 'where it is known already it is told at the end');

  const doubt = lineOf(atOffice(whole));
  stays(doubt, '09:59:30', '11:58:30', INSIDE);
  stays(doubt, '11:59:10', '12:00:10', fix(250, 100), 30_000);
  t.same(told(doubt), MISSED, 'the third that leans out, after the end, shows that the visit ended before it');
  t.equal(doubt.versions.at(-1)?.cause, 'record');
  t.equal(clock(doubt.versions.at(-1)?.records.at(-1)?.timeMs ?? 0), '11:59:40', 'and is not named');
});

t.test('a record is late for an appointment where what was judged rests on its not having been there', async (t) => {
  const home = homeSays(atHome(), '09:59 in');
  home.tick(at('12:00'));
  home.say(UNIT, at('11:00'), rf('EXIT'), 2 * 3_600_000);
  t.equal(home.late, 1, 'what was said last at home held until the end');

  const silent = lineOf(atOffice());
  stays(silent, '10:00', '11:20', INSIDE);
  silent.runTo(at('12:00'));
  t.same(told(silent), UNVERIFIED);
  silent.say(TAG, at('11:25'), INSIDE, 2_400_000);
  t.equal(silent.late, 1);

  const elsewhere = lineOf(atOffice());
  elsewhere.say(UNIT, at('11:00'), rf('ENTER'));
  elsewhere.runTo(at('12:00'));
  elsewhere.say(UNIT, at('11:50'), rf('EXIT'), 1_200_000);
  t.equal(elsewhere.late, 0, 'what happens in a zone is not the home unit’s matter');

  for (const [body, expected] of [
    [INSIDE, []],
    [OUTSIDE, MISSED],
  ] as const) {
    const known = lineOf(atOffice());
    stays(known, '10:00', '11:59', body);
    known.runTo(at('12:00'));
    known.say(TAG, at('11:59:30'), OUTSIDE, 40_000);
    t.equal(known.late, 0, 'where enough was known, one more fix changes nothing');
    t.same(told(known), expected);
  }
});

t.test('what nobody can know better is told at the end of the appointment', async (t) => {
  const line = lineOf(atOffice([['10:00', '12:00', 100]]));
  stays(line, '10:30', '12:00', INSIDE);
  line.runTo(at('12:00'));
  t.same(told(line), UNVERIFIED, 'the last fix is of the very end');
  t.equal(clock(line.versions.at(-1)?.records.at(-1)?.timeMs ?? 0), '11:59:00');
  t.equal(clock(line.versions.at(-1)?.records[0]?.timeMs ?? 0), '10:30:00');
});

t.test('appointments of one condition are judged each by itself, also where they overlap', async (t) => {
  const line = lineOf(
    atOffice([
      ['10:00', '11:00', 30],
      ['10:00', '12:00', 60],
      ['10:30', '11:00', 20],
      ['10:20', '11:00', 20],
      ['13:00', '14:00', 10],
    ]),
  );
  stays(line, '09:50', '10:29', INSIDE);
  stays(line, '10:30', '14:10', OUTSIDE);
  t.same(
    told(line).filter((episode) => episode.startsWith('attendance ')),
    [
      'attendance T1 10:20:00–11:00:00 window',
      'attendance T1 10:30:00–11:00:00 window',
      'attendance T1 10:00:00–12:00:00 window',
      'attendance T1 13:00:00–14:00:00 window',
    ],
  );
});

t.test('several conditions at home and elsewhere are judged side by side', async (t) => {
  const conditions = [attendance(HOME, TEN, 'T1'), attendance(OFFICE, TEN, 'T2'), attendance(OFFICE, TEN, 'T3')];
  const line = lineOf(orderOf({ conditions }));
  stays(line, '09:50', '09:58', INSIDE);
  line.say(UNIT, at('09:59'), rf('EXIT'));
  stays(line, '09:59', '10:58', INSIDE);
  line.say(UNIT, at('10:58:30'), heartbeat);
  stays(line, '10:59', '11:30', INSIDE);
  line.runTo(at('12:00'));
  t.same(told(line), MISSED, 'what the home unit says takes nothing from a visit that was just long enough');
});

t.test('an appointment is judged as far as it lies in the order, and the rest counts for the person', async (t) => {
  const order = atHome([['10:00', '12:00', 90]], { endMs: at('11:00') });
  for (const [word, expected] of [
    ['10:30 in', 0],
    ['10:30:00.001 in', 2],
  ] as const) {
    const line = homeSays(order, '09:50 out', word);
    line.runTo(at('13:00'));
    t.equal(told(line).length, expected, word);
    t.ok(told(line).every((episode) => episode.includes('10:00:00–11:00:00 window')));
    t.equal(line.state.dueMs, null);
  }
});

t.test(
  'an appointment that is over when the order is told of is not judged; of one under way the rest is',
  async (t) => {
    const order = atHome([
      ['08:00', '10:00', 60],
      ['09:00', '12:00', 170],
      ['09:00', '11:30', 80],
    ]);
    const line = new Line([editionOf(order, { edition: 1, effectiveMs: at('10:00') })]);
    line.feed({ kind: 'revised' });
    line.runTo(at('10:00'));
    line.say(UNIT, at('10:05'), rf('PRESENT'));
    line.say(UNIT, at('11:10'), rf('PRESENT'));
    line.runTo(at('12:30'));
    t.same(told(line), ['attendance.unverified T1 09:00:00–12:00:00 window'], 'the hour before is not known');
  },
);

t.test('of an appointment that had begun when the gateway was told of the order, silence says nothing', async (t) => {
  for (const [toldAt, words, expected] of [
    ['10:00', [], UNVERIFIED],
    ['10:00:00.001', [], []],
    ['11:00', ['09:59 out', '10:30:00.001 in'], MISSED],
    ['11:00', ['09:59 out', '10:30 in'], []],
    ['11:00', ['09:59 in', '11:20 moved'], []],
  ] as const) {
    const line = new Line([editionOf(atHome(), { edition: 1, effectiveMs: at('00:00'), toldMs: at(toldAt) })]);
    line.feed({ kind: 'revised' });
    speak(line, words);
    line.runTo(at('13:00'));
    t.same(told(line), expected, `told at ${toldAt}, ${words.join(', ')}`);
  }
});

t.test(
  'a revision in the midst of an appointment keeps what is known, and accuses nobody of what was allowed',
  async (t) => {
    const cases: readonly (readonly [string, readonly string[], Partial<Order>, readonly string[]])[] = [
      ['nothing changes', ['09:50 out', '10:30 in'], {}, []],
      ['nothing changes, and it is missed', ['09:50 out', '10:31 in'], {}, MISSED],
      [
        'it is to be longer',
        ['09:50 out', '10:30 in'],
        { conditions: [attendance(HOME, [['10:00', '12:30', 121]])] },
        ['attendance T1 10:00:00–12:30:00 window', 'attendance.missed T1 10:00:00–12:30:00 window'],
      ],
      ['less is enough', ['09:50 out', '11:20 in'], { conditions: [attendance(HOME, [['10:00', '12:00', 40]])] }, []],
      ['it is dropped', ['09:50 out'], { conditions: [] }, []],
      ['it is over by then', ['09:50 out'], { conditions: [attendance(HOME, [['10:00', '10:50', 40]])] }, []],
      [
        'it is new: what was before is not known',
        ['09:50 out', '11:30 in'],
        { conditions: [attendance(HOME, [['10:30', '12:00', 60]])] },
        ['attendance.unverified T1 10:30:00–12:00:00 window'],
      ],
      [
        'it is elsewhere: being away from here accuses nobody',
        ['09:50 out'],
        { conditions: [attendance(OFFICE, TEN)] },
        UNVERIFIED,
      ],
      ['it is elsewhere: being here until then counts', ['09:50 in'], { conditions: [attendance(OFFICE, TEN)] }, []],
    ];
    for (const [what, words, change, expected] of cases) {
      const before = words.filter((word) => word < '11:00');
      const line = homeSays(atHome(), ...before);
      line.runTo(at('10:59:59.999'));
      line.revise(editionOf(atHome(TEN, { ...change, revision: 2 }), { edition: 2, effectiveMs: at('11:00') }));
      for (const word of words.filter((w) => !before.includes(w))) line.say(UNIT, at(word.slice(0, 5)), rf('ENTER'));
      if (what.includes('until then')) stays(line, '11:00', '12:10', INSIDE);
      line.runTo(at('13:00'));
      t.same(told(line), expected, what);
    }
  },
);

t.test('a zone that is edited in the midst of an appointment leaves what was known of being in it', async (t) => {
  const shared = { kind: 'zone', zone: { kind: 'shared', zoneId: 'ZS' as never } } as const;
  const order = orderOf({ conditions: [attendance(shared, TEN)] });
  for (const [radiusM, north, expected] of [
    [200, 0, []],
    [300, 0, UNVERIFIED],
    [300, 1_000, UNVERIFIED],
    [200, 1_000, MISSED],
  ] as const) {
    const line = lineOf(order, { ZS: circle(200) });
    stays(line, '09:50', '10:55', fix(north));
    line.revise(
      editionOf({ ...order, revision: 2 }, { edition: 2, effectiveMs: at('11:00') }, { ZS: circle(radiusM) }),
    );
    stays(line, '11:05', '11:30', fix(north === 0 ? 0 : 100));
    line.runTo(at('13:00'));
    t.same(told(line), expected, `${radiusM} m, ${north} m away before`);
  }
});

t.test('a revision of one condition leaves the others and what waits', async (t) => {
  const whole: Appointments = [['10:00', '12:00', 120]];
  const conditions = (radiusM: number): Condition[] => [
    attendance({ kind: 'zone', zone: { kind: 'own', shape: circle(radiusM) } }, whole, 'T1'),
    attendance(OFFICE, whole, 'T2'),
    attendance(HOME, TEN, 'T3'),
  ];
  const line = lineOf(orderOf({ conditions: conditions(200) }));
  line.say(UNIT, at('09:59'), rf('ENTER'));
  stays(line, '09:59:30', '11:59:30', INSIDE);
  line.revise(
    editionOf(orderOf({ conditions: conditions(300), revision: 2 }), { edition: 2, effectiveMs: at('12:00:10') }),
  );
  line.runTo(at('12:00:10'));
  t.same(told(line), UNVERIFIED, 'what is no more the same place is judged as far as it is known');
  t.equal(line.versions.at(-1)?.cause, 'order_revised');
  line.runTo(at('12:09:29.999'));
  t.same(told(line), UNVERIFIED, 'and the other waits for its fix');
  line.runTo(at('12:09:30'));
  t.same(told(line), [...UNVERIFIED, UNVERIFIED[0]?.replace('T1', 'T2')]);
});

t.test('a condition that is new under a revision asks for what is to come', async (t) => {
  const line = homeSays(atHome([], { conditions: [] }), '09:59 out');
  line.revise(editionOf(atHome(TEN, { revision: 2 }), { edition: 2, effectiveMs: at('10:40') }));
  line.runTo(at('10:40'));
  line.say(UNIT, at('11:09:59.999'), rf('EXIT'));
  line.say(UNIT, at('11:10:00.001'), rf('ENTER'));
  line.runTo(at('13:00'));
  t.same(told(line), MISSED, 'half an hour and a millisecond of absence since then is too much');
  const other = homeSays(atHome([], { conditions: [] }), '09:59 out');
  other.revise(editionOf(atHome(TEN, { revision: 2 }), { edition: 2, effectiveMs: at('10:40') }));
  other.say(UNIT, at('11:10'), rf('ENTER'));
  other.runTo(at('13:00'));
  t.same(told(other), UNVERIFIED, 'of the time before nothing is known');
});

t.test('an appointment that ends at the moment of a revision is judged as it was ordered', async (t) => {
  const line = homeSays(atHome(), '09:59 out');
  line.revise(editionOf(atHome([], { conditions: [], revision: 2 }), { edition: 2, effectiveMs: at('12:00') }));
  line.runTo(at('13:00'));
  t.same(told(line), MISSED);
  t.equal(line.versions[0]?.cause, 'order_revised');
});

t.test('a zone that is not known tells of nobody: its appointments cannot be verified', async (t) => {
  const unknown = { kind: 'zone', zone: { kind: 'shared', zoneId: 'ZX' as never } } as const;
  const line = lineOf(orderOf({ conditions: [attendance(unknown, TEN)] }));
  stays(line, '09:50', '12:10', INSIDE);
  t.same(told(line), UNVERIFIED);
});

t.test('the same fix again, at once, is one', async (t) => {
  const line = lineOf(atOffice());
  for (const _ of [1, 2, 3]) line.say(TAG, at('10:00'), fix(150, 100));
  t.equal(line.state.attendance.T1?.stay?.run?.count, 1);
  line.say(TAG, at('10:01'), fix(150, 100));
  line.say(TAG, at('10:02'), fix(150, 100));
  t.equal(line.state.attendance.T1?.appointments[0]?.presentMs, 2 * MINUTE);
});
