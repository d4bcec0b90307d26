/** Changes to JSON that leave it JSON: other values in a place, members gone, twice or renamed, parts of another text. */
import type { Chance } from './chance.js';
import { mutateBytes } from './mutate-bytes.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Where a value hangs. */
interface Hook {
  readonly holder: Json[] | { [name: string]: Json };
  readonly name: string;
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-7,
  90,
  -90,
  90.0000001,
  180,
  -180,
  180.0000001,
  59.999,
  86_400,
  2 ** 31,
  2 ** 32,
];
const MORE_NUMBERS = [2 ** 53, 2 ** 53 + 2, 1e21, 1e308, -1e308, 5e-324, Number.MAX_SAFE_INTEGER, 1_772_996_400_000];
const TEXTS = [
  '',
  ' ',
  '0',
  '-',
  '.',
  '..',
  '~',
  ':',
  '/',
  '%00',
  '\0',
  '\ud800',
  '😀',
  '\u202e',
  'a'.repeat(65),
  '__proto__',
];
const MORE_TEXTS = ['constructor', 'toString', 'null', 'NaN', '1e400', '2026-02-29', '2026-03-29T01:30:00Z', '24:00'];
const OTHERS: readonly Json[] = [null, true, false, [], {}, [[]], [null], { type: 'Feature' }];
const valuesMax = 4_000;

/** `names` and `texts` are members and values that mean something to the reader. */
export interface Vocabulary {
  readonly names?: readonly string[];
  readonly texts?: readonly string[];
}

export function mutateJson(input: Buffer, other: Buffer, chance: Chance, words: Vocabulary = {}): Buffer {
  // now and then what is no JSON any more, or is written as no program writes it
  if (chance.oneIn(8)) return mutateBytes(input, other, chance, RAW);
  if (chance.oneIn(16)) return memberTwice(input, chance);
  const read = parsed(input);
  if (read === undefined) return mutateBytes(input, other, chance, RAW);
  const root: Hook['holder'] = { root: read };
  try {
    for (let left = 1 + chance.small(4); left > 0; left--) changeOne(root, parsed(other), chance, words);
    return Buffer.from(JSON.stringify(root.root) ?? 'null');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // nested so deep that it can be read and neither copied nor written
    return mutateBytes(input, other, chance, RAW);
  }
}

const RAW = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '1e999',
  '-0',
  'null',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '[[[[[[[[',
].map((text) => Buffer.from(text));

/** The text with a member a second time, which no program writes and readers differ over. */
function memberTwice(input: Buffer, chance: Chance): Buffer {
  const text = input.toString('utf8');
  const members = [...text.matchAll(/"[^"\\]*":(?:"[^"\\]*"|[-\d.]+|true|null)/g)];
  if (members.length === 0) return input;
  const [member] = chance.pick(members);
  const before = chance.pick(members).index;
  return Buffer.from(`${text.slice(0, before)}${member},${text.slice(before)}`);
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

function changeOne(root: Hook['holder'], other: Json | undefined, chance: Chance, words: Vocabulary): void {
  const hook = chance.pick(hooksOf(root));
  const value = get(hook);
  switch (chance.int(9)) {
    case 0:
    case 1:
      set(hook, scalar(value, chance, words));
      break;
    case 2:
      remove(hook);
      break;
    case 3: {
      const given = other === undefined ? [] : hooksOf({ root: other });
      // of a member of this name in the other text, if there is one: then the parts fit
      const alike = given.filter(({ name }) => name === hook.name);
      const from = alike.length > 0 && !chance.oneIn(4) ? alike : given;
      if (from.length > 0) set(hook, structuredClone(get(chance.pick(from))));
      break;
    }
    case 4:
      if (Array.isArray(value)) value.splice(chance.int(value.length + 1), 0, structuredClone(value.at(-1) ?? null));
      break;
    case 5:
      if (Array.isArray(value) && value.length > 1) {
        const [taken] = value.splice(chance.int(value.length), 1);
        if (chance.oneIn(2)) value.splice(chance.int(value.length + 1), 0, taken as Json);
      }
      break;
    case 6: {
      const names = words.names ?? [];
      if (typeof value === 'object' && value !== null && !Array.isArray(value) && names.length > 0)
        define(value, chance.pick(names), scalar(null, chance, words));
      break;
    }
    case 7:
      set(hook, wrapped(value, chance));
      break;
    default:
      set(hook, structuredClone(get(chance.pick(hooksOf(root)))));
  }
}

function scalar(before: Json, chance: Chance, words: Vocabulary): Json {
  if (typeof before === 'number' && !chance.oneIn(3)) {
    const step = chance.pick([1, -1, 0.5, 1e-7, -1e-7, 1e-9, 60, 1_000, 3_600_000, -86_400_000]);
    return chance.oneIn(4) ? -before : before + step;
  }
  if (typeof before === 'string' && !chance.oneIn(3)) return textNear(before, chance, words);
  switch (chance.int(6)) {
    case 0:
      return chance.pick(NUMBERS);
    case 1:
      return chance.pick(MORE_NUMBERS);
    case 2:
      return chance.pick(TEXTS);
    case 3:
      return chance.pick([...(words.texts ?? []), ...MORE_TEXTS]);
    case 4:
      return structuredClone(chance.pick(OTHERS));
    default:
      return chance.int(200) - 50;
  }
}

function textNear(before: string, chance: Chance, words: Vocabulary): string {
  const at = chance.int(before.length + 1);
  switch (chance.int(5)) {
    case 0:
      return before.slice(0, at) + before.slice(at + 1);
    case 1:
      return before.slice(0, at) + String.fromCharCode(chance.int(128)) + before.slice(at);
    case 2:
      return before.replace(/\d/, () => String(chance.int(10)));
    case 3:
      return before.slice(0, at) + chance.int(10) + before.slice(at + 1);
    default:
      return chance.pick([...(words.texts ?? []), ...MORE_TEXTS, before + before]);
  }
}

function wrapped(value: Json, chance: Chance): Json {
  let deep = value;
  const levels = chance.oneIn(8) ? 1_000 : 1 + chance.int(3);
  for (let left = levels; left > 0; left--) deep = chance.oneIn(2) ? [deep] : { type: deep };
  return deep;
}

function hooksOf(root: Hook['holder']): Hook[] {
  const hooks: Hook[] = [];
  const waiting: Hook['holder'][] = [root];
  for (let holder = waiting.pop(); holder !== undefined && hooks.length < valuesMax; holder = waiting.pop()) {
    for (const name of Object.keys(holder)) {
      const hook = { holder, name };
      hooks.push(hook);
      const value = get(hook);
      if (typeof value === 'object' && value !== null) waiting.push(value);
    }
  }
  return hooks;
}

const get = ({ holder, name }: Hook): Json => (holder as Record<string, Json>)[name] as Json;

function set({ holder, name }: Hook, value: Json): void {
  define(holder as Record<string, Json>, name, value);
}

/** `__proto__` too becomes a member. */
function define(holder: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

function remove({ holder, name }: Hook): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else if (name !== 'root') delete holder[name];
}
