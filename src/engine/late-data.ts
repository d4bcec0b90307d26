/** Puts late records in their place: keeps what re-runs need of each stream, and runs a stream again when one comes. */
import type { UploadEntry } from '../domain/entry.js';
import { orderOfStream, type StreamKey } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { DeviceRecord } from '../domain/record.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';
import { SETTLED_MARGIN_MS } from '../rules/alerts.js';
import type { OrderPolicy } from '../rules/compile.js';
import { WHOLE } from '../rules/draft.js';
import { type RerunRecord, rerun } from '../rules/rerun.js';
import { alertIdOf } from './alert-id.js';
import { type Applied, applyEntry, metaOf } from './apply.js';

/** How far apart snapshots lie: what a record that is seconds late makes to be done again. */
const SNAPSHOT_EVERY_MS = 30 * 60_000;
const EXPIRE_EVERY_MS = 6 * 3_600_000;

type Pending = { -readonly [K in keyof RecentChange]: RecentChange[K] };

export class LateData {
  readonly #log: RecentLog;
  /** What the batch under way adds; the log has it when the batch commits. */
  #pending = new Map<StreamKey, Pending>();
  /** Event time of each stream's newest snapshot. */
  readonly #snapshotMs = new Map<StreamKey, number>();

  constructor(log: RecentLog) {
    this.#log = log;
  }

  /** What is to be committed before the batch's outcomes are, so that none rests on a record that could be lost. */
  takeChanges(): RecentChange[] {
    const changes = [...this.#pending.values()];
    this.#pending = new Map();
    return changes.filter(
      ({ uploads, snapshots, dropped, expired }) =>
        uploads.length + snapshots.length + dropped.length > 0 || expired !== null,
    );
  }

  /** Applies an upload: in order where that is possible, otherwise by running the stream again. */
  apply(editions: readonly OrderPolicy[], before: SubjectState, position: number, sent: UploadEntry): Applied {
    if (orderOfStream(sent.stream) === null || position <= before.position) {
      return applyEntry(editions, before, position, sent);
    }
    const entry = this.#withoutRepeats(before, position, sent);
    if (entry.records.length === 0) {
      return { state: { ...before, position }, versions: [], late: [], rerunRecords: 0 };
    }
    const applied = applyEntry(editions, before, position, entry);
    this.#change(entry.stream).uploads = [...this.#change(entry.stream).uploads, { position, entry }];
    const { stream } = entry;
    const outOfTurn = applied.late.length > 0 ? applied.late : this.#overtaken(before, position, entry);
    if (outOfTurn.length === 0) {
      this.#keepSnapshotsUpTo(stream, Math.min(...entry.records.map(({ timeMs }) => timeMs)));
      return applied;
    }
    const fromMs = Math.min(...outOfTurn.map(({ timeMs }) => timeMs));
    const base = this.#base(stream, before, position, fromMs);
    if (base === null) return applied;

    const since = this.#uploads(stream, base.atMs ?? 0, position).filter((upload) => upload.position > base.position);
    const again = rerun({
      editions,
      base,
      records: inEventOrder([...since, { position, entry }]),
      fromMs,
      before,
      counted: applied.state,
      meta: metaOf(editions, before, entry),
      newAlertId: (finding) => alertIdOf(stream, position, finding),
    });
    const state = { ...again.state, position };
    this.#addSnapshot(state, stream);
    const counts = applied.versions.filter(({ cause }) => cause === 'gateway');
    return { state, versions: [...counts, ...again.versions], late: [], rerunRecords: outOfTurn.length };
  }

  /** After any entry of a stream: now and then its state becomes a snapshot. */
  noted(stream: StreamKey, before: SubjectState, after: SubjectState): void {
    if (orderOfStream(stream) === null || after.position === before.position) return;
    if (before.edition !== 0 && before.edition !== after.edition) {
      // A re-run begins within the edition that is in force.
      this.#change(stream).expired = { position: after.position, timeMs: 0 };
      this.#change(stream).snapshots = [];
      this.#addSnapshot(after, stream);
      return;
    }
    const lastMs = this.#lastSnapshotMs(stream);
    const atMs = after.atMs ?? Number.NEGATIVE_INFINITY;
    if (lastMs !== null && atMs - lastMs < SNAPSHOT_EVERY_MS) return;
    this.#addSnapshot(after, stream);
    if (lastMs !== null && Math.floor(lastMs / EXPIRE_EVERY_MS) !== Math.floor(atMs / EXPIRE_EVERY_MS)) {
      this.#expire(stream, atMs);
    }
  }

  /** The newest snapshot that has judged nothing at or after `fromMs`; null: there is none in this edition. */
  #base(stream: StreamKey, before: SubjectState, position: number, fromMs: number): SubjectState | null {
    if (fromMs < (before.opens[WHOLE] ?? 0)) return null;
    for (const snapshot of this.#snapshots(stream)) {
      // Of a batch that was done before a crash and is being done again: not yet.
      if (snapshot.position >= position) continue;
      if (snapshot.edition !== before.edition && snapshot.edition !== 0) return null;
      if ((snapshot.atMs ?? -1) < fromMs) return snapshot;
      this.#drop(stream, snapshot.position);
    }
    return null;
  }

