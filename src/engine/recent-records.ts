/** The recent log of each stream as the batch under way sees it: what is durable, and what the batch adds and takes. */
import { orderOfStream, type StreamKey } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';
import { SETTLED_MARGIN_MS } from '../rules/alerts.js';
import { SNAPSHOT_EVERY_MS } from '../rules/rerun.js';
import { initialState } from '../rules/step.js';
import { identity, recordsOf } from './event-order.js';

/** What is later than this is used by no rule. */
export const HORIZON_MS = DEFAULT_POLICY.amendHorizonS * 1_000;
/** How far back of its newest event time a stream can be run again. */
export const REACH_MS = HORIZON_MS + SETTLED_MARGIN_MS;
const TIDY_EVERY_MS = 6 * 3_600_000;
/** Of what is older than this fewer snapshots are enough: late data of that age is rare, and an hour or two run again soon. */
const DENSE_MS = 12 * 3_600_000;
const APART_MS = 2 * 3_600_000;

/** As a log has them apart: by the time of their last record, and their position. */
const lastMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);
const samePlace = (a: LoggedUpload, b: LoggedUpload): boolean => a.position === b.position && lastMs(a) === lastMs(b);

type Pending = { -readonly [K in keyof RecentChange]: RecentChange[K] };

export class RecentRecords {
  readonly #log: RecentLog;
  /** What the batch under way adds; the log has it when the batch commits. */
  #pending = new Map<StreamKey, Pending>();
  /** Event time of each stream's newest snapshot. */
  readonly #newestMs = new Map<StreamKey, number>();

  constructor(log: RecentLog) {
    this.#log = log;
  }

  /** What is to be committed before the batch's outcomes are, so that none rests on a record that could be lost. */
  takeChanges(): RecentChange[] {
    const changes = [...this.#pending.values()];
    this.#pending = new Map();
    return changes.filter(
      ({ uploads, snapshots, dropped, expiredMs }) =>
        uploads.length + snapshots.length + dropped.length > 0 || expiredMs !== null,
    );
  }

  addUpload(stream: StreamKey, upload: LoggedUpload): void {
    const change = this.#change(stream);
    change.uploads = [...change.uploads.filter((known) => !samePlace(known, upload)), upload];
    if (orderOfStream(stream) === null) this.#expireDevice(stream, upload);
  }

  /**
   * Some records of an upload, which another stream had until now. Other records of it may be here already: parts of one
   * upload stand beside each other, and none takes the place of what the stream has.
   */
  addPart(stream: StreamKey, part: LoggedUpload): void {
    const known = this.uploads(stream, lastMs(part), Infinity).find((upload) => samePlace(upload, part));
    const names = new Set((known === undefined ? [] : recordsOf(known)).map(identity));
    const more = recordsOf(part).filter((record) => !names.has(identity(record)));
    if (known === undefined) this.addUpload(stream, part);
    else if (more.length > 0) {
      const records = [...known.entry.records, ...more.map(({ record }) => record)];
      this.addUpload(stream, { ...known, entry: { ...known.entry, records } });
    }
  }

  /** With a record at or after `fromMs`, of entries before a position, as the journal has them. */
  uploads(stream: StreamKey, fromMs: number, beforePosition: number): LoggedUpload[] {
    const pending = this.#change(stream).uploads.filter(({ entry }) =>
      entry.records.some(({ timeMs }) => timeMs >= fromMs),
    );
    const logged = this.#log.uploads(stream, fromMs);
    return [...logged.filter((upload) => !pending.some((p) => samePlace(p, upload))), ...pending]
      .filter(({ position }) => position < beforePosition)
      .sort((a, b) => a.position - b.position);
  }

  /** After any entry of a stream: now and then its state becomes a snapshot. */
  noted(stream: StreamKey, after: SubjectState): void {
    if (after.atMs === null) return;
    const lastMs = this.#newestSnapshotMs(stream);
    if (lastMs !== null && after.atMs - lastMs < SNAPSHOT_EVERY_MS) return;
    this.addSnapshots(stream, [after]);
  }

  /** Of what was told and is over a snapshot keeps its own moment: the stream has the rest. */
  addSnapshots(stream: StreamKey, states: readonly SubjectState[]): void {
    if (states.length === 0) return;
    const change = this.#change(stream);
    const formerMs = this.#newestSnapshotMs(stream);
    const slim = states.map((state) => ({
      ...state,
      settled: state.settled.filter(({ judgedMs }) => judgedMs === state.atMs),
    }));
    change.snapshots = [...change.snapshots.filter((old) => slim.every((s) => s.atMs !== old.atMs)), ...slim];
    const newestMs = Math.max(...states.map(({ atMs }) => atMs ?? 0));
    if (newestMs <= (formerMs ?? 0)) return;
    this.#newestMs.set(stream, newestMs);
    const period = (ms: number): number => Math.floor(ms / TIDY_EVERY_MS);
    if (formerMs !== null && period(formerMs) !== period(newestMs)) this.#tidy(stream, newestMs);
  }

