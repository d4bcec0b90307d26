/** What the batch under way adds to the recent log, and takes from it. */
import type { StreamKey } from '../domain/ids.js';
import type { Snapshot } from '../domain/subject-state.js';
import type { LoggedUpload, RecentChange } from '../ports/recent-log.js';

export interface Pending extends RecentChange {
  /** By position, as they come; only what is put in behind another of its position stands elsewhere. */
  readonly uploads: LoggedUpload[];
  kept: readonly LoggedUpload[];
  snapshots: readonly Snapshot[];
  dropped: readonly number[];
  arrivedMs: number;
}

export class PendingChanges {
  #changes = new Map<StreamKey, Pending>();

  get(stream: StreamKey): Pending | undefined {
    return this.#changes.get(stream);
  }

  /** Where there is none yet, an empty one. */
  of(stream: StreamKey): Pending {
    const known = this.#changes.get(stream);
    if (known !== undefined) return known;
    const change: Pending = { stream, uploads: [], kept: [], snapshots: [], dropped: [], arrivedMs: 0 };
    this.#changes.set(stream, change);
    return change;
  }

  /** The batch is over. */
  take(): Pending[] {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    return changes;
  }
}
