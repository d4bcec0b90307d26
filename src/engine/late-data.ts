/** Puts every record of a stream in its place in event time: in order where that is possible, else by running it again. */
import type { TickEntry, UploadEntry } from '../domain/entry.js';
import { deviceOfStream, GATEWAY_STREAM, orderOfStream, type StreamKey } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';
import { partOfDevice, WHOLE } from '../rules/part.js';
import { numbersAt, timeFault, timerMs } from '../rules/step.js';

import {
  type Applied,
  applyEntry,
  applyInputs,
  applyRecords,
  type SteppedEntry,
  together,
  unchanged,
} from './apply.js';
import { belongsBefore, identity, lowestSequences, type Placed, recordsOf } from './event-order.js';
import { pouringIn, WAITS_MS_MAX, waitsWith } from './late-arrivals.js';
import { HORIZON_MS, RecentRecords } from './recent-records.js';
import { fixesFor } from './remembered-fixes.js';
import { asked, type Editions, inOrder, type Origin, Reruns } from './reruns.js';

export class LateData {
  readonly records: RecentRecords;
  readonly #reruns: Reruns;

  constructor(log: RecentLog) {
    this.records = new RecentRecords(log);
    this.#reruns = new Reruns(this.records);
  }

  /** What arrived before this is gone from the log. */
  forget(beforeMs: number): void {
    this.records.forget(beforeMs);
  }

  /** The stream's order is erased. */
  erase(stream: StreamKey): void {
    this.records.erase(stream);
  }

  takeChanges(): RecentChange[] {
    return this.records.takeChanges();
  }

  /** `editions`: all of the order, ascending by time, as of this entry; none on a device's own stream. */
  apply(editions: Editions, before: SubjectState, position: number, entry: SteppedEntry): Applied {
    if (position <= before.position) return unchanged(before);
    const isOrder = orderOfStream(entry.stream) !== null;
    if (isOrder) this.records.arriving(entry.stream, before, entry.receivedMs);
    const remembering = this.#remembering(before, entry);
    const applied = this.#applied(editions, remembering, position, entry);
    if (isOrder) this.records.noted(entry.stream, applied.state, entry.receivedMs);
    return applied;
  }

  /** What waits is put in its place now. */
  flush(editions: Editions, before: SubjectState, position: number, origin: Origin): Applied {
    const waiting = before.late?.waiting ?? null;
    return waiting === null ? unchanged(before) : this.#reruns.waiting(editions, before, position, origin, waiting);
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
    this.records.arriving(origin.stream, before, origin.receivedMs);
    for (const upload of news) this.records.addPart(origin.stream, upload, position);
    // What waits is put in with it.
    const sinceMs = Math.min(fromMs, before.late?.waiting?.fromMs ?? Infinity);
    // What was of no concern may be of some now, and then no snapshot does without it.
    const concerned = this.records.uploads(origin.stream, sinceMs, position).map(({ entry }) => entry.receivedMs);
    this.records.coversLess(origin.stream, Math.min(origin.receivedMs, ...concerned));
    const applied = this.#reruns.revised(editions, before, position, origin, news, sinceMs);
    this.records.noted(origin.stream, applied.state, origin.receivedMs);
    return applied;
  }

