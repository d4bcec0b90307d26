/** Every key that can be had from some files: what is wrapped is unwrapped with what is known, until nothing more opens. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { compactDecrypt } from 'jose';

export interface KnownKeys {
  /** 32 bytes each. */
  readonly symmetric: readonly Buffer[];
  /** P-256. */
  readonly privateKeys: readonly KeyObject[];
}

/** Wrapped keys are JWEs in compact form; there may be several in one text. */
const JWE = /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}/g;

/** What every wrapped key or JWK has in it. */
const MARKS = ['eyJ', '"k"', '"d"'].map((text) => Buffer.from(text));

/** Collects keys; `take` may be called with anything that was read or opened, as often as there is more. */
export class KeyHunt {
  readonly #symmetric = new Map<string, Buffer>();
  readonly #private = new Map<string, KeyObject>();
  /** Wrapped texts that nothing has opened yet. */
  #wrapped = new Set<string>();
  readonly #opened = new Set<string>();
  /** What there was when nothing more would unwrap. */
  #tried = '';

  get known(): KnownKeys {
    return { symmetric: [...this.#symmetric.values()], privateKeys: [...this.#private.values()] };
  }

  /** How many wrapped texts stay closed to all of these keys. */
  get closed(): number {
    return this.#wrapped.size;
  }

  addSymmetric(key: Buffer): void {
    if (key.length === 32) this.#symmetric.set(key.toString('hex'), key);
  }

  /** Looks for wrapped keys and bare JWKs in these bytes. Resolves with true when a key was new. */
  async take(bytes: Buffer): Promise<boolean> {
    // most of what is tried is noise
    if (!MARKS.some((mark) => bytes.includes(mark)) && this.#tried === this.#toTry()) return false;
    const before = this.#symmetric.size + this.#private.size;
    const text = bytes.toString('latin1');
    for (const [jwe] of text.matchAll(JWE)) if (!this.#opened.has(jwe)) this.#wrapped.add(jwe);
    this.#jwks(text);
    if (this.#tried !== this.#toTry()) {
      while (await this.#unwrapSome());
      this.#tried = this.#toTry();
    }
    return this.#symmetric.size + this.#private.size > before;
  }

  /** Changes with every key and every wrapped text that is new. */
  #toTry(): string {
    return `${this.#symmetric.size} ${this.#private.size} ${this.#wrapped.size} ${this.#opened.size}`;
  }

  async #unwrapSome(): Promise<boolean> {
    let more = false;
    for (const jwe of [...this.#wrapped]) {
      const plain = await this.#unwrap(jwe);
      if (plain === null) continue;
      this.#wrapped.delete(jwe);
      this.#opened.add(jwe);
      this.#jwks(plain.toString('latin1'));
      for (const [inner] of plain.toString('latin1').matchAll(JWE)) this.#wrapped.add(inner);
      more = true;
    }
    return more;
  }

  async #unwrap(jwe: string): Promise<Buffer | null> {
    for (const key of [...this.#symmetric.values(), ...this.#private.values()]) {
      try {
        return Buffer.from((await compactDecrypt(jwe, key)).plaintext);
      } catch {
        // not this one
      }
    }
    return null;
  }

  /** JWKs wherever they stand: an `oct` key's `k`, an EC key's `d`. */
  #jwks(text: string): void {
    for (const [, k] of text.matchAll(/"k"\s*:\s*"([A-Za-z0-9_-]{43})"/g))
      this.addSymmetric(Buffer.from(k ?? '', 'base64url'));
    for (const [object] of text.matchAll(/\{[^{}]*"d"\s*:\s*"[A-Za-z0-9_-]{43}"[^{}]*\}/g)) {
      try {
        const jwk = JSON.parse(object) as { d: string; kty: string; crv: string; x: string; y: string };
        this.#private.set(jwk.d, createPrivateKey({ key: { ...jwk }, format: 'jwk' }));
      } catch {
        // no JWK after all
      }
    }
  }
}
