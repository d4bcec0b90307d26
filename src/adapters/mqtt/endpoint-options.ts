/** A bound on everything that a client can make the endpoint hold, and what happens at each. */
import { LIMITS } from '../../domain/limits.js';
import type { FrameLimits } from './frame-reader.js';
import type { TakeOverTimes } from './take-over.js';

export interface ConnectionLimits extends FrameLimits {
  /** Uploads of one connection that wait for their commit; at the bound it is not read. */
  readonly inflightPerClientMax: number;
  /** The same while more than half of what all may have in flight is used. */
  readonly inflightCrowdedMax: number;
  /** A connection with nothing in flight may always have one upload of this length: a live one gets through any backlog. */
  readonly spareUploadBytesMax: number;
  /** Packets that are taken of one connection before others have their turn. */
  readonly packetsPerTurnMax: number;
  /** From accept to a whole CONNECT, or the connection is cut. */
  readonly connectTimeoutMs: number;
  /** From a packet's first byte to its last, or the connection is cut: 128 KiB at 9,600 bit/s. */
  readonly packetTimeoutMs: number;
  /** A client that acknowledges nothing, or reads nothing, for so long while something waits for it is cut. */
  readonly answerTimeoutMs: number;
  /** Answers that wait for a client to read them; beyond, no more is read of it. */
  readonly answerBytesMax: number;
  /** A subscriber with more than this waiting in its socket is cut. */
  readonly backlogBytesMax: number;
  /** Messages to one client that wait for their PUBACK; one with more is cut. */
  readonly outgoingMax: number;
  /** One more is refused with 0x80. */
  readonly subscriptionsMax: number;
  /** SUBSCRIBE and UNSUBSCRIBE of one connection; one with more is cut. */
  readonly subscribesPerMinuteMax: number;
}

export interface EndpointOptions extends ConnectionLimits, TakeOverTimes {
  /** Uploads of all connections that wait for their commit, and their bytes; at either bound no connection is read. */
  readonly inflightMax: number;
  readonly inflightBytesMax: number;
  /** Bytes that were read and wait to be taken apart, of all connections; who asks for more is cut, and sends again. */
  readonly heldBytesMax: number;
  /** One more is closed at once. */
  readonly connectionsMax: number;
  /** How often connections are looked at for what is overdue. */
  readonly sweepMs: number;
}

export const ENDPOINT_DEFAULTS: EndpointOptions = Object.freeze({
  packetBytesMax: LIMITS.packetBytesMax,
  connectBytesMax: LIMITS.connectBytesMax,
  inflightPerClientMax: LIMITS.inflightPerClientMax,
  inflightMax: LIMITS.inflightMax,
  inflightBytesMax: LIMITS.inflightBytesMax,
  inflightCrowdedMax: 8,
  spareUploadBytesMax: LIMITS.spareUploadBytesMax,
  heldBytesMax: 256 * 1_048_576,
  packetsPerTurnMax: 256,
  connectionsMax: 60_000,
  connectTimeoutMs: 10_000,
  packetTimeoutMs: 120_000,
  answerTimeoutMs: 60_000,
  answerBytesMax: 65_536,
  backlogBytesMax: LIMITS.streamBacklogBytesMax,
  outgoingMax: 32_768,
  subscriptionsMax: 16,
  subscribesPerMinuteMax: 60,
  sweepMs: 250,
  activeMs: 10_000,
  probeMs: 250,
  answerMs: 3_000,
});
