import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import { parseAgencyId, parseAlertId, parseOrderId, parseSubjectId } from '../../src/domain/ids.js';
import type { Result } from '../../src/domain/result.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { type AlertMeta, leftThenEntered, recordFindings } from '../../src/rules/alerts.js';
import { countIntegrity } from '../../src/rules/equipment.js';
import { amend, close, findingName, type Moment, open, withdraw } from '../../src/rules/machine.js';
import { initialState } from '../../src/rules/step.js';
import { condition, device, ref } from './moments.js';

function must<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}

const meta: AlertMeta = {
  orderId: must(parseOrderId('ORD-1')),
  subjectId: must(parseSubjectId('SUB-1')),
  agency: must(parseAgencyId('probation-north')),
  derivedMs: 99,
  policyRevision: 3,
  rulesVersion: 1,
};
const EMPTY: SubjectState = initialState();
const tag = device('TAG-1');

/** What rules put down at one moment of a state. */
function findingsAt(state: SubjectState, atMs: number, rule: (moment: Moment) => void): Finding[] {
  const put: Finding[] = [];
  rule({
    atMs,
    cause: 'record',
    record: ref(atMs),
    running: (type, conditionId, deviceId) => {
      const name = findingName(type, conditionId, deviceId);
      const here = put.findLast((f) => findingName(f.type, f.conditionId, f.deviceId) === name);
      if (here !== undefined) return here.op === 'close' || here.op === 'withdraw' ? null : here;
      return state.open[name]?.finding ?? null;
    },
    put: (finding) => put.push(finding),
  });
  return put;
}

/** Rules at moments one after the other, each committed; gives every version as `id.version`. */
function told(...rules: ((moment: Moment) => void)[]) {
  let state = EMPTY;
  let ids = 0;
  const versions = rules.flatMap((rule, n) => {
    const recorded = recordFindings(state, findingsAt(state, n, rule), meta, () => must(parseAlertId(`A${++ids}`)));
    state = recorded.state;
    return recorded.versions;
  });
  return { state, versions };
}

const cut = (m: Moment) => open(m, { kind: 'alert', type: 'tamper.strap', deviceId: tag, startMs: m.atMs });
const mended = (m: Moment) => {
  const running = m.running('tamper.strap', null, tag);
  if (running !== null) close(m, running, m.atMs, null);
};
const names = (versions: readonly { alertId: string; version: number }[]) =>
  versions.map((v) => `${v.alertId}.${v.version}`);

t.test('an episode has numbered versions, and the next one is another alert', (t) => {
  const { state, versions } = told(cut, mended, cut);
  t.strictSame(names(versions), ['A1.1', 'A1.2', 'A2.1']);
  t.strictSame(Object.keys(state.open), ['tamper.strap||TAG-1']);
  t.match(state.open['tamper.strap||TAG-1'], { alertId: 'A2', version: 1 });
  t.match(versions[1], { ...meta, state: 'open', startMs: 0, endMs: 1, type: 'tamper.strap', count: 1 });
  t.notOk('op' in (versions[0] ?? {}), 'a version is a picture, not a change');
  t.end();
});

t.test('an episode that begins and ends at one moment is told twice and leaves nothing running', (t) => {
  const { state, versions } = told((m) => {
    cut(m);
    mended(m);
    cut(m);
    mended(m);
  });
  t.strictSame(names(versions), ['A1.1', 'A1.2', 'A2.1', 'A2.2']);
  t.strictSame(state.open, {});
  t.end();
});

t.test('no findings leave the state as it is, and findings never change the state they were made from', (t) => {
  t.equal(recordFindings(EMPTY, [], meta, () => must(parseAlertId('A'))).state, EMPTY);
  told(cut);
  t.strictSame(EMPTY.open, {});
  t.end();
});

