/** Orders of the HMPPS API: what is mapped, what is asked for, what stays behind. */
import t from 'tap';
import { daysInWords } from '../../src/codec/hmpps-attendance.js';
import type { Draft } from '../../src/codec/hmpps-draft.js';
import { readHmppsOrder } from '../../src/codec/hmpps-order.js';
import { exampleSupply, supplied, withExamples } from '../../src/codec/hmpps-supply.js';
import { orderToJson, parseOrder } from '../../src/codec/order-json.js';
import { formatProblem } from '../../src/domain/problem.js';
import { WEEKDAYS } from '../../src/domain/timetable.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { listWindows } from '../../src/rules/window-listing.js';
import { hmppsNames, hmppsOrder } from '../support/hmpps-fixtures.js';
import { others } from '../support/order-fixtures.js';
import { definedWindows } from '../support/window-definition.js';

const DAILY = [...WEEKDAYS];

function draftOf(name: string, set: Record<string, unknown> = {}): Draft {
  const read = readHmppsOrder(hmppsOrder(name, set));
  if (!read.ok) throw new Error(read.fault.map(formatProblem).join());
  return read.value.draft;
}
const needs = (draft: Draft): string[] => draft.needed.filter(({ required }) => required).map(({ path }) => path);

/** The order with the examples in place of what is missing, as the contract's own reader takes it. */
function completed(draft: Draft, supply: unknown = {}) {
  const first = supplied(draft, supply);
  if (!first.ok) throw new Error(first.fault.map(formatProblem).join());
  const whole = withExamples(draft, supply, first.value.missing);
  if (!whole.ok) throw new Error(whole.fault.map(formatProblem).join());
  const parsed = parseOrder(whole.value.order);
  if (!parsed.ok) throw new Error(parsed.fault.map(formatProblem).join('\n'));
  return { order: parsed.value, json: whole.value.order, missing: whole.value.missing };
}

for (const name of hmppsNames()) {
  t.test(`${name} needs no more than it lists, and every example is of the right form`, async (t) => {
    const { order, missing } = completed(draftOf(name));
    t.strictSame(missing, []);
    t.strictSame(checkOrder(order, others), []);
    t.same(parseOrder(orderToJson(order)), { ok: true, value: order }, 'and it goes the round');
  });

  t.test(`nothing of the person in ${name} reaches the order, or what people are told`, async (t) => {
    const source = hmppsOrder(name);
    const read = readHmppsOrder(source);
    if (!read.ok) throw new Error('it is read');
    const { draft, dropped } = read.value;
    const told = JSON.stringify([completed(draft).json, draft.needed, draft.notes, dropped]);
    const words: string[] = [];
    const walk = (value: unknown): void => {
      if (typeof value === 'string' && /Synthetic|Placeholder|Prose|ZZ99|0000|X0000|example\.org|Nowhere/.test(value))
        words.push(value);
      else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) walk(inner);
    };
    walk(source);
    const personal = words.filter((word) => !/^[0-9a-f-]{36}$|^\d{4}-\d\d-\d\d|^\d\d:/.test(word));
    t.ok(personal.length > 10, `${personal.length} texts of the source are about somebody`);
    t.strictSame(
      personal.filter((word) => told.includes(word)),
      [],
    );
    t.notMatch(told, /1990-0[67]|2008-(?:09|10)/, 'nor the date of birth');
    t.ok(dropped.includes('deviceWearer.firstName') && dropped.includes('addresses[].postcode'), 'and it is said');
  });
}

