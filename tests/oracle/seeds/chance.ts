/** Chance for the seeded worlds: a seed and a name give the same world on any machine. */
import { seeded } from '../../rules/seeded.js';

export class Chance {
  readonly #next: () => number;

  constructor(seed: number, name: string) {
    let mixed = Math.imul(seed + 1, 0x9e3779b1);
    for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x85ebca6b);
    this.#next = seeded(mixed);
  }

  /** In [0, 1). */
  share(): number {
    return this.#next();
  }
  is(probability: number): boolean {
    return this.#next() < probability;
  }
  /** Whole, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }
  between(from: number, to: number): number {
    return from + this.#next() * (to - from);
  }
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[Math.floor(this.#next() * items.length)] as T;
  }
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    for (let i = rest.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [rest[i], rest[j]] = [rest[j] as T, rest[i] as T];
    }
    return rest;
  }
  some<T>(items: readonly T[], probability: number): T[] {
    return items.filter(() => this.is(probability));
  }
}
