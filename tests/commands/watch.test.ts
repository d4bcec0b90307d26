/** What a watcher makes of what it hears: alarms for silence and standstills, none for a restart, and none when all is well. */
import t from 'tap';
import { Blocks, stallIn, words } from '../../src/commands/watch-lines.js';
import { WatchState } from '../../src/commands/watch-state.js';

const S = 1_000;
const watcher = () => new WatchState({ silenceMs: 45 * S, notReadyMs: 45 * S }, 0);

t.test('a gateway that answers and is heard is well, for hours', async (t) => {
  const state = watcher();
  for (let s = 1; s < 7_200; s++) {
    if (s % 10 === 0) state.answered(s * S, true, []);
    if (s % 15 === 0) state.heard(s * S);
    if (state.causes(s * S).length > 0) return t.fail(`alarm after ${s} s`);
  }
  t.pass();
});

t.test('each silence is an alarm of its own, and is over with the next sign of life', async (t) => {
  const state = watcher();
  for (let s = 1; s <= 45; s++) t.same(state.causes(s * S), []);
  t.same(state.causes(46 * S), ['no_answer', 'stream_silent']);
  state.heard(47 * S);
  t.same(state.causes(47 * S), ['no_answer']);
  state.answered(48 * S, true, []);
  t.same(state.causes(48 * S), []);
});

t.test('a restart is no alarm; what is not ready for longer is, by its reasons', async (t) => {
  const state = watcher();
  const looks = (from: number, to: number, ready: boolean, reasons: string[]) => {
    for (let s = from; s <= to; s++) {
      state.answered(s * S, ready, reasons);
      state.heard(s * S);
      state.causes(s * S);
    }
    return state.causes(to * S);
  };
  t.same(looks(1, 40, false, ['stopping']), []);
  t.same(looks(41, 42, true, []), []);
  t.same(looks(43, 80, false, ['disk_low']), []);
  t.same(looks(81, 90, false, ['disk_low']), ['disk_low']);
  t.same(looks(91, 91, true, []), []);
});

t.test('what the gateway tells of itself is an alarm at once, until it is over, or ready again', async (t) => {
  const state = watcher();
  state.stalled(['engine_stuck']);
  t.same(state.causes(S), ['engine_stuck']);
  state.stalled(null);
  t.same(state.causes(2 * S), []);
  state.stalled(['engine_not_alive']);
  state.answered(3 * S, true, []);
  t.same(state.causes(3 * S), []);
});

t.test('a token that is refused is said instead of the silence that follows', async (t) => {
  const state = watcher();
  state.refused();
  for (let s = 1; s <= 60; s++) state.answered(s * S, true, []);
  for (let s = 1; s <= 60; s++) state.causes(s * S);
  t.same(state.causes(60 * S), ['token_refused']);
});

t.test('a watcher that was asleep itself begins anew', async (t) => {
  const state = watcher();
  t.same(state.causes(1 * S), []);
  t.same(state.causes(3_600 * S), []);
  for (let s = 3_601; s <= 3_644; s++) t.same(state.causes(s * S), []);
  t.same(state.causes(3_646 * S), ['no_answer', 'stream_silent']);
});

t.test(
  "of a stream the gateway's own events are understood, wherever it is cut; alerts and junk are not",
  async (t) => {
    const event = (type: string) =>
      `event: gateway\ndata: ${JSON.stringify({ type, data: { reasons: ['engine_stuck', 'x; rm -rf /', 7] } })}\n\n`;
    const text = `: open\nid: abc\n\nid: d\ndata: {"type":"uk.fairwatch.alert.raised"}\n\n${event('uk.fairwatch.gateway.stalled')}:\n\n${event('uk.fairwatch.gateway.recovered')}event: gateway\ndata: {\n\n`;
    for (let cut = 0; cut < text.length; cut += 7) {
      const blocks = new Blocks();
      const found = [...blocks.take(text.slice(0, cut)), ...blocks.take(text.slice(cut))].map(stallIn);
      t.same(found.filter(Boolean), [{ reasons: ['engine_stuck'] }, { reasons: null }], `cut at ${cut}`);
    }
    t.same(words('engine_stuck'), []);
  },
);
