/**
 * The compactor: once a day each order's records go from the recent log into the archive, a sealed segment for each UTC day
 * that they speak of, before the keys of the hours in which they arrived are destroyed.
 *
 * It removes nothing, and what it archives is said in the same transaction with how far it has come: it may die anywhere.
 */
import { GATEWAY_STREAM, type StreamKey } from '../domain/ids.js';
import type { Archive, SealedSegment } from '../ports/archive.js';
import type { OrderKeyRing } from '../ports/order-keys.js';
import { type LoggedUpload, opensFromMs, type RecentLog } from '../ports/recent-log.js';
import { Superseded } from '../ports/subject-states.js';
import type { Telemetry } from '../ports/telemetry.js';
import { DAY_MS, isOfDayBefore, type RecordPlace, segmentsOf } from './day-segments.js';

export interface CompactorOptions {
  readonly epoch: number;
  readonly recentLog: Pick<RecentLog, 'since'>;
  readonly archive: Archive;
  readonly keys: OrderKeyRing;
  /** All that ever spoke and are not forgotten. */
  readonly streams: () => Iterable<StreamKey>;
  /** Whose a record is, as far as is known now. */
  readonly streamOf: RecordPlace;
  readonly telemetry: Telemetry;
}

/** A day is complete when devices that were slow have spoken: from two hours after its end on, each stream at its minute. */
const FIRST_MS = 2 * 3_600_000;
/** A million people in this are one each 65 ms, and the last has a day left before a key of theirs is destroyed. */
const SPREAD_MS = 18 * 3_600_000;
const STREAMS_A_RUN = 4_096;
/** One transaction, one sync. */
const STREAMS_AT_ONCE = 64;
/** A day and more of an upload a minute. */
const UPLOADS_AT_ONCE = 4_096;

interface Turn {
  readonly stream: StreamKey;
  readonly dueMs: number;
}

interface Work {
  readonly segments: SealedSegment[];
  readonly archivedUpTo: Map<StreamKey, number>;
  readonly sequences: { readonly deviceId: LoggedUpload['entry']['deviceId']; readonly sequence: bigint }[];
}

const noWork = (): Work => ({ segments: [], archivedUpTo: new Map(), sequences: [] });

export class Compactor {
  readonly #o: CompactorOptions;
  /** Of the day that began last; the next one is at the end. */
  #turns: Turn[] = [];
  #dayMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  /** By stream that could not be archived, the arrival of its oldest upload that is not. */
  readonly #failed = new Map<StreamKey, number>();

  constructor(options: CompactorOptions) {
    this.#o = options;
  }

  /**
   * Called each minute: archives the streams whose turn has come. One that fails keeps no other from it. One run after
   * the other: whoever waits for theirs knows that nothing is under way.
   */
  run(nowMs: number): Promise<void> {
    const run = this.#running.then(() => this.#run(nowMs));
    this.#running = run.catch(() => {});
    return run;
  }

