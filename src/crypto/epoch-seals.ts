/** Seals of the hot stores: under a key of one hour, which opens until it is destroyed. */
import { LIMITS } from '../domain/limits.js';
import { LentKeys } from './lent-keys.js';
import type { Pseudonyms } from './pseudonyms.js';
import { epochOf, KeyDestroyed, openUnder, SealBroken, sealKeyOf, sealUnder } from './seals.js';

export const EPOCH_MS = 3_600_000;
/** From the beginning of its hour until every copy is destroyed: 72 h for late data, and the hour itself. */
export const EPOCH_LIFE_MS = LIMITS.hotKeyLifeHours * EPOCH_MS;

/** UTC hours since 1970. */
export const epochAt = (ms: number): number => Math.floor(ms / EPOCH_MS);
export const isOverdue = (epoch: number, nowMs: number): boolean => epoch * EPOCH_MS + EPOCH_LIFE_MS <= nowMs;

export class EpochSeals {
  /** Seal keys by epoch: those that live. */
  readonly #keys = new Map<number, Buffer>();
  #oldest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  /** Nothing is sealed under an older one than what was sealed before: a clock that was set back shortens no life. */
  #floor = Number.NEGATIVE_INFINITY;
  #lent: LentKeys | null = null;

  /** `now`: UTC milliseconds; read at every seal. Null: these seals only open. */
  constructor(
    private readonly names: Pseudonyms,
    private readonly now: (() => number) | null,
  ) {}

  /** The key of an epoch, 32 bytes, is at hand from now on; it is copied, and what is given may be overwritten. */
  add(epoch: number, key: Buffer): void {
    if (this.#keys.has(epoch)) return;
    this.#keys.set(epoch, sealKeyOf(key));
    this.#bound();
    // the newest is made an hour ahead: the one before it may have been in use before a restart
    this.#floor = Math.max(this.#floor, this.#newest - 1);
  }

  has(epoch: number): boolean {
    return this.#keys.has(epoch);
  }

  epochs(): number[] {
    return [...this.#keys.keys()].sort((a, b) => a - b);
  }

  /** Overwrites the key. */
  destroy(epoch: number): void {
    this.#keys.get(epoch)?.fill(0);
    this.#lent?.destroy(epoch);
    this.#keys.delete(epoch);
    this.#bound();
  }

  /** The epoch that is sealed under now: the clock's hour; the newest that lives where that one is not at hand. */
  current(): number {
    if (this.now === null) throw new Error('these seals only open');
    const wanted = Math.max(epochAt(this.now()), this.#floor);
    const epoch = this.#keys.has(wanted) ? wanted : this.#newest;
    if (!this.#keys.has(epoch)) throw new Error('no epoch key is at hand: nothing can be sealed');
    this.#floor = Math.max(this.#floor, epoch);
    return epoch;
  }

  /** Memory from which another thread seals (`BorrowedKeys`), with the epochs that `lentEpoch` has given. */
  lend(): SharedArrayBuffer {
    this.#lent ??= new LentKeys(this.names);
    return this.#lent.memory;
  }

  /** As `current`; its key is lent from now on until it is destroyed, or another hour's takes its place. */
  lentEpoch(): number {
    const epoch = this.current();
    this.#lent?.put(epoch, this.#keys.get(epoch) as Buffer);
    return epoch;
  }

  /** The time has come to `epoch`, though the clock may not say so yet: nothing is sealed under an older one again. */
  advance(epoch: number): void {
    this.#floor = Math.max(this.#floor, Math.min(epoch, this.#newest));
  }

  seal(store: string, name: string, plain: Uint8Array): Buffer {
    const epoch = this.current();
    return sealUnder(this.#keys.get(epoch) as Buffer, epoch, store, name, plain);
  }

  /** Throws `KeyDestroyed` for what is older than every key that lives, `SealBroken` for what is not ours. */
  open(store: string, name: string, sealed: Uint8Array): Buffer {
    const epoch = epochOf(sealed);
    const key = this.#keys.get(epoch);
    if (key !== undefined) return openUnder(key, store, name, sealed);
    if (epoch < this.#oldest) {
      throw new KeyDestroyed(`the key of hour ${epoch} is destroyed: a record of ${store} opens no more`);
    }
    throw new SealBroken(`no key of hour ${epoch} is at hand for a record of ${store}`);
  }

  pseudonym(id: string): string {
    return this.names.of(id);
  }

  #bound(): void {
    const epochs = [...this.#keys.keys()];
    this.#oldest = Math.min(...epochs);
    this.#newest = Math.max(...epochs);
  }
}
