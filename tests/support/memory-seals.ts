/** Seals that hide nothing, and still tell when bytes lie where they were not put: cheap enough for thousands of runs. */
import { crc32 } from 'node:zlib';
import { SealBroken } from '../../src/crypto/seals.js';
import type { Seals } from '../../src/ports/seals.js';

const checkOf = (store: string, name: string, plain: Uint8Array): number => crc32(plain, crc32(`${store}\n${name}`));

export const memorySeals: Seals = Object.freeze({
  seal(store: string, name: string, plain: Uint8Array): Buffer {
    const sealed = Buffer.allocUnsafe(4 + plain.length);
    sealed.writeUInt32BE(checkOf(store, name, plain));
    sealed.set(plain, 4);
    return sealed;
  },
  open(store: string, name: string, sealed: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const plain = bytes.subarray(4);
    if (bytes.length < 4 || bytes.readUInt32BE() !== checkOf(store, name, plain)) {
      throw new SealBroken(`a record of ${store} does not open`);
    }
    return plain;
  },
  pseudonym: (id: string) => id,
});