  /** The same record again, whatever its sequence and arrival, changes nothing (§7). */
  #withoutRepeats(before: SubjectState, position: number, entry: UploadEntry): UploadEntry {
    const atMs = before.atMs ?? Number.NEGATIVE_INFINITY;
    // Beyond the horizon nothing is looked up: the log may have forgotten it, or not yet.
    const horizonMs = entry.receivedMs - HORIZON_MS;
    const old = entry.records.filter(({ timeMs }) => timeMs <= atMs && timeMs >= horizonMs);
    if (old.length === 0) return entry;
    const earlier = this.#uploads(entry.stream, Math.min(...old.map(({ timeMs }) => timeMs)), position);
    const seen = new Set(earlier.flatMap((upload) => recordsOf(upload).map(identity)));
    const isRepeat = (record: DeviceRecord): boolean =>
      record.timeMs >= horizonMs && seen.has(identity({ deviceId: entry.deviceId, record }));
    const records = entry.records.filter((record) => !isRepeat(record));
    return records.length === entry.records.length ? entry : { ...entry, records };
  }

  /** Records of a moment for which one was taken that belongs behind them: of equal times by device, then sequence (§1). */
  #overtaken(before: SubjectState, position: number, entry: UploadEntry): DeviceRecord[] {
    const atMs = before.atMs ?? Number.NEGATIVE_INFINITY;
    if (entry.records.every(({ timeMs }) => timeMs > atMs)) return [];
    const fromMs = Math.min(...entry.records.map(({ timeMs }) => timeMs));
    const taken = this.#uploads(entry.stream, fromMs, position).flatMap(recordsOf);
    return recordsOf({ position, entry })
      .filter((own) => taken.some((other) => other.record.timeMs === own.record.timeMs && eventOrder(own, other) < 0))
      .map(({ record }) => record);
  }

  /** A record that came out of turn, and yet in order for what it concerns, is in no snapshot of a later time. */
  #keepSnapshotsUpTo(stream: StreamKey, timeMs: number): void {
    if ((this.#lastSnapshotMs(stream) ?? timeMs) <= timeMs) return;
    this.#snapshotMs.delete(stream);
    for (const { atMs, position } of this.#snapshots(stream)) {
      if ((atMs ?? -1) <= timeMs) return;
      this.#drop(stream, position);
    }
  }

  *#snapshots(stream: StreamKey): Generator<SubjectState> {
    const { snapshots, dropped, expired } = this.#change(stream);
    const gone = new Set(dropped);
    const pending = [...snapshots].reverse();
    yield* pending;
    for (const snapshot of this.#log.snapshots(stream)) {
      if (expired !== null && snapshot.position < expired.position) return;
      if (!gone.has(snapshot.position) && !pending.some((p) => p.position === snapshot.position)) yield snapshot;
    }
  }

  #uploads(stream: StreamKey, fromMs: number, beforePosition: number): LoggedUpload[] {
    const pending = this.#change(stream).uploads.filter(({ entry }) =>
      entry.records.some(({ timeMs }) => timeMs >= fromMs),
    );
    const logged = this.#log.uploads(stream, fromMs);
    return [...logged.filter((upload) => pending.every((p) => p.position !== upload.position)), ...pending].filter(
      ({ position }) => position < beforePosition,
    );
  }

  #addSnapshot(state: SubjectState, stream: StreamKey): void {
    const change = this.#change(stream);
    change.snapshots = [...change.snapshots, state];
    this.#snapshotMs.set(stream, state.atMs ?? Number.NEGATIVE_INFINITY);
  }

  #drop(stream: StreamKey, position: number): void {
    const change = this.#change(stream);
    change.snapshots = change.snapshots.filter((snapshot) => snapshot.position !== position);
    change.dropped = [...change.dropped, position];
  }

  #expire(stream: StreamKey, atMs: number): void {
    for (const snapshot of this.#snapshots(stream)) {
      if (snapshot.atMs === null || snapshot.atMs > atMs - HORIZON_MS - SETTLED_MARGIN_MS) continue;
      this.#change(stream).expired = { position: snapshot.position, timeMs: snapshot.atMs };
      return;
    }
  }

  #lastSnapshotMs(stream: StreamKey): number | null {
    const known = this.#snapshotMs.get(stream);
    if (known !== undefined) return known;
    for (const { atMs } of this.#snapshots(stream)) {
      this.#snapshotMs.set(stream, atMs ?? Number.NEGATIVE_INFINITY);
      return atMs ?? Number.NEGATIVE_INFINITY;
    }
    return null;
  }

  #change(stream: StreamKey): Pending {
    const known = this.#pending.get(stream);
    if (known !== undefined) return known;
    const change: Pending = { stream, uploads: [], snapshots: [], dropped: [], expired: null };
    this.#pending.set(stream, change);
    return change;
  }
}

