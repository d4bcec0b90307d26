/** Presence at its edges: assignments that touch, devices that come back, and what a unit says of tags that are not the tag. */
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import type { Assignment } from '../../src/domain/order.js';
import type { RecordBody, RfKind } from '../../src/domain/record.js';
import {
  compilePresence,
  hearUnit,
  initialUnit,
  presenceAt,
  presenceDueMs,
  standing,
  type Units,
  unitPresence,
} from '../../src/rules/presence.js';
import { heartbeat, rf, unitSays } from './curfew-driver.js';
import { device } from './moments.js';

const [UNIT, TAG, OTHER] = [device('HU-1'), device('TAG-1'), device('TAG-2')];
const span = (deviceId: DeviceId, kind: Assignment['kind'], fromMs: number, toMs: number, address = 'home') => ({
  deviceId,
  kind,
  address: kind === 'home_unit' ? address : null,
  fromMs,
  toMs,
});
const unitThere = span(UNIT, 'home_unit', 0, 1000);
const tagWorn = span(TAG, 'tag', 0, 1000);

/** Units hear so, in that order; silence is far off unless a test brings it near. */
class House {
  readonly plan;
  units: Units = {};
  constructor(devices: readonly Assignment[], silenceS = 100) {
    this.plan = compilePresence({ devices }, { silenceS });
  }
  hears(timeMs: number, body: RecordBody, unitId = UNIT) {
    const record = { timeMs, hash: `h${timeMs}`, body };
    const heard = hearUnit(this.plan, unitId, this.units[unitId] ?? initialUnit(), record);
    this.units = { ...this.units, [unitId]: heard.unit };
    return heard;
  }
  reads(timeMs: number, event: RfKind, tagId = TAG, unitId = UNIT) {
    return this.hears(timeMs, rf(tagId, event), unitId);
  }
  at(atMs: number, ...addresses: string[]) {
    return presenceAt(this.plan, this.units, addresses.length === 0 ? ['home'] : addresses, atMs);
  }
}

t.test('of a unit that was never heard nothing is known', (t) => {
  t.strictSame(initialUnit(), { presence: 'unknown', tagId: null, heardMs: null, moved: false });
  const house = new House([unitThere, tagWorn]);
  t.equal(house.at(5), 'unknown');
  t.equal(unitPresence(house.plan, UNIT, house.units, 5), 'unknown');
  t.end();
});

t.test('a record at the last moment before a silence sets in keeps what was known', (t) => {
  const house = new House([span(UNIT, 'home_unit', 0, 90_000), span(TAG, 'tag', 0, 90_000)], 30);
  house.reads(10, 'ENTER');
  house.hears(30_010, heartbeat);
  t.equal(house.at(30_010), 'present');
  house.hears(60_011, heartbeat);
  t.equal(house.at(60_011), 'unknown', 'a millisecond later it does not');
  t.end();
});

for (const [says, devices] of [
  [
    'in the order in which they follow',
    [span(TAG, 'tag', 0, 300), span(TAG, 'tag', 300, 600), span(TAG, 'tag', 600, 1000)],
  ],
  ['the latest first', [span(TAG, 'tag', 600, 1000), span(TAG, 'tag', 300, 600), span(TAG, 'tag', 0, 300)]],
] as const) {
  t.test(`assignments of one tag that touch are one, ${says}`, (t) => {
    const house = new House([unitThere, ...devices]);
    house.reads(100, 'ENTER');
    t.equal(house.at(299), 'present');
    t.equal(house.at(999), 'present', 'nobody changed the tag');
    t.end();
  });
}

t.test('a tag that is taken off and put on again says nothing until it is read again', (t) => {
  const house = new House([unitThere, span(TAG, 'tag', 0, 300), span(TAG, 'tag', 400, 1000)]);
  house.reads(100, 'ENTER');
  t.equal(house.at(299), 'present');
  t.equal(house.at(350), 'unknown');
  t.equal(house.at(400), 'unknown');
  t.equal(house.at(500), 'unknown');
  house.reads(500, 'PRESENT');
  t.equal(house.at(500), 'present');
  t.end();
});

t.test('a reading at the moment at which the tag is put on is one of it', (t) => {
  const house = new House([span(UNIT, 'home_unit', 50, 1000), span(TAG, 'tag', 50, 1000)]);
  house.reads(50, 'ENTER');
  t.equal(house.at(50), 'present');
  t.equal(house.at(60), 'present');
  t.end();
});

t.test('another tag put on makes it unknown, from its own moment until it is read', (t) => {
  const house = new House([unitThere, tagWorn, span(OTHER, 'tag', 200, 1000)]);
  house.reads(100, 'ENTER');
  t.equal(house.at(199), 'present');
  t.equal(house.at(200), 'unknown');
  house.reads(200, 'PRESENT');
  t.equal(house.at(200), 'present', 'the first is still worn, and was read when the other had been put on');
  house.reads(300, 'EXIT', OTHER);
  t.equal(house.at(300), 'absent');
  t.end();
});

