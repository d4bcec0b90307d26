/** The list of excused mutants names mutants that exist, each once and with a reason: it cannot outlive the code. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { compare, nameOf, readEquivalents } from './equivalent.js';
import { mutantsOf } from './mutants.js';
import { compiledIn } from './sources.js';

const reasons = readEquivalents();
const rows = reasons.flatMap(({ mutants }) => mutants);

t.test('every mutant on the list is one of the rules as they are', (t) => {
  const mutants = compiledIn('src/rules', '.js').flatMap(
    (path) => mutantsOf(path, readFileSync(path, 'utf8'), 0).mutants,
  );
  t.ok(mutants.length > 3_000, `${mutants.length} mutants`);
  t.strictSame(compare(reasons, mutants).stale, []);
  t.end();
});

t.test('every mutant on the list stands there once, under a reason', (t) => {
  const names = rows.map(nameOf);
  t.strictSame(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
  for (const { reason, mutants } of reasons) t.ok(reason.length > 20 && mutants.length > 0, reason);
  t.end();
});
