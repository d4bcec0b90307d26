/**
 * Late data: a stream is run again from a snapshot, its records in event order through the same `step`, until what it
 * has come to is what the stream had come to at that time anyway: from there on nothing can change. What came out is
 * then compared with what was told (`rules/reconcile`).
 */
import type { AlertVersion, Cause, Finding } from '../domain/alert.js';
import type { AlertId, DeviceId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { DeviceRecord } from '../domain/record.js';
import type { OpenAlert, Snapshot, SubjectState } from '../domain/subject-state.js';
import type { AlertMeta } from './alerts.js';
import { withExcuses } from './atv-history.js';
import type { OrderPolicy } from './compile.js';
import { findingName } from './machine.js';
import { type Episode, reconcile } from './reconcile.js';
import { sameJudgement, seenByGateway } from './same-judgement.js';
import { type Stepped, step } from './step.js';

export interface RerunRecord {
  readonly deviceId: DeviceId;
  readonly receivedMs: number;
  readonly record: DeviceRecord;
}

export interface RerunInput {
  readonly editions: readonly OrderPolicy[];
  /** Where it begins: a state that has judged nothing at or after `fromMs`. */
  readonly base: Snapshot;
  /** Every record that it has not judged, each once, in event order, none of them later than `before`. */
  readonly records: readonly RerunRecord[];
  /** Event times of the earliest and the latest that is new. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Snapshots of the stream from `toMs` on, oldest first: all of them would go on in the same way as `before` did. */
  readonly snapshots: readonly Snapshot[];
  /** Of records that come after all of these, none arrived before this. */
  readonly coversMs: number;
  /** What was told so far, and how far time had come. */
  readonly before: SubjectState;
  /** Up to here time has passed for certain: none of the timers of `before` was due beyond those that have fired. */
  readonly passedMs: number;
  readonly cause: Cause;
  readonly metaOf: (order: Order | null) => AlertMeta;
  readonly newAlertId: (finding: Finding) => AlertId;
}

export interface Rerun {
  /** The state that the stream would have had, with the identities of what was told. */
  readonly state: SubjectState;
  /** What makes it so. */
  readonly versions: readonly AlertVersion[];
  /** States on the way, to begin the next re-run at; none stands at the event time of another. */
  readonly snapshots: readonly Snapshot[];
  /** What the base is known to cover by now. */
  readonly baseCoversMs: number;
  /** The snapshot from which on all is as it was; null: the re-run went through to the end. */
  readonly rejoined: SubjectState | null;
  /** Records that were stepped. */
  readonly steps: number;
}

/** How far apart in event time the states on the way lie: what the next late record makes to be done again. */
export const SNAPSHOT_EVERY_MS = 30 * 60_000;
const hourOf = (ms: number): number => Math.floor(ms / 3_600_000);
/** A device that empties its backlog newest first comes again with what lies just before: by then most has settled. */
const SETTLES_AFTER_RECORDS = 4;

export function rerun(asked: RerunInput): Rerun {
  const input = excusedAlike(asked);
  const again = new Again(input);
  const rejoined = again.run();
  const { book, versions, nameOf } = reconcile({
    base: input.base.state,
    rejoined,
    before: input.before,
    episodes: again.episodes(rejoined === null),
    fromMs: input.fromMs,
    cause: input.cause,
    metaOf: input.metaOf,
    newAlertId: input.newAlertId,
  });
  // What runs where it rejoins runs there as it was told.
  for (const [name, { alertId }] of Object.entries(again.state.open)) {
    const told = rejoined?.open[name];
    if (told !== undefined) nameOf.set(alertId, told);
  }
  const state = rejoined === null ? again.state : input.before;
  return {
    state: { ...state, ...book },
    versions,
    snapshots: again.snapshots.map((kept) => ({ ...kept, state: withNames(kept.state, nameOf) })),
    baseCoversMs: again.baseCoversMs,
    rejoined,
    steps: again.steps,
  };
}

function withNames(state: SubjectState, nameOf: ReadonlyMap<AlertId, OpenAlert>): SubjectState {
  const open = Object.entries(state.open).map(([name, alert]) => [
    name,
    { ...alert, ...nameOf.get(alert.alertId), finding: alert.finding },
  ]);
  return { ...state, open: Object.fromEntries(open) };
}

/** What people have excused since a snapshot was taken counts in it no more, and in none of those that it is compared with. */
function excusedAlike(input: RerunInput): RerunInput {
  const { editions, base, snapshots, before } = input;
  const alike = (one: Snapshot): Snapshot => ({ ...one, state: withExcuses(editions, one.state, before.excuses) });
  return { ...input, base: alike(base), snapshots: snapshots.map(alike) };
}

/** The run itself. Alerts that begin in it have names of its own, until it is known which of those told they are. */
class Again {
  state: SubjectState;
  readonly snapshots: Snapshot[] = [];
  steps = 0;
  baseCoversMs: number;
  readonly #input: RerunInput;
  /** For each record, the earliest arrival of it and of those behind it. */
  readonly #arrivals: readonly number[];
  readonly #closed: Episode[] = [];
  readonly #orders = new Map<AlertId, Order | null>();
  #unnamed = 0;
  #newTaken = 0;

  constructor(input: RerunInput) {
    this.#input = input;
    this.state = { ...input.base.state, late: null };
    let earliestMs = input.coversMs;
    this.#arrivals = input.records
      .map(({ receivedMs }) => receivedMs)
      .reverse()
      .map((ms) => (earliestMs = Math.min(earliestMs, ms)))
      .reverse();
    this.baseCoversMs = Math.max(input.base.coversMs, earliestMs);
  }

  /** The snapshot at which it came to what had been so anyway; null: it went to the end. */
  run(): SubjectState | null {
    const { records, before, editions } = this.#input;
    const ahead = [...this.#input.snapshots];
    for (const [i, record] of records.entries()) {
      const { timeMs } = record.record;
      // Before timers are tried: what comes late may lie before them.
      this.#keepSnapshot(timeMs, this.#arrivals[i] ?? this.#input.coversMs);
      const rejoined = this.#rejoins(ahead, timeMs);
      if (rejoined !== null) return rejoined;
      this.#take(step(editions, this.state, { kind: 'record', ...record }));
      this.steps += 1;
      if (timeMs >= this.#input.fromMs) this.#newTaken += 1;
    }
    this.#keepSnapshot(Infinity, this.#input.coversMs);
    const rejoined = this.#rejoins(ahead, Infinity);
    if (rejoined !== null) return rejoined;
    // Time had come further than the last record: what has fallen due since then has fallen due.
    if (before.firedMs !== null) this.#tickTo(before.firedMs);
    // And up to now nothing had been due; what is so in this run has fallen due, and is the same alert if it was told.
    for (let { dueMs } = this.state; dueMs !== null && dueMs <= this.#input.passedMs; dueMs = this.state.dueMs) {
      this.#tickTo(dueMs);
    }
    return null;
  }

  /** What was found: over, and where the run went to the end, running. */
  episodes(toTheEnd: boolean): Episode[] {
    const running = Object.entries(this.state.open).map(([name, { alertId, finding }]) =>
      this.#episode(name, alertId, finding, this.#orders.get(alertId) ?? null, null),
    );
    const all = toTheEnd ? [...this.#closed, ...running] : this.#closed;
    return all.filter(({ finding }) => !seenByGateway(finding.type));
  }

  #episode(name: string, runId: AlertId, finding: Finding, order: Order | null, judgedMs: number | null): Episode {
    return { name, runId, finding, order, judgedMs };
  }

  /** Tries the snapshots whose time has passed: every record up to it is taken, and the next is at `nextMs`. */
  #rejoins(ahead: Snapshot[], nextMs: number): SubjectState | null {
    for (let next = ahead[0]; next !== undefined && (next.state.atMs ?? 0) < nextMs; next = ahead[0]) {
      ahead.shift();
      const snapshot = next.state;
      const firedMs = snapshot.firedMs ?? -1;
      // Some of its timers lie beyond a record that it has not seen: of no use to compare.
      if (firedMs >= nextMs) continue;
      if (firedMs > (this.state.firedMs ?? -1)) this.#tickTo(firedMs);
      if (!sameJudgement(this.state, snapshot)) continue;
      this.#coversAsMuchAs(next);
      // What ended at its very moment may be other than was told.
      if (snapshot.settled.length + this.state.settled.length > 0)
        this.snapshots.push({ ...next, state: { ...snapshot, settled: this.state.settled } });
      return snapshot;
    }
    return null;
  }

  /**
   * It has come to a snapshot that was there: what that covers beyond its own time is covered, and so the states on the way
   * and the base lack no more than what was taken since.
   */
  #coversAsMuchAs({ state: { atMs }, coversMs }: Snapshot): void {
    const taken = this.#input.records.filter(({ record }) => record.timeMs <= (atMs ?? -1));
    let since = coversMs;
    const coverSince = (fromMs: number): number => {
      while ((taken.at(-1)?.record.timeMs ?? -1) > fromMs) since = Math.min(since, taken.pop()?.receivedMs ?? since);
      return since;
    };
    for (let i = this.snapshots.length - 1; i >= 0; i -= 1) {
      const kept = this.snapshots[i] as Snapshot;
      this.snapshots[i] = { ...kept, coversMs: Math.max(kept.coversMs, coverSince(kept.state.atMs ?? -1)) };
    }
    this.baseCoversMs = Math.max(this.baseCoversMs, coverSince(-1));
  }

  #tickTo(atMs: number): void {
    this.#take(step(this.#input.editions, this.state, { kind: 'tick', atMs, cause: 'timer' }));
  }

  /**
   * Between two moments: just before what is new, when it has had time to settle, and now and then; and the first that
   * does without all that arrived up to some full hour, for that is forgotten by the hour.
   */
  #keepSnapshot(nextMs: number, coversMs: number): void {
    const { base, fromMs, before } = this.#input;
    const { atMs } = this.state;
    const last = this.snapshots.at(-1) ?? null;
    const knownMs = last?.coversMs ?? this.baseCoversMs;
    if (nextMs === atMs) return;
    if (atMs === (last ?? base).state.atMs) {
      // What has come since let no time pass: it is of no concern, and the state does without it.
      if (last === null) this.baseCoversMs = Math.max(knownMs, coversMs);
      else this.snapshots.splice(-1, 1, { ...last, coversMs: Math.max(knownMs, coversMs) });
      return;
    }
    if (atMs === null) return;
    const justBefore = atMs < fromMs && nextMs >= fromMs;
    const settles = this.#newTaken === SETTLES_AFTER_RECORDS;
    const apart = atMs - ((last ?? base).state.atMs ?? 0) >= SNAPSHOT_EVERY_MS && atMs < (before.atMs ?? 0);
    const forgets = hourOf(coversMs) > hourOf(knownMs);
    if (justBefore || settles || apart || forgets) this.snapshots.push({ state: this.state, coversMs });
  }

  #take({ state, findings, orders, moments }: Stepped): void {
    const book: Record<string, OpenAlert> = { ...state.open };
    const settled = state.settled.filter(({ judgedMs }) => judgedMs === state.atMs);
    for (const [i, finding] of findings.entries()) {
      const name = findingName(finding.type, finding.conditionId, finding.deviceId);
      const running = book[name];
      if (running === undefined) {
        const alertId = `rerun-${this.#unnamed++}` as AlertId;
        book[name] = { alertId, version: 0, finding };
        this.#orders.set(alertId, orders[i] ?? null);
      } else if (finding.op === 'close') {
        const judgedMs = moments[i] ?? finding.eventMs;
        this.#closed.push(this.#episode(name, running.alertId, finding, orders[i] ?? null, judgedMs));
        if (judgedMs === state.atMs) settled.push({ ...running, finding, judgedMs, withdrawn: false });
        delete book[name];
      } else if (finding.op === 'withdraw') {
        const judgedMs = moments[i] ?? finding.eventMs;
        if (judgedMs === state.atMs) settled.push({ ...running, finding, judgedMs, withdrawn: true });
        delete book[name];
      } else {
        book[name] = { ...running, finding };
        this.#orders.set(running.alertId, orders[i] ?? null);
      }
    }
    this.state = { ...state, open: book, settled };
  }
}
