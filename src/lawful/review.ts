/** Reads an order's records back for review: archive segments and the recent log together, a day at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sight } from '../domain/grant.js';
import { type OrderId, type StreamKey, streamOfOrder } from '../domain/ids.js';
import type { Interval } from '../domain/timetable.js';
import type { ArchivedRecord, ArchiveReader } from '../ports/archive.js';
import type { Evidence, Reviewed } from '../ports/evidence.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { ReviewKeys } from '../ports/order-keys.js';
import type { LoggedUpload } from '../ports/recent-log.js';
import { openSegment } from './open-segment.js';
import { ReviewScope } from './review-scope.js';

/** What the engine has taken in and not archived yet, as another process may read it. */
export interface RecentReader {
  /** Uploads that a stream was given after a position, in that order, at most `max`. */
  since(stream: StreamKey, position: number, max: number): readonly (LoggedUpload & { readonly since?: number })[];
}

export interface ReviewParts {
  readonly ledger: Pick<LedgerReader, 'orderRevisions'>;
  readonly archive: Pick<ArchiveReader, 'segments' | 'archivedUpTo'>;
  readonly recent: RecentReader;
  readonly keys: Pick<ReviewKeys, 'archivePrivateKey' | 'nameOf'>;
}

const DAY_MS = 86_400_000;
const uploadsPerPage = 1_024;

/** A segment that should open does not: said to the reader, for an answer with a hole in it would look whole. */
export class SegmentBroken extends Error {
  override readonly name = 'SegmentBroken';
}

export class RecordReview implements Evidence {
  readonly #o: ReviewParts;

  constructor(parts: ReviewParts) {
    this.#o = parts;
  }

  fixes(orderId: OrderId, sight: Sight): AsyncIterable<Reviewed> {
    return this.#read(orderId, sight.fixes ? sight.intervals : [], (scope, said) => scope.fix(said));
  }

  records(orderId: OrderId, sight: Sight): AsyncIterable<Reviewed> {
    const intervals = sight.records === 'none' ? [] : sight.intervals;
    return this.#read(orderId, intervals, (scope, said) => scope.other(said, sight));
  }

  async *#read(
    orderId: OrderId,
    intervals: readonly Interval[],
    show: (scope: ReviewScope, said: ArchivedRecord) => Reviewed | null,
  ): AsyncGenerator<Reviewed> {
    const revisions = this.#o.ledger.orderRevisions(orderId);
    if (revisions.length === 0 || intervals.length === 0) return;
    const scope = new ReviewScope(revisions);
    // the recent log first: what leaves it while we read is in the archive by then
    const recent = this.#recent(orderId, intervals);
    for (const { startMs, endMs } of intervals) {
      const lastDay = Math.floor((endMs - 1) / DAY_MS);
      for (let day = Math.floor(startMs / DAY_MS); day <= lastDay; day++) {
        const fromMs = Math.max(startMs, day * DAY_MS);
        const toMs = Math.min(endMs, (day + 1) * DAY_MS);
        const said = [...this.#archived(orderId, day), ...recent].filter(
          ({ record }) => fromMs <= record.timeMs && record.timeMs < toMs,
        );
        for (const one of onceEach(said)) {
          const shown = show(scope, one);
          if (shown !== null) yield shown;
        }
        await nextTurn();
      }
    }
  }

  /** What is not archived yet: hours, or the days that an archive was away. */
  #recent(orderId: OrderId, intervals: readonly Interval[]): ArchivedRecord[] {
    const stream = streamOfOrder(orderId);
    const found: ArchivedRecord[] = [];
    let position = this.#o.archive.archivedUpTo(stream);
    for (;;) {
      const page = this.#o.recent.since(stream, position, uploadsPerPage);
      for (const { entry } of page) {
        const receivedS = Math.floor(entry.receivedMs / 1_000);
        for (const record of entry.records) {
          if (within(intervals, record.timeMs)) found.push({ deviceId: entry.deviceId, receivedS, record });
        }
      }
      const last = page.at(-1);
      if (last === undefined || page.length < uploadsPerPage) return found;
      position = last.since ?? last.position;
    }
  }

  *#archived(orderId: OrderId, day: number): Generator<ArchivedRecord> {
    const key = this.#o.keys.archivePrivateKey(orderId);
    if (key === null) return;
    const stream = this.#o.keys.nameOf(orderId);
    for (const { sealed } of this.#o.archive.segments(streamOfOrder(orderId), day, day)) {
      const opened = openSegment(key, sealed, stream, day);
      if (!opened.ok) throw new SegmentBroken(`a segment of day ${day} does not open: ${opened.fault}`);
      yield* opened.value;
    }
  }
}

/** In the order of event time; a record's identity is (device, time, hash), however often it was kept. */
function onceEach(said: readonly ArchivedRecord[]): ArchivedRecord[] {
  const byIdentity = new Map(said.map((one) => [`${one.record.timeMs} ${one.deviceId} ${one.record.hash}`, one]));
  return [...byIdentity.values()].sort(
    (a, b) =>
      a.record.timeMs - b.record.timeMs || compare(a.deviceId, b.deviceId) || compare(a.record.hash, b.record.hash),
  );
}

const within = (intervals: readonly Interval[], atMs: number): boolean =>
  intervals.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