t.test('a unit that goes on at its address goes on as it was; at another address nothing is known of it', (t) => {
  const moves = (address: string) => {
    const house = new House([
      tagWorn,
      span(UNIT, 'home_unit', 0, 300),
      span(UNIT, 'home_unit', 300, 600, address),
      span(UNIT, 'home_unit', 600, 1000, address),
    ]);
    house.reads(100, 'ENTER');
    return house;
  };
  const stayed = moves('home');
  t.equal(stayed.at(300), 'present');
  t.equal(stayed.at(999), 'present');
  const moved = moves('mother');
  t.equal(moved.at(299), 'present');
  t.equal(moved.at(300, 'mother'), 'unknown');
  t.equal(moved.at(300), 'unknown', 'and nothing stands at home any more');
  moved.hears(310, heartbeat);
  t.equal(moved.at(310, 'mother'), 'unknown', 'a sign of life is no reading');
  moved.reads(320, 'EXIT');
  t.equal(moved.at(320, 'mother'), 'absent');
  t.equal(moved.at(999, 'mother'), 'absent');
  t.end();
});

t.test('a unit that was moved within its former stay is not moved in the next', (t) => {
  const house = new House([tagWorn, span(UNIT, 'home_unit', 0, 300), span(UNIT, 'home_unit', 300, 1000, 'mother')]);
  house.hears(100, unitSays('MOVED'));
  house.reads(310, 'ENTER');
  t.equal(house.at(310, 'mother'), 'present');
  t.end();
});

t.test('a unit heard at the very moment at which it was set up was heard in that stay', (t) => {
  const house = new House([tagWorn, span(UNIT, 'home_unit', 300, 1000)]);
  house.reads(300, 'ENTER');
  t.equal(house.at(300), 'present');
  house.hears(310, heartbeat);
  t.equal(house.at(310), 'present');
  t.end();
});

t.test('a moved unit stays moved, whatever else it says, until it is reset', (t) => {
  const house = new House([unitThere, tagWorn]);
  house.reads(10, 'ENTER');
  house.hears(20, unitSays('MOVED'));
  t.equal(house.at(20), 'unknown');
  house.hears(30, unitSays('MAINS_LOST', 'CASE_OPEN_START'));
  house.reads(40, 'PRESENT');
  t.equal(house.at(40), 'unknown');
  t.strictSame(house.hears(50, unitSays('RESET')).unit, { ...initialUnit(), heardMs: 50 });
  t.equal(house.at(50), 'unknown', 'until the first reading after it');
  house.reads(60, 'PRESENT');
  t.equal(house.at(60), 'present');
  t.end();
});

t.test('an alcohol tag worn beside the tag says nothing of where the person is', (t) => {
  const house = new House([unitThere, span(TAG, 'tag', 0, 300), span(OTHER, 'alcohol_tag', 0, 1000)]);
  house.reads(10, 'ENTER');
  t.equal(house.reads(20, 'EXIT', OTHER).changedTo, null);
  t.equal(house.at(20), 'present');
  house.reads(310, 'EXIT', OTHER);
  t.equal(house.at(310), 'absent', 'worn alone it does');
  t.end();
});

t.test('an alcohol tag put on asks for no reading of its own', (t) => {
  const house = new House([unitThere, tagWorn, span(OTHER, 'alcohol_tag', 200, 1000)]);
  house.reads(10, 'ENTER');
  t.equal(house.at(250), 'present');
  t.end();
});

t.test('what one unit says by itself, and which units stand at an address', (t) => {
  const [second] = [device('HU-2')];
  const house = new House([unitThere, tagWorn, span(second, 'home_unit', 100, 200, 'mother')]);
  house.reads(10, 'ENTER');
  house.reads(110, 'EXIT', TAG, second);
  t.equal(unitPresence(house.plan, UNIT, house.units, 110), 'present');
  t.equal(unitPresence(house.plan, second, house.units, 110), 'absent');
  t.equal(unitPresence(house.plan, second, house.units, 200), null, 'it stands nowhere any more');
  t.equal(unitPresence(house.plan, device('HU-9'), house.units, 10), null);
  t.equal(house.at(110, 'home'), 'present', 'each for its own address');
  t.equal(house.at(110, 'mother'), 'absent');
  t.strictSame(standing(house.plan, 'home', 110), [UNIT]);
  t.strictSame(standing(house.plan, 'mother', 110), [second]);
  t.strictSame(standing(house.plan, 'mother', 99), []);
  t.strictSame(standing(house.plan, 'mother', 200), []);
  t.end();
});

t.test(
  'presence may change without a record when a silence is due or an assignment begins or ends, and only then',
  (t) => {
    const house = new House([span(UNIT, 'home_unit', 10, 90_000), span(TAG, 'tag', 20, 80_000)], 30);
    const due = (firedMs: number) => presenceDueMs(house.plan, house.units, firedMs);
    t.strictSame([0, 9, 10, 19, 20].map(due), [10, 10, 20, 20, 80_000], 'assignments');
    house.hears(25, heartbeat);
    t.equal(due(25), 80_000, 'what is unknown cannot become more so');
    house.reads(30, 'ENTER');
    t.equal(due(30), 30_030);
    t.equal(due(30_029), 30_030);
    t.equal(due(30_030), 80_000);
    t.equal(house.at(30_029), 'present');
    t.equal(house.at(30_030), 'unknown');
    t.strictSame([80_000, 89_999, 90_000].map(due), [90_000, 90_000, null]);
    t.equal(presenceDueMs(new House([]).plan, {}, 0), null);
    const goesOn = new House([span(TAG, 'tag', 0, 300), span(TAG, 'tag', 300, 600), span(TAG, 'tag', 600, 900)]);
    t.equal(presenceDueMs(goesOn.plan, {}, 0), 900, 'an assignment that goes on neither ends nor begins');
    t.end();
  },
);
