/** Every ciphertext that some folders hold: rows of LMDB, blocks of the journal, whole files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'lmdb';

export interface Ciphertext {
  /** Where it lies: file, database, key. */
  readonly place: string;
  readonly bytes: Buffer;
}

const NAMES_MAX = 64;

export function* ciphertextsIn(folder: string): Generator<Ciphertext> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.name === 'data.mdb') yield* rowsOf(dirname(path));
    else if (entry.name === 'lock.mdb') continue;
    else if (entry.name.endsWith('.seg')) yield* blocksOf(path);
    else yield { place: path, bytes: readFileSync(path) };
  }
}

/** The names of the databases are the keys of the root; whatever else lies there is looked at as well. */
function* rowsOf(folder: string): Generator<Ciphertext> {
  if (!existsSync(join(folder, 'data.mdb'))) return;
  const root = open<Buffer, string>({ path: folder, readOnly: true, maxDbs: NAMES_MAX, encoding: 'binary' });
  try {
    for (const name of [...root.getKeys()].map(String)) {
      const db = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
      for (const { key, value } of db.getRange({})) {
        yield { place: `${folder} ${name} ${Buffer.from(key).toString('hex')}`, bytes: Buffer.from(value) };
      }
    }
  } finally {
    void root.close();
  }
}

/** Header of 40 bytes, the length of what is sealed at 28, as the journal's format has it. */
function* blocksOf(path: string): Generator<Ciphertext> {
  const bytes = readFileSync(path);
  for (let at = 0; at + 40 <= bytes.length; ) {
    const sealed = bytes.readUInt32BE(at + 28);
    yield { place: `${path} at ${at}`, bytes: bytes.subarray(at + 40, at + 40 + sealed) };
    at += 40 + sealed;
  }
}
