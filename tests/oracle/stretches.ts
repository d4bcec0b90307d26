/** The maximal stretches of a window in which a function of time keeps one value. */
import type { Span } from './windows.js';

export interface Stretch<V> {
  readonly value: V;
  readonly fromMs: number;
  /** Null: it runs on at `untilMs`. */
  readonly toMs: number | null;
  /** What came after it within the window; null at the window's end, or while it runs. */
  readonly next: V | null;
}

/** `moments`: every time at which the value may change, sorted. Nothing is asked of times after `untilMs`. */
export function stretchesOf<V>(
  window: Span,
  moments: readonly number[],
  valueAt: (atMs: number) => V,
  untilMs: number,
): Stretch<V>[] {
  if (untilMs < window.fromMs) return [];
  const points = [window.fromMs, ...moments.filter((t) => t > window.fromMs && t < window.toMs && t <= untilMs)];
  const found: { value: V; fromMs: number }[] = [];
  for (const fromMs of points) {
    const value = valueAt(fromMs);
    if (found.at(-1)?.value !== value) found.push({ value, fromMs });
  }
  return found.map(({ value, fromMs }, i) => {
    const next = found[i + 1];
    const toMs = next?.fromMs ?? (untilMs >= window.toMs ? window.toMs : null);
    return { value, fromMs, toMs, next: next?.value ?? null };
  });
}

/** Longer than this. What still runs when that time comes up is (§1: a timer due at t has fired when the time is t). */
export const isLonger = ({ fromMs, toMs }: Stretch<unknown>, thanMs: number, untilMs: number): boolean =>
  toMs === null ? untilMs - fromMs >= thanMs : toMs - fromMs > thanMs;
