/** The two plots that benches have: what an item costs as the work grows, and how late answers are as time goes on. */
import type { SecondPercentiles } from '../../src/sim/percentiles.js';
import { type Column, figureOf, type Plot, type Row, type Series } from './result.js';

export interface Growth {
  /** What the sizes count, e.g. `people`. */
  readonly size: string;
  /** What one item costs, e.g. `CPU time a record`, and in which unit. */
  readonly cost: string;
  readonly unit: string;
  /** The columns to be drawn, a line each. */
  readonly columns: readonly string[];
}

/**
 * Cost against size, both logarithmic: a level line is no growth. The size is the number in a row's label (`×10: 1,000`,
 * `1,000 people`); rows without one, and dashes, are left out. Null with fewer than two sizes.
 */
export function growthPlot(rows: readonly Row[], columns: readonly Column[], growth: Growth): Plot | null {
  const series = growth.columns.flatMap((key): Series[] => {
    const points = rows.flatMap(({ label, cells }): [number, number][] => {
      const [size, cost] = [sizeIn(label), figureOf(cells[key])];
      return size === null || cost === null || cost <= 0 ? [] : [[size, cost]];
    });
    const title = columns.find((column) => column.key === key)?.title ?? key;
    return points.length < 2 ? [] : [{ label: title, points: points.sort((a, b) => a[0] - b[0]) }];
  });
  if (series.length === 0) return null;
  const { size, cost, unit } = growth;
  return {
    name: 'growth',
    title: `${cost} as ${size} grow`,
    about: `${cost} (${unit}) against the number of ${size}, both axes logarithmic: a level line is no growth.`,
    x: { title: size, unit: size, scale: 'log' },
    y: { title: cost, unit, scale: 'log' },
    series,
  };
}

/** The number of a label such as `×10: 1,000` or `1,000 people`. */
export function sizeIn(label: string): number | null {
  const digits = /^(?:×[\d,]+: )?(\d[\d,]*)(?![\d.])/.exec(label)?.[1];
  return digits === undefined ? null : Number(digits.replaceAll(',', ''));
}

/** Median and 99th percentile of each second of runs, ms, on a logarithmic axis; at most four runs. */
export function latencyPlot(
  name: string,
  title: string,
  runs: readonly { readonly label: string; readonly seconds: readonly SecondPercentiles[] }[],
): Plot | null {
  const series = runs.flatMap(({ label, seconds }): Series[] => {
    if (seconds.length === 0) return [];
    const before = runs.length === 1 && label === '' ? '' : `${label}, `;
    return [
      { label: `${before}p50`, points: seconds.map(({ second, p50 }): [number, number] => [second, shownMs(p50)]) },
      { label: `${before}p99`, points: seconds.map(({ second, p99 }): [number, number] => [second, shownMs(p99)]) },
    ];
  });
  if (series.length === 0) return null;
  return {
    name,
    title,
    about: `${title}: median and 99th percentile of each second, ms, logarithmic.`,
    x: { title: 'time of the run', unit: 's', scale: 'linear' },
    y: { title: 'latency', unit: 'ms', scale: 'log' },
    series,
  };
}

/** A tenth of a millisecond is as exact as two processes are with each other; zero has no place on the axis. */
const shownMs = (ms: number): number => Math.max(0.1, Math.round(10 * ms) / 10);
