/**
 * What the rules used of each stream lately, so that a late record can be put in its place: uploads, and snapshots to
 * begin at. By the hour: what arrived in one hour goes together, and cannot be opened any more by then (¶46).
 */
import type { PlacedEntry, UploadEntry } from '../domain/entry.js';
import type { StreamKey } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Snapshot } from '../domain/subject-state.js';

/** An upload entry of one stream, with its place in the journal. */
export interface LoggedUpload extends PlacedEntry {
  readonly entry: UploadEntry;
  /** Position at which the stream was given it, where another had it first; absent: its own. */
  readonly since?: number;
}

/** What one batch adds to the log of one stream, and takes from it. */
export interface RecentChange {
  readonly stream: StreamKey;
  /** Each with a record at least; one of the same position and last record takes the place of the other. */
  readonly uploads: readonly LoggedUpload[];
  /** What no rule uses and was acknowledged: kept for the archive, by position. One may have no records. */
  readonly kept: readonly LoggedUpload[];
  /** One that stands at the event time (`atMs`; null is before all) of another takes its place. */
  readonly snapshots: readonly Snapshot[];
  /** Event times of snapshots that are of no more use. */
  readonly dropped: readonly number[];
  /** Arrival of the newest entry that led to this: snapshots go with what arrived in that hour. */
  readonly arrivedMs: number;
}

export interface RecentLog {
  claim(epoch: number): Promise<void>;
  /** All or nothing, durable when it resolves; done twice it changes nothing. Throws `Superseded` for a lower epoch. */
  commit(epoch: number, changes: readonly RecentChange[]): Promise<void>;
  /**
   * Uploads of a stream whose last record is at or after `fromMs`, and before `beforeMs` where that is given, in order of
   * their position, as far as they can be opened. None may have arrived earlier than `AHEAD_MS_MAX` before that record.
   */
  uploads(stream: StreamKey, fromMs: number, beforeMs?: number): LoggedUpload[];
  /** The latest event time of an upload that `uploads` has met and that could not be opened; null: it has met none. */
  brokenMs(stream: StreamKey): number | null;
  /** Snapshots of a stream that can be opened, the latest event time first; read as they are asked for. */
  snapshots(stream: StreamKey): IterableIterator<Snapshot>;
  /** Uploads, and what is kept besides, that a stream was given after a position, in that order, at most `max`. */
  since(stream: StreamKey, position: number, max: number): LoggedUpload[];
  /** What arrived before this may be gone; -Infinity: nothing is. */
  readonly keptFromMs: number;
  /**
   * Removes what arrived in the hours that ended at or before `beforeMs`, at most `max` rows at once. Resolves with how
   * many went; 0: none is left. Throws `Superseded` for a lower epoch.
   */
  expire(epoch: number, beforeMs: number, max: number): Promise<number>;
  close(): Promise<void>;
}

/** No upload is used that says anything of further ahead of its arrival (an order's `clock_ahead_s` allows no more). */
export const AHEAD_MS_MAX = 3_600_000;
const HOUR_MS = 3_600_000;

/** Start of the earliest hour of which what arrived can still be opened. */
export const opensFromMs = (nowMs: number): number =>
  (Math.floor(nowMs / HOUR_MS) - LIMITS.hotKeyLifeHours + 1) * HOUR_MS;