t.test('nights that are split at midnight are mapped row by row, and are one window each', async (t) => {
  const draft = draftOf('hmpps-curfew.json');
  t.strictSame(draft.conditions, {
    curfew: {
      kind: 'curfew',
      timetable: [
        { days: DAILY, start: '19:00', end: '23:59', addresses: ['primary'] },
        { days: DAILY, start: '00:00', end: '07:00', addresses: ['primary'] },
      ],
    },
  });
  t.match(draft.order, {
    order_id: '11111111-1111-4111-8111-111111111111',
    revision: 1,
    type: 'COMMUNITY',
    curfew_only: true,
    hdc: false,
    under_18: false,
    time_zone: 'Europe/London',
    start: '2026-09-30T23:00:00.000Z',
    end: '2027-03-31T22:59:00.000Z',
    addresses: { primary: {} },
  });
  t.strictSame(needs(draft), ['subject_id', 'supervisor', 'devices']);
  const { order } = completed(draft);
  const nights = {
    condition_id: 'curfew',
    kind: 'curfew',
    timetable: [{ days: DAILY, start: '19:00', end: '07:00', addresses: ['primary'] }],
  };
  const expected = definedWindows(nights, 'Europe/London', order);
  const listed = listWindows(order, order);
  // the order begins at midnight, in the midst of the night before, which its rows do not have
  t.same(
    listed.slice(1).map(({ startMs }) => startMs),
    expected.slice(1).map(({ startMs }) => startMs),
  );
  t.same(
    listed.map(({ endMs }) => endMs),
    expected.map(({ endMs }) => endMs),
  );
});

t.test(
  'the night of release stands by itself where its addresses are others, and the curfew begins on its own day',
  async (t) => {
    const { conditions, order } = draftOf('hmpps-hdc-release.json');
    t.strictSame(conditions, {
      curfew: {
        kind: 'curfew',
        timetable: [
          { days: DAILY.slice(0, 5), start: '19:00', end: '23:59', addresses: ['primary', 'secondary'] },
          { days: DAILY.slice(1, 6), start: '00:00', end: '07:00', addresses: ['primary', 'secondary'] },
          { days: ['SATURDAY'], start: '19:00', end: '07:00', addresses: ['primary'] },
        ],
        authorised_absences: [
          {
            from: '2026-03-02T00:00:00.000Z',
            to: '2026-03-03T00:00:00.000Z',
            reason: 'outside the dates of the curfew',
          },
        ],
      },
      'curfew-release': {
        kind: 'curfew',
        dated: [{ date: '2026-03-02', start: '15:00', end: '23:59', addresses: ['primary'] }],
      },
    });
    t.match(order, { type: 'POST_RELEASE', hdc: true, curfew_only: true });
  },
);

t.test('the night of release at the addresses of the curfew is the first of its nights', async (t) => {
  const rows = DAILY.flatMap((dayOfWeek) => [
    { dayOfWeek, startTime: '19:00', endTime: '23:59', curfewAddress: 'PRIMARY' },
    { dayOfWeek, startTime: '00:00', endTime: '07:00', curfewAddress: null },
  ]);
  const draft = draftOf('hmpps-hdc-release.json', {
    curfewTimeTable: rows,
    'curfewConditions.curfewAddress': 'PRIMARY',
  });
  t.strictSame(Object.keys(draft.conditions), ['curfew']);
  const { order } = completed(draft);
  const [first, second] = listWindows(order, order);
  t.match(
    first,
    { startMs: Date.parse('2026-03-02T15:00:00Z'), endMs: Date.parse('2026-03-03T07:00:00Z') },
    'joined over midnight',
  );
  t.match(second, { startMs: Date.parse('2026-03-03T19:00:00Z') });
});

