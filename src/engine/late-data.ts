/** Puts every record of a stream in its place in event time: in order where that is possible, else by running it again. */
import type { Cause } from '../domain/alert.js';
import type { TickEntry, UploadEntry } from '../domain/entry.js';
import { orderOfStream } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import type { LateWaiting, SubjectState } from '../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';
import type { OrderPolicy } from '../rules/compile.js';
import { partOfDevice, WHOLE } from '../rules/draft.js';
import { rerun } from '../rules/rerun.js';
import { numbersAt, step, timeFault } from '../rules/step.js';
import { alertIdOf } from './alert-id.js';
import { type Applied, applyEntry, applyInputs, metaUnder, orderIn, type SteppedEntry, unchanged } from './apply.js';
import { belongsBefore, identity, inEventOrder, lowestSequences, type Placed, recordsOf } from './event-order.js';
import { cameAt, clear, pouringIn, waitsWith } from './late-arrivals.js';
import { HORIZON_MS, REACH_MS, RecentRecords } from './recent-records.js';

type Editions = readonly OrderPolicy[];
/** What led to it: alerts take their stream and `derived_ms` from here. */
type Origin = Pick<SteppedEntry, 'stream' | 'receivedMs'>;

export class LateData {
  readonly records: RecentRecords;

  constructor(log: RecentLog) {
    this.records = new RecentRecords(log);
  }

  takeChanges(): RecentChange[] {
    return this.records.takeChanges();
  }

  /** `editions`: all of the order, ascending by time, as of this entry; none on a device's own stream. */
  apply(editions: Editions, before: SubjectState, position: number, entry: SteppedEntry): Applied {
    if (position <= before.position) return unchanged(before);
    const applied = this.#applied(editions, before, position, entry);
    if (orderOfStream(entry.stream) !== null) this.records.noted(entry.stream, applied.state);
    return applied;
  }

  /** What waits is put in its place now. */
  flush(editions: Editions, before: SubjectState, position: number, origin: Origin): Applied {
    const waiting = before.late?.waiting ?? null;
    return waiting === null ? unchanged(before) : this.#putIn(editions, before, position, origin, [], waiting);
  }

  /**
   * The past is no more what it was: an edition has taken over in it, or somebody else wore a device. `news` are records
   * that the stream has from now on; `fromMs` is the earliest moment that changes.
   */
  revise(
    editions: Editions,
    before: SubjectState,
    position: number,
    origin: Origin,
    { news, fromMs }: { readonly news: readonly LoggedUpload[]; readonly fromMs: number },
  ): Applied {
    if (position <= before.position) return unchanged(before);
    for (const upload of news) this.records.addPart(origin.stream, upload);
    const placed = news.flatMap(recordsOf);
    // What waits is put in with it.
    const sinceMs = Math.min(fromMs, before.late?.waiting?.fromMs ?? Infinity);
    const waiting = { fromMs: sinceMs, toMs: Infinity, latestMs: 0, dueMs: 0 };
    const applied = this.#putIn(editions, before, position, origin, placed, waiting, 'order_revised');
    this.records.noted(origin.stream, applied.state);
    return applied;
  }

