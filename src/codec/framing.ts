/** Protobuf framing by hand, where generated code would lose digits (64-bit numbers) or the raw bytes of a part. */
import protobuf from 'protobufjs/minimal.js';

export type Reader = protobuf.Reader;
export type Writer = protobuf.Writer;

export const SEQUENCE_MAX = (1n << 64n) - 1n;

const two32 = 4_294_967_296;
/** A high half below this keeps the whole within the integers that a number holds exactly. */
const exactHigh = 2_097_152;

export function readerOf(bytes: Uint8Array): Reader {
  const reader = protobuf.Reader.create(bytes);
  // generated decoders then tell of fields that they do not know (`$unknowns`)
  reader.discardUnknown = false;
  return reader;
}
export const newWriter = (): Writer => protobuf.Writer.create();

/** What was written, as a Buffer over the same memory. */
export function finish(writer: Writer): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** All 64 bits. Throws `RangeError` at the end of the bytes, as every reader here does. */
export function readFixed64(reader: Reader): bigint {
  const low = reader.fixed32();
  const high = reader.fixed32();
  return high < exactHigh ? BigInt(high * two32 + low) : (BigInt(high) << 32n) | BigInt(low);
}

export function writeFixed64(writer: Writer, tag: number, value: bigint): void {
  if (value < 0n || value > SEQUENCE_MAX) throw new RangeError(`${value} does not fit into 64 bits`);
  writer
    .uint32(tag)
    .fixed32(Number(value & 0xffff_ffffn))
    .fixed32(Number(value >> 32n));
}

/** The nearest number: exact below 2^53, and above it still above, so that a bound can be checked on it. */
export function readUint64(reader: Reader): number {
  const { buf, len, pos } = reader;
  let exact = 0;
  // at most 49 bits in seven bytes: every time that a device says
  for (let i = 0, scale = 1; i < 7 && pos + i < len; i += 1, scale *= 128) {
    const byte = buf[pos + i] as number;
    exact += (byte & 127) * scale;
    if (byte > 127) continue;
    reader.pos = pos + i + 1;
    return exact;
  }
  const value: number | { readonly low: number; readonly high: number } = reader.uint64();
  return typeof value === 'number' ? value : (value.high >>> 0) * two32 + (value.low >>> 0);
}

/** Passes over one field that is not understood. `tag` as read by `reader.tag()`. */
export function skip(reader: Reader, tag: number): void {
  reader.skipType(tag & 7, 0, tag >>> 3);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
