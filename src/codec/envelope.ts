/** The envelope around everything that is sealed on the wire: protobuf bytes ↔ key id, sequence, ciphertext. */
import { bad, ok, type Result } from '../domain/result.js';
import {
  finish,
  messageOf,
  newWriter,
  type Reader,
  readerOf,
  readFixed64,
  SEQUENCE_MAX,
  skip,
  writeFixed64,
} from './framing.js';

export interface Envelope {
  /** Which of the device's session keys; 1 to 2^32 − 1. */
  readonly keyId: number;
  /** 1 to 2^64 − 1. */
  readonly sequence: bigint;
  /** Ciphertext followed by its 16-byte tag. */
  readonly ciphertext: Uint8Array;
}

/** Field numbers and wire types of `Envelope`, as they stand before each field. */
const TAG = { keyId: 8, sequence: 17, ciphertext: 26 } as const;
const sealTagBytes = 16;
const nothing = new Uint8Array(0);

/** Throws `RangeError` for a key id or sequence that the wire cannot carry. */
export function encodeEnvelope(envelope: Envelope): Buffer {
  const { keyId, sequence, ciphertext } = envelope;
  if (!Number.isInteger(keyId) || keyId < 1 || keyId > 0xffff_ffff) throw new RangeError(`key_id ${keyId}`);
  if (sequence < 1n || sequence > SEQUENCE_MAX) throw new RangeError(`sequence ${sequence}`);
  const writer = newWriter();
  writer.uint32(TAG.keyId).uint32(keyId);
  writeFixed64(writer, TAG.sequence, sequence);
  writer.uint32(TAG.ciphertext).bytes(ciphertext);
  return finish(writer);
}

/**
 * Reads an envelope; the fault says in words what is wrong. Never throws, whatever the bytes.
 * `ciphertext` is a view of `bytes`, not a copy.
 */
export function decodeEnvelope(bytes: Uint8Array): Result<Envelope, string> {
  let envelope: Envelope;
  try {
    envelope = read(readerOf(bytes));
  } catch (error) {
    return bad(`not protobuf: ${messageOf(error)}`);
  }
  if (envelope.keyId < 1) return bad('key_id is missing or 0');
  if (envelope.sequence < 1n) return bad('sequence is missing or 0');
  const { length } = envelope.ciphertext;
  if (length < sealTagBytes) return bad(`ciphertext of ${length} bytes is shorter than its tag`);
  return ok(envelope);
}

function read(reader: Reader): Envelope {
  let keyId = 0;
  let sequence = 0n;
  let ciphertext: Uint8Array = nothing;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === TAG.keyId) keyId = reader.uint32();
    else if (tag === TAG.sequence) sequence = readFixed64(reader);
    else if (tag === TAG.ciphertext) ciphertext = reader.bytes();
    else skip(reader, tag);
  }
  return { keyId, sequence, ciphertext };
}