t.test('a night of release within the curfew cuts nothing out of it', async (t) => {
  const rows = DAILY.map((dayOfWeek) => ({
    dayOfWeek,
    startTime: '19:00',
    endTime: '07:00',
    curfewAddress: 'PRIMARY',
  }));
  const { conditions } = draftOf('hmpps-hdc-release.json', {
    curfewTimeTable: rows,
    'curfewReleaseDateConditions.releaseDate': '2026-03-05T00:00:00Z',
  });
  t.match(conditions.curfew?.dated, [{ date: '2026-03-05' }]);
  t.match(conditions.curfew?.authorised_absences, [
    { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' },
  ]);
  t.match(conditions.curfew?.authorised_absences, { length: 1 });
});

t.test('of everything at once, what can be mapped is, and the rest is asked for', async (t) => {
  const draft = draftOf('hmpps-everything.json');
  const { curfew, 'zone-1': zone1, 'zone-2': zone2, trail, alcohol, 'attendance-1': attendance } = draft.conditions;
  t.match(curfew, { authorised_absences: [{ from: '2026-05-31T22:59:00.000Z', to: '2026-08-31T22:59:00.000Z' }] });
  t.strictSame(zone1, {
    kind: 'exclusion_zone',
    authorised_absences: [
      { from: '2026-03-01T00:00:00.000Z', to: '2026-03-15T00:00:00.000Z', reason: 'outside the dates of the zone' },
    ],
  });
  t.strictSame(zone2, { kind: 'inclusion_zone' });
  t.strictSame(trail, { kind: 'trail' });
  t.equal(alcohol, undefined, 'it ends before the order does: a person must say what is meant');
  // Mondays and Thursdays at ten, local time, from 9 March to 6 April, both included
  t.strictSame(
    ((attendance?.appointments ?? []) as { from: string }[]).map(({ from }) => from),
    [
      ...['2026-03-09', '2026-03-12', '2026-03-16', '2026-03-19', '2026-03-23', '2026-03-26'].map(
        (d) => `${d}T10:00:00.000Z`,
      ),
      ...['2026-03-30', '2026-04-02', '2026-04-06'].map((d) => `${d}T09:00:00.000Z`),
    ],
  );
  t.strictSame(needs(draft), [
    'subject_id',
    'conditions.zone-1.zone',
    'conditions.zone-1.timetable',
    'conditions.zone-2.zone',
    'conditions.attendance-1.attend_min',
    'conditions.attendance-1.zone',
    'conditions.attendance-2.appointments',
    'conditions.attendance-2.attend_min',
    'conditions.attendance-2.zone',
    'conditions.alcohol',
    'supervisor',
    'devices',
  ]);
  t.match(draft.order, { under_18: true, curfew_only: false, hdc: false });
});

t.test(
  'supplies are merged by condition; null decides against one; what is given need not be in the form of the example',
  async (t) => {
    const draft = draftOf('hmpps-everything.json');
    const done = supplied(draft, {
      subject_id: 'SUB-1',
      supervisor: 'probation-north',
      devices: [],
      under_18: null,
      conditions: {
        'zone-1': { zone_ref: 'Z-4471', timetable: null },
        'zone-2': null,
        'attendance-1': { address: 'primary', attend_min: 45 },
        'attendance-2': null,
        alcohol: null,
        curfew: { tolerance_s: 600 },
      },
    });
    if (!done.ok) throw new Error('it is merged');
    const { order, missing } = done.value;
    t.strictSame(missing, []);
    t.equal('under_18' in order, false);
    const conditions = order.conditions as Record<string, unknown>[];
    t.strictSame(
      conditions.map(({ condition_id }) => condition_id),
      ['curfew', 'zone-1', 'trail', 'attendance-1'],
    );
    t.match(conditions[0], { tolerance_s: 600, kind: 'curfew', timetable: [{ start: '19:00' }] });
    t.match(conditions[1], { kind: 'exclusion_zone', zone_ref: 'Z-4471', timetable: undefined });
    t.match(conditions[3]?.appointments, [{ attend_min: 45 }, { attend_min: 45 }]);
    t.equal(conditions[3]?.attend_min, undefined);
    const own = { from: '2026-03-09T10:00:00Z', to: '2026-03-09T12:00:00Z', attend_min: 90 };
    const attended = { attend_min: 45, appointments: [own, { ...own, attend_min: undefined }] };
    const mixed = supplied(draft, JSON.parse(JSON.stringify({ conditions: { 'attendance-2': attended } })));
    t.match(mixed.ok && (mixed.value.order.conditions as Record<string, unknown>[]).at(-1)?.appointments, [
      { attend_min: 90 },
      { attend_min: 45 },
    ]);
    const asList = supplied(draft, { conditions: [{ condition_id: 'zone-1', zone_ref: 'Z-4471' }] });
    t.match(asList.ok && asList.value.missing.map(({ path }) => path), ['subject_id', 'conditions.zone-1.timetable']);
    t.match(supplied(draft, []), { ok: false });
    t.match(supplied(draft, { conditions: [{ zone_ref: 'Z-1' }] }), { ok: false, fault: [{ path: 'conditions' }] });
    const proto = supplied(draft, JSON.parse('{"__proto__": {"subject_id": "X"}}'));
    t.equal(proto.ok && proto.value.order.subject_id, undefined, 'names of JavaScript are names');
  },
);

t.test('examples of what is missing are in the form of a supply', async (t) => {
  const draft = draftOf('hmpps-everything.json');
  const first = supplied(draft);
  if (!first.ok) throw new Error('it is merged');
  const second = supplied(draft, exampleSupply(first.value.missing));
  t.strictSame(second.ok && second.value.missing, []);
});

t.test('under 18 is asked of the order’s first day, by the London calendar', async (t) => {
  const under18 = (start: string, dateOfBirth: string | null, adult: boolean | null = null) =>
    draftOf('hmpps-curfew.json', {
      'monitoringConditions.startDate': start,
      'deviceWearer.dateOfBirth': dateOfBirth,
      'deviceWearer.adultAtTimeOfInstallation': adult,
    }).order.under_18;
  t.equal(under18('2026-09-30T22:59:59Z', '2008-10-01'), true, 'the last second before the birthday');
  t.equal(under18('2026-09-30T23:00:00Z', '2008-10-01'), false, 'midnight in London');
  t.equal(under18('2026-09-30T23:00:00Z', '2008-09-30T23:00:00Z'), false, 'a birthday written as an instant');
  t.equal(under18('2026-02-28T12:00:00Z', '2008-02-29'), true);
  t.equal(under18('2026-03-01T00:00:00Z', '2008-02-29'), false, 'born on 29 February, 18 on 1 March');
  t.equal(under18('2026-10-01T00:00:00Z', null, false), true);
  t.equal(under18('2026-10-01T00:00:00Z', null, true), false);
  const unknown = draftOf('hmpps-curfew.json', {
    'deviceWearer.dateOfBirth': null,
    'deviceWearer.adultAtTimeOfInstallation': null,
  });
  t.ok(needs(unknown).includes('under_18'));
  const contrary = draftOf('hmpps-curfew.json', { 'deviceWearer.adultAtTimeOfInstallation': false });
  t.match(contrary.notes, [{}, { note: 'does not agree with the date of birth' }]);
});

t.test('home detention curfew is said, hinted at, asked for, or none', async (t) => {
  const hdc = (set: Record<string, unknown>) => {
    const draft = draftOf(
      'hmpps-curfew.json',
      Object.fromEntries(Object.entries(set).map(([k, v]) => [`monitoringConditions.${k}`, v])),
    );
    return needs(draft).includes('hdc') ? 'asked' : draft.order.hdc;
  };
  t.equal(hdc({ hdc: 'YES' }), true);
  t.equal(hdc({ hdc: 'NO', pilot: 'GPS_ACQUISITIVE_CRIME_HOME_DETENTION_CURFEW' }), false);
  t.equal(hdc({ hdc: 'UNKNOWN', orderType: 'POST_RELEASE', orderTypeDescription: 'DAPOL_HDC' }), true);
  t.equal(hdc({ hdc: null, orderType: 'POST_RELEASE', sentenceType: 'SECTION_91' }), true);
  t.equal(hdc({ hdc: 'UNKNOWN', orderType: 'POST_RELEASE' }), 'asked');
  t.equal(hdc({ hdc: null, orderType: 'BAIL' }), false);
});

t.test('dates that the source leaves out are those of its conditions, or asked for', async (t) => {
  const open = { 'monitoringConditions.startDate': null, 'monitoringConditions.endDate': null };
  const spanned = draftOf('hmpps-curfew.json', open);
  t.match(spanned.order, { start: '2026-09-30T23:00:00.000Z', end: '2027-03-31T22:59:00.000Z' });
  const endless = draftOf('hmpps-everything.json', open);
  t.match(endless.order, { start: '2026-03-01T00:00:00.000Z', end: undefined });
  t.ok(needs(endless).includes('end'), 'one of its zones has no end, so the order’s is not known');
  t.match(endless.conditions.curfew?.authorised_absences, [
    { from: '2026-05-31T22:59:00.000Z', to: '2100-01-01T00:00:00.000Z' },
  ]);
  t.strictSame(checkOrder(completed(endless).order, others), []);
  const midnight = draftOf('hmpps-curfew.json', { 'monitoringConditions.endDate': '2026-12-01T00:00:00Z' });
  t.match(midnight.notes, [{ path: 'monitoringConditions.endDate', note: /midnight/ }]);
  const date = draftOf('hmpps-curfew.json', { 'monitoringConditions.endDate': '2026-12-01' });
  t.match(date.order.end, '2026-12-02T00:00:00.000Z', 'a last day lasts to its end');
  const java = draftOf('hmpps-curfew.json', {
    'monitoringConditions.startDate': '2026-10-01T12:00:00+01:00[Europe/London]',
  });
  t.match(java.order.start, '2026-10-01T11:00:00.000Z');
  const unreadable = draftOf('hmpps-curfew.json', {
    'monitoringConditions.startDate': '2026-02-30T00:00:00Z',
    'curfewConditions.startDate': 'soon',
  });
  t.ok(needs(unreadable).includes('start'));
  t.match(unreadable.notes, [{ path: 'curfewConditions.startDate' }, { path: 'monitoringConditions.startDate' }]);
});

t.test('a row that is not complete leaves the timetable to a person', async (t) => {
  for (const [field, value] of [
    ['dayOfWeek', 'FUNDAY'],
    ['startTime', null],
    ['endTime', '25:00'],
    ['curfewAddress', 'INSTALLATION_ADDRESS'],
  ] as const) {
    const draft = draftOf('hmpps-curfew.json', { [`curfewTimeTable[3].${field}`]: value });
    t.ok(needs(draft).includes('conditions.curfew.timetable'), field);
    t.match(draft.notes, [{ path: 'curfewTimeTable[3]' }, {}]);
  }
  const none = draftOf('hmpps-curfew.json', { curfewTimeTable: [] });
  t.ok(needs(none).includes('conditions.curfew.timetable'));
  t.strictSame(checkOrder(completed(none).order, others), []);
  const midnight = draftOf('hmpps-curfew.json', { 'curfewTimeTable[0].endTime': '24:00' });
  t.match(midnight.conditions.curfew?.timetable, [{ days: ['MONDAY'], start: '19:00', end: '00:00' }]);
  const byId = draftOf('hmpps-curfew.json', {
    'curfewTimeTable[0].curfewAddress': 'aaaaaaaa-0000-4000-8000-000000000001',
  });
  t.match(byId.conditions.curfew?.timetable, [{ addresses: ['primary'], days: DAILY }]);
});

t.test('a trail or an alcohol condition with other dates is not stretched to the order’s', async (t) => {
  const draft = draftOf('hmpps-everything.json', { 'monitoringConditionsTrail.startDate': '2026-03-02T00:00:00Z' });
  t.equal(draft.conditions.trail, undefined);
  t.ok(needs(draft).includes('conditions.trail'));
  const whole = draftOf('hmpps-everything.json', { 'monitoringConditionsAlcohol.endDate': '2026-08-31T22:59:00Z' });
  t.strictSame(whole.conditions.alcohol, { kind: 'alcohol_abstinence' });
  t.ok(needs(whole).includes('conditions.alcohol.threshold_ug_l'));
  t.match(completed(whole, { conditions: { alcohol: { threshold_ug_l: 350 } } }).order.conditions.at(-1), {
    thresholdUgL: 350,
  });
  const restriction = draftOf('hmpps-everything.json', { 'enforcementZoneConditions[0].zoneType': 'RESTRICTION' });
  t.ok(needs(restriction).includes('conditions.zone-1.kind'));
});

t.test('what the flags do not ask for is left out, and what they ask for is missed', async (t) => {
  const off = draftOf('hmpps-everything.json', { 'monitoringConditions.trail': false });
  t.equal(off.conditions.trail, undefined);
  t.match(
    off.notes.map(({ path }) => path),
    ['monitoringConditionsTrail'],
  );
  const unsaid = draftOf('hmpps-everything.json', { 'monitoringConditions.trail': null });
  t.ok(unsaid.conditions.trail);
  const missed = draftOf('hmpps-curfew.json', {
    'monitoringConditions.trail': true,
    'monitoringConditions.exclusionZone': true,
    'monitoringConditions.mandatoryAttendance': true,
  });
  t.match(needs(missed).slice(1, 4), ['conditions.zone-1', 'conditions.trail', 'conditions.attendance-1']);
  t.strictSame(checkOrder(completed(missed).order, others), []);
  const nothing = draftOf('hmpps-curfew.json', { 'monitoringConditions.curfew': false });
  t.ok(needs(nothing).includes('conditions'));
  t.strictSame(checkOrder(completed(nothing).order, others), []);
});

t.test('revisions: a request is the first, versions count, a variation must be numbered', async (t) => {
  t.equal(draftOf('hmpps-curfew.json').order.revision, 1);
  const variation = draftOf('hmpps-curfew.json', {
    type: 'VARIATION',
    variationDetails: { variationDate: '2026-11-05T00:00:00Z' },
  });
  t.ok(needs(variation).includes('revision'));
  t.equal(variation.order.effective_from, '2026-11-05T00:00:00.000Z');
  const { id, ...version } = hmppsOrder('hmpps-curfew.json');
  const versions = [
    { ...version, versionId: 1, monitoringConditions: null },
    { ...version, versionId: 2 },
    { ...version, versionId: 0, monitoringConditions: null },
  ];
  const read = readHmppsOrder({ id, versions });
  t.match(read.ok && read.value.draft.order, { order_id: id, revision: 3 }, 'the newest');
});

t.test('what asks for no monitoring, or is something else, is refused', async (t) => {
  for (const type of ['REVOCATION', 'END_MONITORING', 'REJECTED']) {
    t.match(readHmppsOrder(hmppsOrder('hmpps-curfew.json', { type })), {
      ok: false,
      fault: [{ path: 'type', got: `"${type}"` }],
    });
  }
  for (const json of [null, 7, [], {}, { order_id: 'ORD-1' }, { monitoringConditions: [] }]) {
    t.match(readHmppsOrder(json), { ok: false, fault: [{ path: 'monitoringConditions' }] });
  }
  const draft = draftOf('hmpps-curfew.json', { status: 'IN_PROGRESS' });
  t.match(draft.notes, [{ path: 'status', note: 'is "IN_PROGRESS": the order was not submitted' }, {}]);
});

t.test('days in words are understood when they are plain, and otherwise left to a person', async (t) => {
  const understood = (words: string): string | null => {
    const days = daysInWords(words);
    return days === null
      ? null
      : WEEKDAYS.filter((day) => days.has(day))
          .map((day) => day.slice(0, 2))
          .join(' ');
  };
  for (const [words, days] of [
    ['Monday', 'MO'],
    ['MONDAYS', 'MO'],
    ['every Tuesday and Thursday', 'TU TH'],
    ['Weekly on Tue, Thurs & Sat.', 'TU TH SA'],
    ['Mon/Wed/Fri', 'MO WE FR'],
    ['Monday to Friday', 'MO TU WE TH FR'],
    ['fri - mon', 'MO FR SA SU'],
    ['Daily', DAILY.map((day) => day.slice(0, 2)).join(' ')],
    ['weekdays', 'MO TU WE TH FR'],
    ['', null],
    ['test day', null],
    ['every other Monday', null],
    ['fortnightly on Mondays', null],
    ['bi-weekly Monday', null],
    ['first Monday of the month', null],
    ['Monday 9 March', null],
    ['Monday to', null],
    ['not Monday', null],
    ['s', null],
  ] as const) {
    t.equal(understood(words), days, words);
  }
});
