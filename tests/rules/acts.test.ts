// Whether somebody may do this about an alert: what they saw, what stands by now, and whose it is to say (§7, §8, ¶57–62).
import t from 'tap';
import type { AlertVersion, AskedAct, DecisionKind, Handling, OnBehalfOf } from '../../src/domain/alert.js';
import type { Person } from '../../src/domain/grant.js';
import type { AgencyId, AlertId, OrderId } from '../../src/domain/ids.js';
import { acknowledgeWithinMs, escalationLevel } from '../../src/rules/acknowledge-limits.js';
import { actRefused, standsAlready } from '../../src/rules/acts.js';
import { bearsOut, handledBy, handlingBeside, pictureOf, stateUnder, UNHANDLED } from '../../src/rules/handling.js';

const minute = 60_000;
const agency = 'probation-north' as AgencyId;
const kim: Person = { user: 'kim', role: 'supervising_officer', agency };
const lou: Person = { ...kim, user: 'lou' };
const ann: Person = { user: 'ann', role: 'monitoring_officer', agency: 'monitoring-centre' as AgencyId };

const running: AlertVersion = {
  alertId: 'A-1' as AlertId,
  version: 1,
  state: 'open',
  kind: 'violation',
  type: 'curfew',
  orderId: 'ORD-1' as OrderId,
  subjectId: null,
  agency,
  conditionId: null,
  deviceId: null,
  eventMs: 5 * minute,
  startMs: 0,
  endMs: null,
  endedBy: null,
  codes: ['AL10'],
  confidence: null,
  marginM: null,
  mechanism: null,
  count: 1,
  cause: 'timer',
  records: [],
  derivedMs: 5 * minute,
  policyRevision: 1,
  rulesVersion: 1,
  route: [{ to: 'supervisor', duty: 'consider_enforcement' }],
  minor: false,
};
const over: AlertVersion = { ...running, version: 2, endMs: 20 * minute, endedBy: 'return', codes: ['AL10'] };
const decide = (kind: DecisionKind, by = kim, referredTo: string | null = null): AskedAct & { action: 'decide' } =>
  ({ action: 'decide', by, kind, reason: 'as said', referredTo }) as never;
const ask: AskedAct = { action: 'request_reconsideration', by: ann, reason: 'as asked', onBehalfOf: 'wearer' };
/** The next version, after an act that was seen on the newest. */
function then(versions: readonly AlertVersion[], act: AskedAct, atMs = 60 * minute): AlertVersion[] {
  const newest = versions.at(-1) as AlertVersion;
  const handling = handledBy(newest.handling, 'kind' in act ? { ...act, seen: pictureOf(newest) } : act, atMs);
  return [...versions, { ...newest, version: newest.version + 1, handling, state: stateUnder(handling, false) }];
}
const codeOf = (versions: readonly AlertVersion[], act: AskedAct, seen = versions.at(-1)?.version ?? 0): string =>
  actRefused(versions, seen, act)?.code ?? 'may';

t.test(
  'that one which ran has ended since is no news; that it began at another time, or one that was over changed, is',
  async (t) => {
    t.equal(codeOf([running, over], decide('confirmed'), 1), 'may');
    const moved: [string, Partial<AlertVersion>][] = [
      ['start', { startMs: minute }],
      ['end', { endMs: 21 * minute }],
      ['ended_by', { endedBy: 'window' }],
      ['codes', { codes: ['AL10', 'AL11'] }],
      ['confidence', { confidence: 'probable' }],
      ['margin_m', { marginM: 4 }],
      ['count', { count: 2 }],
    ];
    for (const [path, change] of moved) {
      const refused = actRefused([running, over, { ...over, version: 3, ...change }], 2, decide('confirmed'));
      t.match(refused, { code: 'alert_moved_on', problems: [{ path, expected: /as in version 2/ }] }, path);
      t.equal(refused?.problems.length, 1, 'only what has changed is told');
    }
    t.match(actRefused([running, { ...over, startMs: minute }], 1, decide('confirmed')), {
      problems: [{ path: 'start' }],
    });
    t.match(actRefused([running, { ...running, version: 2, codes: ['AL08'] }], 1, decide('confirmed')), {
      problems: [{ path: 'codes' }],
    });
    t.throws(() => actRefused([running], 7, decide('confirmed')), /no version 7/);
  },
);

