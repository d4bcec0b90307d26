/** RFC 6962 §2.1 word for word: recursive, over lists of entries, sharing nothing with what it judges. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const ZERO = Buffer.of(0x00);
const ONE = Buffer.of(0x01);

/** "Let k be the largest power of two smaller than n." */
function k(n: number): number {
  for (let exponent = 0; ; exponent++) if (2 ** (exponent + 1) >= n) return 2 ** exponent;
}

/** The tree over `entries`; D[a:b] is written as its bounds, and what was worked out once is remembered. */
export class MerkleTwin {
  readonly #known = new Map<string, Buffer>();

  constructor(private readonly entries: readonly Uint8Array[]) {}

  /** §2.1: MTH(D[a:b]). */
  mth(a: number, b: number): Buffer {
    const name = `${a}:${b}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const n = b - a;
    const hash =
      n === 0
        ? sha256()
        : n === 1
          ? sha256(ZERO, this.entries[a] as Uint8Array)
          : sha256(ONE, this.mth(a, a + k(n)), this.mth(a + k(n), b));
    this.#known.set(name, hash);
    return hash;
  }

  /** §2.1.1: PATH(m, D[a:b]). */
  path(m: number, a: number, b: number): Buffer[] {
    const n = b - a;
    if (n === 1) return [];
    return m < k(n)
      ? [...this.path(m, a, a + k(n)), this.mth(a + k(n), b)]
      : [...this.path(m - k(n), a + k(n), b), this.mth(a, a + k(n))];
  }

  /** §2.1.2: PROOF(m, D[n]) = SUBPROOF(m, D[n], true). */
  proof(m: number, n: number): Buffer[] {
    return this.#subproof(m, 0, n, true);
  }

  #subproof(m: number, a: number, b: number, whole: boolean): Buffer[] {
    const n = b - a;
    if (m === n) return whole ? [] : [this.mth(a, b)];
    return m <= k(n)
      ? [...this.#subproof(m, a, a + k(n), whole), this.mth(a + k(n), b)]
      : [...this.#subproof(m - k(n), a + k(n), b, false), this.mth(a, a + k(n))];
  }
}
