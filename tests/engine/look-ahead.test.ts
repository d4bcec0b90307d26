// Whether every timer is told of in time, or only those by which something is found: what is told is the same (§1, §7).
import fc from 'fast-check';
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { Editions } from '../../src/engine/reruns.js';
import { timerMs } from '../../src/rules/step.js';
import { seedOfRun, times } from '../rules/seeded.js';
import { at, curfew, DAY, heartbeat, orderOf, record, rf, UNIT } from '../rules/step-driver.js';
import { SECOND, type Story, stories } from '../rules/stories.js';
import { Told } from './told.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const END = at('12:00', 9);

/** At each timer and edition, whatever comes of it. */
function everyTimer(editions: Editions, state: SubjectState): number | null {
  const dueMs = Math.min(timerMs(editions, state), state.late?.waiting?.dueMs ?? Infinity);
  return dueMs === Infinity ? null : dueMs;
}

const delays = fc.oneof(
  { weight: 6, arbitrary: fc.constant(5 * SECOND) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 90 }).map((s) => s * SECOND) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 24 * 60 }).map((min) => min * 60 * SECOND) },
);

/** Records come after their delay, revisions (of the order, and of its zone) when they are made. */
function play(told: Told, { first, events }: Story, delaysMs: readonly number[]): string[] {
  told.order(orderOf(first), DAY);
  const sequences = new Map<DeviceId, number>();
  let revision = 1;
  const acts = events.map((event, i) => {
    if (event.kind === 'revised') {
      const act = (): void => {
        revision += 1;
        told.order(orderOf({ ...event.change, revision, effectiveMs: event.atMs + event.inMs }), event.atMs);
      };
      return { atMs: event.atMs, act };
    }
    const { deviceId, atMs, body } = event;
    const sequence = (sequences.get(deviceId) ?? 0) + 1;
    sequences.set(deviceId, sequence);
    const arrivesMs = atMs + (delaysMs[i % delaysMs.length] ?? 0);
    return { atMs: arrivesMs, act: () => told.upload(deviceId, sequence, arrivesMs, record(atMs, body)) };
  });
  for (const { atMs, act } of acts.sort((a, b) => a.atMs - b.atMs)) if (atMs >= DAY) act();
  told.runTo(END);
  return told.standing();
}

/** What was told, in its order: which alert, when, and all that people read; not what made the gateway look. */
function course({ versions }: Told): string[] {
  const names = new Map<string, number>();
  return versions
    .filter(({ cause }) => cause !== 'gateway')
    .map((v) => {
      const name = names.get(v.alertId) ?? names.size;
      names.set(v.alertId, name);
      const { type, conditionId, deviceId, version, state, startMs, endMs, endedBy, codes, eventMs, derivedMs } = v;
      const told = { type, conditionId, deviceId, state, startMs, endMs, endedBy, codes, eventMs };
      return JSON.stringify([name, version, told, new Date(derivedMs).toISOString(), v.confidence, v.marginM]);
    });
}

t.test(
  'whether a tick comes for each timer or for what will be found, all is told alike, late data or not',
  async (t) => {
    let [versions, withLate, apart] = [0, 0, 0];
    fc.assert(
      fc.property(stories, fc.array(delays, { minLength: 60, maxLength: 60 }), (story, delaysMs) => {
        const [eager, lazy] = [new Told(everyTimer), new Told()];
        const expected = play(eager, story, delaysMs);
        const found = play(lazy, story, delaysMs);
        if (JSON.stringify(found) !== JSON.stringify(expected)) {
          throw new Error(`\nevery timer:\n${expected.join('\n')}\nlooking ahead:\n${found.join('\n')}`);
        }
        versions += lazy.versions.length;
        if (lazy.versions.some(({ cause }) => cause === 'late_data')) withLate += 1;
        if (JSON.stringify(course(eager)) !== JSON.stringify(course(lazy))) apart += 1;
      }),
      { seed, numRuns: times(500), endOnFailure: true },
    );
    t.ok(versions > 1_000, `${versions} versions`);
    t.ok(withLate > 50, `late data changed what was told in ${withLate} stories`);
    // What a timer has judged cannot be told in order any more: a run from before it tells the same, in its own order.
    t.ok(apart < 10, `${apart} stories told the same in another order, or a moment apart`);
  },
);

t.test('while ticks wait for the backlog, late data tells nothing that only time would tell', async (t) => {
  const held = new Told(() => null);
  held.order(orderOf({ conditions: [curfew()] }), DAY);
  held.upload(UNIT, 1, at('18:00'), record(at('18:00'), rf('ENTER')));
  held.upload(UNIT, 3, at('18:30'), record(at('18:30'), heartbeat));
  held.upload(UNIT, 2, at('19:10'), record(at('18:25'), rf('EXIT')));
  held.upload(UNIT, 4, at('19:10:01'), record(at('18:50'), rf('ENTER')));
  t.same(
    held.versions.filter(({ type }) => type === 'curfew'),
    [],
    'the next of the backlog says that they came home',
  );
});