  #applied(editions: Editions, before: SubjectState, position: number, entry: SteppedEntry): Applied {
    if (entry.kind === 'tick') return this.#tick(editions, before, position, entry);
    if (entry.kind !== 'upload') return applyEntry(editions, before, position, entry);
    if (orderOfStream(entry.stream) !== null) return this.#upload(editions, before, position, entry);
    // Nobody wears it, as far as is known: should an assignment be told that covers this, it is late data then.
    const kept = { ...entry, records: usable(editions, entry, entry.records) };
    if (kept.records.length > 0) this.records.addUpload(entry.stream, { position, entry: kept });
    return applyEntry(editions, before, position, entry);
  }

  #tick(editions: Editions, before: SubjectState, position: number, entry: TickEntry): Applied {
    const waiting = before.late?.waiting ?? null;
    if (waiting === null) return applyEntry(editions, before, position, entry);
    // No timer passes a record that waits: what it would tell may be what the record disproves.
    const flushed = this.#putIn(editions, before, position, entry, [], waiting);
    const ticked = applyInputs(editions, flushed.state, position, entry, [
      { kind: 'tick', atMs: entry.atMs, cause: entry.cause },
    ]);
    return together(flushed, ticked);
  }

  #upload(editions: Editions, before: SubjectState, position: number, sent: UploadEntry): Applied {
    const { entry, reorders } = this.#withoutRepeats(before, position, sent);
    if (entry.records.length === 0) return unchanged({ ...before, position });
    const possible = usable(editions, entry, entry.records);
    const bad = entry.records.filter((record) => !possible.includes(record));
    const good = possible.filter(({ timeMs }) => timeMs >= (editions[0]?.effectiveMs ?? 0));
    const counted = bad.length === 0 ? null : applyEntry(editions, before, position, { ...entry, records: bad });
    const start = counted?.state ?? before;
    // Of before the order: nothing that a rule could use, unless it is said later that the order began earlier.
    const old = possible.filter((record) => !good.includes(record));
    if (possible.length > 0) this.records.addUpload(entry.stream, { position, entry: { ...entry, records: possible } });
    if (good.length === 0) return { ...(counted ?? unchanged({ ...start, position })), late: old };
    const applied = this.#place(editions, start, { position, entry: { ...entry, records: good } }, reorders);
    return { ...(counted === null ? applied : together(counted, applied)), late: old };
  }

  /** In order if it can be; later if it is of a backlog that still pours in; else at once. */
  #place(editions: Editions, before: SubjectState, upload: LoggedUpload, reorders: boolean): Applied {
    const { position, entry } = upload;
    const { stream, records } = entry;
    const placed = recordsOf(upload);
    const past = records.filter(({ timeMs }) => timeMs <= (before.atMs ?? -1));
    const fresh = placed.filter(({ record }) => !past.includes(record));
    const waiting = before.late?.waiting ?? null;
    if (past.length === 0) {
      // No timer passes a record that waits, whatever lets it pass.
      return waiting !== null && passesTimer(editions, before, fresh)
        ? this.#putIn(editions, before, position, entry, placed, waiting)
        : this.#inOrder(editions, before, position, entry, placed);
    }
    const fromMs = Math.min(...past.map(({ timeMs }) => timeMs));
    const toMs = Math.max(...past.map(({ timeMs }) => timeMs));
    if (!reorders && !surelyLate(before, entry, past)) {
      const applied = this.#inOrder(editions, before, position, entry, placed);
      if (applied.late.length === 0 && !this.#overtakes(before, upload)) {
        // What came out of turn, and yet in order for what it concerns, is in no snapshot of its time or a later one.
        this.records.drop(stream, fromMs, Infinity);
        return applied;
      }
    } else if (pouringIn(before, entry.receivedMs) && !passesTimer(editions, before, fresh)) {
      const waits = { ...before, late: waitsWith(before, entry.receivedMs, fromMs, toMs) };
      return this.#inOrder(editions, waits, position, entry, fresh);
    }
    return this.#putIn(editions, before, position, entry, placed, waiting);
  }

  #inOrder(
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

  /** Runs the stream again with `news` and with what waits in their place, then goes on with what is newer than all. */
  #putIn(
    editions: Editions,
    before: SubjectState,
    position: number,
    origin: Origin,
    news: readonly Placed[],
    waiting: LateWaiting | null,
    cause: Cause = 'late_data',
  ): Applied {
    const { stream } = origin;
    const nowMs = before.atMs ?? -1;
    const past = news.filter(({ record }) => record.timeMs <= nowMs);
    const times = past.map(({ record }) => record.timeMs);
    const span = {
      // Further back nothing may be kept: what was told there is left as it is.
      fromMs: Math.max(Math.min(...times, waiting?.fromMs ?? Infinity), nowMs - REACH_MS + 1),
      toMs: Math.max(...times, waiting?.toMs ?? -Infinity),
    };
    const known = new Set(['', ...editions.map(({ edition }) => edition)]);
    const { base, after } = this.records.around(stream, position, span, (edition) => known.has(edition));
    const baseMs = base.atMs ?? -1;
    const logged = this.records.uploads(stream, Math.max(baseMs, 0), position).flatMap(recordsOf);
    // What was of no concern let no time pass; under what is said now it may be of some.
    const fresh = [...logged, ...news].filter(({ record }) => record.timeMs > nowMs);
    const records = [...logged, ...past].filter(
      (one) => one.record.timeMs <= nowMs && (one.record.timeMs > baseMs || one.position > base.position),
    );
    const inForce = orderIn(editions, before);
    const again = rerun({
      editions,
      base,
      records: inEventOrder(records),
      ...span,
      snapshots: after,
      before,
      // What is newer than all of this comes after it, and no timer before that.
      passedMs: Math.min(origin.receivedMs, before.dueMs ?? Infinity, ...fresh.map(({ record }) => record.timeMs)) - 1,
      counted: before,
      cause,
      metaOf: (order) => metaUnder(order ?? inForce, origin),
      newAlertId: (finding) => alertIdOf(stream, position, finding),
    });
    this.records.drop(stream, span.fromMs, again.rejoined?.atMs ?? Infinity);
    const late = cause === 'late_data' ? cameAt(before, origin.receivedMs, null) : clear(before);
    const state: SubjectState = { ...again.state, late, position };
    this.records.addSnapshots(
      stream,
      again.snapshots.map((snapshot) => ({ ...snapshot, position })),
    );
    // Whatever is due is due anew.
    const applied = applyInputs(editions, state, position, origin, [{ kind: 'revised' }]);
    const rerunRecords = past.length;
    const put = { ...applied, versions: [...again.versions, ...applied.versions], rerunRecords, steps: again.steps };
    if (again.rejoined === null) this.records.addSnapshots(stream, applied.state.atMs === null ? [] : [applied.state]);
    return fresh.length === 0 ? put : together(put, this.#inOrder(editions, put.state, position, origin, fresh));
  }

  /**
   * The same record again, whatever its sequence and arrival, changes nothing (§7). But what was sent first may come last:
   * a lower sequence than is known puts it in another place among those of its moment (`reorders`).
   */
  #withoutRepeats(
    before: SubjectState,
    position: number,
    entry: UploadEntry,
  ): { readonly entry: UploadEntry; readonly reorders: boolean } {
    const atMs = before.atMs ?? Number.NEGATIVE_INFINITY;
    // Beyond the horizon nothing is looked up: the log may have forgotten it, or not yet.
    const horizonMs = entry.receivedMs - HORIZON_MS;
    const old = entry.records.filter(({ timeMs }) => timeMs <= atMs && timeMs >= horizonMs);
    if (old.length === 0) return { entry, reorders: false };
    const fromMs = Math.min(...old.map(({ timeMs }) => timeMs));
    const earlier = this.records.uploads(entry.stream, fromMs, position);
    const seen = lowestSequences(earlier.flatMap(recordsOf));
    const seenAs = (record: DeviceRecord): bigint | null =>
      (record.timeMs < horizonMs ? null : seen.get(identity({ deviceId: entry.deviceId, record }))) ?? null;
    const records = entry.records.filter((record) => (seenAs(record) ?? entry.sequence + 1n) > entry.sequence);
    const reorders = records.some((record) => seenAs(record) !== null);
    return { entry: records.length === entry.records.length ? entry : { ...entry, records }, reorders };
  }

  /** Whether a record of one moment was taken that belongs behind one of these (§1: by device, then sequence). */
  #overtakes(before: SubjectState, upload: LoggedUpload): boolean {
    const { stream, records } = upload.entry;
    if (records.every(({ timeMs }) => timeMs > (before.atMs ?? -1))) return false;
    const fromMs = Math.min(...records.map(({ timeMs }) => timeMs));
    const taken = this.records.uploads(stream, fromMs, upload.position).flatMap(recordsOf);
    return recordsOf(upload).some((own) =>
      taken.some((other) => other.record.timeMs === own.record.timeMs && belongsBefore(own, other)),
    );
  }
}

