/** Columns of a segment: each learns what its own numbers, choices or texts are like, and passes them through a channel. */
import { LIMITS } from '../domain/limits.js';
import { FormatRefused } from './packed.js';
import { type Channel, Odds } from './range-coder.js';

/** Bits of a length; the longest number that a double holds exactly has 53. */
const lengthBits = 6;
const lengths = 1 << lengthBits;
const two32 = 2 ** 32;

/** How many binary digits a whole number has; 0 has none. */
export function digitsOf(value: number): number {
  return value < two32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / two32));
}

/** Whole numbers from 0 to 2^53 − 1: the number of their digits and the two leading ones at learned odds. */
export class Magnitudes {
  readonly #lengths: Odds;
  readonly #shapes: Odds;

  readonly #shapedBits: number;

  /** `contexts`: how many kinds of situation are told apart; `shapedBits`: leading bits after the first that are no noise. */
  constructor(contexts = 1, shapedBits = 2) {
    this.#shapedBits = shapedBits;
    this.#lengths = new Odds(contexts * lengths);
    this.#shapes = new Odds((contexts * lengths) << shapedBits);
  }

  pass(channel: Channel, value: number, context = 0): number {
    const length = choose(channel, this.#lengths, context * lengths, lengthBits, digitsOf(value));
    if (length < 2) return length;
    if (length > 53) throw new FormatRefused(`a segment: damaged (a number of ${length} digits)`);
    const shaped = Math.min(length - 1, this.#shapedBits);
    const rest = length - 1 - shaped;
    const scale = 2 ** rest;
    const base = (context * lengths + length) << this.#shapedBits;
    const lead = choose(channel, this.#shapes, base, shaped, Math.floor(value / scale) & ((1 << shaped) - 1));
    return (2 ** shaped + lead) * scale + channel.raw(rest, value % scale);
  }
}

/** Whole numbers of either sign, mostly near 0. */
export class Differences {
  readonly #magnitudes: Magnitudes;
  readonly #signs: Odds;

  constructor(contexts = 1, shapedBits = 2) {
    this.#magnitudes = new Magnitudes(contexts, shapedBits);
    this.#signs = new Odds(contexts);
  }

  pass(channel: Channel, value: number, context = 0): number {
    const magnitude = this.#magnitudes.pass(channel, Math.abs(value), context);
    if (magnitude === 0) return 0;
    return channel.bit(this.#signs, context, value < 0 ? 1 : 0) === 1 ? -magnitude : magnitude;
  }
}

/** One of 2^bits things, at odds learned in each context. */
export class Choices {
  readonly #odds: Odds;
  readonly #bits: number;

  constructor(bits: number, contexts = 1) {
    this.#odds = new Odds(contexts << bits);
    this.#bits = bits;
  }

  pass(channel: Channel, value: number, context = 0): number {
    return choose(channel, this.#odds, context << this.#bits, this.#bits, value);
  }
}

/** How many of something one record says: never more than an upload has bytes, whatever damaged bytes claim. */
export class Counts {
  readonly #counts: Magnitudes;

  constructor(contexts = 1) {
    this.#counts = new Magnitudes(contexts);
  }

  pass(channel: Channel, value: number, context = 0): number {
    const count = this.#counts.pass(channel, value, context);
    if (count > LIMITS.uploadBytesMax) throw new FormatRefused(`a segment: ${count} are more than one record can say`);
    return count;
  }
}

/** Bytes that nothing better is known of. */
export class Bytes {
  readonly #lengths = new Counts();
  readonly #bytes = new Choices(8);

  pass(channel: Channel, value: Uint8Array): Buffer {
    const length = this.#lengths.pass(channel, value.length);
    const bytes: number[] = [];
    for (let i = 0; i < length; i++) bytes.push(this.#bytes.pass(channel, value[i] ?? 0));
    return Buffer.from(bytes);
  }
}

const knownContexts = 16;

/** Texts that come again: spelled once, in UTF-16 units so that any text comes back, and named by number afterwards. */
export class Texts {
  readonly #known: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #indexes = new Magnitudes(knownContexts);
  readonly #lengths = new Counts();
  readonly #high = new Choices(8);
  readonly #low = new Choices(8);
  #last = 0;

  pass(channel: Channel, value: string): string {
    const wanted = this.#places.get(value) ?? this.#known.length;
    const index = this.#indexes.pass(channel, wanted, Math.min(this.#last, knownContexts - 1));
    if (index > this.#known.length) throw new FormatRefused('a segment: damaged (a text that was never spelled)');
    this.#last = index;
    const known = this.#known[index];
    if (known !== undefined) return known;
    const text = this.#spell(channel, value);
    this.#known.push(text);
    this.#places.set(text, index);
    return text;
  }

  #spell(channel: Channel, value: string): string {
    const length = this.#lengths.pass(channel, value.length);
    const units: string[] = [];
    for (let i = 0; i < length; i++) {
      const unit = i < value.length ? value.charCodeAt(i) : 0;
      const high = this.#high.pass(channel, unit >>> 8);
      units.push(String.fromCharCode((high << 8) | this.#low.pass(channel, unit & 0xff)));
    }
    return units.join('');
  }
}

/** `bits` bits, most significant first, each at the odds of what stands before it. */
function choose(channel: Channel, odds: Odds, base: number, bits: number, value: number): number {
  let node = 1;
  for (let left = bits - 1; left >= 0; left--)
    node = (node << 1) | channel.bit(odds, base + node, (value >>> left) & 1);
  return node - (1 << bits);
}
