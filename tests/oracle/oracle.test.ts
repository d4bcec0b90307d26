/** The oracle against answers that a person worked out from rules.md, so that two who agree are not both wrong. */
import t from 'tap';
import { utcOf, wallAt } from './civil.js';
import type { CurfewJson, RecordJson, ZoneConditionJson } from './contract.js';
import { metresInside, signedDistance } from './earth.js';
import { alerts, anOrder, at, beat, calls, record, rf, sent, tag, unit, violations, world } from './hand.js';
import { effectiveWindows } from './windows.js';

const night: CurfewJson = {
  condition_id: 'C1',
  kind: 'curfew',
  timetable: [{ days: ['SATURDAY'], start: '19:00', end: '07:00', addresses: ['primary'] }],
};
const order = anOrder({ conditions: [night] });
const windowsIn = (zone: string, start: string, end: string, days: CurfewJson['timetable'] = []) =>
  effectiveWindows(anOrder({ time_zone: zone, start, end, conditions: [] }), { timetable: days }).map(
    (w) => `${new Date(w.fromMs).toISOString()} ${(w.toMs - w.fromMs) / 60_000}`,
  );
const row = (start: string, end: string, ...days: ('SATURDAY' | 'SUNDAY')[]) => ({ days, start, end });

t.test('civil times that do not exist or occur twice are read as Temporal reads them', async (t) => {
  const wall = (text: string) => at(text);
  t.equal(utcOf('Europe/London', wall('2026-03-29T01:30')), at('2026-03-29T01:30'), '01:30 is passed over: 02:30 BST');
  t.equal(utcOf('Europe/London', wall('2026-10-25T01:30')), at('2026-10-25T00:30'), 'the first of two');
  t.equal(utcOf('Australia/Lord_Howe', wall('2026-04-05T01:45')), at('2026-04-04T14:45'), 'the first of two, UTC+11');
  t.equal(utcOf('Australia/Lord_Howe', wall('2026-10-04T02:15')), at('2026-10-03T15:45'), '02:15 is 02:45 at UTC+11');
  t.equal(utcOf('America/New_York', wall('2026-03-08T02:30')), at('2026-03-08T07:30'), '03:30 EDT');
  t.equal(utcOf('Pacific/Auckland', wall('2026-04-05T02:30')), at('2026-04-04T13:30'), 'the first of two, NZDT');
});

t.test('civil times agree with looking at the clock every minute', async (t) => {
  for (const [zone, from] of [
    ['Europe/London', '2026-03-28T22:00'],
    ['Australia/Lord_Howe', '2026-04-04T12:00'],
    ['Africa/Casablanca', '2026-02-14T22:00'],
  ] as const) {
    const seen = new Map<number, number>();
    for (let utc = at(from); utc < at(from) + 8 * 3_600_000; utc += 60_000)
      if (!seen.has(wallAt(zone, utc))) seen.set(wallAt(zone, utc), utc);
    const wrong = [...seen].filter(([wall, utc]) => utcOf(zone, wall) !== utc);
    t.same(wrong, [], zone);
  }
});

t.test('windows', async (t) => {
  const spring = ['2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z'] as const;
  t.same(windowsIn('Europe/London', ...spring, [row('19:00', '07:00', 'SATURDAY')]), ['2026-03-28T19:00:00.000Z 660']);
  t.same(windowsIn('Europe/London', ...spring, [row('01:00', '02:00', 'SUNDAY')]), [], 'that hour does not exist');
  t.same(windowsIn('Europe/London', ...spring, [row('00:30', '02:30', 'SUNDAY')]), ['2026-03-29T00:30:00.000Z 60']);
  t.same(
    windowsIn('Europe/London', ...spring, [row('19:00', '23:59', 'SATURDAY'), row('00:00', '07:00', 'SUNDAY')]),
    ['2026-03-28T19:00:00.000Z 660'],
    'a split night is one',
  );
  t.same(
    windowsIn('Europe/London', ...spring, [row('20:00', '20:30', 'SATURDAY'), row('20:31:01', '21:00', 'SATURDAY')])
      .length,
    2,
    '61 s apart are two',
  );
  t.same(windowsIn('Europe/London', ...spring, [row('12:00', '12:00', 'SATURDAY')]), ['2026-03-28T12:00:00.000Z 1380']);
  t.same(
    windowsIn('Europe/London', '2026-03-28T20:00:00Z', '2026-03-28T21:00:00Z', [row('19:00', '07:00', 'SATURDAY')]),
    ['2026-03-28T20:00:00.000Z 60'],
    'clipped to the order',
  );
});

