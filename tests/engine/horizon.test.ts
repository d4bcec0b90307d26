// Late data is put in its place for 72 hours to the millisecond, though whole hours of what arrived are gone by then.
import t from 'tap';
import type { DeviceId, OrderId } from '../../src/domain/ids.js';
import { streamOfOrder } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { HORIZON_MS } from '../../src/engine/recent-records.js';
import { seeded, seedOfRun } from '../rules/seeded.js';
import {
  assigned,
  at,
  circle,
  curfew,
  DAY,
  exclusion,
  fix,
  heartbeat,
  orderOf,
  record,
  rf,
  TAG,
  tagSays,
  UNIT,
} from '../rules/step-driver.js';
import { Told } from './told.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAYS = 7;
const STREAM = streamOfOrder('ORD-1' as OrderId);
const toMs = at('00:00', DAYS + 6);
const ORDER = orderOf({
  endMs: toMs,
  devices: [assigned(UNIT, 'home_unit', { toMs }), assigned(TAG, 'tag', { toMs })],
  conditions: [curfew('19:00', '07:00'), exclusion(circle(200))],
});

interface Sent {
  readonly deviceId: DeviceId;
  readonly record: DeviceRecord;
}

/** Something each quarter of an hour or so, on the hour too; hours of silence now and then. */
function life(chance: () => number): Sent[] {
  const sent: Sent[] = [];
  let inside = false;
  let home = true;
  for (let ms = at('08:00'); ms < at('08:00', DAYS); ms += Math.floor(chance() * 20 * MINUTE)) {
    if (chance() < 0.01) ms += Math.floor(chance() * 9 * HOUR);
    // the moments at which keys die are worth most
    if (chance() < 0.2) ms = Math.ceil(ms / HOUR) * HOUR + Math.floor(chance() * 3) - 1;
    if (chance() < 0.1) inside = !inside;
    if (chance() < 0.1) home = !home;
    const luck = chance();
    if (luck < 0.6) sent.push({ deviceId: TAG, record: record(ms, fix(inside ? 50 : 900)) });
    else if (luck < 0.9) sent.push({ deviceId: UNIT, record: record(ms, rf(home ? 'PRESENT' : 'EXIT')) });
    else
      sent.push({
        deviceId: TAG,
        record: record(ms, tagSays(luck < 0.95 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END')),
      });
  }
  return sent;
}

function tell(sent: readonly Sent[], delayMs: (index: number) => number, look: (told: Told) => void = () => {}): Told {
  const told = new Told();
  told.order(ORDER, DAY);
  const arriving = sent.map((one, i) => ({ ...one, sequence: i + 1, ms: one.record.timeMs + delayMs(i) }));
  for (const { deviceId, sequence, ms, record: said } of arriving.sort((a, b) => a.ms - b.ms)) {
    told.upload(deviceId, sequence, ms, said);
    look(told);
  }
  told.runTo(at('12:00', DAYS + 5));
  return told;
}

const beyond = (told: Told): number => told.versions.filter(({ type }) => type === 'integrity.beyond_horizon').length;

t.test(
  'whatever is late by up to 72 hours, what stands in the end is what would stand had it come in order',
  async (t) => {
    let rerun = 0;
    for (let run = 0; run < 8; run++) {
      const chance = seeded(seed + run);
      const sent = life(chance);
      const delays = sent.map(() => {
        const luck = chance();
        if (luck < 0.6) return 0;
        if (luck < 0.65) return Math.floor(chance() * 3 * MINUTE);
        if (luck < 0.7) return Math.floor(chance() * 20 * MINUTE);
        if (luck < 0.8) return Math.floor(chance() * HORIZON_MS);
        // at the very end
        if (luck < 0.9) return HORIZON_MS - Math.floor(chance() * 2 * HOUR);
        return HORIZON_MS - Math.floor(chance() * 3);
      });
      const [expected, late] = [tell(sent, () => 0), tell(sent, (i) => delays[i] ?? 0)];
      rerun += late.harvest.rerun;
      t.equal(beyond(late), 0, `seed ${seed + run}: none is too late`);
      t.same(late.standing(), expected.standing(), `seed ${seed + run}`);
      t.ok(late.log.keptFromMs > at('00:00', 2), 'whole hours are gone');
    }
    t.ok(rerun > 300, `${rerun} records were put in their place`);
  },
);

t.test('a way through a zone is not taken back because the state has forgotten where it began', async (t) => {
  const told = new Told();
  const conditions = [exclusion(circle(200))];
  told.order(orderOf({ devices: [], conditions }), DAY);
  told.upload(TAG, 1, at('12:00:00'), record(at('12:00:00'), fix(550, 5)));
  const devices = [assigned(TAG, 'tag', { toMs: at('12:00', 1) })];
  told.order(orderOf({ revision: 2, effectiveMs: at('17:00', 1), devices, conditions: [] }), at('17:01', 1));
  const crossings = () => told.standing().filter((line) => line.includes('zone.crossing_inferred'));
  told.upload(TAG, 2, at('00:05', 3), record(at('12:00:30'), fix(-550, 5)));
  const crossing = 'ORD-1 zone.crossing_inferred Z1 03-02T12:00:00.000–03-02T12:00:30.000';
  t.same(crossings(), [crossing]);
  told.upload(TAG, 3, at('01:05', 3), record(at('13:00'), heartbeat));
  t.same(crossings(), [crossing], 'it is run again from where it began');
});

t.test('a tag that was silent for days is compared with where it was, and no state keeps that', async (t) => {
  const told = new Told();
  told.order(ORDER, DAY);
  const lastFix = () => told.states.get(STREAM)?.equipment[TAG]?.lastFix;
  told.upload(TAG, 1, at('12:00'), record(at('12:00'), fix(1_000)));
  told.upload(UNIT, 1, at('00:30', 3), record(at('00:30', 3), heartbeat));
  t.equal(lastFix(), null);
  told.upload(TAG, 2, at('11:00', 3), record(at('14:00'), fix(800_000)));
  t.same(
    told.standing().filter((line) => line.includes('location_jump')),
    ['ORD-1 integrity.location_jump TAG-1 03-02T14:00:00.000–'],
  );
  t.equal(lastFix(), null, 'and forgets it again');
});

t.test('one millisecond later it is beyond the horizon: counted, and used by no rule', async (t) => {
  const sent = life(seeded(seed));
  const index = sent.findIndex(({ record: said }) => said.timeMs > at('12:00', 1));
  const [without, late] = [
    tell(
      sent.filter((_, i) => i !== index),
      () => 0,
    ),
    tell(sent, (i) => (i === index ? HORIZON_MS + 1 : 0)),
  ];
  t.equal(beyond(late), 1);
  t.same(late.standing(), without.standing());
});

t.test(
  'a device whose clock is ahead at the full hour: what cannot be put in its place says so, and no more',
  async (t) => {
    let [lost, rerun] = [0, 0];
    for (let run = 0; run < 8; run++) {
      const chance = seeded(seed + 100 + run);
      const sent = life(chance);
      const delays = sent.map(() => {
        const luck = chance();
        if (luck < 0.6) return -Math.floor(chance() * 120_000);
        if (luck < 0.8) return Math.floor(chance() * 20 * MINUTE);
        return HORIZON_MS - Math.floor(chance() * 2 * HOUR);
      });
      const late = tell(sent, (i) => delays[i] ?? 0);
      const tooLate = beyond(late);
      lost += tooLate;
      rerun += late.harvest.rerun;
      if (tooLate === 0) t.same(late.standing(), tell(sent, () => 0).standing(), `seed ${seed + 100 + run}`);
    }
    t.ok(lost <= rerun / 20, `${lost} of ${rerun}`);
  },
);

t.test('what is kept to begin at is bounded: about one for each hour', async (t) => {
  const chance = seeded(seed);
  let most = 0;
  tell(
    life(chance),
    () => (chance() < 0.2 ? Math.floor(chance() * HORIZON_MS) : 0),
    ({ log }) => {
      most = Math.max(most, [...log.snapshots(STREAM)].length);
    },
  );
  t.ok(most > 40 && most < 150, `${most} snapshots`);
});

t.test('an upload in between that no longer opens makes a late record too late, and no wrong answer', async (t) => {
  const early = life(seeded(seed + 7)).filter(({ record: { timeMs } }) => timeMs < at('08:00', 2));
  // judged beyond what is to come late, whenever the life before has fallen silent
  const sent = [...early, { deviceId: TAG, record: record(at('08:00', 2), fix(50)) }];
  const told = tell(sent, () => 0);
  const before = told.standing();
  const broken = at('06:00', 2);
  Object.assign(told.log, { brokenMs: () => broken });
  const lateMs = at('05:00', 2) + 7;
  told.upload(TAG, 9_999, at('12:00', 2), record(lateMs, fix(50)));
  t.equal(beyond(told), 1);
  t.same(told.standing(), before);
});
