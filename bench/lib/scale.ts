/** Where on an axis a value lies, and the round values that are written beside it. */
import type { Axis } from './result.js';

export interface Scale {
  /** To a tenth of a pixel, so that the same figures make the same file. */
  readonly px: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

const TICKS_MAX = 7;

/** `fromPx` is where the least value lies. Throws on no values, and on a log axis for what is not above 0. */
export function scaleOf({ scale }: Axis, values: readonly number[], fromPx: number, toPx: number): Scale {
  const [least, most] = extent(values);
  const ticks = scale === 'log' ? logTicks(least, most) : linearTicks(least, most);
  const place = scale === 'log' ? Math.log10 : (value: number): number => value;
  const first = place(Math.min(least, ticks[0] as number));
  const last = place(Math.max(most, ticks.at(-1) as number));
  const px = (value: number): number =>
    Math.round(10 * (fromPx + ((place(value) - first) / (last - first)) * (toPx - fromPx))) / 10;
  return { px, ticks: ticks.map((value) => ({ at: px(value), label: shown(value) })) };
}

/** No spread of thousands of values over an argument list. */
function extent(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) throw new Error('an axis without values');
  return [least, most];
}

/** From zero: a cut-off axis makes much of little. */
function linearTicks(least: number, most: number): number[] {
  const from = Math.min(0, least);
  const to = most === from ? from + 1 : most;
  const step = roundStep((to - from) / (TICKS_MAX - 1));
  const first = Math.floor(from / step);
  const end = Math.ceil(to / step - 1e-9);
  return Array.from({ length: end - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 1, 2 or 5 times a power of ten, at least so large. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const times = [1, 2, 5, 10].find((n) => n * power >= atLeast * (1 - 1e-9)) ?? 10;
  return times * power;
}

/** Whole decades around the values; within two of them also 2 and 5. */
function logTicks(least: number, most: number): number[] {
  if (least <= 0) throw new Error(`${least} on a logarithmic axis`);
  const from = Math.floor(Math.log10(least) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(most) - 1e-9));
  const every = Math.ceil((to - from) / (TICKS_MAX - 1));
  const powers: number[] = [];
  for (let power = from; power < to + every; power += every) powers.push(power);
  if (to - from > 2) return powers.map(tenTo);
  return powers.flatMap((power, i) => (i === powers.length - 1 ? [1] : [1, 2, 5]).map((n) => n * tenTo(power)));
}

/** `10 ** -4` is not what the text 1e-4 is. */
const tenTo = (power: number): number => Number(`1e${power}`);

function shown(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(0);
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 6 });
}
