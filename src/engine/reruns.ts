/** Runs streams again with late records in their place, as far back as what stood around them is remembered. */
import type { Cause } from '../domain/alert.js';
import type { LateWaiting, SubjectState } from '../domain/subject-state.js';
import type { LoggedUpload } from '../ports/recent-log.js';
import type { OrderPolicy } from '../rules/compile.js';
import { rerun } from '../rules/rerun.js';
import { timerMs } from '../rules/step.js';
import { alertIdOf } from './alert-id.js';
import { type Applied, applyInputs, metaUnder, orderIn, type SteppedEntry, together, unchanged } from './apply.js';
import { inEventOrder, type Placed, recordsOf } from './event-order.js';
import { cameAt, clear } from './late-arrivals.js';
import { type Asked, hourOf, type RecentRecords } from './recent-records.js';
import { fixesFor } from './remembered-fixes.js';

export type Editions = readonly OrderPolicy[];
/** What led to it: alerts take their stream and `derived_ms` from here. */
export type Origin = Pick<SteppedEntry, 'stream' | 'receivedMs'>;

export class Reruns {
  readonly #records: RecentRecords;

  constructor(records: RecentRecords) {
    this.#records = records;
  }

  /**
   * The past is no more what it was from `sinceMs` on; `news` are records that the stream has from now on. What lies
   * further back than is remembered stays as it was told.
   */
  revised(
    editions: Editions,
    before: SubjectState,
    position: number,
    origin: Origin,
    news: readonly LoggedUpload[],
    sinceMs: number,
  ): Applied {
    const put = (fromMs: number): Applied | null => {
      const placed = news.flatMap(recordsOf).filter(({ record }) => record.timeMs >= fromMs);
      const waiting = { fromMs, toMs: Infinity, latestMs: 0, dueMs: 0 };
      return this.#putIn(editions, before, position, origin, placed, waiting, 'order_revised');
    };
    const whole = put(sinceMs);
    if (whole !== null) return whole;
    const settledMs = this.#records.settledMs(origin.stream, asked(editions, position, origin));
    const rest = settledMs === null ? null : put(settledMs + 1);
    // Nothing is there to begin at: what was judged stands, and what is said now holds from here on.
    return rest ?? inOrder(editions, underKnown(editions, before), position, origin, []);
  }

  /** What waits alone. Of what is forgotten by now it is said that it came too late. */
  waiting(editions: Editions, before: SubjectState, position: number, origin: Origin, waiting: LateWaiting): Applied {
    const { stream } = origin;
    const put = (fromMs: number): Applied | null =>
      this.#putIn(editions, before, position, origin, [], { ...waiting, fromMs });
    const whole = put(waiting.fromMs);
    if (whole !== null) return whole;
    const settledMs = this.#records.settledMs(stream, asked(editions, position, origin)) ?? Infinity;
    const lost = this.#records
      .uploads(stream, waiting.fromMs, position)
      .filter(({ entry }) => entry.receivedMs >= (before.late?.sinceMs ?? Infinity))
      .flatMap(recordsOf)
      .filter(({ record }) => record.timeMs >= waiting.fromMs && record.timeMs <= Math.min(waiting.toMs, settledMs));
    const counted = this.#tooLate(editions, { ...before, late: clear(before) }, position, origin, lost);
    if (settledMs >= waiting.toMs) return counted;
    const rest = this.#putIn(editions, counted.state, position, origin, [], { ...waiting, fromMs: settledMs + 1 });
    return rest === null ? counted : together(counted, rest);
  }

  /** Records and what waits. What cannot be put in its place, for what stood around it is forgotten, is counted and kept. */
  placed(
    editions: Editions,
    before: SubjectState,
    { position, entry }: LoggedUpload,
    placed: readonly Placed[],
    waiting: LateWaiting | null,
  ): Applied {
    const whole = this.#putIn(editions, before, position, entry, placed, waiting);
    if (whole !== null) return whole;
    // What waits first: it may be what is too late.
    const flushed = waiting === null ? unchanged(before) : this.waiting(editions, before, position, entry, waiting);
    const atMs = flushed.state.atMs ?? -1;
    const settledMs = this.#records.settledMs(entry.stream, asked(editions, position, entry)) ?? Infinity;
    const isLost = ({ record }: Placed): boolean => record.timeMs <= Math.min(settledMs, atMs);
    const counted = this.#tooLate(editions, flushed.state, position, entry, placed.filter(isLost));
    const done = together(flushed, counted);
    const rest = placed.filter((one) => !isLost(one));
    const past = rest.filter(({ record }) => record.timeMs <= atMs);
    if (past.length === 0) return together(done, inOrder(editions, done.state, position, entry, rest));
    const put = this.#putIn(editions, done.state, position, entry, rest, null);
    if (put !== null) return together(done, put);
    // An upload in between cannot be opened any more.
    const more = together(done, this.#tooLate(editions, done.state, position, entry, past));
    const fresh = rest.filter((one) => !past.includes(one));
    return together(more, inOrder(editions, more.state, position, entry, fresh));
  }

  #tooLate(
    editions: Editions,
    before: SubjectState,
    position: number,
    origin: Origin,
    lost: readonly Placed[],
  ): Applied {
    const atMs = origin.receivedMs;
    const type = 'integrity.beyond_horizon' as const;
    const inputs = lost.map(({ deviceId }) => ({ kind: 'integrity', atMs, deviceId, type }) as const);
    const applied = applyInputs(editions, before, position, origin, inputs);
    return { ...applied, late: lost.map(({ record }) => record) };
  }

