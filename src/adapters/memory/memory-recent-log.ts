/** A recent log in memory: for a replay, and for laws that are tried on thousands of seeds. */
import type { StreamKey } from '../../domain/ids.js';
import type { Snapshot } from '../../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../../ports/recent-log.js';
import { Superseded } from '../../ports/subject-states.js';
import { Row } from './row.js';

const HOUR_MS = 3_600_000;
const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

const lastMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), Number.NEGATIVE_INFINITY);

function checkPlace({ position, entry }: LoggedUpload): void {
  if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`position ${position}`);
  if (entry.records.length === 0) throw new RangeError('an upload without records');
}

interface Kept {
  readonly snapshot: Snapshot;
  readonly arrivedMs: number;
}

class StreamLog {
  uploads = new Row<LoggedUpload>();
  kept = new Row<LoggedUpload>();
  snapshots = new Row<Kept>();

  copy(): StreamLog {
    const copy = new StreamLog();
    copy.uploads = this.uploads.copy();
    copy.kept = this.kept.copy();
    copy.snapshots = this.snapshots.copy();
    return copy;
  }
}

export class MemoryRecentLog implements RecentLog {
  #epoch = 0;
  #keptFromMs = Number.NEGATIVE_INFINITY;
  readonly #streams = new Map<StreamKey, StreamLog>();
  /** Streams of which something arrived in an hour. */
  readonly #hours = new Map<number, Set<StreamKey>>();

  copy(): MemoryRecentLog {
    const copy = new MemoryRecentLog();
    copy.#keptFromMs = this.#keptFromMs;
    for (const [stream, log] of this.#streams) copy.#streams.set(stream, log.copy());
    for (const [hour, streams] of this.#hours) copy.#hours.set(hour, new Set(streams));
    return copy;
  }

  async claim(epoch: number): Promise<void> {
    if (epoch <= this.#epoch) throw new Superseded(`epoch ${this.#epoch} has it`);
    this.#epoch = epoch;
  }

  async commit(epoch: number, changes: readonly RecentChange[]): Promise<void> {
    if (epoch < this.#epoch) throw new Superseded(`epoch ${this.#epoch} has it`);
    this.commitNow(changes);
  }

  /** As `commit`, for a law that has no time to wait. */
  commitNow(changes: readonly RecentChange[]): void {
    for (const { uploads } of changes) for (const upload of uploads) checkPlace(upload);
    for (const { stream, uploads, kept, snapshots, dropped, arrivedMs } of changes) {
      const log = this.#streams.get(stream) ?? new StreamLog();
      this.#streams.set(stream, log);
      for (const atMs of dropped) log.snapshots.remove(atMs, 0);
      for (const upload of uploads) log.uploads.put(lastMs(upload), upload.position, upload);
      for (const upload of kept) log.kept.put(0, upload.position, upload);
      for (const snapshot of snapshots) log.snapshots.put(snapshot.state.atMs ?? -1, 0, { snapshot, arrivedMs });
      for (const { entry } of [...uploads, ...kept]) this.#note(stream, entry.receivedMs);
      if (snapshots.length > 0) this.#note(stream, arrivedMs);
    }
  }

  uploads(stream: StreamKey, fromMs: number, beforeMs = Number.POSITIVE_INFINITY): LoggedUpload[] {
    const found = this.#streams.get(stream)?.uploads.from(fromMs) ?? [];
    return found
      .filter(({ atMs }) => atMs < beforeMs)
      .sort((a, b) => a.position - b.position)
      .map(({ value }) => value);
  }

  brokenMs(): number | null {
    return null;
  }

  *snapshots(stream: StreamKey): Generator<Snapshot> {
    let below = Number.POSITIVE_INFINITY;
    for (;;) {
      const next = this.#streams.get(stream)?.snapshots.lastBefore(below) ?? null;
      if (next === null) return;
      below = next.atMs;
      yield next.value.snapshot;
    }
  }

  since(stream: StreamKey, position: number, max: number): LoggedUpload[] {
    const log = this.#streams.get(stream);
    if (log === undefined) return [];
    return [...log.uploads.from(Number.NEGATIVE_INFINITY), ...log.kept.from(Number.NEGATIVE_INFINITY)]
      .map(({ value }) => value)
      .filter((upload) => (upload.since ?? upload.position) > position)
      .sort((a, b) => (a.since ?? a.position) - (b.since ?? b.position))
      .slice(0, max);
  }

  get keptFromMs(): number {
    return this.#keptFromMs;
  }

  async expire(epoch: number, beforeMs: number, _max: number): Promise<number> {
    if (epoch < this.#epoch) throw new Superseded(`epoch ${this.#epoch} has it`);
    return this.expireNow(beforeMs);
  }

  /** As `expire`, all at once. */
  expireNow(beforeMs: number): number {
    const before = hourOf(beforeMs);
    const due = [...this.#hours.keys()].filter((hour) => hour < before);
    const streams = new Set(due.flatMap((hour) => [...(this.#hours.get(hour) ?? [])]));
    let gone = 0;
    for (const stream of streams) {
      const log = this.#streams.get(stream);
      if (log === undefined) continue;
      gone += log.uploads.removeWhere(({ entry }) => hourOf(entry.receivedMs) < before);
      gone += log.kept.removeWhere(({ entry }) => hourOf(entry.receivedMs) < before);
      gone += log.snapshots.removeWhere(({ arrivedMs }) => hourOf(arrivedMs) < before);
    }
    for (const hour of due) this.#hours.delete(hour);
    if (gone > 0) this.#keptFromMs = Math.max(this.#keptFromMs, before * HOUR_MS);
    return gone;
  }

  async close(): Promise<void> {}

  #note(stream: StreamKey, arrivedMs: number): void {
    const hour = hourOf(arrivedMs);
    const streams = this.#hours.get(hour) ?? new Set();
    this.#hours.set(hour, streams.add(stream));
  }
}
