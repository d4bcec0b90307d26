/** Changes to bytes of which nothing is known: flips, steps, cuts, copies, words that mean something, and splices. */
import type { Chance } from './chance.js';

const TELLING = [0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 100, 126, 127, 128, 129, 191, 192, 223, 224, 253, 254, 255];
const TELLING_32 = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

/** One to a few changes. `words` are bytes that mean something to the reader. */
export function mutateBytes(input: Buffer, other: Buffer, chance: Chance, words: readonly Buffer[] = []): Buffer {
  let bytes = input;
  for (let left = 1 + chance.small(5); left > 0; left--) bytes = change(bytes, other, chance, words);
  return bytes;
}

function change(bytes: Buffer, other: Buffer, chance: Chance, words: readonly Buffer[]): Buffer {
  const at = chance.int(bytes.length + 1);
  const length = 1 + chance.small(Math.max(1, Math.min(64, bytes.length - at)));
  switch (chance.int(11)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ (1 << chance.int(8)));
    case 1:
      return changed(bytes, at, () => chance.pick(TELLING));
    case 2:
      return changed(bytes, at, (byte) => byte + chance.int(33) - 16);
    case 3:
      return changed(bytes, at, () => chance.int(256));
    case 4:
      return replaced(bytes, at, length, Buffer.alloc(0));
    case 5:
      return replaced(bytes, at, 0, bytes.subarray(at, at + length));
    case 6: {
      const from = chance.int(other.length + 1);
      return replaced(bytes, at, chance.oneIn(2) ? length : 0, other.subarray(from, from + 1 + chance.small(64)));
    }
    case 7:
      return words.length === 0 ? bytes : replaced(bytes, at, chance.oneIn(2) ? length : 0, chance.pick(words));
    case 8: {
      const number = Buffer.alloc(4);
      if (chance.oneIn(2)) number.writeUInt32LE(chance.pick(TELLING_32));
      else number.writeUInt32BE(chance.pick(TELLING_32));
      const part = number.subarray(0, chance.pick([1, 2, 4]));
      return replaced(bytes, at, part.length, part);
    }
    case 9:
      return bytes.subarray(0, at);
    default:
      return replaced(bytes, at, 0, Buffer.alloc(1 + chance.small(200), chance.pick(TELLING)));
  }
}

function changed(bytes: Buffer, at: number, to: (byte: number) => number): Buffer {
  if (at >= bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy[at] = to(copy[at] as number) & 0xff;
  return copy;
}

export function replaced(bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}
