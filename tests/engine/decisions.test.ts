// Decisions of people on their way through the gateway: once, each against what stands by then, and the same after a crash.
import { cp } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import type { AlertVersion, AskedAct, DecisionKind } from '../../src/domain/alert.js';
import type { Person } from '../../src/domain/grant.js';
import type { AgencyId } from '../../src/domain/ids.js';
import { assigned, at, curfew, rf, tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { openRoom, type Room, type RoomOptions } from './room.js';
import { NOON, personOrder, setUp, tagOf, unitOf } from './story.js';

const kim: Person = { user: 'kim', role: 'supervising_officer', agency: 'AG-1' as AgencyId };
const lou: Person = { ...kim, user: 'lou' };

async function folderOf(t: Test): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  return folder.path;
}
async function roomIn(t: Test, path: string, o: RoomOptions = {}): Promise<Room> {
  const room = await openRoom(path, 1, { startMs: NOON, ...o });
  t.teardown(() => room.close());
  await setUp(room, 0);
  const put = await room.command({
    kind: 'put_order',
    order: personOrder(0, {
      conditions: [curfew()],
      devices: [assigned(unitOf(0), 'home_unit'), assigned(tagOf(0), 'tag')],
      atvAllowanceMin: 30,
      policy: { silenceS: 20 * 86_400 },
    }),
    by: 'test',
  });
  t.match(put, { ok: true });
  return room;
}
let sequence = 0;
async function say(room: Room, ...said: string[]): Promise<void> {
  for (const one of said) {
    const [time = '', event] = one.split(' ');
    const timeMs = at(time);
    await room.clock.advanceTo(Math.max(timeMs, room.clock.nowMs()));
    sequence += 1;
    await room.upload(unitOf(0), sequence, [makeRecord(timeMs, rf(event as 'ENTER', tagOf(0)))]);
  }
  await room.settled();
}
const newest = (room: Room, type: string): AlertVersion => {
  const found = room.told().findLast(({ version }) => version.type === type)?.version;
  if (found === undefined) throw new Error(`no ${type} was told`);
  return found;
};
const handle = (room: Room, { alertId, orderId, version }: AlertVersion, act: AskedAct, seenVersion = version) =>
  room.command({
    kind: 'handle_alert',
    alertId,
    orderId,
    seenVersion,
    act,
    by: act.action === 'acknowledge' ? 'x' : act.by.user,
  });
const decide = (kind: DecisionKind, by = kim, action: 'decide' | 'reconsider' = 'decide'): AskedAct => ({
  action,
  by,
  kind,
  reason: 'as said',
  referredTo: null,
});
const told = (room: Room, type: string) =>
  room
    .told()
    .filter(({ version }) => version.type === type)
    .map(({ version: { version, state, cause, handling } }) =>
      [version, state, cause, handling?.decision?.kind ?? '', handling?.supersededEvidence ? 'superseded' : '']
        .join(' ')
        .trim(),
    );

t.test(
  'a decision is a version of the alert and takes its minutes out of the sum; taken back, they count again',
  async (t) => {
    const room = await roomIn(t, await folderOf(t));
    await say(room, '18:00 ENTER', '20:00 EXIT', '21:00 ENTER');
    await room.clock.advanceTo(at('22:00'));
    t.strictSame(told(room, 'curfew.atv_exceeded'), ['1 open timer']);
    t.match(await handle(room, newest(room, 'curfew'), decide('reasonable_excuse')), { ok: true, created: true });
    t.strictSame(told(room, 'curfew'), ['1 open timer', '2 open record', '3 decided decision reasonable_excuse']);
    t.strictSame(told(room, 'curfew.atv_exceeded'), ['1 open timer', '2 withdrawn decision']);
    await handle(room, newest(room, 'curfew'), decide('confirmed', lou, 'reconsider'));
    t.strictSame(told(room, 'curfew.atv_exceeded').at(-1), '3 open decision');
    t.match(newest(room, 'curfew.atv_exceeded'), { startMs: at('20:30'), endMs: null, derivedMs: at('22:00') });
  },
);

t.test('late data makes a new version of a decided alert, flagged; it stays decided', async (t) => {
  const room = await roomIn(t, await folderOf(t));
  await say(room, '18:00 ENTER', '20:00 EXIT', '20:40 ENTER');
  await room.clock.advanceTo(at('21:00'));
  await handle(room, newest(room, 'curfew'), decide('reasonable_excuse'));
  await say(room, '20:20 ENTER');
  await room.clock.advanceTo(at('22:00'));
  t.strictSame(told(room, 'curfew').slice(2), [
    '3 decided decision reasonable_excuse',
    '4 decided late_data reasonable_excuse superseded',
  ]);
  t.equal(newest(room, 'curfew').endMs, at('20:20'));
  t.match(newest(room, 'curfew'), { route: [{ to: 'supervisor' }], minor: false });
  await say(room, '19:59 PRESENT', '20:00:30 ENTER');
  await room.clock.advanceTo(at('22:10'));
  t.match(newest(room, 'curfew'), {
    state: 'withdrawn',
    handling: { supersededEvidence: true, decision: { by: kim } },
  });
});

t.test('of two who decide at once one does, and the other is told what has changed', async (t) => {
  const room = await roomIn(t, await folderOf(t));
  await say(room, '18:00 ENTER', '20:00 EXIT');
  await room.clock.advanceTo(at('20:10'));
  const alert = newest(room, 'curfew');
  const outcomes = await Promise.all([
    handle(room, alert, decide('confirmed', kim)),
    handle(room, alert, decide('reasonable_excuse', lou)),
  ]);
  t.match(outcomes, [
    { ok: true, created: true },
    { ok: false, code: 'conflict', problems: [{ path: 'state' }] },
  ]);
  t.match(await handle(room, alert, decide('confirmed', kim)), { ok: true, created: false }, 'the same once more');
  t.match(await handle(room, alert, decide('confirmed'), 9), { ok: false, code: 'invalid' });
  t.match(await handle(room, { ...alert, alertId: 'A-9' as never }, decide('confirmed')), { code: 'not_found' });
});

