/** A gateway that stood still: what devices sent meanwhile speaks before any due time, as after a start. */
import t from 'tap';
import type { JournalEntry, TickEntry } from '../../src/domain/entry.js';
import { DueTimes } from '../../src/engine/due-times.js';
import { Ticker } from '../../src/engine/ticker.js';
import type { Journal } from '../../src/ports/journal.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { orderStream, T0 } from '../support/samples.js';

function room() {
  const state = { nowMs: T0, steadyMs: 0 };
  const ticks: TickEntry[] = [];
  const dueTimes = new DueTimes();
  const telemetry = new RecordingTelemetry();
  const append = async (entries: readonly JournalEntry[]) => {
    ticks.push(...(entries as TickEntry[]));
    return ticks.length;
  };
  const ticker = new Ticker({
    clock: { nowMs: () => state.nowMs },
    journal: { append } as unknown as Journal,
    dueTimes,
    deliver: () => {},
    whenReached: async () => {},
    telemetry,
    reconnectGraceMs: 120_000,
    lastAliveMs: null,
    onFatal: (error) => {
      throw error;
    },
  });
  /** Both clocks go on by so much, or each by its own; then it is looked, and what is due fires. */
  const pass = async (ms: number, clockMs = ms): Promise<void> => {
    state.steadyMs += ms;
    state.nowMs += clockMs;
    ticker.looks(state.steadyMs);
    await ticker.fire(state.nowMs);
  };
  return { state, ticks, dueTimes, ticker, telemetry, pass };
}

t.test('after a pause of the process due times wait for the grace, and say what they rest on', async (t) => {
  const { ticks, dueTimes, ticker, telemetry, pass, state } = room();
  await pass(20);
  dueTimes.set(orderStream(1), state.nowMs + 30_000);
  dueTimes.set(orderStream(2), state.nowMs + 60_000 + 500_000);
  await pass(60_000);
  t.same(ticks, [], 'nobody is accused of what lies unread in a socket');
  t.ok(ticker.holding);
  t.equal(ticker.lateMs(state.nowMs), 0, 'they wait on purpose');
  await pass(9_000);
  for (let n = 0; n < 12; n++) await pass(9_999);
  t.same(
    ticks.map(({ cause }) => cause),
    ['gateway_outage'],
  );
  t.notOk(ticker.holding);
  for (let n = 0; n < 45; n++) await pass(9_999);
  t.same(
    ticks.map(({ cause }) => cause),
    ['gateway_outage', 'timer'],
    'what came due afterwards is the wearer’s own',
  );
  t.same(telemetry.codes, ['timers_wait_after_interruption']);
});

t.test('a machine that slept, or a clock that was set forward, is an interruption as well', async (t) => {
  const { ticks, dueTimes, ticker, pass, state } = room();
  await pass(20);
  dueTimes.set(orderStream(1), state.nowMs + 1_800_000);
  await pass(20, 3_600_000);
  t.ok(ticker.holding);
  t.same(ticks, []);
});

t.test('looks that come late by a few seconds, and a clock that is set back, hold up nobody', async (t) => {
  const { ticks, dueTimes, pass, state } = room();
  await pass(20);
  dueTimes.set(orderStream(1), state.nowMs + 5_000);
  await pass(9_000);
  t.equal(ticks.length, 1);
  dueTimes.set(orderStream(1), state.nowMs - 3_600_000);
  await pass(20, -3_600_000);
  t.equal(ticks.length, 2);
  t.same(
    ticks.map(({ cause }) => cause),
    ['timer', 'timer'],
  );
});
