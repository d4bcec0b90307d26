// What people do about alerts over the API: who may, what they must have seen, and what others find then (¶57, ¶59–62).
import t, { type Test } from 'tap';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { AgencyId } from '../../src/domain/ids.js';
import type { Role } from '../../src/domain/role.js';
import { centre, harness, north, nowMs, south } from './harness.js';

const minute = 60_000;
/** A curfew violation of twelve minutes that is over, of an order of probation-north. */
const over: Partial<AlertVersion> = {
  version: 1,
  startMs: nowMs - 30 * minute,
  endMs: nowMs - 18 * minute,
  endedBy: 'return',
  codes: ['AL10'],
  minor: true,
  route: [{ to: 'contractor', duty: 'may_warn' }],
};
const serious: Partial<AlertVersion> = {
  ...over,
  minor: false,
  route: [
    { to: 'supervisor', duty: 'consider_enforcement' },
    { to: 'contractor', duty: 'inform' },
  ],
};

async function opened(t: Test, alert: Partial<AlertVersion> = over) {
  const h = await harness();
  t.teardown(() => h.close());
  const { alertId: _, orderId: __, ...rest } = alert;
  await h.tell(h.alert({ alertId: 'A-1', ...rest }));
  const post = async (
    what: string,
    body: unknown,
    who: [Role, AgencyId, string] = ['supervising_officer', north, 'kim'],
  ) =>
    (
      await h.app.inject({
        method: 'POST',
        url: `/v1/alerts/A-1/${what}`,
        headers: await h.as(...who),
        payload: body as object,
      })
    ).json();
  const officer: [Role, AgencyId, string] = ['monitoring_officer', centre, 'ann'];
  return { h, post, officer };
}
const excuse = { version: 1, decision: 'reasonable_excuse', reason: 'in hospital' };

t.test('somebody acknowledges, decides with a reason, and every version says how it stood', async (t) => {
  const { h, post, officer } = await opened(t);
  t.match(await post('acknowledge', { version: 1, reason: 'rings the home' }, officer), {
    outcome: 'done',
    alert: {
      version: 2,
      state: 'acknowledged',
      cause: 'decision',
      handling: {
        acknowledged: { by: { user: 'ann', role: 'monitoring_officer' }, reason: 'rings the home' },
        decision: null,
      },
    },
  });
  t.match(await post('decide', { ...excuse, version: 2 }), {
    outcome: 'done',
    alert: {
      version: 3,
      state: 'decided',
      handling: {
        acknowledged: { by: { user: 'ann' } },
        decision: {
          by: { user: 'kim', role: 'supervising_officer', agency: 'probation-north' },
          at: new Date(nowMs).toISOString(),
          kind: 'reasonable_excuse',
          reason: 'in hospital',
          seen_version: 2,
          significant: true,
          excuses: true,
          reconsidered: false,
        },
        superseded_evidence: false,
      },
    },
  });
  const url = '/v1/alerts/A-1';
  const shown = (await h.app.inject({ url, headers: await h.as('monitoring_officer', centre, 'ann') })).json();
  t.same(
    shown.versions.map(({ state, handling }: AlertVersion & { handling: object | null }) => [state, handling === null]),
    [
      ['open', true],
      ['acknowledged', false],
      ['decided', false],
    ],
  );
  const events = (
    await h.app.inject({ url: '/v1/alerts', headers: await h.as('monitoring_officer', centre, 'ann') })
  ).json();
  t.match(events.events, [{ id: 'A-1.3', type: 'uk.fairwatch.alert.decided' }]);
});

t.test('who acknowledges need say nothing at all', async (t) => {
  const { h } = await opened(t);
  const headers = await h.as('monitoring_officer', centre, 'ann');
  const bare = await h.app.inject({ method: 'POST', url: '/v1/alerts/A-1/acknowledge', headers });
  t.match(bare.json(), { outcome: 'done', alert: { version: 2, state: 'acknowledged' } });
});

t.test('the same act once more, its answer lost on the way, changes nothing', async (t) => {
  const { h, post, officer } = await opened(t);
  await post('acknowledge', { version: 1 }, officer);
  t.match(await post('acknowledge', { version: 1 }, officer), { outcome: 'unchanged', alert: { version: 2 } });
  t.match(await post('decide', excuse), { outcome: 'done', alert: { version: 3 } });
  t.match(await post('decide', excuse), { outcome: 'unchanged', alert: { version: 3 } });
  t.match(await post('decide', { ...excuse, reason: 'on second thoughts' }), { status: 409, code: 'alert_decided' });
  t.equal(h.ledger.head(), 3);
});

