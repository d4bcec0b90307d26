// After a start ticks wait for the backlog, and no longer: neither a clock that is set back nor a backlog without end may put
// off everybody's alerts.
import t from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import type { StreamKey } from '../../src/domain/ids.js';
import { DueTimes } from '../../src/engine/due-times.js';
import { Ticker } from '../../src/engine/ticker.js';
import type { Journal } from '../../src/ports/journal.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { T0 } from '../support/samples.js';

const MINUTE = 60_000;

/** A ticker that was started at `T0` after an interruption; `at` sets its clock, looks, and gives how many ticks it has told. */
function started() {
  let nowMs = T0;
  const told: JournalEntry[] = [];
  const journal = {
    append: async (entries: readonly JournalEntry[]) => told.push(...entries),
  } as unknown as Journal;
  const dueTimes = new DueTimes();
  const ticker = new Ticker({
    clock: { nowMs: () => nowMs },
    journal,
    dueTimes,
    deliver: () => {},
    whenReached: async () => {},
    telemetry: new RecordingTelemetry(),
    reconnectGraceMs: 2 * MINUTE,
    lastAliveMs: T0 - MINUTE,
    onFatal: (error) => t.fail(String(error)),
  });
  return {
    due: (ms: number) => dueTimes.set('ORD-1' as StreamKey, ms),
    at: async (ms: number) => {
      nowMs = ms;
      await ticker.fire(ms);
      return told.length;
    },
  };
}

t.test('ticks wait for as long as a backlog may take to come', async (t) => {
  const { due, at } = started();
  due(T0 - MINUTE);
  t.equal(await at(T0 + 2 * MINUTE - 1), 0);
  t.equal(await at(T0 + 2 * MINUTE), 1);
});

t.test('a clock that is set back while ticks wait makes them wait no longer than from then on', async (t) => {
  const { due, at } = started();
  due(T0 - 40 * MINUTE);
  t.equal(await at(T0 - 20 * MINUTE), 0);
  t.equal(await at(T0 - 18 * MINUTE - 1), 0);
  t.equal(await at(T0 - 18 * MINUTE), 1);
});

t.test('a clock that is set back afterwards makes nobody wait again', async (t) => {
  const { due, at } = started();
  due(T0);
  t.equal(await at(T0 + 2 * MINUTE), 1);
  due(T0 - 30 * MINUTE);
  t.equal(await at(T0 - 20 * MINUTE), 2);
});

t.test('a backlog that brings due times of the past without end keeps nobody’s time from coming', async (t) => {
  const [late, live] = ['ORD-LATE', 'ORD-LIVE'] as unknown as [StreamKey, StreamKey];
  let nowMs = T0;
  const dueTimes = new DueTimes();
  const told: string[] = [];
  const ticker = new Ticker({
    clock: { nowMs: () => nowMs },
    journal: {
      append: async (entries: readonly JournalEntry[]) => told.push(...entries.map(({ stream }) => stream)),
    } as unknown as Journal,
    dueTimes,
    deliver: () => {},
    // each round takes a second, and the device that empties its backlog is due in the past once more
    whenReached: async () => {
      nowMs += 1_000;
      if (told.length < 100) dueTimes.set(late, T0 - 6 * 60 * MINUTE + told.length);
    },
    telemetry: new RecordingTelemetry(),
    reconnectGraceMs: 0,
    lastAliveMs: null,
    onFatal: (error) => t.fail(String(error)),
  });
  dueTimes.set(late, T0 - 6 * 60 * MINUTE);
  dueTimes.set(live, T0 + 5_000);
  await ticker.fire(T0);
  t.equal(told.indexOf(live), 5, 'in the round after it came due');
  dueTimes.set(late, T0 - 6 * 60 * MINUTE);
  t.equal(ticker.lateMs(nowMs + 300), 300, 'what is due in the past since a moment is late by that moment');
  t.equal(ticker.lateMs(nowMs + MINUTE), MINUTE, 'and it counts from then on');
});

t.test('of those due together those of now come before those of a backlog, however many these are', async (t) => {
  const dueTimes = new DueTimes();
  const appends: string[][] = [];
  const ticker = new Ticker({
    clock: { nowMs: () => T0 },
    journal: {
      append: async (entries: readonly JournalEntry[]) => appends.push(entries.map(({ stream }) => stream)),
    } as unknown as Journal,
    dueTimes,
    deliver: () => {},
    whenReached: async () => {},
    telemetry: new RecordingTelemetry(),
    reconnectGraceMs: 0,
    lastAliveMs: null,
    onFatal: (error) => t.fail(String(error)),
  });
  for (let n = 0; n < 10_000; n++) dueTimes.set(`ORD-PAST-${n}` as StreamKey, T0 - 60 * MINUTE + n);
  for (let n = 0; n < 3; n++) dueTimes.set(`ORD-NOW-${n}` as StreamKey, T0 - n);
  await ticker.fire(T0);
  t.same(appends[0]?.slice(0, 3), ['ORD-NOW-2', 'ORD-NOW-1', 'ORD-NOW-0']);
  t.ok(appends.every((ticks) => ticks.length <= 515));
  t.equal(new Set(appends.flat()).size, 10_003, 'and each has its turn');
  t.equal(appends.flat().length, 10_003, 'once');
});
