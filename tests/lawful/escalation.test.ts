// Alerts that nobody acknowledges in time are told again, once a level, and nobody is told of those that somebody has seen.
import t, { type Test } from 'tap';
import { cloudEvent } from '../../src/codec/alert-json.js';
import { makeRecord } from '../../src/codec/record.js';
import type { Person } from '../../src/domain/grant.js';
import type { AgencyId } from '../../src/domain/ids.js';
import { Escalation } from '../../src/lawful/escalation.js';
import { acknowledgeWithinMs, escalationLevel } from '../../src/rules/acknowledge-limits.js';
import { openRoom, type Room } from '../engine/room.js';
import { NOON, setUp, tagOf } from '../engine/story.js';
import { tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';

const ann: Person = { user: 'ann', role: 'monitoring_officer', agency: 'CENTRE' as AgencyId };
const minute = 60_000;

async function opened(t: Test, people = 1) {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const room = await openRoom(folder.path, 1, { startMs: NOON });
  t.teardown(() => room.close());
  await setUp(room, people);
  return { room, sweeper: sweeperOf(room) };
}
const quiet = { count() {}, observe() {}, log() {} };
const gauges = new Map<string, number>();
const sweeperOf = (room: Room): Escalation =>
  new Escalation({
    ledger: room.ledger,
    clock: room.clock,
    escalate: (alertId, level) => room.decisions.escalate(alertId, level),
    telemetry: { ...quiet, gauge: (metric, value) => void gauges.set(metric, value) },
    onError: (error) => {
      throw error;
    },
  });
async function strap(
  room: Room,
  n = 0,
  flag: 'STRAP_TAMPER_START' | 'STRAP_TAMPER_END' = 'STRAP_TAMPER_START',
): Promise<void> {
  const nowMs = room.clock.nowMs();
  await room.upload(tagOf(n), nowMs % 1_000_000_000, [makeRecord(nowMs, tagSays(flag))]);
  await room.settled();
}
const levels = (room: Room) =>
  room
    .told()
    .filter(({ version }) => version.type === 'tamper.strap')
    .map(({ version: { version, state, handling } }) => `${version} ${state} ${handling?.escalation?.level ?? '-'}`);

t.test('told again when the limit has passed once, three times, ten times, and never more', async (t) => {
  const { room, sweeper } = await opened(t);
  await strap(room);
  for (let minutes = 1; minutes <= 90; minutes += 1) {
    await room.clock.advanceTo(NOON + minutes * minute);
    await sweeper.sweep();
    if (minutes === 4) t.strictSame(levels(room), ['1 open -'], 'four minutes are not over at four minutes');
    if (minutes === 5) t.strictSame(levels(room), ['1 open -', '2 open 1']);
  }
  t.strictSame(levels(room), ['1 open -', '2 open 1', '3 open 2', '4 open 3']);
  const version = room.told().findLast(({ version: { type } }) => type === 'tamper.strap')?.version;
  if (version === undefined) throw new Error('nothing was told');
  t.match(cloudEvent({ version, cursor: 'x', source: 'x' }), {
    type: 'uk.fairwatch.alert.updated',
    data: { handling: { escalation: { level: 3 }, acknowledged: null }, cause: 'decision' },
  });
  t.equal(gauges.get('fairwatch_alert_unacknowledged_oldest_seconds'), 90 * 60);
});

t.test(
  'what somebody has acknowledged is not, and of what has passed since the last look only the last is told',
  async (t) => {
    const { room, sweeper } = await opened(t, 2);
    await strap(room);
    const first = room.told().findLast(({ version }) => version.type === 'tamper.strap')?.version;
    if (first === undefined) throw new Error('nothing was told');
    await strap(room, 1);
    await sweeper.sweep();
    const { alertId, orderId, version: seenVersion } = first;
    const act = { action: 'acknowledge', by: ann, reason: null } as const;
    await room.command({ kind: 'handle_alert', alertId, orderId, seenVersion, act, by: 'ann' });
    await room.clock.advanceTo(NOON + 600 * minute);
    await sweeper.sweep();
    t.strictSame(levels(room), ['1 open -', '1 open -', '2 acknowledged -', '2 open 3']);
  },
);

t.test(
  'an alert that goes on changing does not wait longer for it, and one that is over is waited for all the same',
  async (t) => {
    const { room, sweeper } = await opened(t);
    await strap(room);
    await sweeper.sweep();
    await room.clock.advanceTo(NOON + 3 * minute);
    await strap(room, 0, 'STRAP_TAMPER_END');
    await room.clock.advanceTo(NOON + 5 * minute);
    await sweeper.sweep();
    t.strictSame(levels(room), ['1 open -', '2 open -', '3 open 1']);
  },
);

t.test('a sweep after a restart says nothing again', async (t) => {
  const { room, sweeper } = await opened(t);
  await strap(room);
  await room.clock.advanceTo(NOON + 5 * minute);
  await sweeper.sweep();
  const other = sweeperOf(room);
  await other.sweep();
  await sweeper.sweep();
  t.strictSame(levels(room), ['1 open -', '2 open 1']);
  await room.clock.advanceTo(NOON + 13 * minute);
  await Promise.all([other.sweep(), sweeper.sweep()]);
  t.strictSame(levels(room), ['1 open -', '2 open 1', '3 open 2'], 'nor do two at once');
});

t.test('what may mean danger now is looked at within four minutes, equipment within a day', async (t) => {
  t.equal(acknowledgeWithinMs('exclusion'), 4 * minute);
  t.equal(acknowledgeWithinMs('tamper.strap'), 4 * minute);
  t.equal(acknowledgeWithinMs('curfew'), 15 * minute);
  t.equal(acknowledgeWithinMs('battery.low'), 24 * 60 * minute);
  t.strictSame(
    [0, 4, 4.01, 12, 12.01, 40.01, 9_999].map((m) => escalationLevel('exclusion', 0, m * minute)),
    [0, 0, 1, 1, 2, 3, 3],
  );
});
