// The conformance table holds: its tests are there, its switches fit the code, and no paragraph is passed over.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { NamedTest } from '../../src/lawful/conformance/row.js';
import { CONFORMANCE } from '../../src/lawful/conformance.js';
import { SWITCHES } from '../conformance/switches.js';
import { planted } from '../planted/bug.js';
import { repository } from './repository.js';

const software = CONFORMANCE.flatMap((row) => (row.kind === 'software' ? [row] : []));

t.test('every row has an id of its own', async (t) => {
  const ids = CONFORMANCE.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
});

t.test('every paragraph of the Code is in some row', async (t) => {
  const named = new Set(CONFORMANCE.flatMap(({ paragraphs }) => paragraphsOf(paragraphs)));
  for (let paragraph = 1; paragraph <= 63; paragraph++) t.ok(named.has(paragraph), `¶${paragraph}`);
  t.equal(named.size, 63, 'and none that it does not have');
});

t.test('every test that is named is there', async (t) => {
  for (const { id, tests } of software) for (const test of tests) t.ok(isThere(test), `${id}: ${test.name}`);
  const [{ file } = { file: '' }] = software[0]?.tests ?? [];
  t.notOk(isThere({ file, name: 'a test that nobody wrote' }));
});

t.test('every mechanism can be switched off: each text that a switch changes is there, once', async (t) => {
  for (const { id } of software)
    t.ok(
      SWITCHES.some((one) => one.id === id),
      `${id} has a switch`,
    );
  for (const one of SWITCHES) {
    t.ok(
      software.some(({ id }) => id === one.id),
      `${one.id} is a row`,
    );
    const code = readFileSync(join(repository, 'dist', one.file), 'utf8');
    t.not(planted({ ...one, simulated: false, tests: [] }, code), code, `${one.id}: ${one.name}`);
  }
});

/** `22–24, 27, DPA 2018 s.62` → 22, 23, 24, 27. */
function paragraphsOf(text: string): number[] {
  return text
    .split(', ')
    .filter((part) => !part.startsWith('DPA'))
    .flatMap((part) => {
      const [, first, last] = /^(\d+)(?:–(\d+))?$/.exec(part) ?? [];
      if (first === undefined) throw new Error(`"${part}" of "${text}" is no paragraph`);
      return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, n) => Number(first) + n);
    });
}

/** As a string of the file, or as what a template of it gives. */
function isThere({ file, name }: NamedTest): boolean {
  const path = join(repository, file);
  if (!existsSync(path)) return false;
  const source = readFileSync(path, 'utf8');
  if ([`'${name}'`, `"${name}"`, `\`${name}\``].some((text) => source.includes(text))) return true;
  return [...source.matchAll(/`([^`\n]*\$\{[^`\n]*)`/g)].some(([, template = '']) => {
    const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return parts.join('').length > 10 && new RegExp(`^${parts.join('.+')}$`).test(name);
  });
}
