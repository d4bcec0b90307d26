/**
 * Hunts known positions in bytes, whatever they are written as: decimal text, E7 integers (text; 32 bits, either order;
 * zigzag varints, protobuf's and a compact record's), floats and doubles (either order; degrees and radians), all of that in hex or base64 too.
 *
 * Four bytes of noise are some position's integer now and then, and so is a processor's time with its six places: a short
 * encoding counts only where latitude and longitude of one fix stand within `NEAR_BYTES` of each other, which noise does less
 * than once in 10^12 bytes.
 */

export interface Canary {
  readonly latE7: number;
  readonly lonE7: number;
}

export interface Sighting {
  /** Index into the canaries. */
  readonly canary: number;
  readonly encoding: string;
  readonly offset: number;
}

/** Two values of one fix that stand together in any format that we know or can think of. */
const NEAR_BYTES = 64;
const E7 = 1e7;
/** What arithmetic on doubles may cost a value, in E7: more would find one in a hundred megabytes of noise. */
const DOUBLE_SLACK = 1e-6;
const DEGREE = Math.PI / 180;

type Axis = 'lat' | 'lon';

export class CanaryHunt {
  readonly #canaries: readonly Canary[];
  readonly #byValue: Readonly<Record<Axis, ReadonlyMap<number, number>>>;
  /** Bit per low 20 bits of a value: most offsets are passed over by one look. */
  readonly #filter = new Uint8Array(1 << 17);
  /** Sorted values of each axis, for encodings that round. */
  readonly #sorted: Readonly<Record<Axis, readonly { readonly value: number; readonly canary: number }[]>>;

  /** Throws when a latitude is a longitude too, or stands twice: a sighting must name one fix. */
  constructor(canaries: readonly Canary[]) {
    this.#canaries = canaries;
    const lat = new Map(canaries.map(({ latE7 }, i) => [latE7, i]));
    const lon = new Map(canaries.map(({ lonE7 }, i) => [lonE7, i]));
    if (lat.size !== canaries.length || lon.size !== canaries.length || canaries.some(({ latE7 }) => lon.has(latE7))) {
      throw new Error('every latitude and longitude of a canary must be one of its own');
    }
    this.#byValue = { lat, lon };
    for (const value of [...lat.keys(), ...lon.keys()]) this.#mark(value);
    const sorted = (axis: Axis) =>
      [...this.#byValue[axis]].map(([value, canary]) => ({ value, canary })).sort((a, b) => a.value - b.value);
    this.#sorted = { lat: sorted('lat'), lon: sorted('lon') };
  }

  /** Everything that is found in these bytes; empty is what one hopes for. At most `max` sightings. */
  in(bytes: Buffer, max = 100): Sighting[] {
    const found: Sighting[] = [];
    const add = (sightings: Iterable<Sighting>): void => {
      for (const sighting of sightings) if (found.length < max) found.push(sighting);
    };
    add(this.#binary(bytes, ''));
    add(this.#text(bytes));
    for (const { encoding, decoded, offset } of textRuns(bytes)) {
      for (const sighting of this.#binary(decoded, `${encoding} of `)) add([{ ...sighting, offset }]);
    }
    return found;
  }

  *#binary(bytes: Buffer, within: string): Generator<Sighting> {
    const readings: readonly [string, number, (at: number) => number][] = [
      ['little-endian integer', 4, (at) => bytes.readInt32LE(at)],
      ['big-endian integer', 4, (at) => bytes.readInt32BE(at)],
    ];
    for (const [name, width, read] of readings) yield* this.#pairs(bytes, width, read, `${within}${name}`);
    yield* this.#pairs(bytes, 4, (at) => zigzagAt(bytes, at, 0), `${within}zigzag varint`);
    yield* this.#pairs(bytes, 4, (at) => zigzagAt(bytes, at, 3), `${within}number of a compact record`);
    yield* this.#doubles(bytes, within);
    yield* this.#floats(bytes, within);
  }

  /** Exact values: a latitude with its own longitude near it. */
  *#pairs(bytes: Buffer, width: number, read: (at: number) => number, encoding: string): Generator<Sighting> {
    const seen: { readonly canary: number; readonly axis: Axis; readonly at: number }[] = [];
    for (let at = 0; at + width <= bytes.length; at++) {
      const value = read(at);
      if (!this.#marked(value)) continue;
      const axis: Axis | null = this.#byValue.lat.has(value) ? 'lat' : this.#byValue.lon.has(value) ? 'lon' : null;
      if (axis === null) continue;
      const canary = this.#byValue[axis].get(value) ?? -1;
      while ((seen[0]?.at ?? at) < at - NEAR_BYTES) seen.shift();
      if (seen.some((other) => other.canary === canary && other.axis !== axis)) yield { canary, encoding, offset: at };
      seen.push({ canary, axis, at });
    }
  }

  /** Eight bytes are enough by themselves. Degrees as they are, as E7 and in radians. */
  *#doubles(bytes: Buffer, within: string): Generator<Sighting> {
    for (const order of ['little-endian', 'big-endian'] as const) {
      for (let at = 0; at + 8 <= bytes.length; at++) {
        // sign and exponent of anything from 10^-4 to 2 × 10^9: a glance at two bytes instead of a number at every offset
        const high = order === 'big-endian' ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at + 6);
        const exponent = (high >> 4) & 0x7ff;
        if (exponent < 1_009 || exponent > 1_054) continue;
        const value = order === 'big-endian' ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at);
        for (const [unit, scaled] of [
          ['degrees', value * E7],
          ['E7', value],
          ['radians', (value / DEGREE) * E7],
        ] as const) {
          const whole = Math.round(scaled);
          if (Math.abs(scaled - whole) > DOUBLE_SLACK || !this.#marked(whole)) continue;
          const canary = this.#byValue.lat.get(whole) ?? this.#byValue.lon.get(whole);
          if (canary !== undefined) yield { canary, encoding: `${within}${order} double, ${unit}`, offset: at };
        }
      }
    }
  }

  /** A float keeps seven digits: some fix's latitude, with the same fix's longitude near it. */
  *#floats(bytes: Buffer, within: string): Generator<Sighting> {
    for (const order of ['little-endian', 'big-endian'] as const) {
      const seen: { readonly canary: number; readonly axis: Axis; readonly at: number }[] = [];
      for (let at = 0; at + 4 <= bytes.length; at++) {
        const value = order === 'big-endian' ? bytes.readFloatBE(at) : bytes.readFloatLE(at);
        const size = Math.abs(value);
        if (!(size > 1e-4 && size < 180)) continue;
        while ((seen[0]?.at ?? at) < at - NEAR_BYTES) seen.shift();
        for (const axis of ['lat', 'lon'] as const) {
          for (const canary of this.#about(axis, value * E7, size * 1.3)) {
            if (seen.some((other) => other.canary === canary && other.axis !== axis)) {
              yield { canary, encoding: `${within}${order} float`, offset: at };
            }
            seen.push({ canary, axis, at });
          }
        }
      }
    }
  }

