/** Protobuf read from the specification alone, field by field: for mutators, and for a second opinion on what was read. */

export interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Of a varint and a fixed number: the number; of bytes: nothing. */
  readonly value: bigint;
  /** Of a length-delimited field: its bytes. */
  readonly bytes: Buffer;
}

/** The fields in their order; null where the bytes are none. Groups are not read. */
export function fieldsOf(bytes: Buffer): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    return null;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === null) return null;
    const number = Number(BigInt.asUintN(32, tag) >> 3n);
    const wireType = Number(tag & 7n);
    let value = 0n;
    let part: Buffer = Buffer.alloc(0);
    if (wireType === 0) {
      const read = varint();
      if (read === null) return null;
      value = read;
    } else if (wireType === 1 || wireType === 5) {
      const size = wireType === 1 ? 8 : 4;
      if (at + size > bytes.length) return null;
      value = wireType === 1 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
      at += size;
    } else if (wireType === 2) {
      const size = varint();
      if (size === null || BigInt(at) + size > BigInt(bytes.length)) return null;
      part = bytes.subarray(at, at + Number(size));
      at += Number(size);
    } else return null;
    fields.push({ number, wireType, value, bytes: part });
  }
  return fields;
}

export function bytesOf(fields: readonly Field[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { number, wireType, value, bytes } of fields) {
    parts.push(varintBytes((BigInt(number) << 3n) | BigInt(wireType)));
    if (wireType === 0) parts.push(varintBytes(value));
    else if (wireType === 1) {
      const eight = Buffer.alloc(8);
      eight.writeBigUInt64LE(BigInt.asUintN(64, value));
      parts.push(eight);
    } else if (wireType === 5) {
      const four = Buffer.alloc(4);
      four.writeUInt32LE(Number(BigInt.asUintN(32, value)));
      parts.push(four);
    } else if (wireType === 2) parts.push(varintBytes(BigInt(bytes.length)), bytes);
  }
  return Buffer.concat(parts);
}

function varintBytes(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
