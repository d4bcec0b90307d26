/** What goes down to a device: `Downlink` → protobuf bytes, every digit of its 64-bit numbers kept. */
import { type Downlink, NOTICES, type SequenceRange } from '../domain/downlink.js';
import { finish, newWriter, type Writer, writeFixed64 } from './framing.js';

/** Field numbers and wire types of `Downlink`, as they stand before each field. */
const TAG = {
  sequence: 9,
  ack: 18,
  key: 26,
  config: 34,
  notice: 40,
  resend: 50,
  nextSequence: 57,
  serverTimeMs: 64,
} as const;
const RANGE = { first: 9, last: 17 } as const;
const CONFIG = { reportIntervalS: 8, violationIntervalS: 16, heartbeatS: 24 } as const;

/** `sequence` equals the envelope's. Throws `RangeError` for a number that the wire cannot carry. */
export function encodeDownlink(sequence: bigint, downlink: Downlink): Buffer {
  const { ack, key, config, notice, resend, nextSequence, serverTimeMs } = downlink;
  const writer = newWriter();
  writeFixed64(writer, TAG.sequence, sequence);
  for (const range of ack) writeRange(writer, TAG.ack, range);
  if (key !== null) writer.uint32(TAG.key).string(key);
  if (config !== null) {
    writer.uint32(TAG.config).fork();
    for (const name of ['reportIntervalS', 'violationIntervalS', 'heartbeatS'] as const) {
      // proto3: a zero is not written
      if (config[name] !== 0) writer.uint32(CONFIG[name]).uint32(config[name]);
    }
    writer.ldelim();
  }
  if (notice !== null) writer.uint32(TAG.notice).int32(NOTICES[notice]);
  if (resend !== null) writeRange(writer, TAG.resend, resend);
  if (nextSequence !== null) writeFixed64(writer, TAG.nextSequence, nextSequence);
  if (serverTimeMs !== null) writer.uint32(TAG.serverTimeMs).uint64(serverTimeMs);
  return finish(writer);
}

function writeRange(writer: Writer, tag: number, { first, last }: SequenceRange): void {
  writer.uint32(tag).fork();
  writeFixed64(writer, RANGE.first, first);
  writeFixed64(writer, RANGE.last, last);
  writer.ldelim();
}