t.test('curfew violations have the codes of their shape', async (t) => {
  const told = (records: readonly RecordJson[], until = '2026-03-16T00:00') =>
    violations(world(order, sent('H', ...records), until));
  const all = calls('2026-03-14T17:30', '2026-03-15T08:30');
  t.same(told([...all, rf('2026-03-14T18:00', 'EXIT')]), ['03-14T19:00 03-15T07:00 window AL08+AL12']);
  t.same(told([...all, rf('2026-03-14T18:00', 'EXIT'), rf('2026-03-14T20:00', 'ENTER')]), [
    '03-14T19:00 03-14T20:00 return AL08+AL09',
  ]);
  t.same(
    told([...all, rf('2026-03-14T18:00', 'ENTER'), rf('2026-03-14T21:00', 'EXIT'), rf('2026-03-14T21:05', 'ENTER')]),
    [],
    'as long as the tolerance is not longer',
  );
  t.same(
    told([
      ...all,
      rf('2026-03-14T18:00', 'ENTER'),
      rf('2026-03-14T21:00', 'EXIT'),
      rf(at('2026-03-14T21:05') + 1, 'ENTER'),
    ]),
    ['03-14T21:00 03-14T21:05:00.001 return AL10'],
  );
  t.same(told([...all, rf('2026-03-14T18:00', 'ENTER'), rf('2026-03-15T06:00', 'EXIT')]), [
    '03-15T06:00 03-15T07:00 window AL10+AL11',
  ]);
  t.same(told([...all, rf('2026-03-14T18:00', 'EXIT')], '2026-03-14T19:05'), ['03-14T19:00 null null AL08'], 'raised');
  t.same(told([...all, rf('2026-03-14T18:00', 'EXIT')], '2026-03-14T19:04'), [], 'not yet');
});

t.test('presence holds while the unit is heard', async (t) => {
  const told = (...records: readonly RecordJson[]) =>
    violations(world(order, sent('H', ...records), '2026-03-16T00:00'));
  const out = rf('2026-03-14T18:00', 'EXIT');
  t.same(told(out), ['03-14T19:00 03-14T20:05 unknown AL08'], '7,500 s after the last word');
  t.same(
    told(out, beat('2026-03-14T20:05')),
    ['03-14T19:00 03-14T22:10 unknown AL08'],
    'exactly 7,500 s is no silence',
  );
  t.same(
    told(out, beat(at('2026-03-14T20:05') + 1)),
    ['03-14T19:00 03-14T20:05 unknown AL08'],
    'a heartbeat restores nothing',
  );
  t.same(
    told(out, rf('2026-03-14T19:30', 'PRESENT', 'OTHER')),
    ['03-14T19:00 03-14T20:05 unknown AL08'],
    "others' tags change nothing",
  );
  t.same(told(out, record('2026-03-14T19:30', { unit: { flags: ['MOVED'] } })), [
    '03-14T19:00 03-14T19:30 unknown AL08',
  ]);
  t.same(
    told(
      record('2026-03-14T18:30', { unit: { flags: ['MOVED'] } }),
      rf('2026-03-14T18:40', 'EXIT'),
      record('2026-03-14T19:30', { unit: { flags: ['RESET'] } }),
      rf('2026-03-14T20:00', 'EXIT'),
      rf('2026-03-14T21:00', 'ENTER'),
    ),
    ['03-14T20:00 03-14T21:00 return AL10'],
    'only what is read after the reset counts',
  );
});

t.test('a new tag begins unknown, and the old one speaks no more', async (t) => {
  const changed = anOrder({
    start: '2026-03-10T00:00:00Z',
    conditions: [night],
    devices: [
      unit('H', 'primary'),
      tag('T', { to: '2026-03-14T21:00:00Z' }),
      tag('U', { from: '2026-03-14T21:00:00Z' }),
    ],
  });
  const uploads = sent(
    'H',
    rf('2026-03-14T20:00', 'EXIT'),
    rf('2026-03-14T22:00', 'EXIT', 'T'),
    rf('2026-03-14T22:30', 'EXIT', 'U'),
  );
  const w = world(changed, uploads, '2026-03-14T23:00');
  t.same(violations(w), ['03-14T20:00 03-14T21:00 unknown AL10', '03-14T22:30 null null AL10']);
  t.same(alerts(w, 'curfew.unverified'), ['03-14T19:00 03-14T20:00', '03-14T21:00 03-14T22:30']);
});

