/** A recent log in memory: for a replay, and for laws that are tried on thousands of seeds. */
import type { StreamKey } from '../../domain/ids.js';
import type { SubjectState } from '../../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../../ports/recent-log.js';
import { Superseded } from '../../ports/subject-states.js';

const lastMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), Number.NEGATIVE_INFINITY);

function checkPlace({ position, entry }: LoggedUpload): void {
  if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`position ${position}`);
  if (entry.records.length === 0) throw new RangeError('an upload without records');
}

function eventTimeOf({ atMs }: SubjectState): number {
  if (atMs === null) throw new Error('a state that has judged nothing is no snapshot');
  return atMs;
}

/** Of one stream, ascending by time, then position: most of what comes is the newest, and most that is asked for is late. */
class Row<T> {
  #items: { readonly atMs: number; readonly position: number; readonly value: T }[] = [];

  copy(): Row<T> {
    const copy = new Row<T>();
    copy.#items = [...this.#items];
    return copy;
  }

  put(atMs: number, position: number, value: T): void {
    const i = this.#firstAt(atMs, position);
    const there = this.#items[i];
    const replaced = there !== undefined && there.atMs === atMs && there.position === position;
    this.#items.splice(i, replaced ? 1 : 0, { atMs, position, value });
  }

  remove(atMs: number, position: number): void {
    const i = this.#firstAt(atMs, position);
    const there = this.#items[i];
    if (there !== undefined && there.atMs === atMs && there.position === position) this.#items.splice(i, 1);
  }

  removeBefore(atMs: number): void {
    this.#items = this.#items.slice(this.#firstAt(atMs, -1));
  }

  from(atMs: number): { readonly position: number; readonly value: T }[] {
    return this.#items.slice(this.#firstAt(atMs, -1));
  }

  /** The last before a time; null: there is none. */
  lastBefore(atMs: number): { readonly atMs: number; readonly value: T } | null {
    return this.#items[this.#firstAt(atMs, -1) - 1] ?? null;
  }

  /** Index of the first item at or after a place. */
  #firstAt(atMs: number, position: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item === undefined) break;
      if (item.atMs < atMs || (item.atMs === atMs && item.position < position)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class MemoryRecentLog implements RecentLog {
  #epoch = 0;
  readonly #uploads = new Map<StreamKey, Row<LoggedUpload>>();
  readonly #snapshots = new Map<StreamKey, Row<SubjectState>>();

  copy(): MemoryRecentLog {
    const copy = new MemoryRecentLog();
    for (const [stream, uploads] of this.#uploads) copy.#uploads.set(stream, uploads.copy());
    for (const [stream, states] of this.#snapshots) copy.#snapshots.set(stream, states.copy());
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
    for (const { stream, uploads, snapshots, dropped, expiredMs } of changes) {
      const logged = this.#uploads.get(stream) ?? new Row<LoggedUpload>();
      const states = this.#snapshots.get(stream) ?? new Row<SubjectState>();
      this.#uploads.set(stream, logged);
      this.#snapshots.set(stream, states);
      for (const atMs of dropped) states.remove(atMs, 0);
      for (const upload of uploads) logged.put(lastMs(upload), upload.position, upload);
      for (const state of snapshots) states.put(eventTimeOf(state), 0, state);
      if (expiredMs === null) continue;
      states.removeBefore(expiredMs);
      logged.removeBefore(expiredMs);
    }
  }

  uploads(stream: StreamKey, fromMs: number): LoggedUpload[] {
    const found = this.#uploads.get(stream)?.from(fromMs) ?? [];
    return found.sort((a, b) => a.position - b.position).map(({ value }) => value);
  }

  *snapshots(stream: StreamKey): Generator<SubjectState> {
    let below = Number.POSITIVE_INFINITY;
    for (;;) {
      const next = this.#snapshots.get(stream)?.lastBefore(below) ?? null;
      if (next === null) return;
      below = next.atMs;
      yield next.value;
    }
  }

  async close(): Promise<void> {}
}