t.test('what was withdrawn is nobody’s to handle, and acknowledging needs nothing else', async (t) => {
  const withdrawn = [running, { ...running, version: 2, state: 'withdrawn' as const }];
  for (const act of [decide('confirmed'), ask, { action: 'acknowledge', by: ann, reason: null } as AskedAct]) {
    t.equal(codeOf(withdrawn, act), 'alert_withdrawn', act.action);
  }
  t.equal(codeOf([running, over], { action: 'acknowledge', by: ann, reason: null }, 1), 'may');
});

t.test('one decides once; another reconsiders, none of those who decided before; whoever asks may ask', async (t) => {
  const reconsider = (by: Person): AskedAct => ({ ...decide('confirmed', by), action: 'reconsider' }) as AskedAct;
  t.equal(codeOf([over], reconsider(lou)), 'alert_not_decided');
  t.equal(codeOf([over], ask), 'alert_not_decided');
  const decided = then([over], decide('reasonable_excuse', kim));
  t.equal(codeOf(decided, decide('confirmed', lou)), 'alert_decided');
  t.equal(codeOf(decided, ask), 'may');
  t.equal(codeOf(decided, reconsider(kim)), 'second_person_needed');
  t.equal(codeOf(decided, reconsider(lou)), 'may');
  t.equal(
    codeOf(decided, reconsider(lou), 2),
    'alert_moved_on',
    'who saw it undecided has not seen what they reconsider',
  );
  const again = then(decided, reconsider(lou), 90 * minute);
  t.equal(codeOf(again, reconsider(kim)), 'second_person_needed');
  t.equal(codeOf(again, reconsider({ ...kim, user: 'moe' })), 'may');
  t.match(again.at(-1)?.handling?.decision, { reconsidered: true, by: lou, atMs: 90 * minute });
  const flagged = {
    ...(decided.at(-1) as AlertVersion),
    handling: { ...decided.at(-1)?.handling, supersededEvidence: true },
  };
  t.equal(codeOf([...decided.slice(0, -1), flagged as AlertVersion], decide('confirmed')), 'may');
  t.equal(codeOf(then([over], decide('referred', kim, 'ppcs')), decide('confirmed', lou)), 'may');
});

t.test('what is asked for stands until another person has answered, and who acts has seen it', async (t) => {
  const decided = then([over], decide('confirmed', kim), 1);
  const asked = then(decided, ask, 2).at(-1)?.handling as Handling;
  t.match(asked, {
    reconsideration: { onBehalfOf: 'wearer' as OnBehalfOf, by: ann, atMs: 2 },
    acknowledged: { by: kim, atMs: 1 },
  });
  t.match(handledBy(asked, { ...decide('confirmed'), seen: pictureOf(over) }, 3).reconsideration, { atMs: 2 });
  const act = { ...decide('confirmed', lou), action: 'reconsider' as const, seen: pictureOf(over) };
  t.equal(handledBy(asked, act, 3).reconsideration, null);
  t.match(handledBy(undefined, { action: 'escalate', level: 2 }, 9), {
    escalation: { level: 2, atMs: 9 },
    acknowledged: null,
  });
  t.match(handledBy(undefined, { action: 'acknowledge', by: ann, reason: 'rings' }, 4).acknowledged, {
    reason: 'rings',
    atMs: 4,
  });
  t.equal(handledBy(undefined, act, 3).acknowledged?.reason, null);
});

t.test('whose the decision is, and about what', async (t) => {
  t.equal(codeOf([over], decide('not_confirmed')), 'decision_not_applicable');
  t.equal(codeOf([over], decide('referred')), 'decision_not_applicable', 'it must be said to whom');
  t.equal(
    codeOf([over], decide('confirmed', kim, 'ppcs')),
    'decision_not_applicable',
    'and nothing else goes to anybody',
  );
  t.equal(codeOf([over], decide('confirmed', ann)), 'decision_not_yours');
  t.match(actRefused([over], 2, decide('confirmed', ann)), { problems: [{ expected: /supervisor/ }] });
  t.equal(codeOf([over], decide('authorised_absence', ann)), 'may');
  t.equal(
    codeOf([{ ...over, agency: ann.agency }], decide('confirmed', ann)),
    'may',
    'of its own order the centre says',
  );
  t.equal(codeOf([{ ...over, agency: null }], decide('confirmed', ann)), 'may');
  const left = { ...over, route: [{ to: 'contractor', duty: 'decide' }] as const };
  t.equal(codeOf([left], decide('confirmed', ann)), 'may', 'what the route leaves to it');
  t.equal(codeOf([left], decide('warning_issued', ann)), 'decision_not_yours', 'but it warns of what is minor alone');
  for (const role of ['data_controller', 'administrator', 'auditor', 'device_engineer'] as const) {
    t.equal(codeOf([over], decide('false_alert', { ...ann, role })), 'decision_not_yours', role);
  }
  t.equal(codeOf([over], decide('confirmed', { ...kim, role: 'police_liaison' })), 'may');
});

