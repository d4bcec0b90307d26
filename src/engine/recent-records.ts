/** The recent log of each stream as the batch under way sees it: what is durable, and what the batch adds and takes. */
import type { StreamKey } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { Snapshot, SubjectState } from '../domain/subject-state.js';
import { type LoggedUpload, opensFromMs, type RecentChange, type RecentLog } from '../ports/recent-log.js';
import { SNAPSHOT_EVERY_MS } from '../rules/rerun.js';
import { identity, recordsOf } from './event-order.js';
import { LastUsed, READY_MAX } from './last-used.js';
import { lastMs, OpenedUploads, samePlace } from './opened-uploads.js';
import { PendingChanges } from './pending-changes.js';
import { spareSnapshots } from './spare-snapshots.js';

/** What is later than this is used by no rule. */
export const HORIZON_MS = DEFAULT_POLICY.amendHorizonS * 1_000;
const TIDY_EVERY_MS = 6 * 3_600_000;
const HOUR_MS = 3_600_000;
export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

/** Where a re-run from `fromMs` begins, for what arrives at `nowMs`: nothing of a batch done before a crash is taken yet. */
export interface Asked {
  readonly position: number;
  readonly nowMs: number;
  readonly isKnown: (edition: string) => boolean;
}

export class RecentRecords {
  readonly #log: RecentLog;
  readonly #opened: OpenedUploads;
  /** What the batch under way adds; the log has it when the batch commits. */
  readonly #pending = new PendingChanges();
  /** Event time of each stream's newest snapshot, and what it covers. */
  readonly #newest = new LastUsed<StreamKey, { readonly atMs: number; readonly coversMs: number }>();

  constructor(log: RecentLog) {
    this.#log = log;
    this.#opened = new OpenedUploads(log);
  }

  /** What is to be committed before the batch's outcomes are, so that none rests on a record that could be lost. */
  takeChanges(): RecentChange[] {
    const changes = this.#pending.take();
    for (const change of changes) this.#opened.changed(change);
    return changes.filter(
      ({ uploads, kept, snapshots, dropped }) => uploads.length + kept.length + snapshots.length + dropped.length > 0,
    );
  }

  /** What arrived before this is gone from the log. */
  forget(beforeMs: number): void {
    this.#opened.forget(beforeMs);
  }

  /** The stream is erased: nothing of it stays here. */
  erase(stream: StreamKey): void {
    this.#opened.erase(stream);
    this.#newest.delete(stream);
  }

  addUpload(stream: StreamKey, upload: LoggedUpload): void {
    const { uploads } = this.#pending.of(stream);
    const newest = uploads.at(-1);
    // nearly always behind all that the batch has: then nothing of it is looked at
    if (newest !== undefined && newest.position >= upload.position) {
      const known = uploads.findIndex((one) => samePlace(one, upload));
      if (known >= 0) uploads.splice(known, 1);
    }
    uploads.push(upload);
    // A clock that was set back: what was thought to have come before some moment may come yet.
    this.coversLess(stream, upload.entry.receivedMs);
  }

  /** As `addUpload`, of what needs no snapshot (`needsNoSnapshot`), and stands behind all that the stream has. */
  addInOrder(stream: StreamKey, upload: LoggedUpload): void {
    this.#pending.of(stream).uploads.push(upload);
  }

  /**
   * What arrives between these, and says something of before `timeMs`, leads to no snapshot and changes none, while the
   * stream has no other entry; null: anything may.
   */
  needsNoSnapshot(
    stream: StreamKey,
  ): { readonly arrivesFromMs: number; readonly arrivesBeforeMs: number; readonly timeMs: number } | null {
    const newest = this.#newestOf(stream);
    return newest === null
      ? null
      : {
          arrivesFromMs: newest.coversMs,
          arrivesBeforeMs: (hourOf(newest.coversMs) + 1) * HOUR_MS,
          timeMs: newest.atMs + SNAPSHOT_EVERY_MS,
        };
  }

  /** What no rule uses, and what says nothing new: it was acknowledged, so the archive shall have it. */
  keep(stream: StreamKey, upload: LoggedUpload): void {
    const change = this.#pending.of(stream);
    change.kept = [...change.kept.filter(({ position }) => position !== upload.position), upload];
  }

