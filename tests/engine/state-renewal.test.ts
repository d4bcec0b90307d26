// States of quiet people are saved anew before their key goes: a slice at a time, and the rest at once.
import t from 'tap';
import type { StreamKey } from '../../src/domain/ids.js';
import { StateRenewal } from '../../src/engine/state-renewal.js';
import { orderStream } from '../support/samples.js';

const HOUR = 3_600_000;

function people(count: number) {
  const keys = new Set<StreamKey>(Array.from({ length: count }, (_, n) => orderStream(n)));
  const marked: StreamKey[] = [];
  const saves: number[] = [];
  const renewal = new StateRenewal({
    states: {
      get size() {
        return keys.size;
      },
      keys: () => keys.values(),
      renew: (stream) => void marked.push(stream),
    },
    saved: async () => void saves.push(marked.length),
  });
  return { keys, marked, saves, renewal };
}

t.test('a minute at a time everybody is saved anew within half a day, and nobody twice before the others', (t) => {
  const { marked, renewal } = people(100_000);
  for (let minute = 0; minute < 720; minute++) renewal.step(minute * 60_000);
  t.equal(new Set(marked).size, 100_000);
  t.ok(marked.length <= 100_000 + 200);
  t.end();
});

t.test('when a key is about to go, all that were not saved since are, in pieces that are each durable', async (t) => {
  const { marked, saves, renewal } = people(10_000);
  await renewal.all(0, 80 * HOUR);
  t.equal(new Set(marked).size, 10_000);
  t.same(saves, [4_096, 8_192, 10_000]);
  await renewal.all(70 * HOUR, 81 * HOUR);
  t.equal(marked.length, 10_000, 'they are fresh enough');
  t.equal(saves.length, 4, 'and durable');
  await renewal.all(80 * HOUR + 1, 90 * HOUR);
  t.equal(marked.length, 20_000);
});

t.test('a round that began too early does not count for what is asked', async (t) => {
  const { marked, renewal } = people(200);
  renewal.step(0);
  t.equal(marked.length, 64);
  await renewal.all(1, 10 * HOUR);
  t.equal(new Set(marked.slice(64)).size, 200, 'those of the round under way are saved again');
});