const HORIZON_MS = DEFAULT_POLICY.amendHorizonS * 1_000;

interface Placed extends RerunRecord {
  readonly sequence: bigint;
  readonly position: number;
}

const recordsOf = ({ position, entry }: LoggedUpload): Placed[] =>
  entry.records.map((record) => ({
    deviceId: entry.deviceId,
    receivedMs: entry.receivedMs,
    sequence: entry.sequence,
    position,
    record,
  }));

/** The same record again, whatever its sequence and arrival (§7). */
const identity = ({ deviceId, record }: Pick<RerunRecord, 'deviceId' | 'record'>): string =>
  `${deviceId} ${record.timeMs} ${record.hash}`;

/** Each record once, as it came first. */
function inEventOrder(uploads: readonly LoggedUpload[]): RerunRecord[] {
  const first = new Map<string, Placed>();
  for (const upload of [...uploads].sort((a, b) => a.position - b.position)) {
    for (const placed of recordsOf(upload)) if (!first.has(identity(placed))) first.set(identity(placed), placed);
  }
  return [...first.values()]
    .sort(eventOrder)
    .map(({ deviceId, receivedMs, record }) => ({ deviceId, receivedMs, record }));
}

/** Of equal times by device, then sequence, then place in the upload (a sort is stable). */
function eventOrder(a: Placed, b: Placed): number {
  if (a.record.timeMs !== b.record.timeMs) return a.record.timeMs - b.record.timeMs;
  if (a.deviceId !== b.deviceId) return a.deviceId < b.deviceId ? -1 : 1;
  return a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0;
}
