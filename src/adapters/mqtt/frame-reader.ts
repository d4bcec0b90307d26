/** Takes an MQTT 3.1.1 byte stream apart into packets, judging each from its first byte on (§2.2). */
import type { ByteBudget } from './byte-budget.js';

export interface FrameLimits {
  /** Of a PUBLISH, behind its fixed header. */
  readonly packetBytesMax: number;
  /** Of CONNECT, SUBSCRIBE and UNSUBSCRIBE. */
  readonly connectBytesMax: number;
}

export type FrameFault =
  | 'not_mqtt'
  | 'connect_too_long'
  | 'packet_too_long'
  | 'packet_not_allowed'
  | 'malformed'
  | 'qos_2'
  | 'retained'
  | 'held_bytes';

/** `full`: the next packet is a PUBLISH, and there is no room for it. */
export type NextFrame = 'packet' | 'more' | 'full' | FrameFault;

export const TYPE = Object.freeze({
  CONNECT: 1,
  PUBLISH: 3,
  PUBACK: 4,
  SUBSCRIBE: 8,
  UNSUBSCRIBE: 10,
  PINGREQ: 12,
  DISCONNECT: 14,
} as const);

const NOTHING = Buffer.alloc(0);
/** What is set aside for a packet that has only begun: a stranger's announcement alone reserves no more. */
const FIRST_BYTES = 1_024;