/** Too far from its arrival a record is used by no rule (§1); it is counted, and not kept here. */
function usable(editions: Editions, { receivedMs }: UploadEntry, records: readonly DeviceRecord[]): DeviceRecord[] {
  return records.filter(({ timeMs }) => timeFault(timeMs, receivedMs, numbersAt(editions, timeMs)) === null);
}

/** Its device has said something later already, which that device's own rules have judged. */
function surelyLate(before: SubjectState, { deviceId }: UploadEntry, past: readonly DeviceRecord[]): boolean {
  const opensMs = Math.max(before.opens[partOfDevice(deviceId)] ?? 0, before.opens[WHOLE] ?? 0);
  return past.some(({ timeMs }) => timeMs < opensMs);
}

/** A timer is due before the last of these. */
function passesTimer(editions: Editions, before: SubjectState, fresh: readonly Placed[]): boolean {
  if (fresh.length === 0) return false;
  const { dueMs } = step(editions, { ...before, late: null }, { kind: 'revised' }).state;
  return dueMs !== null && fresh.some(({ record }) => record.timeMs > dueMs);
}

const together = (first: Applied, second: Applied): Applied => ({
  state: second.state,
  versions: [...first.versions, ...second.versions],
  late: [...first.late, ...second.late],
  rerunRecords: first.rerunRecords + second.rerunRecords,
  steps: first.steps + second.steps,
});
