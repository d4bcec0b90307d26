/** Reads the fixed headers of an MQTT byte stream ahead of the parser, and says how much of it may be passed on. */

export interface FrameLimits {
  readonly packetBytesMax: number;
  readonly connectBytesMax: number;
}

export type FrameFault = 'not_mqtt' | 'connect_too_long' | 'packet_too_long' | 'packet_not_allowed';

const CONNECT = 0x10;
/** PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT: what a client may send after CONNECT without QoS 2. */
const allowed = new Set([3, 4, 8, 10, 12, 14]);
const PUBLISH = 3;
/** Packets that one read may pass on: a chunk of pings alone would hold up everybody else for a turn. */
const packetsPerReadMax = 256;

/**
 * aedes buffers whatever length a client announces, before CONNECT too, so lengths are judged here from the first
 * bytes on. Allocates nothing: two counters walk over the chunk and skip bodies unread.
 */
export class FrameGuard {
  readonly #limits: FrameLimits;
  /** First byte of the fixed header being read; 0 at a packet's beginning (0 is no packet's first byte that passes). */
  #first = 0;
  #length = 0;
  #lengthBytes = 0;
  /** Bytes of the running packet's body that are still to come. */
  #bodyLeft = 0;
  #connectPassed = false;
  #open = false;
  /** PUBLISH packets that the last `scan` let begin. */
  publishesBegun = 0;
  fault: FrameFault | null = null;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** The session is accepted: until now nothing beyond the CONNECT packet passes. */
  open(): void {
    this.#open = true;
  }

  /**
   * How many leading bytes of `chunk` may be passed on: whole packets, at most `publishesMax` new PUBLISHes among them,
   * and as much as there is of the last. Stops before CONNECT's successor until `open`. Returns -1, with `fault` set,
   * when the connection must be cut.
   */
  scan(chunk: Uint8Array, publishesMax: number): number {
    this.publishesBegun = 0;
    let begun = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= step;
        at += step;
        continue;
      }
      if (this.#first === 0) {
        const first = chunk[at] as number;
        if (begun === packetsPerReadMax || (this.#connectPassed && !this.#open)) return at;
        if (first >> 4 === PUBLISH && this.publishesBegun === publishesMax) return at;
        this.#first = first;
        at += 1;
        if (!this.#mayBegin()) return -1;
        begun += 1;
        continue;
      }
      if (!this.#lengthByte(chunk[at++] as number)) return -1;
    }
    return at;
  }

  #mayBegin(): boolean {
    if (!this.#connectPassed) {
      // [MQTT-3.1.0-1] the first packet is CONNECT; its reserved flags are 0
      if (this.#first !== CONNECT) return this.#cut('not_mqtt');
      this.#connectPassed = true;
      return true;
    }
    const type = this.#first >> 4;
    // [MQTT-3.1.0-2] a second CONNECT is among what is not allowed
    if (!allowed.has(type)) return this.#cut('packet_not_allowed');
    if (type === PUBLISH) this.publishesBegun += 1;
    return true;
  }

  /** One byte of the remaining length (MQTT 3.1.1 §2.2.3: at most four). */
  #lengthByte(byte: number): boolean {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    const connect = this.#first === CONNECT;
    if (this.#length > (connect ? this.#limits.connectBytesMax : this.#limits.packetBytesMax)) {
      return this.#cut(connect ? 'connect_too_long' : 'packet_too_long');
    }
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4 || this.#cut('not_mqtt');
    this.#bodyLeft = this.#length;
    this.#first = 0;
    this.#length = 0;
    this.#lengthBytes = 0;
    return true;
  }

  #cut(fault: FrameFault): false {
    this.fault = fault;
    return false;
  }
}

/**
 * The protocol level that a CONNECT packet asks for, read from its first bytes; null when it is none, or when they are
 * not all there (then the parser decides). A level that is not served gets its answer before aedes sees it, because
 * aedes closes without one on anything above 5 ([MQTT-3.1.2-2]).
 */
export function protocolLevel(chunk: Uint8Array): number | null {
  let at = 1;
  while (at < 5 && ((chunk[at] ?? 0) & 0x80) !== 0) at += 1;
  const name = [0x00, 0x04, 0x4d, 0x51, 0x54, 0x54];
  if (!name.every((byte, index) => chunk[at + 1 + index] === byte)) return null;
  return chunk[at + 1 + name.length] ?? null;
}