t.test('what is decided on is what was seen: that it ended since is no obstacle, anything else is', async (t) => {
  const running: Partial<AlertVersion> = { ...serious, endMs: null, endedBy: null };
  const one = await opened(t, running);
  await one.h.tell(one.h.alert({ ...serious, alertId: 'A-1', version: 2, codes: ['AL10', 'AL11'] } as never));
  t.match(await one.post('decide', excuse), { outcome: 'done', alert: { version: 3, state: 'decided' } });

  const two = await opened(t, serious);
  await two.h.tell(two.h.alert({ ...serious, alertId: 'A-1', version: 2, endMs: nowMs - minute } as never));
  t.match(await two.post('decide', excuse), {
    status: 409,
    code: 'alert_moved_on',
    problems: [{ path: 'end', got: JSON.stringify(new Date(nowMs - minute).toISOString()) }],
  });
  t.match(await two.post('decide', { ...excuse, version: 2 }), { outcome: 'done' });
  t.match(await two.post('decide', { ...excuse, version: 9 }), { status: 422, problems: [{ path: 'version' }] });

  const three = await opened(t, serious);
  await three.h.tell(three.h.alert({ ...serious, alertId: 'A-1', version: 2, state: 'withdrawn' } as never));
  for (const what of ['acknowledge', 'decide', 'reconsider']) {
    const body = what === 'acknowledge' ? { version: 2 } : { ...excuse, version: 2 };
    t.match(await three.post(what, body), { status: 409, code: 'alert_withdrawn' }, what);
  }
});

t.test('another person reconsiders, none who decided before; the person concerned may ask', async (t) => {
  const { h, post } = await opened(t);
  t.match(await post('reconsider', excuse), { status: 409, code: 'alert_not_decided' });
  await post('decide', { ...excuse, decision: 'confirmed', reason: 'admitted' });
  const controller: [Role, AgencyId, string] = ['data_controller', centre, 'dee'];
  const asked = { version: 2, on_behalf_of: 'wearer', reason: 'says the ward was never asked' };
  t.match(await post('reconsider', asked, controller), {
    outcome: 'done',
    alert: {
      version: 3,
      state: 'decided',
      handling: { decision: { kind: 'confirmed' }, reconsideration: { on_behalf_of: 'wearer' } },
    },
  });
  t.match(await post('reconsider', { ...excuse, version: 3 }, controller), { status: 403, code: 'decision_not_yours' });
  t.match(await post('reconsider', { ...excuse, version: 3 }), { status: 403, code: 'second_person_needed' });
  const lou: [Role, AgencyId, string] = ['supervising_officer', north, 'lou'];
  t.match(await post('reconsider', { ...excuse, version: 3 }, lou), {
    alert: {
      version: 4,
      handling: {
        reconsideration: null,
        decision: { kind: 'reasonable_excuse', by: { user: 'lou' }, reconsidered: true },
      },
    },
  });
  t.match(await post('reconsider', { ...excuse, version: 4, decision: 'confirmed' }), { code: 'second_person_needed' });
  t.same(
    h.ledger.alert(h.alert({ alertId: 'A-1' }).alertId).map(({ version }) => version.handling?.decision?.kind),
    [undefined, 'confirmed', 'confirmed', 'reasonable_excuse'],
    'the history stands',
  );
});

t.test(
  'a decision on evidence that is superseded may be taken anew, and one that was referred by who it went to',
  async (t) => {
    const { h, post, officer } = await opened(t, serious);
    t.match(await post('decide', { version: 1, decision: 'referred', reason: 'third time' }, officer), {
      status: 422,
      code: 'decision_not_applicable',
      problems: [{ path: 'referred_to' }],
    });
    const referred = { version: 1, decision: 'referred', reason: 'third time', referred_to: 'ppcs' };
    t.match(await post('decide', referred, officer), { alert: { handling: { decision: { referred_to: 'ppcs' } } } });
    t.match(await post('decide', { ...excuse, version: 2 }), { outcome: 'done', alert: { version: 3 } });
    const newest = h.ledger.alert(h.alert({ alertId: 'A-1' }).alertId).at(-1)?.version as AlertVersion;
    const handling = { ...newest.handling, supersededEvidence: true };
    await h.tell({ ...newest, version: 4, cause: 'late_data', endMs: nowMs, handling } as AlertVersion);
    t.match(await post('decide', { ...excuse, version: 4, decision: 'confirmed' }), {
      alert: { version: 5, handling: { superseded_evidence: false, decision: { kind: 'confirmed' } } },
    });
  },
);

