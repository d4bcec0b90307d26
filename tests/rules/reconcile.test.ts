// What is told of one re-run comes in one order, however the books hold the alerts: after a crash they may differ (§7, §8).
import t from 'tap';
import type { AlertVersion, Finding } from '../../src/domain/alert.js';
import type { AlertId, ConditionId } from '../../src/domain/ids.js';
import type { SettledAlert, SubjectState } from '../../src/domain/subject-state.js';
import { reconcile } from '../../src/rules/reconcile.js';
import { initialState } from '../../src/rules/step.js';

const MINUTE = 60_000;

function finding(type: Finding['type'], conditionId: string, startMs: number): Finding {
  const nothing = { deviceId: null, codes: [], confidence: null, marginM: null, mechanism: null, records: [] };
  const times = { eventMs: startMs + MINUTE, startMs, endMs: startMs + MINUTE, endedBy: null };
  const [kind, cause, count] = ['alert', 'timer', 1] as const;
  return { op: 'close', kind, type, conditionId: conditionId as ConditionId, cause, count, ...times, ...nothing };
}

const settled = (one: Finding, n: number): SettledAlert => ({
  alertId: `A-${n}` as AlertId,
  version: 2,
  finding: one,
  withdrawn: false,
  judgedMs: one.eventMs,
});

/** A re-run that finds none of these again. */
function withdrawn(book: readonly SettledAlert[]): readonly AlertVersion[] {
  const base: SubjectState = { ...initialState(), atMs: 0 };
  return reconcile({
    base,
    rejoined: null,
    before: { ...base, atMs: 60 * MINUTE, settled: book },
    episodes: [],
    fromMs: 0,
    cause: 'late_data',
    metaOf: () => ({
      orderId: null,
      subjectId: null,
      agency: null,
      derivedMs: 60 * MINUTE,
      policyRevision: 1,
      rulesVersion: 1,
    }),
    newAlertId: () => 'A-new' as AlertId,
  }).versions;
}

t.test('withdrawals are told by their beginning, then by name, in whatever order the book has them', async (t) => {
  const book = [
    finding('curfew', 'C1', 10 * MINUTE),
    finding('curfew', 'C1', 5 * MINUTE),
    finding('attendance.unverified', 'T1', 10 * MINUTE),
    finding('curfew', 'C2', 10 * MINUTE),
  ].map(settled);
  const told = withdrawn(book);
  t.same(
    told.map(({ type, conditionId, startMs, state }) => [type, conditionId, startMs / MINUTE, state]),
    [
      ['curfew', 'C1', 5, 'withdrawn'],
      ['attendance.unverified', 'T1', 10, 'withdrawn'],
      ['curfew', 'C1', 10, 'withdrawn'],
      ['curfew', 'C2', 10, 'withdrawn'],
    ],
  );
  t.same(withdrawn([...book].reverse()), told);
});
