/** The book of alerts at its edges: what is remembered of alerts that are over, for how long, and in which order things are told. */
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { AlertId, OrderId, SubjectId } from '../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { type AlertMeta, keepRecent, leftThenEntered, recordFindings } from '../../src/rules/alerts.js';
import { amend, close, type Moment, open, withdraw } from '../../src/rules/machine.js';
import { initialState } from '../../src/rules/step.js';
import { Book, condition, device, ref } from './moments.js';

const meta: AlertMeta = {
  orderId: 'ORD-1' as OrderId,
  subjectId: 'SUB-1' as SubjectId,
  agency: null,
  derivedMs: 99,
  policyRevision: 3,
  rulesVersion: 1,
};
const tag = device('TAG-1');
const HOUR_MS = 3_600_000;

/** What rules put down at moments one after the other. */
function findings(...rules: ((moment: Moment) => void)[]): Finding[] {
  const book = new Book();
  for (const [n, rule] of rules.entries()) rule(book.at(n, ref(n)));
  return book.told;
}
function record(put: readonly Finding[], state: SubjectState = initialState(), moments?: readonly number[]) {
  let ids = 0;
  return recordFindings(state, put, meta, () => `A${++ids}` as AlertId, moments);
}
const strap = (m: Moment) => open(m, { kind: 'alert', type: 'tamper.strap', deviceId: tag, startMs: m.atMs });
const running = (m: Moment) => {
  const finding = m.running('tamper.strap', null, tag);
  if (finding === null) throw new Error('nothing runs');
  return finding;
};
const mended = (m: Moment) => close(m, running(m), m.atMs, null);

t.test('an alert that is over is remembered as it was told last, with the moment that was judged', (t) => {
  const put = findings(strap, mended);
  const { state, versions } = record(put, initialState(), [0, 7]);
  t.strictSame(state.open, {});
  t.strictSame(state.settled, [{ alertId: 'A1', version: 2, finding: put[1], withdrawn: false, judgedMs: 7 }]);
  t.match(versions.at(-1), { version: 2, state: 'open', endMs: 1 });
  t.strictSame(record(put).state.settled[0]?.judgedMs, 1, 'else the moment that it speaks of');
  t.end();
});

t.test('an alert that is taken back is remembered as taken back', (t) => {
  const put = findings(strap, (m) => withdraw(m, running(m)));
  const { state, versions } = record(put, initialState(), [0, 7]);
  t.strictSame(state.open, {});
  t.match(state.settled, [{ alertId: 'A1', version: 2, withdrawn: true, judgedMs: 7 }]);
  t.match(versions.at(-1), { version: 2, state: 'withdrawn' });
  t.strictSame(record(put).state.settled[0]?.judgedMs, 0, 'else the moment that it speaks of');
  t.end();
});

t.test('alerts that are over are remembered one after the other, and nothing else of the state is touched', (t) => {
  const before: SubjectState = { ...initialState(), position: 41, violationMs: 5 };
  const first = record(findings(strap, mended), before).state;
  const second = record(findings(strap, mended), first).state;
  t.strictSame(
    second.settled.map(({ alertId }) => alertId),
    ['A1', 'A1'],
  );
  t.strictSame({ ...second, settled: before.settled }, before);
  t.end();
});

t.test('an alert is remembered for as long as late data can reach it, the amend horizon and a day', (t) => {
  const keptMs = DEFAULT_POLICY.amendHorizonS * 1000 + 24 * HOUR_MS;
  const [opened, closed] = findings(strap, mended);
  const settledAt = (eventMs: number) => ({
    alertId: 'A1' as AlertId,
    version: 2,
    finding: { ...((closed ?? opened) as Finding), eventMs },
    withdrawn: false,
    judgedMs: eventMs,
  });
  const kept = (...moments: number[]) => keepRecent(moments.map(settledAt)).map(({ finding }) => finding.eventMs);
  t.strictSame(kept(0, keptMs), [0, keptMs]);
  t.strictSame(kept(0, keptMs + 1), [keptMs + 1]);
  t.strictSame(kept(keptMs + 1, 0, 5), [keptMs + 1, 5], 'whatever order they are remembered in');
  t.end();
});

t.test('an alert that does not count is told at every change', (t) => {
  const { versions } = record(findings(strap, (m) => amend(m, running(m), { count: 3 })));
  t.strictSame(
    versions.map(({ version }) => version),
    [1, 2],
  );
  t.end();
});

const visit = (id: string) => (m: Moment) =>
  open(m, { kind: 'violation', type: 'exclusion', conditionId: condition(id), startMs: m.atMs });
const visited = (m: Moment, id: string) => {
  const finding = m.running('exclusion', condition(id), null);
  if (finding === null) throw new Error(`${id} does not run`);
  return finding;
};
/** What was put down at one moment, after `before`. */
function atOnce(before: readonly ((moment: Moment) => void)[], ...rules: ((moment: Moment) => void)[]): string[] {
  const put = findings(...before, (m) => {
    for (const rule of rules) rule(m);
  });
  return leftThenEntered(put.slice(before.length)).map((f) => `${f.op} ${f.conditionId ?? f.type}`);
}

t.test('a zone that the person stays in is reported among those entered, by condition', (t) => {
  const told = atOnce(
    [visit('C1'), visit('C9')],
    (m) => amend(m, visited(m, 'C1'), {}),
    (m) => close(m, visited(m, 'C9'), m.atMs, 'return'),
  );
  t.strictSame(told, ['close C9', 'amend C1']);
  t.end();
});

t.test('an alert that is taken back is reported among what was left', (t) => {
  const told = atOnce([visit('C9')], visit('C1'), (m) => withdraw(m, visited(m, 'C9')));
  t.strictSame(told, ['withdraw C9', 'open C1']);
  t.end();
});

t.test('what concerns no condition comes before what concerns one', (t) => {
  t.strictSame(atOnce([], visit('C1'), strap), ['open tamper.strap', 'open C1']);
  t.end();
});
