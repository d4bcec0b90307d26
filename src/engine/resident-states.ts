/**
 * The states of all streams in memory: as encoded records off the heap, those last used decoded too. What the batch under
 * way changes lies beside them until it is committed, so that records are always of what is committed.
 */
import { decodeState, dueMsOf, encodeState, oldestFixMsOf, withMove } from '../codec/state-record.js';
import type { StreamKey } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { StateBytes } from '../ports/subject-states.js';
import { type Move, moved, movedOn } from '../rules/calm-move.js';
import { FIX_REMEMBERED_MS, withoutOldFixes } from '../rules/plausibility.js';
import { LastUsed, READY_MAX, readyOf } from './last-used.js';
import { RecordSlab } from './record-slab.js';

export class ResidentStates {
  /** What records keep of where tags were is forgotten by this clock; null: nothing is. */
  readonly #nowMs: (() => number) | null;
  readonly #readyMax: number;
  readonly #slots = new Map<StreamKey, number>();
  readonly #freeSlots: number[] = [];
  readonly #slab = new RecordSlab();
  /** Null: removed. */
  #changed = new Map<StreamKey, SubjectState | null>();
  /** What calm fixes change of those that the batch under way has not changed otherwise. */
  #moves = new Map<StreamKey, { readonly position: number; readonly move: Move }>();
  readonly #decoded = new LastUsed<StreamKey, SubjectState>();

  constructor(nowMs: (() => number) | null, readyMax = READY_MAX) {
    this.#nowMs = nowMs;
    this.#readyMax = readyMax;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Also of those that the batch under way has begun. */
  keys(): IterableIterator<StreamKey> {
    return this.#slots.keys();
  }

  /** As the batch under way has it. */
  get(stream: StreamKey): SubjectState | null {
    const changed = this.#changed.get(stream);
    if (changed !== undefined) return changed;
    const state = this.#committed(stream);
    const last = this.#moves.get(stream);
    return state === null || last === undefined ? state : { ...moved(state, last.move), position: last.position };
  }

  /** Whether there is one, as the batch under way has it. */
  has(stream: StreamKey): boolean {
    const changed = this.#changed.get(stream);
    return changed === undefined ? this.#record(stream) !== null : changed !== null;
  }

  #committed(stream: StreamKey): SubjectState | null {
    const decoded = this.#decoded.get(stream, this.#ready);
    if (decoded !== undefined) return decoded;
    const record = this.#record(stream);
    if (record === null) return null;
    const state = decodeState(record);
    this.#decoded.put(stream, state, this.#ready);
    return state;
  }

  set(stream: StreamKey, state: SubjectState): void {
    if (!this.#slots.has(stream)) this.#slots.set(stream, this.#freeSlots.pop() ?? this.#slots.size);
    this.#changed.set(stream, state);
    this.#moves.delete(stream);
  }

  /** As `set`, with what calm records make of the state that is there. */
  move(stream: StreamKey, position: number, move: Move): void {
    const changed = this.#changed.get(stream);
    if (changed != null) {
      this.#changed.set(stream, { ...moved(changed, move), position });
      return;
    }
    const earlier = this.#moves.get(stream);
    this.#moves.set(stream, { position, move: earlier === undefined ? move : movedOn(earlier.move, move) });
  }

  remove(stream: StreamKey): void {
    this.#changed.set(stream, null);
    this.#moves.delete(stream);
  }

  /** What has changed is committed; gives the streams. */
  commit(): readonly StreamKey[] {
    const [changed, moves] = [this.#changed, this.#moves];
    this.#changed = new Map();
    this.#moves = new Map();
    for (const [stream, { position, move }] of moves) {
      const slot = this.#slots.get(stream) as number;
      this.#slab.put(slot, withMove(this.#slab.view(slot) as Buffer, position, move));
      this.#decoded.delete(stream);
    }
    for (const [stream, state] of changed) {
      if (state === null) this.#drop(stream);
      else {
        this.#slab.put(this.#slots.get(stream) as number, encodeState(this.#forgotten(state)));
        this.#decoded.put(stream, state, this.#ready);
      }
    }
    return [...changed.keys(), ...moves.keys()];
  }

  /** As a store has it. Throws `FormatRefused` where this build cannot read it. */
  load(stream: StreamKey, bytes: StateBytes): void {
    dueMsOf(bytes);
    const slot = this.#slots.get(stream) ?? this.#freeSlots.pop() ?? this.#slots.size;
    this.#slots.set(stream, slot);
    this.#slab.put(slot, bytes);
  }

  clear(): void {
    for (const stream of [...this.#slots.keys()]) this.#drop(stream);
    this.#changed.clear();
    this.#moves.clear();
  }

  /** A copy for the stores, of what is committed; null: there is none. */
  bytesOf(stream: StreamKey): StateBytes | null {
    const record = this.#record(stream);
    if (record === null) return null;
    if (this.#nowMs === null || this.#nowMs() - oldestFixMsOf(record) < FIX_REMEMBERED_MS)
      return Uint8Array.from(record);
    const slim = encodeState(this.#forgotten(decodeState(record)));
    this.#slab.put(this.#slots.get(stream) as number, slim);
    return slim;
  }

  /** As `bytesOf`, of all. */
  *all(): Generator<readonly [StreamKey, StateBytes]> {
    for (const stream of this.#slots.keys()) {
      const bytes = this.bytesOf(stream);
      if (bytes !== null) yield [stream, bytes];
    }
  }

  /** As is committed: when the stream wants to be looked at again; null: never. */
  dueMs(stream: StreamKey): number | null {
    const record = this.#record(stream);
    return record === null ? null : dueMsOf(record);
  }

  /** When each stream wants to be looked at again, as is committed. */
  *dueTimes(): Generator<readonly [StreamKey, number]> {
    for (const stream of this.#slots.keys()) {
      const record = this.#record(stream);
      const dueMs = record === null ? null : dueMsOf(record);
      if (dueMs !== null) yield [stream, dueMs];
    }
  }

  #record(stream: StreamKey): Buffer | null {
    const slot = this.#slots.get(stream);
    return slot === undefined ? null : this.#slab.view(slot);
  }

  #forgotten(state: SubjectState): SubjectState {
    return this.#nowMs === null ? state : withoutOldFixes(state, this.#nowMs());
  }

  get #ready(): number {
    return readyOf(this.#slots.size, this.#readyMax);
  }

  #drop(stream: StreamKey): void {
    const slot = this.#slots.get(stream);
    this.#decoded.delete(stream);
    if (slot === undefined) return;
    this.#slab.remove(slot);
    this.#slots.delete(stream);
    this.#freeSlots.push(slot);
  }
}
