/** What the rules used of each stream lately, so that a late record can be put in its place: entries, and snapshots to begin at. */
import type { PlacedEntry, UploadEntry } from '../domain/entry.js';
import type { StreamKey } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';

/** An upload entry of one stream, with its place in the journal. */
export interface LoggedUpload extends PlacedEntry {
  readonly entry: UploadEntry;
}

/** What one batch adds to the log of one stream, and takes from it. */
export interface RecentChange {
  readonly stream: StreamKey;
  readonly uploads: readonly LoggedUpload[];
  /** States between two moments; one that stands at an event time (`atMs`) takes the place of another of that time. */
  readonly snapshots: readonly SubjectState[];
  /** Event times of snapshots that a late record has made useless. */
  readonly dropped: readonly number[];
  /** Snapshots of before this event time, and uploads whose last record is, are needed no longer; null: all are. */
  readonly expiredMs: number | null;
}

export interface RecentLog {
  claim(epoch: number): Promise<void>;
  /** All or nothing, durable when it resolves; done twice it changes nothing. Throws `Superseded` for a lower epoch. */
  commit(epoch: number, changes: readonly RecentChange[]): Promise<void>;
  /** Uploads of a stream whose last record is at or after `fromMs`, in order of their position. */
  uploads(stream: StreamKey, fromMs: number): LoggedUpload[];
  /** Snapshots of a stream, the latest event time first; read as they are asked for. */
  snapshots(stream: StreamKey): IterableIterator<SubjectState>;
  close(): Promise<void>;
}
