/** When each stream wants to be looked at again: one queue for everybody, never a timer a person. */
import TinyQueue from 'tinyqueue';
import type { StreamKey } from '../domain/ids.js';

interface Due {
  readonly dueMs: number;
  readonly stream: StreamKey;
}

export class DueTimes {
  readonly #queue = new TinyQueue<Due>([], (a, b) => a.dueMs - b.dueMs);
  /** The due time that holds for a stream; queue items that differ from it are stale and dropped when they surface. */
  readonly #current = new Map<StreamKey, number>();

  /** Sets, moves or (null) clears a stream's due time. */
  set(stream: StreamKey, dueMs: number | null): void {
    if (dueMs === null) {
      this.#current.delete(stream);
      return;
    }
    if (this.#current.get(stream) === dueMs) return;
    this.#current.set(stream, dueMs);
    this.#queue.push({ dueMs, stream });
  }

  /** The earliest due time; null when nothing is due ever. */
  next(): number | null {
    for (let top = this.#queue.peek(); top !== undefined; top = this.#queue.peek()) {
      if (this.#current.get(top.stream) === top.dueMs) return top.dueMs;
      this.#queue.pop();
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
      taken.push(due);
    }
    return taken;
  }

  /** How many streams wait for a time. */
  get size(): number {
    return this.#current.size;
  }
}