export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #budget: ByteBudget;
  /** What was read and not taken apart yet, from `#at` on. */
  #chunk: Buffer = NOTHING;
  #at = 0;
  #connected = false;
  /** First byte of the packet that has begun; 0 (never a packet's first byte that passes): none has. */
  #first = 0;
  #length = 0;
  #lengthBytes = 0;
  #lengthKnown = false;
  /** Its body, as far as it came, where it came in several reads. */
  #gathered: Buffer | null = null;
  #filled = 0;
  /** The packet that `next` found. */
  first = 0;
  /** All behind its fixed header: a view into what was read, or memory of its own. */
  body: Buffer = NOTHING;

  constructor(limits: FrameLimits, held: ByteBudget) {
    this.#limits = limits;
    this.#budget = held;
  }

  /** Whether a packet has begun and not ended, as far as was looked. */
  get begun(): boolean {
    return this.#first !== 0;
  }

  push(chunk: Buffer): void {
    this.#chunk = this.#at < this.#chunk.length ? Buffer.concat([this.#chunk.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
  }

  /** What was read has to wait: it is kept by itself where most of its memory would be kept for nothing. */
  compact(): void {
    if (2 * this.#at < this.#chunk.length) return;
    this.#chunk = Buffer.from(this.#chunk.subarray(this.#at));
    this.#at = 0;
  }

  /** Forgets what was read. */
  drop(): void {
    this.#giveBack();
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#first = 0;
  }

  /** Bytes that were read and not taken apart. */
  get held(): number {
    return this.#chunk.length - this.#at;
  }

  /** `publishBytesMax`: a longer PUBLISH has to wait; -1: any. */
  next(publishBytesMax: number): NextFrame {
    while (!this.#lengthKnown) {
      if (this.#at === this.#chunk.length) return this.#readAll();
      const byte = this.#chunk[this.#at] as number;
      this.#at += 1;
      const fault = this.#first === 0 ? this.#begin(byte) : this.#lengthByte(byte);
      if (fault !== null) return fault;
    }
    if (this.#length > publishBytesMax && this.#first >> 4 === TYPE.PUBLISH) return 'full';
    return this.#takeBody();
  }

  #takeBody(): NextFrame {
    const here = this.#chunk.length - this.#at;
    if (this.#gathered === null && here >= this.#length) {
      this.body = this.#chunk.subarray(this.#at, this.#at + this.#length);
      this.#at += this.#length;
      return this.#end();
    }
    const wanted = Math.min(here, this.#length - this.#filled);
    if (wanted > 0 && !this.#gather(wanted)) return 'held_bytes';
    if (this.#filled < this.#length || this.#gathered === null) return this.#readAll();
    this.body = this.#gathered.subarray(0, this.#length);
    return this.#end();
  }

  /** Appends to the body: memory grows by doubling, so that single bytes cost no more than twice what came. */
  #gather(count: number): boolean {
    const filled = this.#filled + count;
    const size = this.#gathered?.length ?? 0;
    if (filled > size) {
      const grown = Math.min(this.#length, Math.max(FIRST_BYTES, 2 * filled));
      // a CONNECT is short, and strangers must not use up what devices need
      if (this.#first >> 4 !== TYPE.CONNECT && !this.#budget.take(grown - size)) return false;
      const next = Buffer.allocUnsafeSlow(grown);
      this.#gathered?.copy(next, 0, 0, this.#filled);
      this.#gathered = next;
    }
    this.#chunk.copy(this.#gathered as Buffer, this.#filled, this.#at, this.#at + count);
    this.#filled = filled;
    this.#at += count;
    return true;
  }

  #readAll(): 'more' {
    this.#chunk = NOTHING;
    this.#at = 0;
    return 'more';
  }

  #end(): 'packet' {
    this.first = this.#first;
    this.#giveBack();
    this.#first = 0;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#lengthKnown = false;
    if (this.#at === this.#chunk.length) this.#readAll();
    return 'packet';
  }

  #giveBack(): void {
    if (this.#gathered !== null && this.#first >> 4 !== TYPE.CONNECT) this.#budget.give(this.#gathered.length);
    this.#gathered = null;
    this.#filled = 0;
  }

  /** A packet's type and flags (§2.2.1, §2.2.2). */
  #begin(first: number): FrameFault | null {
    const fault = this.#connected ? laterFault(first) : first === 0x10 ? null : 'not_mqtt';
    if (fault !== null) return fault; // [MQTT-3.1.0-1]: the first packet is CONNECT; its flags are 0
    this.#connected = true;
    this.#first = first;
    return null;
  }

  /** One byte of the remaining length (§2.2.3: at most four). */
  #lengthByte(byte: number): FrameFault | null {
    const type = this.#first >> 4;
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    const max = type === TYPE.PUBLISH ? this.#limits.packetBytesMax : this.#limits.connectBytesMax;
    if (this.#length > max) return type === TYPE.CONNECT ? 'connect_too_long' : 'packet_too_long';
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4 ? null : 'not_mqtt';
    const exact = exactLength[type];
    if (exact !== undefined && this.#length !== exact) return 'malformed';
    this.#lengthKnown = true;
    return null;
  }
}

/** §3.4.2, §3.12.2, §3.14.2: PUBACK has a packet identifier, PINGREQ and DISCONNECT have nothing. */
const exactLength: Readonly<Record<number, number>> = { [TYPE.PUBACK]: 2, [TYPE.PINGREQ]: 0, [TYPE.DISCONNECT]: 0 };

/** The flags that the standard has for each type ([MQTT-2.2.2-1]). */
const flagsOf: Readonly<Record<number, number>> = {
  [TYPE.PUBACK]: 0,
  [TYPE.SUBSCRIBE]: 2, // [MQTT-3.8.1-1]
  [TYPE.UNSUBSCRIBE]: 2, // [MQTT-3.10.1-1]
  [TYPE.PINGREQ]: 0,
  [TYPE.DISCONNECT]: 0, // [MQTT-3.14.1-1]
};

/** What a client may not send once it is connected; null: it may. */
function laterFault(first: number): FrameFault | null {
  const type = first >> 4;
  const flags = first & 0x0f;
  if (type !== TYPE.PUBLISH) {
    const expected = flagsOf[type];
    // [MQTT-3.1.0-2] a second CONNECT; what only servers send, or only QoS 2 needs; types 0 and 15
    if (expected === undefined) return 'packet_not_allowed';
    return flags === expected ? null : 'malformed'; // [MQTT-2.2.2-2]
  }
  const qos = (flags >> 1) & 3;
  if (qos === 3) return 'malformed'; // [MQTT-3.3.1-4]
  if (qos === 0 && (flags & 8) !== 0) return 'malformed'; // [MQTT-3.3.1-2]
  if (qos === 2) return 'qos_2';
  return (flags & 1) !== 0 ? 'retained' : null;
}
