// The truth about equipment, on cases worked out by hand.
import t from 'tap';
import type { TagFlag, UnitFlag } from '../../src/domain/record.js';
import { equipmentTruth } from '../../src/sim/truth-equipment.js';

type Moment = [minute: number, flag: TagFlag | UnitFlag | null, battery?: number];

function truth(kind: 'tag' | 'rf_tag' | 'home_unit', moments: Moment[], atMin = 600): string[] {
  const minute = 60_000;
  return equipmentTruth({
    orderId: 'O',
    deviceId: 'D',
    kind,
    moments: moments.map(([at, flag, battery]) => ({
      atMs: at * minute,
      flags: flag === null ? [] : [flag],
      batteryPct: battery ?? null,
    })),
    silenceMs: kind === 'rf_tag' ? null : kind === 'tag' ? 3_900_000 : 7_500_000,
    atMs: atMin * minute,
  })
    .filter((item) => item.startMs <= atMin * minute)
    .map(
      (item) =>
        `${[item.type, ...item.codes].join(' ')} ${item.startMs / minute}-${item.endMs === null ? '' : item.endMs / minute}`,
    );
}

t.test('a strap tamper runs from START to END, and a repeated START changes nothing', async (t) => {
  const moments: Moment[] = [
    [0, 'STRAP_TAMPER_START'],
    [5, 'STRAP_TAMPER_START'],
    [9, 'STRAP_TAMPER_END'],
    [12, 'STRAP_TAMPER_END'],
  ];
  t.same(truth('rf_tag', moments), ['tamper.strap 0-9']);
});

t.test('one that does not end runs', async (t) => {
  t.same(truth('rf_tag', [[3, 'CASE_OPEN_START']]), ['tamper.case 3-']);
  t.same(truth('home_unit', [[3, 'CASE_OPEN_START']], 10), ['tamper.unit_case 3-']);
});

t.test('mains, moves and faults of a home unit have their codes', async (t) => {
  const moments: Moment[] = [
    [1, 'MAINS_LOST'],
    [2, 'MAINS_RESTORED'],
    [3, 'MOVED'],
    [4, 'RESET'],
    [5, 'SELF_TEST_FAULT'],
    [6, 'SELF_TEST_OK'],
  ];
  t.same(truth('home_unit', moments, 60), ['unit.power_off AL04 1-2', 'unit.moved AL05 3-4', 'device.fault AL24 5-6']);
});

t.test('a battery is low at 20, and no more at 25 or when it is charged', async (t) => {
  t.same(
    truth('rf_tag', [
      [0, null, 21],
      [1, null, 20],
      [2, null, 24],
      [3, null, 25],
    ]),
    ['battery.low AL21 1-3'],
  );
  t.same(
    truth('rf_tag', [
      [0, null, 19],
      [1, null, 10],
      [2, 'CHARGING_START'],
    ]),
    ['battery.low AL21 0-2', 'battery.critical AL21 1-2'],
  );
});

t.test('silence begins when more than 65 minutes have passed, and ends with the next record', async (t) => {
  t.same(
    truth(
      'tag',
      [
        [0, null],
        [65, null],
      ],
      100,
    ),
    [],
  );
  t.same(
    truth(
      'tag',
      [
        [0, null],
        [66, null],
      ],
      100,
    ),
    ['device.silent 65-66'],
  );
  t.same(truth('tag', [[0, null]], 64), []);
  t.same(truth('tag', [[0, null]], 65), ['device.silent 65-']);
});

t.test('a tag that fell silent all but empty is dead', async (t) => {
  t.same(
    truth(
      'tag',
      [
        [0, null, 3],
        [1, null],
        [100, null],
      ],
      120,
    ),
    ['battery.low AL21 0-', 'battery.critical AL21 0-', 'device.silent 66-100', 'battery.dead AL23 66-100'],
  );
});

t.test('an RF tag that nobody hears is no silent device', async (t) => {
  t.same(truth('rf_tag', [[0, null, 50]]), []);
});
