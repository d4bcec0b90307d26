/**
 * As much of tap as the tests of the rules use, within one process: a test is a function that throws.
 * Where tap reports a failed assertion and goes on, this stops: one failure is all that a mutant is asked for.
 */
import { isDeepStrictEqual } from 'node:util';

export interface ShimTest {
  readonly name: string;
  run(): Promise<void>;
}

type Body = (t: Shim) => unknown;

export class Shim {
  /** Let failed assertions pass: what is thrown still fails. */
  static lenient = false;
  readonly tests: ShimTest[] = [];
  readonly #teardowns: (() => unknown)[] = [];
  #ended: (() => void) | null = null;
  #isEnded = false;

  // --- tests in tests ---
  test(name: string, options: unknown, body?: Body): Promise<void>;
  test(name: string, body: Body): Promise<void>;
  test(name: string, first: unknown, second?: Body): Promise<void> {
    const run = (): Promise<void> => runTest((second ?? first) as Body);
    this.tests.push({ name, run });
    return Promise.resolve();
  }

  teardown(undo: () => unknown): void {
    this.#teardowns.unshift(undo);
  }

  end(): void {
    this.#isEnded = true;
    this.#ended?.();
  }

  plan(): void {}
  comment(): void {}
  pass(): void {}

  /** Runs the body to its end, its own tests after it, in order. */
  async run(body: Body): Promise<void> {
    try {
      const result = body(this);
      if (result instanceof Promise) await result;
      else if (body.length > 0 && this.tests.length === 0 && !this.#isEnded) {
        await new Promise<void>((resolve) => {
          this.#ended = resolve;
        });
      }
      for (const test of this.tests) await test.run();
    } finally {
      for (const undo of this.#teardowns) await undo();
    }
  }

  // --- assertions ---
  ok(value: unknown, message?: string): void {
    if (!value) failed(message);
  }
  notOk(value: unknown, message?: string): void {
    if (value) failed(message);
  }
  equal(a: unknown, b: unknown): void {
    if (!Object.is(a, b)) failed();
  }
  not(a: unknown, b: unknown): void {
    if (Object.is(a, b)) failed();
  }
  same(a: unknown, b: unknown): void {
    // tap takes 1 and '1' for the same; the tests of the rules never mean that
    if (!isDeepStrictEqual(plain(a), plain(b))) failed();
  }
  strictSame(a: unknown, b: unknown): void {
    if (!isDeepStrictEqual(a, b)) failed();
  }
  match(value: unknown, pattern: unknown): void {
    if (!matches(value, pattern)) failed();
  }
  notMatch(value: unknown, pattern: unknown): void {
    if (matches(value, pattern)) failed();
  }
  fail(message?: string): void {
    failed(message);
  }
  throws(run: () => unknown, expected?: unknown): void {
    try {
      run();
    } catch (error) {
      if (typeof expected === 'object' && expected !== null) this.match(error, expected);
      return;
    }
    failed('nothing was thrown');
  }
  async rejects(promise: Promise<unknown> | (() => Promise<unknown>), expected?: unknown): Promise<void> {
    let error: unknown;
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (caught) {
      error = caught;
    }
    if (error === undefined) failed('nothing was rejected');
    if (typeof expected === 'object' && expected !== null) this.match(error, expected);
  }
}

function runTest(body: Body): Promise<void> {
  return new Shim().run(body);
}

/** Without the text of the values: to print them costs more than to run most tests. */
function failed(message = 'an assertion failed'): void {
  if (!Shim.lenient) throw new Error(message);
}

/** Objects of a class, and those without a prototype, as plain ones. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map || value instanceof Set || value instanceof Date || ArrayBuffer.isView(value)) return value;
  if (value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

/** tap's: a pattern's fields must match those of the value; a text must contain, a RegExp find, a class make it. */
function matches(value: unknown, pattern: unknown): boolean {
  if (pattern instanceof RegExp) return pattern.test(String(value));
  if (typeof pattern === 'string' && typeof value === 'string') return value.includes(pattern);
  if (typeof pattern === 'function') {
    return value === pattern || value instanceof pattern || typeof value === pattern.name.toLowerCase();
  }
  if (typeof pattern !== 'object' || pattern === null) return Object.is(value, pattern);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(pattern) && (!Array.isArray(value) || value.length !== pattern.length)) return false;
  const fields = pattern instanceof Error ? { message: pattern.message } : pattern;
  return Object.entries(fields).every(([key, wanted]) => matches((value as Record<string, unknown>)[key], wanted));
}
