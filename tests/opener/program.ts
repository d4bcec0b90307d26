/**
 * A program that has everything but luck: it takes every key that lies in some folders, unwraps what these open, and
 * tries all of them on every ciphertext of all the folders, again while that yields more keys. It knows the formats and
 * asks no tag.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ciphertextsIn } from './ciphertexts.js';
import { KeyHunt } from './keys.js';
import { deciphered, openedJwes, sealKeysOf } from './open.js';
import { segmentOpens } from './open-segment.js';

export interface OpenerInput {
  /** Folders whose files are keys, wrapped or bare. */
  readonly keyFolders: readonly string[];
  /** Key-encryption keys that the thief has too. */
  readonly keks: readonly Buffer[];
  /** Folders whose every ciphertext is tried. */
  readonly dataFolders: readonly string[];
  /** Whether these bytes say something that was secret. */
  readonly isSecret: (plain: Buffer) => boolean;
}

export interface Opened {
  /** Where secrets came out, each place once. */
  readonly secretsAt: readonly string[];
  readonly ciphertexts: number;
  readonly keys: number;
  /** JWEs that opened, whatever they said. */
  readonly jwesOpened: number;
  /** Archive segments whose key unwrapped. */
  readonly segmentsOpened: number;
}

export async function openEverything(input: OpenerInput): Promise<Opened> {
  const hunt = new KeyHunt();
  for (const kek of input.keks) hunt.addSymmetric(kek);
  for (const folder of input.keyFolders) for (const bytes of filesOf(folder)) await takeKeyFile(hunt, bytes);
  const secretsAt = new Set<string>();
  let ciphertexts = 0;
  let jwesOpened = 0;
  let segmentsOpened = 0;
  for (let more = true; more; ) {
    more = false;
    ciphertexts = 0;
    jwesOpened = 0;
    segmentsOpened = 0;
    const sealKeys = sealKeysOf(hunt.known);
    for (const folder of input.dataFolders) {
      for (const { place, bytes } of ciphertextsIn(folder)) {
        ciphertexts += 1;
        const look = async (plain: Buffer): Promise<void> => {
          if (input.isSecret(plain)) secretsAt.add(place);
          if (await hunt.take(plain)) more = true;
        };
        await look(bytes);
        for (const plain of deciphered(bytes, sealKeys)) await look(plain);
        if (segmentOpens(bytes, hunt.known.privateKeys)) segmentsOpened += 1;
        for (const plain of await openedJwes(bytes, hunt.known)) {
          jwesOpened += 1;
          await look(plain);
        }
      }
    }
  }
  const { symmetric, privateKeys } = hunt.known;
  const keys = symmetric.length + privateKeys.length;
  return { secretsAt: [...secretsAt].sort(), ciphertexts, keys, jwesOpened, segmentsOpened };
}

/** A key file is a wrapped key, a JWK, or 32 bytes in base64url. */
async function takeKeyFile(hunt: KeyHunt, bytes: Buffer): Promise<void> {
  await hunt.take(bytes);
  const text = bytes.toString('latin1').trim();
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) {
    hunt.addSymmetric(Buffer.from(text, 'base64url'));
    await hunt.take(Buffer.alloc(0));
  }
}

function* filesOf(folder: string): Generator<Buffer> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) yield readFileSync(join(entry.parentPath, entry.name));
  }
}
