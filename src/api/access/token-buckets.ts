/** Token buckets by name, of whom only the latest are remembered: a flood of names must not fill the memory. */
import type { Rate } from './rates.js';

interface Bucket {
  left: number;
  atMs: number;
}

export class TokenBuckets {
  /** The one that was asked longest ago comes first; forgotten, it is full again. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly namesMax: number) {}

  /** Takes one, or says in how many milliseconds there will be one. `nowMs`: monotonic. */
  take(name: string, rate: Rate, nowMs: number): number {
    const bucket = this.#filled(name, rate, nowMs);
    if (bucket.left < 1) return this.#waitMs(bucket, rate);
    bucket.left--;
    return 0;
  }

  /** As `take`, and takes nothing. */
  wait(name: string, rate: Rate, nowMs: number): number {
    const bucket = this.#filled(name, rate, nowMs);
    return bucket.left < 1 ? this.#waitMs(bucket, rate) : 0;
  }

  #waitMs({ left }: Bucket, { perS }: Rate): number {
    return ((1 - left) / perS) * 1_000;
  }

  #filled(name: string, { burst, perS }: Rate, nowMs: number): Bucket {
    const known = this.#buckets.get(name);
    const sinceMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs);
    const left = known === undefined ? burst : Math.min(burst, known.left + (sinceMs / 1_000) * perS);
    const bucket = { left, atMs: nowMs };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const oldest = this.#buckets.size > this.namesMax ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