  /**
   * Some records of an upload, which another stream had until now. Other records of it may be here already: parts of one
   * upload stand beside each other, and none takes the place of what the stream has.
   */
  addPart(stream: StreamKey, part: LoggedUpload, since: number): void {
    const known = this.uploads(stream, lastMs(part), Infinity).find((upload) => samePlace(upload, part));
    const names = new Set((known === undefined ? [] : recordsOf(known)).map(identity));
    const more = recordsOf(part).filter((record) => !names.has(identity(record)));
    if (known === undefined) this.addUpload(stream, { ...part, since });
    else if (more.length > 0) {
      const records = [...known.entry.records, ...more.map(({ record }) => record)];
      this.addUpload(stream, { ...known, since, entry: { ...known.entry, records } });
    }
  }

  /** With a record at or after `fromMs`, of entries before a position, as the journal has them. */
  uploads(stream: StreamKey, fromMs: number, beforePosition: number): LoggedUpload[] {
    const pending = (this.#pending.get(stream)?.uploads ?? []).filter((upload) => lastMs(upload) >= fromMs);
    const places = new Set(pending.map(({ position }) => position));
    const logged = this.#opened.from(stream, fromMs);
    const others = logged.filter((one) => !places.has(one.position) || !pending.some((p) => samePlace(p, one)));
    return [...others, ...pending]
      .filter(({ position }) => position < beforePosition)
      .sort((a, b) => a.position - b.position);
  }

  /** Whether one of those later than `fromMs` is there, and cannot be opened any more. */
  isBroken(stream: StreamKey, fromMs: number): boolean {
    return (this.#log.brokenMs(stream) ?? -1) > fromMs;
  }

  /**
   * Before any entry of a stream: the state that has seen all that arrived in the hours before is where a re-run begins
   * when those hours are forgotten, and a state that has judged nothing is where the first begins.
   */
  arriving(stream: StreamKey, before: SubjectState, receivedMs: number): void {
    if (!Number.isFinite(receivedMs)) return;
    const newest = this.#newestOf(stream);
    if (before.atMs !== null && newest !== null && hourOf(newest.coversMs) >= hourOf(receivedMs)) return;
    this.addSnapshots(stream, [{ state: before, coversMs: receivedMs }], receivedMs);
  }

  /** After any entry of a stream: now and then its state becomes a snapshot. */
  noted(stream: StreamKey, after: SubjectState, receivedMs: number): void {
    if (after.atMs === null) return;
    const newest = this.#newestOf(stream);
    if (newest !== null && after.atMs - newest.atMs < SNAPSHOT_EVERY_MS) return;
    this.addSnapshots(stream, [{ state: after, coversMs: receivedMs }], receivedMs);
  }

  /** Of what was told and is over a snapshot keeps its own moment: the stream has the rest. */
  addSnapshots(stream: StreamKey, snapshots: readonly Snapshot[], arrivedMs: number): void {
    if (snapshots.length === 0) return;
    const change = this.#pending.of(stream);
    const former = this.#newestOf(stream);
    const slim = snapshots.map(({ state, coversMs }) => ({
      state: { ...state, late: null, settled: state.settled.filter(({ judgedMs }) => judgedMs === state.atMs) },
      coversMs,
    }));
    change.snapshots = [...new Map([...change.snapshots, ...slim].map((one) => [timeOf(one), one])).values()];
    change.arrivedMs = Math.max(change.arrivedMs, arrivedMs);
    const newest = slim.reduce((a, b) => (timeOf(b) >= timeOf(a) ? b : a));
    if (timeOf(newest) < (former?.atMs ?? -1)) return;
    this.#newest.put(stream, { atMs: timeOf(newest), coversMs: newest.coversMs }, READY_MAX);
    const period = (ms: number): number => Math.floor(ms / TIDY_EVERY_MS);
    if (former !== null && period(former.atMs) !== period(timeOf(newest))) this.#tidy(stream, arrivedMs);
  }

  /**
   * The newest snapshot that has judged nothing at or after `fromMs`, was made under one of the editions, and lacks
   * nothing that is forgotten by now; null: there is none. `after`: the snapshots from `toMs` on, oldest first.
   */
  around(
    stream: StreamKey,
    { position, nowMs, isKnown }: Asked,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  ): { readonly base: Snapshot; readonly after: readonly Snapshot[] } | null {
    const sinceMs = this.#forgottenMs(nowMs);
    const after: Snapshot[] = [];
    for (const snapshot of this.#snapshots(stream)) {
      if (snapshot.state.position >= position || !isKnown(snapshot.state.edition)) continue;
      const atMs = timeOf(snapshot);
      // One of that very moment has not seen what came late in it, and would be gone on from without.
      if (atMs > toMs) after.push(snapshot);
      if (atMs < fromMs && snapshot.coversMs >= sinceMs) return { base: snapshot, after: after.reverse() };
    }
    return null;
  }

  /** The event time up to which nothing can be put in its place any more; null: nothing at all can. */
  settledMs(stream: StreamKey, { position, nowMs, isKnown }: Asked): number | null {
    const sinceMs = this.#forgottenMs(nowMs);
    const usable = [...this.#snapshots(stream)].filter(
      ({ state, coversMs }) => state.position < position && isKnown(state.edition) && coversMs >= sinceMs,
    );
    return usable.length === 0 ? null : Math.min(...usable.map(timeOf));
  }

  /** Snapshots of `fromMs` to `toMs` (not included) have not seen what has come now. */
  drop(stream: StreamKey, fromMs: number, toMs: number): void {
    this.#remove(
      stream,
      this.#notBefore(stream, fromMs)
        .map(timeOf)
        .filter((atMs) => atMs < toMs),
    );
  }

  /** As `drop`, but a snapshot that can be made so that it has seen it stays; `made` gives null where it cannot. */
  amend(
    stream: StreamKey,
    fromMs: number,
    arrivedMs: number,
    made: (state: SubjectState) => SubjectState | null,
  ): void {
    const former = this.#notBefore(stream, fromMs);
    if (former.length === 0) return;
    const amended = former.flatMap(({ state, coversMs }) => {
      const next = made(state);
      return next === null ? [] : [{ state: next, coversMs }];
    });
    this.#remove(stream, former.map(timeOf));
    this.addSnapshots(stream, amended, arrivedMs);
  }

  /** What arrived in this hour or later may say something of later than what a snapshot has judged. */
  coversLess(stream: StreamKey, receivedMs: number): void {
    if ((this.#newestOf(stream)?.coversMs ?? -Infinity) <= receivedMs) return;
    const less = [...this.#snapshots(stream)].filter(({ coversMs }) => coversMs > receivedMs);
    this.#newest.delete(stream);
    this.addSnapshots(
      stream,
      less.map(({ state }) => ({ state, coversMs: receivedMs })),
      receivedMs,
    );
  }

  #notBefore(stream: StreamKey, fromMs: number): Snapshot[] {
    const found: Snapshot[] = [];
    if ((this.#newestOf(stream)?.atMs ?? -1) < fromMs) return found;
    for (const snapshot of this.#snapshots(stream)) {
      if (timeOf(snapshot) < fromMs) break;
      found.push(snapshot);
    }
    return found;
  }

  /** What arrived before this cannot be looked at any more, or may be gone. */
  #forgottenMs(nowMs: number): number {
    return Math.max(opensFromMs(nowMs), this.#log.keptFromMs);
  }

  /** The latest event time first. */
  *#snapshots(stream: StreamKey): Generator<Snapshot> {
    const change = this.#pending.get(stream);
    const gone = new Set(change?.dropped);
    const pending = [...(change?.snapshots ?? [])].sort((a, b) => timeOf(b) - timeOf(a));
    for (const logged of this.#log.snapshots(stream)) {
      const atMs = timeOf(logged);
      while (pending[0] !== undefined && timeOf(pending[0]) > atMs) yield pending.shift() as Snapshot;
      if (gone.has(atMs) || (pending[0] !== undefined && timeOf(pending[0]) === atMs)) continue;
      yield logged;
    }
    yield* pending;
  }

  #tidy(stream: StreamKey, nowMs: number): void {
    this.#remove(stream, spareSnapshots([...this.#snapshots(stream)], this.#forgottenMs(nowMs)));
  }

  #remove(stream: StreamKey, timesMs: readonly number[]): void {
    if (timesMs.length === 0) return;
    const change = this.#pending.of(stream);
    const gone = new Set(timesMs);
    change.snapshots = change.snapshots.filter((snapshot) => !gone.has(timeOf(snapshot)));
    change.dropped = [...change.dropped, ...timesMs];
    this.#newest.delete(stream);
  }

  #newestOf(stream: StreamKey): { readonly atMs: number; readonly coversMs: number } | null {
    const known = this.#newest.get(stream, READY_MAX);
    if (known !== undefined) return known;
    for (const snapshot of this.#snapshots(stream)) {
      const newest = { atMs: timeOf(snapshot), coversMs: snapshot.coversMs };
      this.#newest.put(stream, newest, READY_MAX);
      return newest;
    }
    return null;
  }
}

/** A state that has judged nothing stands before all. */
const timeOf = ({ state }: Snapshot): number => state.atMs ?? -1;
