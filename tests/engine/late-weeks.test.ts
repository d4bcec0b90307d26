// Two weeks of one person, late data all the while: what is long over stays as it was told, and no store grows with time.
import t from 'tap';
import { type DeviceId, type OrderId, streamOfOrder } from '../../src/domain/ids.js';
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
const QUIET = 'TAG-QUIET' as DeviceId;
const STREAM = streamOfOrder('ORD-1' as OrderId);
const UNTIL = at('00:00', 20);
const toMs = UNTIL;
const ORDER = orderOf({
  endMs: UNTIL,
  devices: [assigned(UNIT, 'home_unit', { toMs }), assigned(TAG, 'tag', { toMs }), assigned(QUIET, 'tag', { toMs })],
  conditions: [curfew('19:00', '07:00'), exclusion(circle(200))],
});

interface Sent {
  readonly deviceId: DeviceId;
  readonly record: DeviceRecord;
}

/** A fix every ten minutes, in the zone for a while each few hours; out at night now and then; open things for days. */
function life(chance: () => number, days: number): Sent[] {
  const sent: Sent[] = [];
  const say = (deviceId: DeviceId, ms: number, body: DeviceRecord['body']): void => {
    sent.push({ deviceId, record: record(ms, body) });
  };
  say(QUIET, at('09:00'), heartbeat);
  say(QUIET, at('09:00', 7), heartbeat);
  say(TAG, at('10:01'), tagSays('STRAP_TAMPER_START'));
  say(TAG, at('10:01', 10), tagSays('STRAP_TAMPER_END'));
  let inside = false;
  let home = true;
  for (let ms = at('08:00'); ms < at('08:00', days); ms += 10 * MINUTE) {
    if (chance() < 0.06) inside = !inside;
    say(TAG, ms, fix(inside ? 50 : 900));
    if (ms % (30 * MINUTE) !== 0) continue;
    if (chance() < 0.08) home = !home;
    say(UNIT, ms + 5_000, rf(home ? 'PRESENT' : 'EXIT'));
  }
  return sent.sort((a, b) => a.record.timeMs - b.record.timeMs);
}

/** `delayMs`: of the next record. */
function tell(
  sent: readonly Sent[],
  delayMs: () => number,
): { readonly told: Told; readonly uploadsMax: number; readonly snapshotsMax: number } {
  const told = new Told();
  told.order(ORDER, DAY);
  const arriving = sent.map((one, i) => ({ ...one, sequence: i + 1, ms: one.record.timeMs + delayMs() }));
  let [uploadsMax, snapshotsMax] = [0, 0];
  for (const [i, { deviceId, sequence, ms, record: said }] of arriving.sort((a, b) => a.ms - b.ms).entries()) {
    told.upload(deviceId, sequence, ms, said);
    if (i % 50 !== 0) continue;
    uploadsMax = Math.max(uploadsMax, told.log.uploads(STREAM, 0).length);
    snapshotsMax = Math.max(snapshotsMax, [...told.log.snapshots(STREAM)].length);
  }
  told.runTo(at('12:00', 19));
  return { told, uploadsMax, snapshotsMax };
}

const DELAYS: Readonly<Record<string, (chance: () => number) => number>> = {
  'a few seconds, often': (chance) => (chance() < 0.5 ? 0 : chance() * 700_000),
  'up to 71 hours, now and then': (chance) => (chance() < 0.95 ? 0 : chance() * 71 * HOUR),
};

for (const [name, delay] of Object.entries(DELAYS)) {
  t.test(`late by ${name}: the same is told in the end, and the log is bounded`, async (t) => {
    const sent = life(seeded(seed), 16);
    const inOrder = tell(sent, () => 0);
    const chance = seeded(seed + 1);
    const late = tell(sent, () => Math.round(delay(chance)));
    t.same(late.told.standing(), inOrder.told.standing());
    const tooLate = late.told.versions.filter(
      ({ endMs, derivedMs }) => endMs !== null && endMs < derivedMs - HORIZON_MS - 24 * HOUR && derivedMs > DAY,
    );
    t.same(
      tooLate.map(({ alertId, type, version }) => `${alertId} ${type} ${version}`),
      [],
      'nothing is said of what is long over',
    );
    // Each has its beginning and its end, and never was anything else.
    for (const [type, device] of [
      ['tamper.strap', TAG],
      ['device.silent', QUIET],
    ]) {
      const alerts = late.told
        .newest()
        .filter((v) => v.type === type && v.deviceId === device && v.startMs < at('00:00', 5));
      t.same(
        alerts.map(({ version, state }) => `${version} ${state}`),
        ['2 open'],
        `${type} for days`,
      );
    }
    t.ok(late.snapshotsMax < 250, `${late.snapshotsMax} snapshots`);
    t.ok(late.uploadsMax < 1.1 * inOrder.uploadsMax, `${late.uploadsMax} uploads, ${inOrder.uploadsMax} in order`);
  });
}

t.test('a device that sends each pair of fixes in the wrong order makes no store grow for ever', async (t) => {
  const told = new Told();
  told.order(ORDER, DAY);
  const kept: { readonly uploads: number; readonly snapshots: number }[] = [];
  for (let minute = 60; minute < 10 * 1_440; minute += 10) {
    const [firstMs, secondMs] = [DAY + minute * MINUTE, DAY + (minute + 5) * MINUTE];
    told.upload(TAG, minute + 5, secondMs + 1_000, record(secondMs, fix(900)));
    told.upload(TAG, minute, secondMs + 2_500, record(firstMs, fix(900)));
    if (minute % 1_440 !== 60 && minute % 1_440 !== 0) continue;
    kept.push({ uploads: told.log.uploads(STREAM, 0).length, snapshots: [...told.log.snapshots(STREAM)].length });
  }
  const [sixth, last] = [kept.at(10), kept.at(-1)];
  t.ok(kept.length > 7 && sixth !== undefined && last !== undefined);
  t.ok((last?.uploads ?? Infinity) <= 1.1 * (sixth?.uploads ?? 0), JSON.stringify(kept));
  t.ok((last?.snapshots ?? Infinity) <= 1.1 * (sixth?.snapshots ?? 0));
});
