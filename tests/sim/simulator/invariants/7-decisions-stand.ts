/**
 * §7, §8: what a person was told is done is a version of its own, done once; it stands in every version that follows, and
 * is flagged where it rests on what is no more so. The sum of an order (§3) leaves out what people have excused.
 */
import type { AlertVersion } from '../../../../src/domain/alert.js';
import type { DecisionEntry } from '../../../../src/domain/entry.js';
import { DECISIONS } from '../../../../src/rules/decision-kinds.js';
import type { History } from '../history.js';
import { iso } from './telling.js';

export function decisionsStand(history: History): string[] {
  return [...doneOnce(history), ...standing(history), ...sums(history)];
}

const entriesOf = ({ journal }: History): DecisionEntry[] =>
  journal.flatMap(({ entry }) => (entry.kind === 'decision' ? [entry] : []));

function doneOnce(history: History): string[] {
  const entries = entriesOf(history);
  return history.acts.flatMap(({ alertId, reason, outcome }) => {
    const done = entries.filter(({ act }) => act.action !== 'escalate' && act.reason === reason);
    if (outcome === null) return [`invariant 7: ${reason} on ${alertId} was never answered`];
    const expected = outcome.ok ? [1] : [0];
    // Somebody had acknowledged it already: it stands, and nothing is done.
    if (outcome.ok && !outcome.created) expected.push(0);
    return expected.includes(done.length)
      ? []
      : [`invariant 7: ${reason} on ${alertId} was answered ${JSON.stringify(outcome)}, and done ${done.length} times`];
  });
}

function standing(history: History): string[] {
  const faults: string[] = [];
  const entries = entriesOf(history);
  const byAlert = new Map<string, AlertVersion[]>();
  for (const { version } of history.versions) {
    byAlert.set(version.alertId, [...(byAlert.get(version.alertId) ?? []), version]);
  }
  for (const [alertId, versions] of byAlert) {
    const due = entries.filter(({ alert }) => alert.alertId === alertId).map(({ act }) => act);
    let decision: string | null = null;
    for (const { version, state, cause, handling } of versions) {
      const said: string | null = handling?.decision?.reason ?? null;
      const act = cause === 'decision' ? due[0] : undefined;
      const isIts =
        act !== undefined &&
        (act.action === 'escalate'
          ? handling?.escalation?.level === act.level
          : // a decision on a violation moves the alert of the sum, too: that version has none of its own
            [handling?.acknowledged?.reason, said, handling?.reconsideration?.reason].includes(act.reason));
      if (act !== undefined && isIts) {
        due.shift();
        if (act.action === 'decide' || act.action === 'reconsider') decision = act.reason;
      }
      if (said !== decision) faults.push(`invariant 7: ${alertId}.${version} says ${said}, where ${decision} stood`);
      if (decision !== null && state !== 'decided' && state !== 'withdrawn') {
        faults.push(`invariant 7: ${alertId}.${version} was decided, and is ${state}`);
      }
    }
    if (due.length > 0) faults.push(`invariant 7: ${due.length} acts on ${alertId} are in no version of it`);
    const newest = versions.at(-1);
    if (newest !== undefined && flagFails(newest)) {
      faults.push(`invariant 7: ${alertId}.${newest.version} is flagged ${newest.handling?.supersededEvidence}`);
    }
  }
  return faults;
}

/** Of what was over when somebody decided nothing may be other than it was, or it is flagged. */
function flagFails({ state, handling, ...now }: AlertVersion): boolean {
  const seen = handling?.decision?.seen;
  if (handling === undefined || seen === undefined) return false;
  if (state === 'withdrawn') return !handling.supersededEvidence;
  if (seen.endMs === null) return now.startMs !== seen.startMs && !handling.supersededEvidence;
  const content = (one: Omit<typeof seen, 'version'>): string =>
    JSON.stringify([one.startMs, one.endMs, one.endedBy, one.codes, one.confidence, one.marginM, one.count]);
  return handling.supersededEvidence !== (content(seen) !== content(now));
}

interface Span {
  readonly conditionId: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly knownMs: number;
}

