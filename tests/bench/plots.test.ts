/** The plots: XML that a strict reader takes, with a title, axes and units, in light and in dark, and true to the figures. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SERIES_MAX, svgOf } from '../../bench/lib/plot.js';
import { growthPlot, latencyPlot, sizeIn } from '../../bench/lib/plots.js';
import { plotsOf, readResults } from '../../bench/lib/report.js';
import type { Plot } from '../../bench/lib/result.js';
import { BySecond } from '../../src/sim/percentiles.js';
import { type Element, parseXml } from './xml.js';

const plot: Plot = {
  name: 'made-up',
  title: 'Cost <of> "this" & that',
  about: 'A line that rises.',
  x: { title: 'people', unit: 'people', scale: 'log' },
  y: { title: 'CPU time', unit: 'µs', scale: 'linear' },
  series: [
    {
      label: 'one',
      points: [
        [100, 1],
        [1_000, 4],
        [10_000, 16],
      ],
    },
    {
      label: 'a < b',
      points: [
        [100, 8],
        [10_000, 8],
      ],
    },
  ],
};

/** Where an axis puts a value, from the texts and grid lines that a reader sees. */
function readable(svg: Element): { readonly x: (value: number) => number; readonly y: (value: number) => number } {
  const labels = svg.all('text').filter((text) => /^[\d.,e+-]+$/.test(text.text));
  const isUnder = (text: Element): boolean => text.attributes.get('text-anchor') === 'middle';
  const ticks = (axis: 'x' | 'y') =>
    labels
      .filter((text) => isUnder(text) === (axis === 'x'))
      .map((text) => ({
        value: Number(text.text.replaceAll(',', '')),
        px: Number(text.attributes.get(axis)) - (axis === 'y' ? 4 : 0),
      }));
  return { x: between(ticks('x'), Math.log10), y: between(ticks('y'), (value) => value) };
}

function between(ticks: readonly { value: number; px: number }[], place: (value: number) => number) {
  const [first, last] = [ticks[0], ticks.at(-1)];
  if (first === undefined || last === undefined) throw new Error('an axis without two labels');
  return (value: number): number =>
    first.px + ((place(value) - place(first.value)) / (place(last.value) - place(first.value))) * (last.px - first.px);
}

t.test('a plot has its title, axes with units, a legend, and its points where the labels say', async (t) => {
  const svg = parseXml(svgOf(plot));
  t.equal(svg.name, 'svg');
  t.equal(svg.attributes.get('xmlns'), 'http://www.w3.org/2000/svg');
  const texts = svg.all('text').map(({ text }) => text);
  for (const wanted of [plot.title, 'people', 'CPU time (µs)', 'one', 'a < b', '100', '10,000', '0', '15']) {
    t.ok(texts.includes(wanted), wanted);
  }
  t.equal(svg.all('title')[0]?.text, plot.title, 'for those who cannot see it');
  t.equal(svg.all('desc')[0]?.text, plot.about);
  const at = readable(svg);
  const lines = svg.all('polyline').map(({ attributes }) => attributes.get('points')?.split(' ') ?? []);
  t.same(
    lines.map((points) => points.length),
    [3, 2],
  );
  for (const [i, { points }] of plot.series.entries()) {
    for (const [n, [x, y]] of points.entries()) {
      const [px, py] = (lines[i]?.[n] ?? '').split(',').map(Number);
      t.ok(Math.abs((px as number) - at.x(x)) < 0.2, `${x} lies at ${px}`);
      t.ok(Math.abs((py as number) - at.y(y)) < 0.2, `${y} lies at ${py}`);
    }
  }
});