  async #run(nowMs: number): Promise<void> {
    const dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    if (dayMs !== this.#dayMs) this.#newDay(dayMs);
    for (let taken = 0; taken < STREAMS_A_RUN; taken += STREAMS_AT_ONCE) {
      const due: StreamKey[] = [];
      for (let next = this.#turns.at(-1); next !== undefined && next.dueMs <= nowMs; next = this.#turns.at(-1)) {
        this.#turns.pop();
        due.push(next.stream);
        if (due.length >= STREAMS_AT_ONCE) break;
      }
      if (due.length === 0) break;
      if (!(await this.#archived(due, dayMs))) break;
    }
    this.#tellAge(nowMs, dayMs);
  }

  /** All whose turn has come, however many: for a start after so long a stop that keys are about to be destroyed. */
  async catchUp(nowMs: number): Promise<void> {
    let left = Number.POSITIVE_INFINITY;
    do {
      left = this.#turns.length === 0 ? left : this.#turns.length;
      await this.run(nowMs);
    } while (this.#turns.length < left && (this.#turns.at(-1)?.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs);
  }

  /** After a start all are looked at at once: their turn may have come while nothing ran. */
  #newDay(dayMs: number): void {
    const { streams } = this.#o;
    const turns: Turn[] = [];
    // What was not reached in the day before comes first.
    const late = new Set(this.#turns.map(({ stream }) => stream));
    // also when days have passed at once (a machine that slept): keys are about to be destroyed
    const atOnce = !(dayMs - this.#dayMs <= DAY_MS);
    for (const stream of new Set([...streams(), GATEWAY_STREAM])) {
      turns.push({ stream, dueMs: atOnce || late.has(stream) ? dayMs : dayMs + FIRST_MS + minuteOf(stream) });
    }
    this.#turns = turns.sort((a, b) => b.dueMs - a.dueMs);
    this.#dayMs = dayMs;
  }

  /** A store that takes nothing just now (a full disk) is tried again with the next run. */
  async #archived(streams: readonly StreamKey[], dayMs: number): Promise<boolean> {
    try {
      await this.#archive(streams, dayMs);
      return true;
    } catch (error) {
      if (error instanceof Superseded) throw error;
      this.#tellFailure(error);
      this.#turns.push(...streams.map((stream) => ({ stream, dueMs: dayMs })));
      return false;
    }
  }

  async #archive(streams: readonly StreamKey[], dayMs: number): Promise<void> {
    const work = noWork();
    for (const stream of streams) {
      // A stream's day takes tens of milliseconds: what is live comes in between.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await this.#tried(stream, () => this.#gather(stream, dayMs, work));
    }
    if (work.archivedUpTo.size === 0) return;
    await this.#o.archive.append({ epoch: this.#o.epoch, ...work });
    // There may be more of those of which there was very much.
    const more = [...work.archivedUpTo.keys()].filter((stream) => this.#next(stream, dayMs).length > 0);
    if (more.length > 0) await this.#archive(more, dayMs);
  }

  async #gather(stream: StreamKey, dayMs: number, work: Work): Promise<void> {
    const uploads = this.#next(stream, dayMs);
    const last = uploads.at(-1);
    if (last === undefined) return;
    const { keys, streamOf } = this.#o;
    const segments = await segmentsOf(stream, uploads, keys, streamOf);
    // Its keys are destroyed: nobody may keep what was said under it.
    if (segments === null) return;
    work.segments.push(...segments);
    work.sequences.push(...uploads.map(({ entry: { deviceId, sequence } }) => ({ deviceId, sequence })));
    work.archivedUpTo.set(stream, last.since ?? last.position);
  }

  /** What is not archived of the days before, as the stream was given it. */
  #next(stream: StreamKey, dayMs: number): LoggedUpload[] {
    const uploads = this.#o.recentLog.since(stream, this.#o.archive.archivedUpTo(stream), UPLOADS_AT_ONCE);
    const end = uploads.findIndex((upload) => !isOfDayBefore(upload, dayMs));
    return end === -1 ? uploads : uploads.slice(0, end);
  }

  async #tried(stream: StreamKey, gather: () => Promise<void>): Promise<void> {
    try {
      await gather();
      this.#failed.delete(stream);
    } catch (error) {
      const { recentLog, archive } = this.#o;
      this.#tellFailure(error);
      const [oldest] = recentLog.since(stream, archive.archivedUpTo(stream), 1);
      if (oldest !== undefined) this.#failed.set(stream, oldest.entry.receivedMs);
    }
  }

  #tellFailure(error: unknown): void {
    this.#o.telemetry.count('fairwatch_compaction_failures_total');
    this.#o.telemetry.log('error', 'compaction_failed', { error: error instanceof Error ? error.name : 'unknown' });
  }

  /** No record that is not archived is older than this. */
  #tellAge(nowMs: number, dayMs: number): void {
    const next = this.#turns.at(-1);
    const waitingMs = next === undefined ? dayMs : next.dueMs <= nowMs ? opensFromMs(nowMs) : dayMs - DAY_MS;
    const oldestMs = Math.min(waitingMs, ...this.#failed.values());
    this.#o.telemetry.gauge('fairwatch_uncompacted_oldest_seconds', Math.max(0, nowMs - oldestMs) / 1_000);
  }
}

/** The same each day, and different for most (FNV-1a). */
function minuteOf(stream: StreamKey): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SPREAD_MS;
}