/** The first moment at which as much as is allowed has counted and more of it runs; by trying every moment that could be it. */
function sums(history: History): string[] {
  const { plan, versions, atMs } = history;
  const newest = new Map(versions.map(({ version }) => [version.alertId, version]));
  return plan.orders.flatMap((order) => {
    const allowedMin = order.atv_allowance_min ?? null;
    if (allowedMin === null) return [];
    const its = [...newest.values()].filter(
      ({ orderId, state }) => orderId === order.order_id && state !== 'withdrawn',
    );
    const spans = its
      .filter(({ type }) => type === 'curfew')
      .map(({ conditionId, startMs, endMs }): Span => {
        const condition = order.conditions.find((one) => one.condition_id === conditionId);
        const toleranceS = condition !== undefined && 'tolerance_s' in condition ? condition.tolerance_s : undefined;
        return { conditionId, startMs, endMs: endMs ?? Infinity, knownMs: startMs + (toleranceS ?? 300) * 1_000 };
      });
    const excused = excusesOf(history, order.order_id);
    const counts = (span: Span, ms: number): boolean =>
      !excused.some(
        ({ conditionId, fromMs, toMs, ran }) =>
          conditionId === span.conditionId && span.startMs < toMs && ms >= fromMs && (ran || ms < toMs),
      );
    const edges = spans.flatMap(({ startMs, endMs, knownMs }) => [startMs, endMs, knownMs]);
    const cuts = [...new Set([...edges, ...excused.flatMap(({ fromMs, toMs }) => [fromMs, toMs])])].sort(
      (a, b) => a - b,
    );
    const used = (span: Span, ms: number): number => {
      const own = [span.startMs, ...cuts.filter((cut) => cut > span.startMs && cut < Math.min(ms, span.endMs)), ms];
      return own.slice(1).reduce((sum, to, i) => {
        const from = own[i] as number;
        return counts(span, from) ? sum + Math.max(Math.min(to, span.endMs) - from, 0) : sum;
      }, 0);
    };
    const passed = (ms: number): boolean => {
      const known = spans.filter(({ knownMs }) => knownMs <= ms);
      const runs = known.some((span) => ms < span.endMs && counts(span, ms));
      return runs && known.reduce((sum, span) => sum + used(span, ms), 0) >= allowedMin * 60_000;
    };
    const orderEndMs = Date.parse(order.end);
    const tried = cuts.flatMap((ms) => [ms - 1, ms]).filter((ms) => ms <= atMs && ms < orderEndMs);
    if (atMs < orderEndMs) tried.push(atMs);
    const told = its.filter(({ type }) => type === 'curfew.atv_exceeded').map(({ startMs }) => startMs);
    const [first] = told;
    if (told.length > 1) return [`invariant 7: the sum of ${order.order_id} is told ${told.length} times`];
    const before = tried.filter((ms) => ms < (first ?? Infinity)).find(passed);
    if (before !== undefined)
      return [`invariant 7: the sum of ${order.order_id} had passed at ${iso(before)}, told: ${first}`];
    if (first !== undefined && (!passed(first) || passed(first - 1))) {
      return [`invariant 7: the sum of ${order.order_id} has not passed at ${iso(first)}, as is told`];
    }
    return [];
  });
}

/** The last word on each violation. */
function excusesOf(history: History, orderId: string) {
  const newest = new Map<string, DecisionEntry>();
  for (const entry of entriesOf(history)) {
    if (entry.alert.orderId !== orderId || entry.alert.type !== 'curfew') continue;
    if (entry.act.action === 'decide' || entry.act.action === 'reconsider') newest.set(entry.alert.alertId, entry);
  }
  return [...newest.values()].flatMap(({ act, alert, receivedMs }) => {
    if ((act.action !== 'decide' && act.action !== 'reconsider') || !DECISIONS[act.kind].excuses) return [];
    const { startMs, endMs } = act.seen;
    return [{ conditionId: alert.conditionId, fromMs: startMs, toMs: endMs ?? receivedMs, ran: endMs === null }];
  });
}
