/** A recent log in memory: for a replay, and for laws that are tried on thousands of seeds. */
import type { StreamKey } from '../../domain/ids.js';
import type { SubjectState } from '../../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../../ports/recent-log.js';
import { Superseded } from '../../ports/subject-states.js';

const lastMs = ({ entry }: LoggedUpload): number => Math.max(...entry.records.map(({ timeMs }) => timeMs));

function checkPlace({ position, entry }: LoggedUpload): void {
  if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`position ${position}`);
  if (entry.records.length === 0) throw new RangeError('an upload without records');
}

function eventTimeOf({ atMs }: SubjectState): number {
  if (atMs === null) throw new Error('a state that has judged nothing is no snapshot');
  return atMs;
}

export class MemoryRecentLog implements RecentLog {
  #epoch = 0;
  readonly #uploads = new Map<StreamKey, Map<number, LoggedUpload>>();
  readonly #snapshots = new Map<StreamKey, Map<number, SubjectState>>();

  copy(): MemoryRecentLog {
    const copy = new MemoryRecentLog();
    for (const [stream, uploads] of this.#uploads) copy.#uploads.set(stream, new Map(uploads));
    for (const [stream, states] of this.#snapshots) copy.#snapshots.set(stream, new Map(states));
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
      const logged = this.#uploads.get(stream) ?? new Map<number, LoggedUpload>();
      const states = this.#snapshots.get(stream) ?? new Map<number, SubjectState>();
      this.#uploads.set(stream, logged);
      this.#snapshots.set(stream, states);
      for (const atMs of dropped) states.delete(atMs);
      for (const upload of uploads) logged.set(upload.position, upload);
      for (const state of snapshots) states.set(eventTimeOf(state), state);
      if (expiredMs === null) continue;
      for (const atMs of [...states.keys()]) if (atMs < expiredMs) states.delete(atMs);
      for (const [position, upload] of [...logged]) if (lastMs(upload) < expiredMs) logged.delete(position);
    }
  }

  uploads(stream: StreamKey, fromMs: number): LoggedUpload[] {
    const all = [...(this.#uploads.get(stream)?.values() ?? [])];
    return all.filter((upload) => lastMs(upload) >= fromMs).sort((a, b) => a.position - b.position);
  }

  *snapshots(stream: StreamKey): Generator<SubjectState> {
    const states = this.#snapshots.get(stream) ?? new Map<number, SubjectState>();
    for (const atMs of [...states.keys()].sort((a, b) => b - a)) {
      const state = states.get(atMs);
      if (state !== undefined) yield state;
    }
  }

  async close(): Promise<void> {}
}