  /**
   * Where a re-run from `fromMs` begins: the newest snapshot that has judged nothing at or after it and was made under
   * one of the editions; a stream of which nothing has expired begins with nothing. Of a batch that was done before a
   * crash and is being done again nothing is taken yet. `after`: the snapshots from `toMs` on, oldest first.
   */
  around(
    stream: StreamKey,
    position: number,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    isKnown: (edition: string) => boolean,
  ): { readonly base: SubjectState; readonly after: readonly SubjectState[] } {
    const after: SubjectState[] = [];
    for (const snapshot of this.#snapshots(stream)) {
      const atMs = snapshot.atMs ?? 0;
      if (snapshot.position >= position || !isKnown(snapshot.edition)) continue;
      // One of that very moment has not seen what came late in it, and would be gone on from without.
      if (atMs > toMs) after.push(snapshot);
      if (atMs < fromMs) return { base: snapshot, after: after.reverse() };
    }
    return { base: initialState(), after: after.reverse() };
  }

  /** Snapshots of `fromMs` to `toMs` (not included) have not seen what has come now. */
  drop(stream: StreamKey, fromMs: number, toMs: number): void {
    if (!this.reaches(stream, fromMs)) return;
    const useless: number[] = [];
    for (const { atMs } of this.#snapshots(stream)) {
      if ((atMs ?? 0) < fromMs) break;
      if ((atMs ?? 0) < toMs) useless.push(atMs ?? 0);
    }
    if (useless.length === 0) return;
    this.#remove(stream, useless);
    this.#newestMs.delete(stream);
  }

  /** Whether a snapshot stands at or after an event time. */
  reaches(stream: StreamKey, atMs: number): boolean {
    return (this.#newestSnapshotMs(stream) ?? -1) >= atMs;
  }

  /** The latest event time first. */
  *#snapshots(stream: StreamKey): Generator<SubjectState> {
    const { snapshots, dropped, expiredMs } = this.#change(stream);
    const gone = new Set(dropped);
    const pending = [...snapshots].sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
    for (const logged of this.#log.snapshots(stream)) {
      const atMs = logged.atMs ?? 0;
      while ((pending[0]?.atMs ?? -1) > atMs) yield pending.shift() as SubjectState;
      if (gone.has(atMs) || pending[0]?.atMs === atMs) continue;
      if (expiredMs !== null && atMs < expiredMs) break;
      yield logged;
    }
    yield* pending;
  }

  /**
   * The newest snapshot beyond all that late data can reach stays: there a re-run can always begin. Each re-run leaves
   * some; of those of long ago only a few stay.
   */
  #tidy(stream: StreamKey, nowMs: number): void {
    const spare: number[] = [];
    let keptMs = Infinity;
    for (const { atMs } of this.#snapshots(stream)) {
      if (atMs === null || atMs > nowMs - DENSE_MS) continue;
      if (atMs <= nowMs - REACH_MS) {
        this.#change(stream).expiredMs = atMs;
        break;
      }
      if (keptMs - atMs < APART_MS) spare.push(atMs);
      else keptMs = atMs;
    }
    this.#remove(stream, spare);
  }

  #remove(stream: StreamKey, timesMs: readonly number[]): void {
    const change = this.#change(stream);
    const gone = new Set(timesMs);
    change.snapshots = change.snapshots.filter(({ atMs }) => !gone.has(atMs ?? 0));
    change.dropped = [...change.dropped, ...timesMs];
  }

  /** What a device said while it spoke for nobody is kept for as long as an assignment may yet be told. */
  #expireDevice(stream: StreamKey, { entry }: LoggedUpload): void {
    const lastMs = this.#newestMs.get(stream) ?? 0;
    if (entry.receivedMs - lastMs < TIDY_EVERY_MS) return;
    this.#newestMs.set(stream, entry.receivedMs);
    this.#change(stream).expiredMs = entry.receivedMs - REACH_MS;
  }

  #newestSnapshotMs(stream: StreamKey): number | null {
    const known = this.#newestMs.get(stream);
    if (known !== undefined) return known;
    for (const { atMs } of this.#snapshots(stream)) {
      this.#newestMs.set(stream, atMs ?? 0);
      return atMs;
    }
    return null;
  }

  #change(stream: StreamKey): Pending {
    const known = this.#pending.get(stream);
    if (known !== undefined) return known;
    const change: Pending = { stream, uploads: [], snapshots: [], dropped: [], expiredMs: null };
    this.#pending.set(stream, change);
    return change;
  }
}