t.test('the allowance is passed while a violation runs, once it is one', async (t) => {
  const uploads = sent('H', rf('2026-03-14T18:00', 'EXIT'), ...calls('2026-03-14T19:00', '2026-03-15T08:00'));
  const told = (minutes: number, until: string) =>
    alerts(world({ ...order, atv_allowance_min: minutes }, uploads, until), 'curfew.atv_exceeded');
  t.same(told(30, '2026-03-16T00:00'), ['03-14T19:30 null']);
  t.same(told(30, '2026-03-14T19:30'), ['03-14T19:30 null']);
  t.same(told(30, '2026-03-14T19:29'), []);
  t.same(told(2, '2026-03-16T00:00'), ['03-14T19:05 null'], 'an absence counts when it is a violation');
});

t.test('records count once, within the horizon, for the order that has the device at their time', async (t) => {
  const upload = (sequence: number, late: number, ...records: RecordJson[]) => ({
    device_id: 'H',
    received_ms: (records[0] as RecordJson).time_ms + late,
    sequence,
    records,
  });
  const out = rf('2026-03-14T18:00', 'EXIT');
  const back = rf('2026-03-14T20:00', 'ENTER');
  const hours = 3_600_000;
  const told = (w: Parameters<typeof violations>[0]) => violations(w);
  const until = '2026-03-20T00:00';
  t.same(told(world(order, [upload(2, 70 * hours, back), upload(1, 72 * hours, out)], until)), [
    '03-14T19:00 03-14T20:00 return AL08+AL09',
  ]);
  t.same(told(world(order, [upload(2, 70 * hours, back), upload(1, 72 * hours + 1, out)], until)), []);
  t.same(
    told(world(order, [upload(1, 0, out), upload(2, 0, back), upload(9, 50 * hours, out)], until)),
    ['03-14T19:00 03-14T20:00 return AL08+AL09'],
    'the same record again changes nothing',
  );
  t.same(
    told(world({ ...order, start: '2026-03-14T18:30:00Z' }, [upload(1, 0, out)], until)),
    [],
    'said before the order',
  );
});

const square: ZoneConditionJson = {
  condition_id: 'Z1',
  kind: 'exclusion_zone',
  zone: {
    type: 'Polygon',
    coordinates: [
      [
        [-1.55, 53.79],
        [-1.53, 53.79],
        [-1.53, 53.8],
        [-1.55, 53.8],
        [-1.55, 53.79],
      ],
    ],
  },
  timetable: [{ days: ['SATURDAY'], start: '12:00', end: '18:00' }],
};
// metres east of the western side, at its middle height; a degree of longitude is 65,885 m there
const fix = (time: string, metres: number, radius: number): RecordJson =>
  record(time, {
    fix: {
      lat_e7: 537_950_000,
      lon_e7: Math.round((-1.55 + metres / 65_885) * 1e7),
      accuracy_dm: radius * 10,
      mechanism: 'GNSS',
    },
  });
const zoned = anOrder({ conditions: [square] });
const toldOfZone = (o: typeof order, until: string, ...fixes: readonly RecordJson[]) =>
  world(o, sent('T', ...fixes), until);

t.test('distances are metres on the ground', async (t) => {
  const box = square.zone as Exclude<NonNullable<ZoneConditionJson['zone']>, { type: 'Circle' }>;
  t.ok(Math.abs(signedDistance(box, [-1.55 + 100 / 65_885, 53.795]) + 100) < 0.2);
  t.ok(Math.abs(signedDistance(box, [-1.55 - 1_000 / 65_885, 53.795]) - 1_000) < 2);
  t.ok(Math.abs(metresInside(box, [-1.56, 53.795], [-1.52, 53.795]) - 1_317.7) < 5);
  const over = {
    type: 'MultiPolygon',
    coordinates: [
      [
        [
          [179.99, -44.11],
          [180, -44.11],
          [180, -44.1],
          [179.99, -44.1],
          [179.99, -44.11],
        ],
      ],
      [
        [
          [-180, -44.11],
          [-179.99, -44.11],
          [-179.99, -44.1],
          [-180, -44.1],
          [-180, -44.11],
        ],
      ],
    ],
  } as const;
  t.ok(Math.abs(signedDistance(over, [-179.9999, -44.105]) + 555.6) < 1, 'the cut at the antimeridian is no boundary');
});

