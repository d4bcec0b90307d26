// JSON of strangers: what two readers could read differently is refused, and so is what is too deep, too wide or obeyed by terminals.
import fc from 'fast-check';
import t from 'tap';
import { type JsonBounds, parseStrictJson } from '../../src/codec/strict-json.js';

const bounds: JsonBounds = { depthMax: 8, membersPerObjectMax: 50, elementsPerListMax: 50, valuesMax: 200 };
const wide: JsonBounds = { depthMax: 64, membersPerObjectMax: 1e6, elementsPerListMax: 1e6, valuesMax: 1e6 };
const read = (text: string | Uint8Array, within = bounds) =>
  parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text, within);

t.test('what anybody would read alike is read as JSON.parse reads it', (t) => {
  const seed = Number(process.env.SEED ?? 11);
  t.comment(`seed ${seed}`);
  const clean = (text: string) => !/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text);
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 2 }), (json, spaces) => {
      const text = JSON.stringify(JSON.parse(json), null, spaces);
      fc.pre(clean(JSON.stringify(JSON.parse(json)).replaceAll(/\\u[0-9a-f]{4}|\\[bf]/g, '\u0000')));
      fc.pre(!/"(__proto__|constructor|prototype)"/.test(text));
      return JSON.stringify(read(text, wide)) === JSON.stringify({ ok: true, value: JSON.parse(text) });
    }),
    { seed, numRuns: 500 },
  );
  t.pass('500 documents');
  t.end();
});

t.test('each thing that is refused, and its nearest neighbour that is not', (t) => {
  const cases: [name: string, text: string | Uint8Array, expected: string | null][] = [
    ['a member twice', '{"a":1,"a":1}', 'member_twice'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":2}', 'member_twice'],
    ['a member twice, deep inside', '[{"b":[{"c":1,"d":{},"c":2}]}]', 'member_twice'],
    ['the same name in two objects', '{"a":{"a":1},"b":{"a":1}}', null],
    ['a text that looks like a member', '{"a":"a","b":["a","a"]}', null],
    ['names that differ in case', '{"a":1,"A":1}', null],
    ['__proto__', '{"__proto__":{"admin":true}}', 'member_refused'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', 'member_refused'],
    ['constructor', '{"a":{"constructor":{"prototype":{}}}}', 'member_refused'],
    ['__proto__ as a text', '{"a":"__proto__"}', null],
    ['eight deep', '['.repeat(8) + ']'.repeat(8), null],
    ['nine deep', '['.repeat(9) + ']'.repeat(9), 'too_deep'],
    ['brackets in a text are no depth', `"${'['.repeat(99)}"`, null],
    ['a list of 50', `[${Array(50).fill(0)}]`, null],
    ['a list of 51', `[${Array(51).fill(0)}]`, 'too_many_values'],
    ['an object of 51', `{${Array.from({ length: 51 }, (_, i) => `"${i}":0`)}}`, 'too_many_values'],
    ['many small lists', `[${Array(40).fill('[1,2,3,4,5,6]')}]`, 'too_many_values'],
    ['a byte that is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not_utf8'],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'not_utf8'],
    ['half of a pair in UTF-8 (CESU)', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not_utf8'],
    ['half of a pair, escaped', '"\\ud800"', 'character_refused'],
    ['the halves in the wrong order', '"\\udc00\\ud800"', 'character_refused'],
    ['a whole pair, escaped', '"\\ud83d\\ude00"', null],
    ['NUL', '"\\u0000"', 'character_refused'],
    ['an escape sequence for a terminal', '"\\u001b[2J"', 'character_refused'],
    ['C1, raw', '"\u009b2J"', 'character_refused'],
    ['DEL', '"\u007f"', 'character_refused'],
    ['NUL in a name', '{"a\\u0000":1}', 'character_refused'],
    ['tab and line ends', '"a\\tb\\r\\nc"', null],
    ['a raw line end in a text', '"a\nb"', 'not_json'],
    ['a byte order mark', '\ufeff{}', 'not_json'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'character_refused'],
    ['nothing', '', 'not_json'],
    ['blanks', '  ', 'not_json'],
    ['two values', '{}{}', 'not_json'],
    ['a comma too many', '{"a":1,}', 'not_json'],
    ['NaN', '{"a":NaN}', 'not_json'],
    ['a comment', '{/**/"a":1}', 'not_json'],
    ['single quotes', "{'a':1}", 'not_json'],
    ['a text without an end', '{"a', 'not_json'],
    ['a backslash at the end', '"a\\', 'not_json'],
    ['a quote behind a backslash', '{"a\\"":1,"a":2}', null],
    ['a quote behind two', '{"a\\\\":1,"a":2}', null],
    ['closed more often than opened', ']]]]', 'not_json'],
    ['a scalar', '1', null],
    ['null', 'null', null],
  ];
  for (const [name, text, expected] of cases) {
    const got = read(text);
    t.equal(got.ok ? null : got.fault, expected, name);
  }
  t.end();
});

t.test('a body of the greatest size that is all depth or all quotes costs one pass', (t) => {
  for (const text of [
    '['.repeat(4 << 20),
    '"\\'.repeat(2 << 20),
    `"${'\\'.repeat(4 << 20)}`,
    '{"a":'.repeat(800_000),
  ]) {
    t.notOk(read(text, { ...wide, depthMax: 32 }).ok);
  }
  t.end();
});

t.test('nothing that is read reaches the prototype of anything', (t) => {
  read('{"__proto__":{"polluted":1}}');
  read('{"constructor":{"prototype":{"polluted":1}}}');
  t.equal(({} as Record<string, unknown>).polluted, undefined);
  t.end();
});
