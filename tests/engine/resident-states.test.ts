// States as records off the heap: what is read is what was set, whoever was pushed out meanwhile.
import t from 'tap';
import { decodeState } from '../../src/codec/state-record.js';
import type { StreamKey } from '../../src/domain/ids.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { ResidentStates } from '../../src/engine/resident-states.js';
import { FIX_REMEMBERED_MS } from '../../src/rules/plausibility.js';
import { Random } from '../../src/sim/random.js';
import { seedOfRun } from '../rules/seeded.js';
import { deviceId, deviceStream, orderStream, state, T0 } from '../support/samples.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

t.test('what is read is what was set last, with room for all, for few and for hardly any decoded', async (t) => {
  for (const readyMax of [10_000, 40, 1]) {
    const random = new Random(`states ${seed} ${readyMax}`);
    const states = new ResidentStates(null, readyMax);
    const [now, committed] = [new Map<StreamKey, SubjectState>(), new Map<StreamKey, SubjectState>()];
    for (let n = 1; n <= 4_000; n += 1) {
      const stream = random.chance(0.1) ? deviceStream(random.whole(0, 9)) : orderStream(random.whole(0, 199));
      if (random.chance(0.1)) {
        states.remove(stream);
        now.delete(stream);
      } else {
        states.set(stream, state(random.whole(0, 50), n));
        now.set(stream, states.get(stream) as SubjectState);
      }
      if (random.chance(0.05)) {
        for (const changed of states.commit()) {
          const is = now.get(changed);
          if (is === undefined) committed.delete(changed);
          else committed.set(changed, is);
        }
      }
      const other = orderStream(random.whole(0, 220));
      if (n % 7 === 0) t.strictSame(states.get(other), now.get(other) ?? null);
      if (n % 500 === 0) {
        const stored = new Map([...states.all()].map(([key, bytes]) => [key, decodeState(bytes)]));
        t.strictSame(new Map([...stored].sort()), new Map([...committed].sort()), 'the stores get what is committed');
        const due = new Map(
          [...committed].flatMap(([key, { dueMs }]) => (dueMs === null ? [] : [[key, dueMs] as const])),
        );
        t.strictSame(new Map([...states.dueTimes()].sort()), new Map([...due].sort()));
      }
    }
  }
});

t.test(
  'a record keeps no position longer than it is compared with, and is slimmed when it is stored again',
  async (t) => {
    let nowMs = T0;
    const states = new ResidentStates(() => nowMs, 1);
    const lastFix = { timeMs: T0, hash: 'AAAA', latE7: 515_000_000, lonE7: -1_000_000, radiusM: 10 };
    const motion = { sinceMs: null, spans: [] };
    const one = { lastMs: T0, silent: false, lastBatteryPct: null, chargePct: null, lastFix, motion };
    const stream = orderStream(1);
    states.set(stream, { ...state(1, 1), equipment: { [deviceId(1)]: one } });
    states.set(orderStream(2), state(2, 1));
    states.commit();
    const stored = () => decodeState(states.bytesOf(stream) as Uint8Array).equipment[deviceId(1)];
    nowMs = T0 + FIX_REMEMBERED_MS - 1;
    t.strictSame(stored()?.lastFix, lastFix);
    nowMs += 1;
    t.equal(stored()?.lastFix, null);
    t.strictSame(stored()?.forgottenFix, { timeMs: T0, hash: 'AAAA', radiusM: 10 });
    states.set(stream, { ...state(1, 2), equipment: { [deviceId(1)]: one } });
    states.commit();
    t.equal(stored()?.lastFix, null, 'also what is set with it');
  },
);

t.test('a record that this build cannot read is refused when it is loaded', async (t) => {
  const states = new ResidentStates(null);
  t.throws(() => states.load(orderStream(1), Buffer.from([200, 1, 2])), { name: 'FormatRefused' });
  t.equal(states.get(orderStream(1)), null);
});