t.test(
  'the route says whose the decision is: warnings of minor curfew violations, and nothing serious, for the contractor',
  async (t) => {
    const cases: [string, Partial<AlertVersion>, string, 'contractor' | 'supervisor', string][] = [
      ['the contractor warns of what is minor', over, 'warning_issued', 'contractor', 'done'],
      ['and of nothing else', serious, 'warning_issued', 'contractor', 'decision_not_yours'],
      ['the agency warns where the route leaves enforcement to it', serious, 'warning_issued', 'supervisor', 'done'],
      ['what is serious is not confirmed by the contractor', serious, 'confirmed', 'contractor', 'decision_not_yours'],
      ['but by the agency', serious, 'confirmed', 'supervisor', 'done'],
      ['what the route leaves to it is', over, 'confirmed', 'contractor', 'done'],
      ['an authorised absence is the contractor to note (¶59)', serious, 'authorised_absence', 'contractor', 'done'],
      ['a fault of equipment too', serious, 'equipment_fault', 'contractor', 'done'],
      ['alcohol is not confirmed of a curfew', serious, 'not_confirmed', 'supervisor', 'decision_not_applicable'],
      [
        'a battery has no excuse',
        { type: 'battery.low', kind: 'alert' },
        'reasonable_excuse',
        'supervisor',
        'decision_not_applicable',
      ],
      [
        'a suspected drink is confirmed by a person (¶20)',
        { type: 'alcohol.suspected', kind: 'alert' },
        'confirmed',
        'supervisor',
        'done',
      ],
    ];
    for (const [sentence, alert, decision, side, want] of cases) {
      const { post, officer } = await opened(t, alert);
      const body = { version: 1, decision, reason: 'as said' };
      const answer = await (side === 'contractor' ? post('decide', body, officer) : post('decide', body));
      t.equal(answer.outcome ?? answer.code, want, sentence);
    }
  },
);

t.test(
  'other agencies see nothing, administrators and engineers decide nothing, and nothing goes without words',
  async (t) => {
    const { post } = await opened(t);
    t.match(await post('decide', excuse, ['supervising_officer', south, 'sam']), { status: 404, code: 'not_found' });
    for (const role of ['administrator', 'device_engineer', 'auditor'] as const) {
      t.match(await post('decide', excuse, [role, centre, 'root']), { status: 403, code: 'role_refused' }, role);
      t.match(await post('acknowledge', { version: 1 }, [role, centre, 'root']), { status: 403 }, role);
    }
    t.match(await post('decide', { version: 1, decision: 'breach', reason: ' ' }), {
      status: 422,
      problems: [{ path: 'decision' }, { path: 'reason' }],
    });
    t.match(await post('reconsider', { version: 1, reason: 'why not' }), { status: 422 });
  },
);

t.test('of two who decide at the same moment the later one hears that somebody has decided', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await h.tell(h.alert({ alertId: 'A-1', endMs: nowMs + 600_000, endedBy: 'return' }));
  const decide = async (user: string, decision: string) =>
    h.app.inject({
      method: 'POST',
      url: '/v1/alerts/A-1/decide',
      headers: await h.as('supervising_officer', north, user),
      payload: { version: 1, decision, reason: 'at the same moment' },
    });
  const answers = await Promise.all([decide('ann', 'reasonable_excuse'), decide('ben', 'confirmed')]);
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409]);
  const loser = answers.find(({ statusCode }) => statusCode === 409);
  t.match(loser?.json(), { code: 'alert_decided', detail: /another person to reconsider/ });
});

t.test('what the engine is slow to carry out is logged and kept; what it refuses is a conflict', async (t) => {
  const slow = await harness({ limits: { settleMs: 500 } });
  t.teardown(() => slow.close());
  await slow.tell(slow.alert({ alertId: 'A-1' }));
  const send = async (h: typeof slow) =>
    await h.app.inject({
      method: 'POST',
      url: '/v1/alerts/A-1/acknowledge',
      headers: await h.as('monitoring_officer', centre, 'ann'),
      payload: { version: 1 },
    });
  slow.refuse = null;
  const answer = await send(slow);
  t.match([answer.statusCode, answer.json()], [202, { outcome: 'logged', alert: { version: 1, state: 'open' } }]);
  t.match(slow.commands.after(0), [
    { command: { kind: 'handle_alert', alertId: 'A-1', seenVersion: 1, act: { by: { user: 'ann' } } } },
  ]);
  slow.refuse = { ok: false, code: 'conflict', problems: [{ path: 'state', expected: 'open', got: 'withdrawn' }] };
  t.match((await send(slow)).json(), { status: 409 });
});

t.test('who did what about whose alert is in the log', async (t) => {
  const { h, post } = await opened(t);
  await post('decide', excuse);
  t.match(
    h.audit().filter(({ action }) => action === 'alerts.decide'),
    [
      { phase: 'attempt', category: 'alteration', actor: { user: 'kim' }, orderId: 'ORD-1', subjectId: 'SUB-1' },
      { phase: 'allowed', detail: { alert_id: 'A-1', decision: 'reasonable_excuse', version: 1 } },
    ],
  );
});
