/**
 * The ATV alerts of an order as they must have been, told from its violations alone: when people excuse one, or take that
 * back, the sum is another from the violation's own time on, however long ago that was.
 */
import type { Finding } from '../domain/alert.js';
import type { EndedViolation, Excuse } from '../domain/excuse.js';
import type { Order } from '../domain/order.js';
import type { SubjectState } from '../domain/subject-state.js';
import { atvDueMs, countedMs, judgeAtv, reviseAtv, type UsedUp } from './atv.js';
import type { OrderPolicy } from './compile.js';
import { findingName, type Moment } from './machine.js';

export const ATV = findingName('curfew.atv_exceeded', null, null);

export interface AtvEpisode {
  readonly finding: Finding;
  /** The order as it stood when this was found. */
  readonly order: Order;
  /** The moment that was judged when it ended; null: it runs. */
  readonly judgedMs: number | null;
}

export interface AtvHistory {
  /** Oldest first; the last may run. */
  readonly episodes: readonly AtvEpisode[];
  /** Length of what is over, less what is excused. */
  readonly endedMs: number;
}

/** Infinity as its end: it runs. */
type Violation = EndedViolation;

/** `editions`: ascending by time, the one in force among them. */
export function atvHistory(
  editions: readonly OrderPolicy[],
  state: SubjectState,
  excuses: readonly Excuse[],
): AtvHistory {
  const inForce = editions.findIndex(({ edition }) => edition === state.edition);
  const known = editions.slice(0, inForce + 1);
  const [first] = known;
  const violations = [...state.violations, ...runningIn(state)].sort((a, b) => a.endMs - b.endMs);
  const told = new Told();
  let policy = first;
  for (let atMs = -Infinity; policy !== undefined; ) {
    const used = (ms: number): UsedUp => ({ endedMs: endedBy(violations, excuses, ms), excuses });
    const running = (ms: number) => told.moment(ms, violations).running;
    const nextMs = Math.min(
      ...known.slice(1).map(({ effectiveMs }) => laterThan(atMs, effectiveMs, state.atMs)),
      ...violations.flatMap(({ raisedMs, endMs }) => [
        laterThan(atMs, raisedMs, state.firedMs),
        laterThan(atMs, endMs, state.firedMs),
      ]),
      atMs === -Infinity ? Infinity : laterThan(atMs, atvDueMs(policy, used(atMs), running(atMs), atMs), state.firedMs),
    );
    if (nextMs === Infinity) break;
    atMs = nextMs;
    for (const next of known.filter(({ effectiveMs }, i) => i > 0 && effectiveMs === atMs)) {
      told.order = next.order;
      // An edition takes over before the timers of its moment: what they raise does not run yet.
      reviseAtv(next, used(atMs), told.moment(atMs, violations, atMs - 1));
      policy = next;
    }
    told.order = policy.order;
    if (atMs <= (state.firedMs ?? -1)) judgeAtv(policy, used(atMs), told.moment(atMs, violations));
  }
  return { episodes: told.episodes(), endedMs: endedBy(violations, excuses, Infinity) };
}

/** The state as it would be, had all of these been excused from the beginning. The alert's name is for the caller to know. */
export function withExcuses(
  editions: readonly OrderPolicy[],
  state: SubjectState,
  excuses: readonly Excuse[],
): SubjectState {
  if (JSON.stringify(state.excuses) === JSON.stringify(excuses)) return state;
  const { episodes, endedMs } = atvHistory(editions, state, excuses);
  const { [ATV]: alert, ...others } = state.open;
  const last = episodes.at(-1);
  const runs = last !== undefined && last.judgedMs === null ? last.finding : null;
  const unnamed = { alertId: 'atv-again' as NonNullable<typeof alert>['alertId'], version: 0 };
  const open = runs === null ? others : { ...others, [ATV]: { ...(alert ?? unnamed), finding: runs } };
  // Of its own moment a state says itself what ended in it.
  const over = episodes.filter(({ judgedMs }) => judgedMs !== null && judgedMs === state.atMs);
  const settled = [
    ...state.settled.filter(({ finding }) => finding.type !== 'curfew.atv_exceeded'),
    ...over.map(({ finding }) => ({ ...unnamed, finding, judgedMs: state.atMs ?? 0, withdrawn: false })),
  ];
  return { ...state, excuses, violationMs: endedMs, open, settled };
}

/** What is told on the way; one alert of the name runs at a time. */
class Told {
  order: Order | null = null;
  readonly #over: AtvEpisode[] = [];
  #running: { readonly finding: Finding; readonly order: Order } | null = null;

  episodes(): AtvEpisode[] {
    return this.#running === null ? this.#over : [...this.#over, { ...this.#running, judgedMs: null }];
  }

  /** Violations that were raised by `raisedMs` run. */
  moment(atMs: number, violations: readonly Violation[], raisedMs = atMs): Moment {
    return {
      atMs,
      cause: 'timer',
      record: null,
      running: (type, conditionId) => {
        if (type !== 'curfew') return this.#running?.finding ?? null;
        const runs = (v: Violation): boolean =>
          v.conditionId === conditionId && v.raisedMs <= raisedMs && atMs < v.endMs;
        const violation = violations.find(runs);
        return violation === undefined ? null : asFinding(violation);
      },
      put: (finding) => {
        if (this.order === null) throw new Error('an alert of no order');
        if (finding.op === 'close') {
          this.#over.push({ finding, order: this.order, judgedMs: atMs });
          this.#running = null;
        } else this.#running = { finding, order: this.order };
      },
    };
  }
}

function runningIn({ open }: SubjectState): Violation[] {
  return Object.values(open).flatMap(({ finding }) => {
    const { type, conditionId, startMs, endMs, eventMs, records } = finding;
    if (type !== 'curfew' || conditionId === null || endMs !== null) return [];
    return [{ conditionId, startMs, endMs: Infinity, raisedMs: eventMs, first: records[0] ?? null }];
  });
}

const endedBy = (violations: readonly Violation[], excuses: readonly Excuse[], atMs: number): number => {
  let sumMs = 0;
  for (const violation of violations) {
    if (violation.endMs === Infinity || violation.endMs > atMs) break;
    sumMs += countedMs(excuses, violation);
  }
  return sumMs;
};

/** Infinity: not after `atMs`, or beyond what has been judged. */
const laterThan = (atMs: number, ms: number | null, judgedMs: number | null): number =>
  ms !== null && ms > atMs && ms <= (judgedMs ?? -1) ? ms : Infinity;

const asFinding = ({ conditionId, startMs, raisedMs, first }: Violation): Finding => ({
  op: 'open',
  kind: 'violation',
  type: 'curfew',
  conditionId,
  deviceId: null,
  eventMs: raisedMs,
  startMs,
  endMs: null,
  endedBy: null,
  codes: [],
  confidence: null,
  marginM: null,
  mechanism: null,
  count: 1,
  cause: 'timer',
  records: first === null ? [] : [first],
});