t.test('visits', async (t) => {
  const told = (...fixes: readonly RecordJson[]) => violations(toldOfZone(zoned, '2026-03-15T00:00', ...fixes));
  t.same(told(fix('2026-03-14T13:00', 100, 20), fix('2026-03-14T13:05', -100, 20)), [
    '03-14T13:00 03-14T13:05 return certain',
  ]);
  t.same(told(fix('2026-03-14T13:00', 100, 20)), ['03-14T13:00 03-14T13:00 gap certain'], 'one is enough');
  t.same(told(fix('2026-03-14T13:00', 10, 20), fix('2026-03-14T13:05', 10, 20)), [], 'two in doubt are not enough');
  t.same(told(...['00', '05', '10'].map((m) => fix(`2026-03-14T13:${m}`, 10, 20)), fix('2026-03-14T13:15', -100, 20)), [
    '03-14T13:00 03-14T13:15 return probable',
  ]);
  t.same(
    told(fix('2026-03-14T13:00', 10, 20), fix('2026-03-14T13:05', 10, 20), fix('2026-03-14T13:10', 100, 20)),
    ['03-14T13:10 03-14T13:10 gap certain'],
    'the shorter visit stands',
  );
  t.same(
    told(
      fix('2026-03-14T13:00', 100, 20),
      ...['05', '10'].map((m) => fix(`2026-03-14T13:${m}`, -10, 20)),
      fix('2026-03-14T13:15', -100, 20),
    ),
    ['03-14T13:00 03-14T13:05 return certain'],
    'it ends at the first of the three',
  );
  t.same(told(fix('2026-03-14T11:55', 100, 20), fix('2026-03-14T12:05', 100, 20), fix('2026-03-14T12:10', -100, 20)), [
    '03-14T12:00 03-14T12:10 return certain',
  ]);
  t.same(
    told(fix('2026-03-14T11:55', 100, 20), fix('2026-03-14T12:05', -100, 20)),
    [],
    'no fix that leans in within the window',
  );
  t.same(told(fix('2026-03-14T17:55', 100, 20), fix('2026-03-14T18:05', 100, 20)), [
    '03-14T17:55 03-14T18:00 window certain',
  ]);
  t.same(
    told(fix('2026-03-14T13:00', 100, 20), fix('2026-03-14T13:10', 100, 20), fix(`2026-03-14T13:20:00.001Z`, -100, 20)),
    ['03-14T13:00 03-14T13:10 gap certain'],
  );
  t.same(
    violations(toldOfZone(zoned, '2026-03-14T13:09', fix('2026-03-14T13:00', 100, 20))),
    ['03-14T13:00 null null certain'],
    'it runs until the gap has passed',
  );
});

t.test('a stay outside an inclusion zone counts when it is longer than the tolerance', async (t) => {
  const inside = anOrder({ conditions: [{ ...square, kind: 'inclusion_zone' }] });
  const told = (back: string) =>
    violations(toldOfZone(inside, '2026-03-15T00:00', fix('2026-03-14T13:00', -100, 20), fix(back, 100, 20)));
  t.same(told('2026-03-14T13:05'), []);
  t.same(told('2026-03-14T13:06'), ['03-14T13:00 03-14T13:06 return certain']);
});

t.test('approach, jump and crossing', async (t) => {
  const near = anOrder({ conditions: [{ ...square, buffer_m: 200 }] });
  const walk = [
    fix('2026-03-14T13:00', -100, 20),
    fix('2026-03-14T13:05', 100, 20),
    fix('2026-03-14T13:10', -100, 20),
    fix('2026-03-14T13:15', -400, 20),
  ];
  const w = toldOfZone(near, '2026-03-15T00:00', ...walk);
  t.same(alerts(w, 'zone.approach'), ['03-14T13:00 03-14T13:05', '03-14T13:10 03-14T13:15']);
  t.same(violations(w), ['03-14T13:05 03-14T13:10 return certain']);
  const far = toldOfZone(
    zoned,
    '2026-03-15T00:00',
    fix('2026-03-14T13:00', -100, 20),
    fix('2026-03-14T13:00:10.000Z', 1_200, 20),
  );
  t.same(violations(far), [], '1,300 m in ten seconds');
  t.same(alerts(far, 'integrity.location_jump'), ['03-14T13:00:10 null']);
  const through = toldOfZone(
    zoned,
    '2026-03-15T00:00',
    fix('2026-03-14T13:00', -100, 20),
    fix('2026-03-14T13:02', 1_500, 20),
  );
  t.same(alerts(through, 'zone.crossing_inferred'), ['03-14T13:00 03-14T13:02']);
});
