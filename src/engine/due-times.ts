/**
 * When each stream wants to be looked at again: one queue for everybody, never a timer a person. Of equal times the order
 * is that of the streams, so that a run of the same uploads gives the same journal, however they fell into batches.
 *
 * A binary heap of numbers over typed arrays: a million people have a due time each.
 */
import type { StreamKey } from '../domain/ids.js';
import { longer } from '../rules/longer.js';

export interface Due {
  readonly dueMs: number;
  readonly stream: StreamKey;
}

const NEVER = Infinity;

export class DueTimes {
  readonly #slots = new Map<StreamKey, number>();
  readonly #streams: StreamKey[] = [];
  readonly #freeSlots: number[] = [];
  /** By slot, the due time that holds. */
  #current = new Float64Array(1_024);
  /**
   * By slot, the time under which it stands in the heap, where it is put right when it surfaces: a time that moves on (silence
   * does with every record) stays where it is until then.
   */
  #queued = new Float64Array(1_024);
  /** Slots, the earliest first. */
  #heap = new Uint32Array(1_024);
  /** By slot, its place in the heap. */
  #places = new Uint32Array(1_024);
  #length = 0;
  #waiting = 0;

  /** Sets, moves or (null) clears a stream's due time. */
  set(stream: StreamKey, dueMs: number | null): void {
    const known = this.#slots.get(stream);
    if (dueMs === null) {
      if (known !== undefined) this.#clear(known);
      return;
    }
    const slot = known ?? this.#add(stream);
    if (this.#current[slot] === NEVER) this.#waiting += 1;
    this.#current[slot] = dueMs;
    if (known !== undefined && dueMs >= (this.#queued[slot] as number)) return;
    this.#queued[slot] = dueMs;
    this.#rise(this.#places[slot] as number);
  }

  /** The earliest due time; null when nothing is due ever. */
  next(): number | null {
    while (this.#length > 0) {
      const slot = this.#heap[0] as number;
      const dueMs = this.#current[slot] as number;
      if (dueMs === this.#queued[slot]) return dueMs;
      if (dueMs === NEVER) this.#takeFirst();
      else {
        this.#queued[slot] = dueMs;
        this.#sink(0);
      }
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
      taken.push({ dueMs, stream: this.#takeFirst() });
      this.#waiting -= 1;
    }
    return taken;
  }

  /** Items in the heap: one a stream. */
  get queued(): number {
    return this.#length;
  }

  /** How many streams wait for a time. */
  get size(): number {
    return this.#waiting;
  }

  #add(stream: StreamKey): number {
    const slot = this.#freeSlots.pop() ?? this.#streams.length;
    if (slot >= this.#current.length) this.#grow();
    this.#slots.set(stream, slot);
    this.#streams[slot] = stream;
    this.#current[slot] = NEVER;
    this.#heap[this.#length] = slot;
    this.#places[slot] = this.#length;
    this.#length += 1;
    return slot;
  }

  /** It goes from the heap when it surfaces. */
  #clear(slot: number): void {
    if (this.#current[slot] === NEVER) return;
    this.#current[slot] = NEVER;
    this.#waiting -= 1;
  }

  #takeFirst(): StreamKey {
    const slot = this.#heap[0] as number;
    const stream = this.#streams[slot] as StreamKey;
    this.#length -= 1;
    if (this.#length > 0) {
      this.#heap[0] = this.#heap[this.#length] as number;
      this.#places[this.#heap[0] as number] = 0;
      this.#sink(0);
    }
    this.#slots.delete(stream);
    this.#freeSlots.push(slot);
    return stream;
  }

  #rise(from: number): void {
    const slot = this.#heap[from] as number;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#heap[above] as number;
      if (!this.#isBefore(slot, other)) break;
      this.#put(other, place);
      place = above;
    }
    this.#put(slot, place);
  }

  #sink(from: number): void {
    const slot = this.#heap[from] as number;
    let place = from;
    for (let below = 2 * place + 1; below < this.#length; below = 2 * place + 1) {
      const right = below + 1;
      const isRight = right < this.#length && this.#isBefore(this.#heap[right] as number, this.#heap[below] as number);
      const first = isRight ? right : below;
      const other = this.#heap[first] as number;
      if (!this.#isBefore(other, slot)) break;
      this.#put(other, place);
      place = first;
    }
    this.#put(slot, place);
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot;
    this.#places[slot] = place;
  }

  #isBefore(a: number, b: number): boolean {
    const apart = (this.#queued[a] as number) - (this.#queued[b] as number);
    return apart < 0 || (apart === 0 && (this.#streams[a] as StreamKey) < (this.#streams[b] as StreamKey));
  }

  #grow(): void {
    const length = 2 * this.#current.length;
    [this.#current, this.#queued] = [longer(this.#current, length), longer(this.#queued, length)];
    [this.#heap, this.#places] = [longer(this.#heap, length), longer(this.#places, length)];
  }
}
