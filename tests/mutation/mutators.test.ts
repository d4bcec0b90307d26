/** What is changed in a compiled file, and what is left as it is. */
import t from 'tap';
import { changed } from './mutants.js';
import { mutationsOf } from './mutators.js';
import { counted, REACHED, regionAt } from './regions.js';
import { syntaxOf } from './syntax.js';

/** Every changed text of one statement. */
function changes(text: string): string[] {
  return mutationsOf(syntaxOf(text)).map((mutation) => changed(text, mutation));
}

for (const [says, text, expected] of [
  ['a comparison at its edge', 'x = a < b', [';', 'x = a <= b']],
  ['equality', 'x = a === b', [';', 'x = a !== b']],
  ['arithmetic', 'x = a + b * c', [';', 'x = a - b * c', 'x = a + b / c']],
  ['the joining of texts is left', "x = 'a b' + c", [';']],
  ['the two sides of a fallback', 'x = (a || b) ?? c', [';', 'x = ((a || b))', 'x = (c)', 'x = (a && b) ?? c']],
  ['a negation', 'x = !(a && b)', [';', 'x = ((a && b))', 'x = !(a || b)']],
  ['a number, by one each way', 'x = 5', [';', 'x = 6', 'x = 4']],
  ['a name, but no sentence', "x = ['name', 'a sentence']", [';', 'x = []', "x = ['', 'a sentence']"]],
  ['what an error says is left', "throw new Error('wrong')", []],
  ['what a problem expects is left', "x = { expected: 'less' }", [';', 'x = {}']],
  ['the smaller and the larger', 'x = Math.min(a, b)', [';', 'x = Math.max(a, b)']],
  [
    'a call on a result in brackets',
    'x = (a ?? b).filter(c)',
    [';', 'x = ((a ?? b))', 'x = ((a)).filter(c)', 'x = ((b)).filter(c)'],
  ],
  ['a guard', 'x = a?.b', [';', 'x = a.b']],
  ['a comment is no operator', 'x = a /* < */ < b', [';', 'x = a /* < */ <= b']],
] as const) {
  t.test(`changed: ${says}`, (t) => {
    t.strictSame(changes(text).sort(), [...expected].sort());
    for (const one of changes(text)) t.doesNotThrow(() => syntaxOf(one), one);
    t.end();
  });
}

t.test('counters show which stretches ran, and leave what runs as it was', (t) => {
  const text = `
    export function sign(n) {
      if (n > 0) return 'more';
      for (const one of [n]) if (one < 0) return 'less';
      return n === 0 ? (() => 'none')() : null ?? 'strange';
    }`;
  const { text: instrumented, regions } = counted(syntaxOf(text), 0);
  const reached = new Uint8Array(regions.length);
  const run = new Function(REACHED, `${instrumented.replace(/^.*?;/, '').replace('export ', '')}; return sign;`);
  const sign = run(reached) as (n: number) => string;
  const ran = (snippet: string) => {
    const start = text.indexOf(snippet);
    return reached[regionAt(regions, start, start + snippet.length)] === 1;
  };
  t.equal(sign(5), 'more');
  t.strictSame([ran("'more'"), ran('one < 0'), ran("'none'")], [true, false, false]);
  t.equal(sign(-5), 'less');
  t.strictSame([ran("'less'"), ran('n === 0')], [true, false]);
  t.equal(sign(0), 'none');
  t.strictSame([ran("'none'"), ran("'strange'")], [true, false]);
  t.equal(sign(Number.NaN), 'strange');
  t.ok(ran("'strange'"));
  t.end();
});
