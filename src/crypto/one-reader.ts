/**
 * Content that its writer cannot read again: a random key a process and hour, wrapped once for the one reader's identity
 * key (ECDH-ES+A256KW, P-256), seals it; when the hour is over the writer forgets the key.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { unwrapNamedKey, wrapKey } from './device-keys.js';
import type { KeyOpener } from './key-jwe.js';
import { openUnder, sealKeyOf, sealUnder } from './seals.js';

const HOUR_MS = 3_600_000;
/** The key's name in the header is in its JWE; the seal has no epochs. */
const EPOCH = 0;

export interface WritingKey {
  /** 16 random bytes, hex. */
  readonly id: string;
  /** For the reader; to be kept beside what is sealed. */
  readonly jwe: string;
  seal(store: string, name: string, plain: Uint8Array): Buffer;
}

export class OneReader {
  #hour = Number.NaN;
  #key: (WritingKey & { readonly forget: () => void }) | null = null;

  /** `reader`: its P-256 public key. */
  constructor(private readonly reader: KeyObject) {}

  /** The key of the hour. Use it before anything is awaited; ask for one at a time. */
  async keyAt(nowMs: number): Promise<WritingKey> {
    this.forget(nowMs);
    if (this.#key !== null) return this.#key;
    const made = await makeKey(this.reader);
    this.#key = made;
    this.#hour = Math.floor(nowMs / HOUR_MS);
    return made;
  }

  /** The time is `nowMs`: the key of an hour that is over is overwritten. */
  forget(nowMs: number): void {
    if (Math.floor(nowMs / HOUR_MS) === this.#hour) return;
    this.#key?.forget();
    this.#key = null;
  }
}

async function makeKey(reader: KeyObject): Promise<WritingKey & { readonly forget: () => void }> {
  const id = randomBytes(16).toString('hex');
  const key = randomBytes(32);
  const jwe = await wrapKey(reader, key, kidOf(id));
  const sealKey = sealKeyOf(key);
  key.fill(0);
  let forgotten = false;
  return {
    id,
    jwe,
    seal: (store, name, plain) => {
      // never under the zeros that took its place
      if (forgotten) throw new Error('this key is forgotten: ask for the one of the hour');
      return sealUnder(sealKey, EPOCH, store, name, plain);
    },
    forget: () => {
      forgotten = true;
      sealKey.fill(0);
    },
  };
}

/** For the reader. Throws `KeyUnwrapFailed` for another's key, `SealBroken` for what was changed or moved. */
export async function openForReader(
  opener: KeyOpener,
  jwe: string,
  place: { readonly store: string; readonly name: string },
  sealed: Uint8Array,
): Promise<Buffer> {
  const { key } = await unwrapNamedKey(opener, jwe);
  return openUnder(sealKeyOf(key), place.store, place.name, sealed);
}

const kidOf = (id: string): string => `one-reader:${id}`;
