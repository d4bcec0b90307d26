/** Lines over two axes as SVG: title, units, ticks and a legend, to be read in light and in dark. No dependency. */
import type { Axis, Plot, Series } from './result.js';
import { type Scale, scaleOf } from './scale.js';

const WIDTH = 720;
const HEIGHT = 400;
const PLOT = { left: 74, right: WIDTH - 24, top: 72, bottom: HEIGHT - 52 } as const;
const LEGEND_TOP = 46;
/** About what a letter of the legend is wide. */
const LETTER_PX = 6.6;

/** Told apart by dash and mark as well: colour alone says nothing in print, or to one person in twelve. */
const LOOKS = [
  { light: '#0b61a4', dark: '#6cb6ff', dash: '', mark: 'circle' },
  { light: '#b3400e', dark: '#ff9d6b', dash: '6 3', mark: 'square' },
  { light: '#1a7f37', dark: '#6fdd8b', dash: '2 3', mark: 'triangle' },
  { light: '#8250df', dark: '#d2a8ff', dash: '8 3 2 3', mark: 'diamond' },
  { light: '#57606a', dark: '#b1bac4', dash: '1 2', mark: 'circle' },
  { light: '#9a6700', dark: '#e3b341', dash: '10 4', mark: 'square' },
  { light: '#a40e6b', dark: '#ff80c8', dash: '4 2', mark: 'triangle' },
  { light: '#116a75', dark: '#5fd0dc', dash: '3 5', mark: 'diamond' },
] as const;
export const SERIES_MAX = LOOKS.length;

/** More points than this get no marks: they would be a ribbon. */
const MARKED_MAX = 40;

/** Throws on no series, on more than eight, and on a series without a point that its axes can show. */
export function svgOf(plot: Plot): string {
  const { title, about, x, y } = plot;
  const shown = plot.series.map((series) => ({ ...series, points: series.points.filter(isOn(x, y)) }));
  if (shown.length === 0 || shown.length > SERIES_MAX) throw new Error(`${title}: ${shown.length} lines in a plot`);
  const empty = shown.find(({ points }) => points.length === 0);
  if (empty !== undefined) throw new Error(`${title}: ${empty.label} has nothing to show`);
  const across = scaleOf(x, values(shown, 0), PLOT.left, PLOT.right);
  const up = scaleOf(y, values(shown, 1), PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title about">`,
    `<title id="title">${text(title)}</title>`,
    `<desc id="about">${text(about)}</desc>`,
    `<style>${styles(shown.length)}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${PLOT.left}" y="26">${text(title)}</text>`,
    ...grid(across, up),
    ...axisTitles(x, y),
    ...shown.flatMap((series, i) => line(series, i, across, up)),
    ...legend(shown),
    '</svg>\n',
  ].join('\n');
}

const isOn =
  (x: Axis, y: Axis) =>
  ([at, value]: readonly [number, number]): boolean =>
    Number.isFinite(at) && Number.isFinite(value) && (x.scale !== 'log' || at > 0) && (y.scale !== 'log' || value > 0);

const values = (series: readonly Series[], i: 0 | 1): number[] =>
  series.flatMap(({ points }) => points.map((point) => point[i]));

function styles(count: number): string {
  const colours = (of: 'light' | 'dark') =>
    LOOKS.slice(0, count).map((look, i) => `.l${i}{stroke:${look[of]}}.m${i}{fill:${look[of]}}`);
  const dashes = LOOKS.slice(0, count).map(({ dash }, i) => (dash === '' ? '' : `.l${i}{stroke-dasharray:${dash}}`));
  return [
    'text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}.paper{fill:#fff}',
    '.grid{stroke:#d0d7de;stroke-width:1}.axis{stroke:#57606a;stroke-width:1}.line{fill:none;stroke-width:2}',
    ...dashes,
    ...colours('light'),
    `@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#b1bac4}${colours('dark').join('')}}`,
  ].join('');
}

function grid(across: Scale, up: Scale): string[] {
  const { left, right, top, bottom } = PLOT;
  return [
    ...across.ticks.flatMap(({ at, label }) => [
      `<line class="grid" x1="${at}" y1="${top}" x2="${at}" y2="${bottom}"/>`,
      `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
    ]),
    ...up.ticks.flatMap(({ at, label }) => [
      `<line class="grid" x1="${left}" y1="${at}" x2="${right}" y2="${at}"/>`,
      `<text x="${left - 8}" y="${at + 4}" text-anchor="end">${label}</text>`,
    ]),
    `<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`,
  ];
}

function axisTitles(x: Axis, y: Axis): string[] {
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return [
    `<text class="x-title" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${named(x)}</text>`,
    `<text class="y-title" x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${named(y)}</text>`,
  ];
}

/** Without its unit a figure is none. */
const named = ({ title, unit }: Axis): string => text(unit === title ? title : `${title} (${unit})`);

function line({ label, points }: Series, i: number, across: Scale, up: Scale): string[] {
  const at = points.map(([x, y]): readonly [number, number] => [across.px(x), up.px(y)]);
  return [
    `<g><title>${text(label)}</title>`,
    `<polyline class="line l${i}" points="${at.map(([x, y]) => `${x},${y}`).join(' ')}"/>`,
    ...(points.length > MARKED_MAX ? [] : at.map(([x, y]) => mark(i, x, y))),
    '</g>',
  ];
}

function mark(i: number, x: number, y: number): string {
  switch (LOOKS[i]?.mark) {
    case 'square':
      return `<rect class="m${i}" x="${x - 3.5}" y="${y - 3.5}" width="7" height="7"/>`;
    case 'triangle':
      return `<path class="m${i}" d="M${x} ${y - 4.5}l4 8h-8z"/>`;
    case 'diamond':
      return `<path class="m${i}" d="M${x} ${y - 5}l4.5 5l-4.5 5l-4.5-5z"/>`;
    default:
      return `<circle class="m${i}" cx="${x}" cy="${y}" r="3.5"/>`;
  }
}

function legend(series: readonly Series[]): string[] {
  let x: number = PLOT.left;
  let y = LEGEND_TOP;
  return series.flatMap(({ label }, i) => {
    const width = 44 + label.length * LETTER_PX;
    if (x > PLOT.left && x + width > PLOT.right) [x, y] = [PLOT.left, y + 16];
    const at = Math.round(x);
    x += width;
    return [
      `<line class="line l${i}" x1="${at}" y1="${y}" x2="${at + 26}" y2="${y}"/>`,
      mark(i, at + 13, y),
      `<text x="${at + 32}" y="${y + 4}">${text(label)}</text>`,
    ];
  });
}

/** As XML text; control characters have no place in it at all. */
function text(plain: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is left out
  const clean = plain.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