  /** A tag's next fix is compared with its last, though the state was sealed since, and has forgotten where that was. */
  #remembering(before: SubjectState, entry: SteppedEntry): SubjectState {
    if (entry.kind !== 'upload' || before.equipment[entry.deviceId]?.forgottenFix === undefined) return before;
    const news = entry.records.map((record) => ({ deviceId: entry.deviceId, record }));
    return fixesFor(this.records, entry.stream, news)(before);
  }

  #applied(editions: Editions, before: SubjectState, position: number, entry: SteppedEntry): Applied {
    if (entry.kind === 'tick') return this.#tick(editions, before, position, entry);
    if (entry.kind !== 'upload') return applyEntry(editions, before, position, entry);
    if (orderOfStream(entry.stream) !== null) return this.#upload(editions, before, position, entry);
    // Nobody wears it, as far as is known: should an assignment be told that covers this, it is late data then.
    const kept = { ...entry, records: usable(editions, entry, entry.records) };
    if (kept.records.length > 0) this.records.addUpload(entry.stream, { position, entry: kept });
    else this.records.keep(entry.stream, { position, entry: { ...entry, records: [] } });
    // A foreign sighting leaves no trace of its tag (¶19): that its upload was acknowledged is kept with nobody's.
    if (deviceOfStream(entry.stream) !== entry.deviceId) {
      this.records.keep(GATEWAY_STREAM, { position, entry: { ...entry, stream: GATEWAY_STREAM, records: [] } });
    }
    return applyEntry(editions, before, position, entry);
  }

  #tick(editions: Editions, before: SubjectState, position: number, entry: TickEntry): Applied {
    const waiting = before.late?.waiting ?? null;
    if (entry.cause === 'late_data') {
      return waiting === null ? unchanged(before) : this.#reruns.waiting(editions, before, position, entry, waiting);
    }
    if (waiting === null) return applyEntry(editions, before, position, entry);
    // No timer passes a record that waits: what it would tell may be what the record disproves.
    const flushed = this.#reruns.waiting(editions, before, position, entry, waiting);
    const ticked = applyInputs(editions, flushed.state, position, entry, [
      { kind: 'tick', atMs: entry.atMs, cause: entry.cause },
    ]);
    return together(flushed, ticked);
  }

  #upload(editions: Editions, before: SubjectState, position: number, sent: UploadEntry): Applied {
    if (comesInOrder(editions, before, sent)) {
      this.records.addUpload(sent.stream, { position, entry: sent });
      return applyRecords(editions, before, position, sent);
    }
    const { entry, reorders } = this.#withoutRepeats(before, position, sent);
    if (entry.records.length === 0) {
      this.records.keep(entry.stream, { position, entry });
      return unchanged({ ...before, position });
    }
    const possible = usable(editions, entry, entry.records);
    const bad = entry.records.filter((record) => !possible.includes(record));
    const good = possible.filter(({ timeMs }) => timeMs >= (editions[0]?.effectiveMs ?? 0));
    const counted = bad.length === 0 ? null : applyEntry(editions, before, position, { ...entry, records: bad });
    const start = counted?.state ?? before;
    // Of before the order: nothing that a rule could use, unless it is said later that the order began earlier.
    const old = possible.filter((record) => !good.includes(record));
    if (possible.length > 0) this.records.addUpload(entry.stream, { position, entry: { ...entry, records: possible } });
    if (bad.length > 0) this.records.keep(entry.stream, { position, entry: { ...entry, records: bad } });
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
        ? this.#reruns.placed(editions, before, upload, placed, waiting)
        : inOrder(editions, before, position, entry, placed);
    }
    const fromMs = Math.min(...past.map(({ timeMs }) => timeMs));
    const toMs = Math.max(...past.map(({ timeMs }) => timeMs));
    if (!reorders && !surelyLate(before, entry, past)) {
      const applied = inOrder(editions, before, position, entry, placed);
      if (applied.late.length === 0 && !this.#overtakes(before, upload)) {
        // What came out of turn, and yet in order for what it concerns, is in no snapshot of its time or a later one.
        this.records.amend(stream, fromMs, entry.receivedMs, (state) => this.#seen(editions, state, upload, placed));
        return applied;
      }
    } else if (
      pouringIn(before, entry.receivedMs) &&
      !passesTimer(editions, before, fresh) &&
      this.#canWait(editions, upload, fromMs, toMs)
    ) {
      const waits = { ...before, late: waitsWith(before, entry.receivedMs, fromMs, toMs) };
      return inOrder(editions, waits, position, entry, fresh);
    }
    return this.#reruns.placed(editions, before, upload, placed, waiting);
  }

  /** A snapshot as it would be had it seen those of these that lie before it; null: it cannot be. */
  #seen(
    editions: Editions,
    snapshot: SubjectState,
    { position, entry }: LoggedUpload,
    placed: readonly Placed[],
  ): SubjectState | null {
    if (snapshot.position >= position) return snapshot;
    if (!asked(editions, position, entry).isKnown(snapshot.edition)) return null;
    const past = placed.filter(({ record }) => record.timeMs <= (snapshot.atMs ?? -1));
    const remembering = fixesFor(this.records, entry.stream, past)(snapshot);
    const applied = inOrder(editions, remembering, position, entry, past);
    return applied.late.length === 0 ? applied.state : null;
  }

  /** Also when it is put in at the latest, what it needs will not be forgotten. */
  #canWait(editions: Editions, { position, entry }: LoggedUpload, fromMs: number, toMs: number): boolean {
    const then = { ...asked(editions, position, entry), nowMs: entry.receivedMs + 2 * WAITS_MS_MAX };
    return this.records.around(entry.stream, then, { fromMs, toMs }) !== null;
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
    const times = new Set(old.map(({ timeMs }) => timeMs));
    const earlier = this.records
      .uploads(entry.stream, fromMs, position)
      .filter((upload) => upload.entry.records.some(({ timeMs }) => times.has(timeMs)));
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

/**
 * What nearly every upload is: all of it newer than what was judged, oldest first, of a time in which the order stands, and
 * nothing waits. Then it needs no place to be looked for (bench/ingest: a fifth of what such an upload cost the engine).
 */
function comesInOrder(editions: Editions, before: SubjectState, { receivedMs, records }: UploadEntry): boolean {
  if (before.late !== null && before.late.waiting !== null) return false;
  let passedMs = Math.max(before.atMs ?? -1, (editions[0]?.effectiveMs ?? 0) - 1);
  for (const { timeMs } of records) {
    if (timeMs <= passedMs || timeFault(timeMs, receivedMs, numbersAt(editions, timeMs)) !== null) return false;
    passedMs = timeMs;
  }
  return records.length > 0;
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

/**
 * A timer is due before the last of these, though nothing would be found by it as yet: the first of these may be what
 * it tells of, and what waits may disprove it.
 */
function passesTimer(editions: Editions, before: SubjectState, fresh: readonly Placed[]): boolean {
  if (fresh.length === 0) return false;
  const dueMs = timerMs(editions, before);
  return fresh.some(({ record }) => record.timeMs > dueMs);
}
