// A device that was out of coverage sends the newest first: that may cost at most twice what it costs in order (§7).
import t from 'tap';
import type { DeviceRecord } from '../../src/domain/record.js';
import { at, circle, curfew, DAY, exclusion, fix, orderOf, record, rf, TAG, UNIT } from '../rules/step-driver.js';
import { Told } from './told.js';

const MINUTE = 60_000;
const ORDER = orderOf({ conditions: [curfew('19:00', '07:00'), exclusion(circle(200))] });
const uploadsOf = (records: readonly DeviceRecord[], size: number): DeviceRecord[][] =>
  Array.from({ length: Math.ceil(records.length / size) }, (_, i) => records.slice(i * size, (i + 1) * size));

/** A fix a minute for six hours; where the wearer is after so many minutes, metres from the zone's centre. */
const track = (whereM: (minute: number) => number): DeviceRecord[] =>
  Array.from({ length: 360 }, (_, i) => record(at('20:00') + i * MINUTE, fix(whereM(i), 5)));

const TRACKS = {
  'who never comes near': () => 3_000,
  'who goes in and out each quarter of an hour': (minute: number) => (Math.floor(minute / 15) % 2 === 0 ? 50 : 600),
  'who stays inside all the time': () => 50,
  'who walks about the edge': (minute: number) => 200 + 12 * Math.sin(minute),
};

interface Sent {
  readonly told: Told;
  readonly steps: number;
}

/** The day before is in; then the uploads come at their times, and time goes on. */
function send(uploads: readonly { readonly atMs: number; readonly records: readonly DeviceRecord[] }[]): Sent {
  const told = new Told();
  told.order(ORDER, DAY);
  told.upload(UNIT, 1, at('19:30'), record(at('19:30'), rf('PRESENT')));
  told.upload(TAG, 1, at('19:59'), record(at('19:59'), fix(3_000, 5)));
  const before = told.steps;
  for (const [i, { atMs, records }] of uploads.entries()) told.upload(TAG, 100 + i, atMs, ...records);
  told.runTo(at('08:00', 1));
  return { told, steps: told.steps - before };
}

for (const [who, whereM] of Object.entries(TRACKS)) {
  for (const size of [1, 10]) {
    t.test(`six hours of one ${who}, ${size} to an upload, newest first: at most twice the steps`, async (t) => {
      const uploads = uploadsOf(track(whereM), size);
      const inOrder = send(uploads.map((records) => ({ atMs: records.at(-1)?.timeMs ?? 0, records })));
      const backMs = at('02:01', 1);
      const newestFirst = [...uploads].reverse();
      // One fix an upload for minutes on end is put in again and again, each time twice as long.
      for (const everyMs of size === 1 ? [5, 40] : [5, 40, 400]) {
        const backlog = send(newestFirst.map((records, i) => ({ atMs: backMs + i * everyMs, records })));
        t.same(backlog.told.standing(), inOrder.told.standing(), `an upload each ${everyMs} ms`);
        t.ok(
          backlog.steps <= 2 * inOrder.steps,
          `each ${everyMs} ms: ${backlog.steps} steps, ${inOrder.steps} in order`,
        );
      }
    });
  }
}

t.test('the newest of a backlog is judged at once; what is older within seconds of its arrival', async (t) => {
  const uploads = uploadsOf(
    track((minute) => (minute < 100 ? 50 : 3_000)),
    10,
  ).reverse();
  const told = new Told();
  told.order(ORDER, DAY);
  told.upload(TAG, 1, at('19:59'), record(at('19:59'), fix(3_000, 5)));
  const backMs = at('02:01', 1);
  for (const [i, records] of uploads.entries()) told.upload(TAG, 100 + i, backMs + i * 20, ...records);
  const inside = () => told.standing().filter((line) => line.includes('exclusion'));
  told.runTo(backMs + uploads.length * 20 + 2_000);
  t.equal(inside().length, 1);
  t.equal(told.newest().find(({ type }) => type === 'device.silent')?.state, 'withdrawn', 'it was heard all the time');
});
