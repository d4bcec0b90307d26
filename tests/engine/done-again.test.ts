// After a crash entries are done again on states that may have seen them: of a save in parts only some had come.
import t from 'tap';
import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import { type StreamKey, streamOfOrder } from '../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { SteppedEntry } from '../../src/engine/apply.js';
import { Judge, noHarvest } from '../../src/engine/judge.js';
import { LateData } from '../../src/engine/late-data.js';
import { Policies } from '../../src/engine/policies.js';
import { at, curfew, DAY, heartbeat, orderOf, record, rf, TAG, tagSays, UNIT } from '../rules/step-driver.js';

const order = orderOf({ conditions: [curfew()] });
const stream = streamOfOrder(order.orderId);
const upload = (n: number, deviceId: typeof TAG, receivedMs: number, ...records: ReturnType<typeof record>[]) =>
  ({ kind: 'upload', stream, receivedMs, deviceId, sequence: BigInt(n), index: 0, digest: '', records }) as const;

const entries: readonly SteppedEntry[] = [
  upload(1, UNIT, at('18:00'), record(at('18:00'), rf('ENTER'))),
  upload(2, UNIT, at('18:30'), record(at('18:30'), rf('EXIT'))),
  upload(3, TAG, at('18:40'), record(at('18:40'), tagSays('STRAP_TAMPER_START'))),
  { kind: 'tick', stream, receivedMs: at('19:05'), atMs: at('19:05'), cause: 'timer' },
  upload(4, UNIT, at('19:10'), record(at('19:10'), heartbeat)),
  // late, and of a backlog that waits
  upload(5, UNIT, at('19:11'), record(at('18:50'), rf('ENTER'))),
  upload(6, UNIT, at('19:11') + 10, record(at('18:45'), heartbeat), record(at('19:11'), heartbeat)),
  { kind: 'tick', stream, receivedMs: at('19:12'), atMs: at('19:12'), cause: 'timer' },
  { kind: 'integrity', stream, receivedMs: at('19:13'), deviceId: TAG, type: 'integrity.bad_seal' },
];

t.test('an entry that a state has seen changes nothing, tells nothing and steps nothing', async (t) => {
  const log = new MemoryRecentLog();
  const late = new LateData(log);
  const policies = new Policies(DEFAULT_POLICY);
  const states = new Map<StreamKey, SubjectState>();
  const judge = new Judge({
    policies,
    late,
    states: {
      get: (key) => states.get(key) ?? null,
      set: (key, state) => states.set(key, state),
      remove: (key) => states.delete(key),
    },
  });
  judge.takeInOrder(1, { kind: 'order', stream, receivedMs: DAY, order }, noHarvest());
  log.commitNow(late.takeChanges());
  let told = 0;
  for (const [i, entry] of entries.entries()) {
    const position = i + 2;
    const first = noHarvest();
    judge.takeIn(position, entry, first);
    log.commitNow(late.takeChanges());
    told += first.versions.length;
    const seen = structuredClone(states.get(stream));
    const again = noHarvest();
    judge.takeIn(position, entry, again);
    t.same(again.versions, [], `entry ${i}`);
    t.equal(again.steps, 0);
    t.same(states.get(stream), seen);
    t.same(late.takeChanges(), []);
  }
  t.ok(told >= 3, `${told} versions were told`);
});
