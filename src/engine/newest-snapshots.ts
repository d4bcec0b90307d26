/** Where each stream's newest snapshot stands, as far as it was looked for: 16 bytes a stream beside its name, for millions. */
import type { StreamKey } from '../domain/ids.js';

const FIRST_ROOM = 1_024;
const EVENT_TIME = 0;
const COVERS = 1;
const WIDTH = 2;
/** No event time: it has none. */
const NONE = Number.NaN;

export class NewestSnapshots {
  readonly #slots = new Map<StreamKey, number>();
  #values = new Float64Array(FIRST_ROOM * WIDTH);
  #used = 0;
  readonly #free: number[] = [];

  /** Whether it was looked for, and nothing has changed since. */
  knows(stream: StreamKey): boolean {
    return this.#slots.has(stream);
  }

  /** Null: the stream has none, or it is not known. */
  atMs(stream: StreamKey): number | null {
    return this.#read(stream, EVENT_TIME);
  }

  /** What it covers; null as above. */
  coversMs(stream: StreamKey): number | null {
    return this.#read(stream, COVERS);
  }

  set(stream: StreamKey, atMs: number, coversMs: number): void {
    this.#write(stream, atMs, coversMs);
  }

  /** The stream has none. */
  setNone(stream: StreamKey): void {
    this.#write(stream, NONE, NONE);
  }

  /** It is not known any more. */
  delete(stream: StreamKey): void {
    const slot = this.#slots.get(stream);
    if (slot === undefined) return;
    this.#slots.delete(stream);
    this.#free.push(slot);
  }

  #read(stream: StreamKey, field: number): number | null {
    const slot = this.#slots.get(stream);
    const value = slot === undefined ? NONE : (this.#values[slot * WIDTH + field] as number);
    return Number.isNaN(value) ? null : value;
  }

  #write(stream: StreamKey, atMs: number, coversMs: number): void {
    const slot = this.#slots.get(stream) ?? this.#newSlot(stream);
    this.#values[slot * WIDTH + EVENT_TIME] = atMs;
    this.#values[slot * WIDTH + COVERS] = coversMs;
  }

  #newSlot(stream: StreamKey): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot * WIDTH >= this.#values.length) {
      const wider = new Float64Array(2 * this.#values.length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#slots.set(stream, slot);
    return slot;
  }
}