/** WCAG 2.1, contrast ratio of two colours `#rrggbb` or `#rgb`. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const full = colour.length === 4 ? [...colour.slice(1)].map((c) => c + c).join('') : colour.slice(1);
    const [r, g, blue] = [0, 2, 4].map((i) => {
      const part = Number.parseInt(full.slice(i, i + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [one, other] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (one + 0.05) / (other + 0.05);
}

t.test('text and every line stand out from the paper, in light and in dark', async (t) => {
  const points: [number, number][] = [
    [1, 1],
    [2, 2],
  ];
  const series = Array.from({ length: SERIES_MAX }, (_, i) => ({ label: `line ${i}`, points }));
  const css = parseXml(svgOf({ ...plot, series })).all('style')[0]?.text ?? '';
  const dark = /@media\(prefers-color-scheme:dark\)\{(.*)\}$/.exec(css)?.[1] ?? '';
  for (const [mode, rules] of [
    ['light', css.slice(0, css.indexOf('@media'))],
    ['dark', dark],
  ] as const) {
    const colour = (of: RegExp): string => of.exec(rules)?.[1] ?? `none in ${mode}`;
    const paper = colour(/\.paper\{fill:(#\w+)/);
    t.ok(contrast(colour(/text\{[^}]*fill:(#\w+)/), paper) >= 7, `${mode}: text`);
    for (let i = 0; i < SERIES_MAX; i++) {
      t.ok(contrast(colour(new RegExp(`\\.l${i}\\{stroke:(#\\w+)`)), paper) >= 3, `${mode}: line ${i}`);
    }
  }
});

t.test('what a plot cannot show it refuses, and what an axis cannot show it leaves out', async (t) => {
  t.throws(() => svgOf({ ...plot, series: [] }), /0 lines/);
  t.throws(() => svgOf({ ...plot, series: Array.from({ length: SERIES_MAX + 1 }, () => plot.series[0] as never) }));
  const onLog = { ...plot, y: { ...plot.y, scale: 'log' } } as const;
  const withZero = { label: 'with zero', points: [[1, 0] as const, [2, 5] as const, [3, Number.NaN] as const] };
  const [line] = parseXml(svgOf({ ...onLog, series: [withZero] })).all('polyline');
  t.equal(line?.attributes.get('points')?.split(' ').length, 1);
  t.throws(() => svgOf({ ...onLog, series: [{ label: 'none', points: [[1, 0]] }] }), /nothing to show/);
});

t.test('one value, equal values, tiny and large ones have axes too', async (t) => {
  const of = (points: readonly (readonly [number, number])[], scale: 'log' | 'linear') =>
    parseXml(svgOf({ ...plot, x: { ...plot.x, scale }, y: { ...plot.y, scale }, series: [{ label: 'l', points }] }));
  for (const scale of ['log', 'linear'] as const) {
    for (const points of [
      [[5, 5]],
      [
        [5, 7],
        [50, 7],
      ],
      [
        [1e-5, 1e-7],
        [1e9, 1e12],
      ],
    ] as const) {
      const svg = of(points, scale);
      for (const { attributes } of svg.all('polyline')) {
        t.match(attributes.get('points'), /^[\d.]+,[\d.]+( [\d.]+,[\d.]+)*$/, `${scale} ${JSON.stringify(points)}`);
      }
      t.ok(svg.all('line').length < 60, 'and not too many grid lines');
    }
  }
});

t.test('growth is drawn from the sizes in the labels', async (t) => {
  t.same(['×10: 1,000', '250 people', '10,000 × 1', 'none', '×100: 2.5', '3.5 km'].map(sizeIn), [
    1_000,
    250,
    10_000,
    null,
    null,
    null,
  ]);
  const columns = [{ key: 'us', title: 'µs/record' }];
  const rows = [
    { label: '×10: 1,000', cells: { us: { median: 3, min: 2, max: 4 } } },
    { label: '×1: 100', cells: { us: 2 } },
    { label: 'otherwise', cells: { us: 9 } },
    { label: '×100: 10,000', cells: { us: null } },
  ];
  const growth = { size: 'people', cost: 'CPU time a record', unit: 'µs', columns: ['us', 'gone'] };
  t.same(growthPlot(rows, columns, growth)?.series, [
    {
      label: 'µs/record',
      points: [
        [100, 2],
        [1_000, 3],
      ],
    },
  ]);
  t.equal(growthPlot(rows.slice(0, 1), columns, growth), null, 'one size is no growth');
});

t.test('latencies are told by the second in which they began', async (t) => {
  const late = new BySecond();
  for (let i = 1; i <= 100; i++) late.note(2_000 + i, i);
  late.note(-5, 7);
  late.note(4_999, 0);
  t.same(late.percentiles(), [
    { second: 0, p50: 7, p99: 7 },
    { second: 2, p50: 50, p99: 99 },
    { second: 4, p50: 0, p99: 0 },
  ]);
  const drawn = latencyPlot('ack', 'Acknowledged', [{ label: 'a', seconds: late.percentiles() }]);
  t.same(
    drawn?.series.map(({ label, points }) => [label, points.at(-1)]),
    [
      ['a, p50', [4, 0.1]],
      ['a, p99', [4, 0.1]],
    ],
    'zero has no place on a logarithmic axis',
  );
  t.equal(latencyPlot('ack', 'Acknowledged', [{ label: 'a', seconds: [] }]), null);
});

t.test('bench/plots are what bench/results say, each one XML that reads', async (t) => {
  const wanted = plotsOf(readResults('bench/results'));
  t.same(readdirSync('bench/plots').sort(), [...wanted.keys()].sort());
  for (const [name, svg] of wanted) {
    t.ok(readFileSync(join('bench/plots', name), 'utf8') === svg, `${name} is up to date`);
    const read = parseXml(svg);
    t.ok((read.all('title')[0]?.text ?? '').length > 0);
    t.ok(read.all('text').some(({ attributes }) => attributes.get('class') === 'x-title'));
    t.match(
      read.all('text').find(({ attributes }) => attributes.get('class') === 'y-title')?.text,
      /\(.+\)$/,
      'a unit',
    );
  }
});
