/** A small seeded random source (sfc32): the same seed gives the same people, whatever the machine. */

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number | string) {
    [this.a, this.b, this.c] = spread(String(seed));
    for (let i = 0; i < 12; i++) this.word();
  }

  /** A source of its own for one purpose: what it draws does not shift what others draw. */
  static of(seed: number | string, ...purpose: (string | number)[]): Random {
    return new Random([seed, ...purpose].join('/'));
  }

  /** 32 random bits. */
  word(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** `[0, 1)` */
  next(): number {
    return this.word() / 4_294_967_296;
  }

  /** `[low, high)` */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[Math.floor(this.next() * items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  }

  bytes(count: number): Buffer {
    const out = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i++) out[i] = this.word() >>> 24;
    return out;
  }
}

/** FNV-1a over the text, three times with different starts: near seeds must not give near streams. */
function spread(text: string): [number, number, number] {
  const one = (start: number): number => {
    let hash = start;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
    return hash | 0;
  };
  return [one(0x811c9dc5), one(0x9e3779b9), one(0x85ebca6b)];
}
