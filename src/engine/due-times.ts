/**
 * When each stream wants to be looked at again: one queue for everybody, never a timer a person. Of equal times the order
 * is that of the streams, so that a run of the same uploads gives the same journal, however they fell into batches.
 */
import TinyQueue from 'tinyqueue';
import type { StreamKey } from '../domain/ids.js';

export interface Due {
  readonly dueMs: number;
  readonly stream: StreamKey;
}

export class DueTimes {
  readonly #queue = new TinyQueue<Due>([], (a, b) => a.dueMs - b.dueMs || (a.stream < b.stream ? -1 : 1));
  /** The due time that holds for a stream. */
  readonly #current = new Map<StreamKey, number>();
  /**
   * The item of the queue that stands for a stream; others of it are dropped when they surface. A time that moves on
   * (silence does with every record) stays one item, which is put back when it surfaces too early.
   */
  readonly #queued = new Map<StreamKey, number>();

  /** Sets, moves or (null) clears a stream's due time. */
  set(stream: StreamKey, dueMs: number | null): void {
    if (dueMs === null) {
      this.#current.delete(stream);
      return;
    }
    this.#current.set(stream, dueMs);
    const queuedMs = this.#queued.get(stream);
    if (queuedMs === undefined || dueMs < queuedMs) this.#push(stream, dueMs);
  }

  /** The earliest due time; null when nothing is due ever. */
  next(): number | null {
    for (let top = this.#queue.peek(); top !== undefined; top = this.#queue.peek()) {
      const { stream } = top;
      const dueMs = this.#current.get(stream);
      if (dueMs === top.dueMs) return dueMs;
      this.#queue.pop();
      if (this.#queued.get(stream) !== top.dueMs) continue;
      this.#queued.delete(stream);
      if (dueMs !== undefined) this.#push(stream, dueMs);
    }
    return null;
  }

  /**
   * Takes out streams due at or before `nowMs`, earliest first, at most `max`. A stream taken out is not due again
   * until it is set anew (by the step that its tick leads to).
   */
  take(nowMs: number, max: number): Due[] {
    const taken: Due[] = [];
    for (let dueMs = this.next(); dueMs !== null && dueMs <= nowMs && taken.length < max; dueMs = this.next()) {
      const due = this.#queue.pop() as Due;
      this.#current.delete(due.stream);
      this.#queued.delete(due.stream);
      taken.push(due);
    }
    return taken;
  }

  #push(stream: StreamKey, dueMs: number): void {
    this.#queued.set(stream, dueMs);
    this.#queue.push({ dueMs, stream });
  }

  /** Items in the queue: never many more than streams. */
  get queued(): number {
    return this.#queue.length;
  }

  /** How many streams wait for a time. */
  get size(): number {
    return this.#current.size;
  }
}
