/** Strict JSON: what it takes is what `JSON.parse` takes of it, with no member twice; a reader by hand is the second opinion. */
import { isDeepStrictEqual } from 'node:util';
import { parseStrictJson } from '../../../src/codec/strict-json.js';
import type { Chance } from '../chance.js';
import { mutateBytes } from '../mutate-bytes.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';

const BOUNDS = { depthMax: 6, membersPerObjectMax: 6, elementsPerListMax: 8, valuesMax: 40 };
const REFUSED = new Set(['__proto__', 'constructor', 'prototype']);
const words = {
  names: [...REFUSED, 'a', 'b'],
  texts: ['\u0000', '\u001f', '\ud800', '😀', '\\', '"', '\u2028', '\t', 'a\\"b'],
};
const RAW = [
  '"a":1,',
  '"\\u0061":2,',
  '\\',
  '\\\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\ufeff',
  '\u0000',
  '\\ud83d\\ude00',
  '\\u0000',
  '//',
  '1e5',
  '-',
  'tru',
].map((text) => Buffer.from(text));
const NOT_UTF8 = [Buffer.of(0xff), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0xaf)];

/** What a text is, from the values that `JSON.parse` gives and the names that stand in the text. */
function judge(value: unknown, depth = 0): { depth: number; values: number; fits: boolean } {
  if (typeof value !== 'object' || value === null)
    return { depth, values: 0, fits: typeof value !== 'string' || isClean(value) };
  const inner = Array.isArray(value) ? value : Object.values(value);
  const names = Array.isArray(value) ? [] : Object.keys(value);
  const most = Array.isArray(value) ? BOUNDS.elementsPerListMax : BOUNDS.membersPerObjectMax;
  const judged = inner.map((one) => judge(one, depth + 1));
  return {
    depth: Math.max(depth + 1, ...judged.map((one) => one.depth)),
    values: judged.reduce((sum, one) => sum + one.values, Math.max(0, inner.length - 1)),
    fits:
      inner.length <= most &&
      names.every((name) => isClean(name) && !REFUSED.has(name)) &&
      judged.every((one) => one.fits),
  };
}
/** Tabs and line ends are prose; other control characters, and halves of surrogate pairs, are not. */
const isClean = (text: string): boolean =>
  [...text].every((one) => {
    const code = one.codePointAt(0) ?? 0;
    const isControl = code < 0x20 ? ![9, 10, 13].includes(code) : code >= 0x7f && code < 0xa0;
    return !isControl && (code < 0xd800 || code > 0xdfff);
  });

/** Names that are written, whatever level they are of: a duplicate is one more than the values have. */
const namesWritten = (text: string): number => text.replace(/"(?:[^"\\]|\\.)*"/gs, '').split(':').length - 1;
const namesRead = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : (Array.isArray(value) ? 0 : Object.keys(value).length) +
      Object.values(value).reduce((sum: number, one) => sum + namesRead(one), 0);

export const target = {
  bytesMax: 4_096,
  seeds: () =>
    [
      '{"a":[1,2,{"b":null}],"c":"d"}',
      '[[[[[1]]]]]',
      '"text \\u00e9 \\n"',
      '{"a":1,"a":2}',
      ' {\n"x" : true }\n',
      '{"a":{"a":{"a":1}}}',
      '[1e3,-0.5,false]',
      '{"a\\u0062":1,"ab":2}',
    ].map((text) => Buffer.from(text)),
  mutate: (input: Buffer, other: Buffer, chance: Chance) =>
    chance.oneIn(2)
      ? mutateJson(input, other, chance, words)
      : mutateBytes(input, other, chance, [...RAW, ...NOT_UTF8]),
  run(input: Buffer): void {
    const read = parseStrictJson(input, BOUNDS);
    const text = input.toString('utf8');
    let plain: unknown;
    let isJson = Buffer.from(text).equals(input);
    try {
      plain = JSON.parse(text);
    } catch {
      isJson = false;
    }
    if (!isJson) {
      must(!read.ok, 'what is no JSON in UTF-8 is refused');
      return;
    }
    const { depth, values, fits } = judge(plain);
    const twice = namesWritten(text) !== namesRead(plain);
    const sound = fits && !twice && depth <= BOUNDS.depthMax && values <= BOUNDS.valuesMax;
    if (read.ok) {
      must(isDeepStrictEqual(read.value, plain), 'what is read is what stands there');
      must(
        sound,
        `what is out of bounds, or there twice, is refused (${JSON.stringify({ depth, values, fits, twice })})`,
      );
    } else must(!sound, `what is within bounds is read, and not ${read.fault}`);
  },
};