t.test('the same act of the same person stands already; any other does not', async (t) => {
  const act = decide('referred', kim, 'ppcs');
  const newest = then([over], act).at(-1) as AlertVersion;
  t.ok(standsAlready(newest, 2, act));
  t.notOk(standsAlready(over, 2, act));
  for (const other of [
    { ...act, by: lou },
    { ...act, kind: 'confirmed' },
    { ...act, reason: 'else' },
    { ...act, referredTo: 'yot' },
    { ...act, action: 'reconsider' },
  ]) {
    t.notOk(standsAlready(newest, 2, other as AskedAct), JSON.stringify(other));
  }
  t.notOk(standsAlready(newest, 1, act), 'who had another version before them');
  const asked = then([newest], ask).at(-1) as AlertVersion;
  t.ok(standsAlready(asked, 3, ask));
  t.notOk(standsAlready(asked, 3, { ...ask, by: lou } as AskedAct));
  t.notOk(standsAlready(asked, 3, { ...ask, reason: 'else' } as AskedAct));
  t.notOk(standsAlready(newest, 3, ask));
  const seen: AskedAct = { action: 'acknowledge', by: lou, reason: null };
  t.ok(standsAlready(newest, 3, seen), 'whoever it was that saw it');
  t.notOk(standsAlready({ ...over, handling: UNHANDLED }, 2, seen));
});

t.test('a decision is flagged where what was seen is no more so, and not for time that went on', async (t) => {
  const ran = pictureOf(running);
  t.ok(bearsOut(ran, 10 * minute, over), 'it ended later');
  t.ok(bearsOut(ran, 20 * minute, over), 'at that very moment');
  t.notOk(bearsOut(ran, 21 * minute, over), 'it had ended before');
  t.ok(bearsOut(ran, 21 * minute, { ...over, endedBy: 'gap' }), 'of a visit no more is known than up to its last fix');
  t.notOk(bearsOut(ran, 10 * minute, { ...over, codes: ['AL08'] }));
  t.ok(bearsOut(pictureOf(over), 99 * minute, over));
  t.notOk(bearsOut(pictureOf(over), 99 * minute, running), 'it goes on after all');
  const handling = handledBy(undefined, { ...decide('confirmed'), seen: pictureOf(over) }, 30 * minute);
  const found = { ...over, op: 'amend' as const };
  t.strictSame(handlingBeside(undefined, found, true), {});
  t.equal(handlingBeside(handling, found, false).handling, handling, 'nothing has changed');
  t.equal(handlingBeside(handling, found, true).handling?.supersededEvidence, true);
  const flagged = handlingBeside(handling, { ...found, endMs: 1 }, false).handling as Handling;
  t.equal(flagged.supersededEvidence, true);
  t.equal(handlingBeside(flagged, found, false).handling?.supersededEvidence, false, 'it was so all the same');
  t.equal(handlingBeside({ ...UNHANDLED }, found, true).handling?.supersededEvidence, false, 'nobody has decided');
  t.strictSame(
    [undefined, UNHANDLED, handling, { ...handling, decision: null }].map((h) => stateUnder(h, false)),
    ['open', 'open', 'decided', 'acknowledged'],
  );
  t.equal(stateUnder(handling, true), 'withdrawn');
});

t.test('four minutes for what may mean danger, a quarter of an hour for an absence, a day for a battery', async (t) => {
  t.strictSame(
    (
      [
        'exclusion',
        'tamper.strap',
        'curfew',
        'alcohol.suspected',
        'curfew.unverified',
        'device.silent',
        'battery.low',
        'device.fault',
      ] as const
    ).map((type) => acknowledgeWithinMs(type) / minute),
    [4, 4, 15, 15, 60, 60, 1_440, 1_440],
  );
  t.strictSame(
    [15, 15.01, 45, 45.01, 150, 150.01].map((m) => escalationLevel('curfew', minute, (1 + m) * minute)),
    [0, 1, 1, 2, 2, 3],
  );
});