  /** Canaries whose value on this axis is no further than `slack` from `value`. */
  #about(axis: Axis, value: number, slack: number): number[] {
    const sorted = this.#sorted[axis];
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.value ?? 0) < value - slack) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (let i = low; (sorted[i]?.value ?? Infinity) <= value + slack; i++) found.push(sorted[i]?.canary ?? -1);
    return found;
  }

  /**
   * Decimal degrees with at least five places (1 m), cut or rounded, with either decimal sign; E7 as digits. Seven places and
   * more are enough by themselves where they are the value and nothing but; fewer, and cut ones, have their other half near.
   */
  *#text(bytes: Buffer): Generator<Sighting> {
    const text = bytes.toString('latin1');
    const halves: { readonly canary: number; readonly axis: Axis; readonly at: number }[] = [];
    for (const match of text.matchAll(/(?<![\d.])(-?\d{1,3})[.,](\d{5,17})/g)) {
      const places = match[2]?.length ?? 0;
      const value = Number(`${match[1]}.${match[2]}`) * E7;
      const slack = places >= 7 ? 0.51 : 10 ** (7 - places);
      while ((halves[0]?.at ?? match.index) < match.index - NEAR_BYTES) halves.shift();
      for (const axis of ['lat', 'lon'] as const) {
        for (const canary of this.#about(axis, value, slack)) {
          const exact = places >= 7 && this.#about(axis, value, 1e-3).length > 0;
          if (exact || halves.some((other) => other.canary === canary && other.axis !== axis)) {
            yield { canary, encoding: 'decimal degrees', offset: match.index };
          }
          halves.push({ canary, axis, at: match.index });
        }
      }
    }
    const digits: { readonly canary: number; readonly axis: Axis; readonly at: number }[] = [];
    for (const match of text.matchAll(/(?<!\d)-?\d{5,10}(?!\d)/g)) {
      const value = Number(match[0]);
      for (const axis of ['lat', 'lon'] as const) {
        const canary = this.#byValue[axis].get(value);
        if (canary === undefined) continue;
        if (digits.some((o) => o.canary === canary && o.axis !== axis && match.index - o.at <= NEAR_BYTES)) {
          yield { canary, encoding: 'E7 as digits', offset: match.index };
        }
        digits.push({ canary, axis, at: match.index });
      }
    }
  }

  #mark(value: number): void {
    const low = value & 0xfffff;
    this.#filter[low >> 3] = (this.#filter[low >> 3] ?? 0) | (1 << (low & 7));
  }

  #marked(value: number): boolean {
    const low = value & 0xfffff;
    return ((this.#filter[low >> 3] ?? 0) & (1 << (low & 7))) !== 0;
  }

  get count(): number {
    return this.#canaries.length;
  }
}

/** A zigzag varint that begins here, less what its first codes stand for; NaN: none does. */
function zigzagAt(bytes: Buffer, at: number, codes: number): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return Number.NaN;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte >= 0x80) continue;
    const zigzag = value - codes;
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
  return Number.NaN;
}

interface Run {
  readonly encoding: string;
  readonly decoded: Buffer;
  readonly offset: number;
}

/** Runs of hex or base64 letters, decoded from each place at which what we look for may begin. */
function* textRuns(bytes: Buffer): Generator<Run> {
  const text = bytes.toString('latin1');
  for (const match of text.matchAll(/[0-9a-fA-F]{16,}/g)) {
    for (const shift of [0, 1]) {
      yield { encoding: 'hex', decoded: Buffer.from(match[0].slice(shift), 'hex'), offset: match.index };
    }
  }
  for (const match of text.matchAll(/[A-Za-z0-9+/_-]{11,}/g)) {
    for (const shift of [0, 1, 2, 3]) {
      yield { encoding: 'base64', decoded: Buffer.from(match[0].slice(shift), 'base64url'), offset: match.index };
    }
  }
}
