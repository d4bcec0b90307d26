/** Protobuf written by hand from the specification, so that tests do not trust the encoder that they test. */

/** Unsigned varint of any size. */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt(value);
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export const zigzag = (value: number): Buffer => varint(value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
const key = (field: number, wireType: number) => varint((field << 3) | wireType);

export const asVarint = (field: number, value: number | bigint) => Buffer.concat([key(field, 0), varint(value)]);
export const asSint = (field: number, value: number) => Buffer.concat([key(field, 0), zigzag(value)]);
export const asBytes = (field: number, ...parts: Uint8Array[]) => {
  const all = Buffer.concat(parts);
  return Buffer.concat([key(field, 2), varint(all.length), all]);
};
export const asText = (field: number, text: string) => asBytes(field, Buffer.from(text, 'utf8'));
export const asPacked = (field: number, numbers: readonly number[]) => asBytes(field, ...numbers.map(varint));
export const asFixed64 = (field: number, value: bigint) => {
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64LE(value);
  return Buffer.concat([key(field, 1), eight]);
};

/** One record with its time, and whatever bytes follow. */
export const aRecord = (timeMs: number | bigint, ...fields: Uint8Array[]) => asBytes(2, asVarint(1, timeMs), ...fields);
