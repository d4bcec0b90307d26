/** Percentiles of measured times. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** Nearest rank, in the values' own unit, to a thousandth; null without values. */
export function percentiles(values: ArrayLike<number>): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number | null => {
    const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
    return value === undefined ? null : Math.round(value * 1_000) / 1_000;
  };
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/** Percentiles of what began in one second of a run, counted from 0. */
export interface SecondPercentiles {
  readonly second: number;
  readonly p50: number;
  readonly p99: number;
}

/** Values kept by the second of a run in which each began. */
export class BySecond {
  readonly #seconds: number[][] = [];

  /** `atMs`: when it began, ms from the run's start; what began before counts to the first second. */
  note(atMs: number, value: number): void {
    const second = Math.max(0, Math.floor(atMs / 1_000));
    while (this.#seconds.length <= second) this.#seconds.push([]);
    this.#seconds[second]?.push(value);
  }

  /** In order; seconds in which nothing began are left out. */
  percentiles(): SecondPercentiles[] {
    return this.#seconds.flatMap((kept, second) => {
      const { p50, p99 } = percentiles(kept);
      return p50 === null || p99 === null ? [] : [{ second, p50, p99 }];
    });
  }
}
