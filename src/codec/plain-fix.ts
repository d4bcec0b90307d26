/**
 * A position as nearly every device writes it: the fields that we know, each number as the wire has it in at most five
 * bytes. Read here at a fifth of what generated code takes (bench/wire); whatever is out of the ordinary is left to that.
 */
import { type LocationFix, MECHANISMS, type Mechanism } from '../domain/record.js';

const NONE = -1;
const names: readonly (Mechanism | undefined)[] = Object.entries(MECHANISMS).reduce<(Mechanism | undefined)[]>(
  (all, [name, number]) => {
    all[number] = name as Mechanism;
    return all;
  },
  Array.from({ length: 8 }, () => undefined),
);

/** Where the number that is read next begins. */
let at = 0;

/** The fix that `bytes` hold from `start` to `end`; null: it is for the generated code to say what they are. */
export function readPlainFix(bytes: Uint8Array, start: number, end: number): LocationFix | null {
  let latE7: number | null = null;
  let lonE7: number | null = null;
  let accuracyDm = 0;
  let speedCmS = 0;
  let headingCdeg = 0;
  let satellites = 0;
  let hdopCenti = 0;
  let mechanism = 0;
  let altitudeDm = 0;
  for (at = start; at < end; ) {
    const tag = bytes[at] as number;
    at += 1;
    const value = varint(bytes, end);
    if (value === NONE) return null;
    if (tag === 8) latE7 = signed(value);
    else if (tag === 16) lonE7 = signed(value);
    else if (tag === 24) accuracyDm = value;
    else if (tag === 32) speedCmS = value;
    else if (tag === 40) headingCdeg = value;
    else if (tag === 48) satellites = value;
    else if (tag === 56) hdopCenti = value;
    else if (tag === 64) mechanism = value;
    else if (tag === 72) altitudeDm = signed(value);
    else return null;
  }
  const name = names[mechanism];
  if (latE7 === null || lonE7 === null || name === undefined) return null;
  return {
    kind: 'fix',
    latE7,
    lonE7,
    accuracyDm,
    speedCmS,
    headingCdeg,
    satellites,
    hdopCenti,
    mechanism: name,
    altitudeDm,
  };
}

const signed = (value: number): number => (value >>> 1) ^ -(value & 1);

/** Of 32 bits; `NONE` for a longer one, and where the bytes end. */
function varint(bytes: Uint8Array, end: number): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) return NONE;
    const byte = bytes[at] as number;
    at += 1;
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  const last = at < end ? (bytes[at] as number) : 128;
  at += 1;
  return last < 16 ? (value | (last << 28)) >>> 0 : NONE;
}