  /**
   * Runs the stream again with `news` and with what waits in their place, then goes on with what is newer than all. Null:
   * what would have to be run again is forgotten, in part; nothing is done.
   */
  #putIn(
    editions: Editions,
    before: SubjectState,
    position: number,
    origin: Origin,
    news: readonly Placed[],
    waiting: LateWaiting | null,
    cause: Cause = 'late_data',
  ): Applied | null {
    const { stream } = origin;
    const nowMs = before.atMs ?? -1;
    const past = news.filter(({ record }) => record.timeMs <= nowMs);
    const times = past.map(({ record }) => record.timeMs);
    const span = {
      fromMs: Math.min(...times, waiting?.fromMs ?? Infinity),
      toMs: Math.max(...times, waiting?.toMs ?? -Infinity),
    };
    const found = this.#records.around(stream, asked(editions, position, origin), span);
    if (found === null) return null;
    const { base, after } = found;
    const baseMs = base.state.atMs ?? -1;
    const logged = this.#records.uploads(stream, Math.max(baseMs, 0), position).flatMap(recordsOf);
    if (this.#records.isBroken(stream, baseMs)) return null;
    // What was of no concern let no time pass; under what is said now it may be of some.
    const fresh = [...logged, ...news].filter(({ record }) => record.timeMs > nowMs);
    const records = [...logged, ...past].filter(
      ({ record: { timeMs }, position: at }) =>
        timeMs <= nowMs && (timeMs > baseMs || (timeMs === baseMs && at > base.state.position)),
    );
    const inForce = orderIn(editions, before);
    const withFixes = fixesFor(this.#records, stream, [...records, ...fresh]);
    const again = rerun({
      editions,
      base: { ...base, state: withFixes(base.state) },
      records: inEventOrder(records),
      ...span,
      snapshots: after.map((one) => ({ ...one, state: withFixes(one.state) })),
      coversMs: Math.min(origin.receivedMs, ...fresh.map(({ receivedMs }) => receivedMs)),
      before,
      // What is newer than all of this comes after it, and no timer before that.
      passedMs:
        Math.min(origin.receivedMs, nextTimerMs(editions, before, cause), ...fresh.map(({ record }) => record.timeMs)) -
        1,
      cause,
      metaOf: (order) => metaUnder(order ?? inForce, origin),
      newAlertId: (finding) => alertIdOf(stream, position, finding),
    });
    this.#records.drop(stream, span.fromMs, again.rejoined?.atMs ?? Infinity);
    const late = cause === 'late_data' ? cameAt(before, origin.receivedMs, null) : clear(before);
    const state: SubjectState = { ...again.state, late, position };
    // What was dropped covered more than the base was known to; that is the base's now.
    if (hourOf(again.baseCoversMs) > hourOf(base.coversMs)) {
      this.#records.addSnapshots(stream, [{ ...base, coversMs: again.baseCoversMs }], origin.receivedMs);
    }
    const snapshots = again.snapshots.map((kept) => ({ ...kept, state: { ...kept.state, position } }));
    this.#records.addSnapshots(stream, snapshots, origin.receivedMs);
    // Whatever is due is due anew.
    const applied = applyInputs(editions, state, position, origin, [{ kind: 'revised' }]);
    const rerunRecords = past.length;
    const put = { ...applied, versions: [...again.versions, ...applied.versions], rerunRecords, steps: again.steps };
    if (again.rejoined === null && applied.state.atMs !== null) {
      const coversMs = Math.min(origin.receivedMs, ...fresh.map(({ receivedMs }) => receivedMs));
      this.#records.addSnapshots(stream, [{ state: applied.state, coversMs }], origin.receivedMs);
    }
    return fresh.length === 0 ? put : together(put, inOrder(editions, put.state, position, origin, fresh));
  }
}

/**
 * The next timer of a stream, though nothing may be found by it as yet: while ticks wait on purpose, so that a backlog
 * speaks first, late data must not let time pass that no tick has. Under editions that were said just now the timers are
 * others: what it was to be looked at for is all that is known then.
 */
function nextTimerMs(editions: Editions, before: SubjectState, cause: Cause): number {
  const isKnown = cause === 'late_data' && editions.some(({ edition }) => edition === before.edition);
  return isKnown ? timerMs(editions, before) : (before.dueMs ?? Infinity);
}

/**
 * An edition that never came into force, as is said now, is none that a state can be gone on from; where the past cannot be
 * run again without it, those that hold take over anew.
 */
const underKnown = (editions: Editions, state: SubjectState): SubjectState =>
  editions.some(({ edition }) => edition === state.edition) ? state : { ...state, edition: '' };

/** Where a re-run for what arrives now may begin. */
export const asked = (editions: Editions, position: number, { receivedMs }: Pick<Origin, 'receivedMs'>): Asked => {
  const known = new Set(['', ...editions.map(({ edition }) => edition)]);
  return { position, nowMs: receivedMs, isKnown: (edition) => known.has(edition) };
};

/** Takes records in as they come. */
export function inOrder(
  editions: Editions,
  before: SubjectState,
  position: number,
  origin: Origin,
  records: readonly Placed[],
): Applied {
  const inputs = inEventOrder(records).map((record) => ({ kind: 'record', ...record }) as const);
  // Without any the due times are looked at anew.
  return applyInputs(editions, before, position, origin, inputs.length === 0 ? [{ kind: 'revised' }] : inputs);
}