t.test('an alert that left the book long ago can still be decided, reconsidered, and its minutes count', async (t) => {
  const room = await roomIn(t, await folderOf(t));
  await say(room, '18:00 ENTER', '20:00 EXIT', '20:25 ENTER');
  const first = (): AlertVersion =>
    room.told().findLast(({ version }) => version.startMs === at('20:00'))?.version as never;
  for (const day of [5, 6]) {
    await room.clock.advanceTo(at('12:00', day));
    sequence += 1;
    await room.upload(unitOf(0), sequence, [makeRecord(at('12:00', day), rf('PRESENT', tagOf(0)))]);
    await room.settled();
  }
  for (const [time, event] of [
    ['20:00', 'EXIT'],
    ['20:20', 'ENTER'],
  ] as const) {
    await room.clock.advanceTo(at(time, 6));
    sequence += 1;
    await room.upload(unitOf(0), sequence, [makeRecord(at(time, 6), rf(event, tagOf(0)))]);
    await room.settled();
  }
  await room.clock.advanceTo(at('21:00', 6));
  t.strictSame(told(room, 'curfew.atv_exceeded'), ['1 open timer']);
  t.notOk(
    [...room.states.entries()].some(([, { settled }]) => settled.some(({ alertId }) => alertId === first().alertId)),
  );
  t.match(await handle(room, first(), decide('authorised_absence')), { ok: true, created: true });
  t.match(first(), { version: 3, state: 'decided', startMs: at('20:00'), endMs: at('20:25') });
  t.strictSame(told(room, 'curfew.atv_exceeded').at(-1), '2 withdrawn decision');
  t.match(await handle(room, first(), decide('confirmed', lou, 'reconsider')), { ok: true });
  t.strictSame(told(room, 'curfew.atv_exceeded').at(-1), '3 open decision');
  t.equal(newest(room, 'curfew.atv_exceeded').startMs, at('20:05', 6));
});

t.test('an alert of a device that no order has is acknowledged as any', async (t) => {
  const room = await roomIn(t, await folderOf(t));
  await room.upload('STRAY' as never, 1, [makeRecord(NOON, tagSays('STRAP_TAMPER_START'))]);
  await room.settled();
  const alert = newest(room, 'integrity.unassigned_record');
  t.match(await handle(room, alert, { action: 'acknowledge', by: kim, reason: null }), { ok: true });
  t.match(newest(room, 'integrity.unassigned_record'), { state: 'acknowledged', orderId: null, version: 2 });
});

t.test('a journal that is read again from its beginning gives the same versions', async (t) => {
  const path = await folderOf(t);
  const room = await roomIn(t, path);
  await say(room, '18:00 ENTER', '20:00 EXIT', '21:00 ENTER');
  await room.clock.advanceTo(at('21:30'));
  await handle(room, newest(room, 'curfew'), decide('reasonable_excuse'));
  await say(room, '20:20 ENTER', '20:22 EXIT');
  await room.clock.advanceTo(at('22:00'));
  await handle(room, newest(room, 'curfew.atv_exceeded'), { action: 'acknowledge', by: lou, reason: 'seen' });
  await handle(room, newest(room, 'curfew'), decide('confirmed', lou));
  await room.clock.advanceTo(at('23:30'));
  const again = await folderOf(t);
  await cp(`${path}/journal`, `${again}/journal`, { recursive: true });
  const second = await openRoom(again, 2, { startMs: NOON });
  t.teardown(() => second.close());
  t.ok(room.told().length > 6, `${room.told().length} versions`);
  t.strictSame(
    second.told().map(({ version }) => version),
    room.told().map(({ version }) => version),
  );
});

t.test(
  'a crash between the journal and the ledger loses no decision, and the command is not carried out twice',
  async (t) => {
    const path = await folderOf(t);
    let full = false;
    const wrapLedger: NonNullable<RoomOptions['wrapLedger']> = (ledger) =>
      new Proxy(ledger, {
        get: (_, name: keyof typeof ledger) => {
          if (name === 'commit' && full) return () => Promise.reject(new Error('disk full'));
          const member = ledger[name];
          return typeof member === 'function' ? member.bind(ledger) : member;
        },
      });
    const room = await openRoom(path, 1, { startMs: NOON, wrapLedger });
    await setUp(room, 1);
    await say(room, '18:00 ENTER', '20:00 EXIT');
    await room.clock.advanceTo(at('20:10'));
    const alert = newest(room, 'curfew');
    full = true;
    const { alertId, orderId, version } = alert;
    const act = decide('confirmed');
    await room.commands.append({ kind: 'handle_alert', alertId, orderId, seenVersion: version, act, by: 'kim' }, NOON);
    while (room.failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    t.equal(newest(room, 'curfew').version, 1, 'nobody was told');
    await room.close();
    const second = await openRoom(path, 2, { startMs: NOON });
    t.teardown(() => second.close());
    t.match(newest(second, 'curfew'), { version: 2, state: 'decided' });
    second.follower.start();
    t.match(await second.commands.awaitOutcome(second.commands.done() + 1, 5_000), { ok: true, created: false });
    t.equal(newest(second, 'curfew').version, 2);
  },
);