t.test('opening what runs, and amending or closing what does not, is a broken rule', (t) => {
  const { state, versions } = told(cut);
  const finding = { ...(versions[0] as unknown as Finding) };
  const record = (from: SubjectState, op: Finding['op']) => () =>
    recordFindings(from, [{ ...finding, op }], meta, () => must(parseAlertId('A9')));
  t.throws(record(state, 'open'), /opened while it runs/);
  t.throws(record(EMPTY, 'amend'), /does not run/);
  t.throws(record(EMPTY, 'close'), /does not run/);
  t.end();
});

t.test('a count is told at 1, 2, 5, 10, 20, 50, …; the book has every one', (t) => {
  const { state, versions } = told(
    ...Array.from({ length: 1_234 }, () => (m: Moment) => countIntegrity(m, 'integrity.replayed', tag)),
  );
  t.strictSame(
    versions.map((v) => [v.version, v.count]),
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((count, n) => [n + 1, count]),
  );
  const running = state.open['integrity.replayed||TAG-1'];
  t.equal(running?.finding.count, 1_234);
  t.equal(running?.finding.startMs, 0, 'since the first');
  t.strictSame(
    running?.finding.records.map((r) => r.timeMs),
    [0, 1_233],
    'resting on the first and the last',
  );
  t.end();
});

t.test('zones that change at one fix are reported left first, then entered, by condition', (t) => {
  const visit = (m: Moment, id: string) =>
    open(m, { kind: 'violation', type: 'exclusion', conditionId: condition(id), startMs: m.atMs });
  const left = (m: Moment, id: string) => {
    const running = m.running('exclusion', condition(id), null);
    if (running !== null) close(m, running, m.atMs, 'return');
  };
  const { state } = told((m) => {
    for (const id of ['C1', 'C4', 'C6']) visit(m, id);
  });
  const put = findingsAt(state, 5, (m) => {
    visit(m, 'C5');
    left(m, 'C6');
    visit(m, 'C3');
    left(m, 'C3');
    left(m, 'C4');
    visit(m, 'C4');
    left(m, 'C1');
  });
  t.strictSame(
    leftThenEntered(put).map((f) => `${f.op} ${f.conditionId}`),
    ['close C1', 'close C4', 'close C6', 'open C3', 'close C3', 'open C4', 'open C5'],
  );
  t.end();
});

t.test('what is amended and ended at one fix is told in that order, before what was entered', (t) => {
  const visit = (m: Moment, id: string) =>
    open(m, { kind: 'violation', type: 'exclusion', conditionId: condition(id), startMs: m.atMs });
  const { state } = told((m) => visit(m, 'C2'));
  const put = findingsAt(state, 5, (m) => {
    visit(m, 'C1');
    const running = m.running('exclusion', condition('C2'), null);
    if (running !== null) amend(m, running, { marginM: 5 });
    if (running !== null) close(m, running, m.atMs, 'return');
    visit(m, 'C2');
  });
  t.strictSame(
    leftThenEntered(put).map((f) => `${f.op} ${f.conditionId}`),
    ['amend C2', 'close C2', 'open C1', 'open C2'],
  );
  t.end();
});

t.test('what is withdrawn by the rules stands no more, and its last version says so', (t) => {
  const gone = (m: Moment) => {
    const running = m.running('tamper.strap', null, tag);
    if (running !== null) withdraw(m, running);
  };
  const { state, versions } = told(cut, gone, cut);
  t.strictSame(
    versions.map((v) => `${v.alertId}.${v.version} ${v.state}`),
    ['A1.1 open', 'A1.2 withdrawn', 'A2.1 open'],
  );
  t.match(state.settled, [{ alertId: 'A1', version: 2, withdrawn: true, judgedMs: 0 }]);
  t.strictSame(Object.keys(state.open), [findingName('tamper.strap', null, tag)]);
  const unknown = findingsAt(EMPTY, 0, cut).map((finding) => ({ ...finding, op: 'withdraw' as const }));
  t.throws(() => recordFindings(EMPTY, unknown, meta, () => must(parseAlertId('A9'))), /is withdrawn but does not run/);
  t.end();
});
