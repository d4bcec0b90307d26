/** The table of planted bugs, held against the build; `scripts/planted-bugs` plants them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../house/repository.js';
import { planted } from './bug.js';
import { BUGS } from './bugs.js';

const dist = (path: string): string => join(repository, 'dist', path);

t.test('what each bug changes stands exactly once in the code', async (t) => {
  t.ok(BUGS.length >= 20);
  t.equal(new Set(BUGS.map(({ id }) => id)).size, BUGS.length, 'each has a name of its own');
  for (const bug of BUGS) {
    const code = readFileSync(dist(bug.file), 'utf8');
    let changed = code;
    t.doesNotThrow(() => {
      changed = planted(bug, code);
    }, bug.id);
    t.not(changed, code, bug.id);
  }
});

t.test('the tests that are to notice them are there', async (t) => {
  const files = [...new Set(BUGS.flatMap(({ tests }) => tests))];
  t.same(
    files.filter((file) => !existsSync(dist(join('tests', file)))),
    [],
  );
  t.same(
    BUGS.filter(({ simulated, tests }) => !simulated && tests.length === 0),
    [],
  );
});

t.test('a text that is gone, or there twice, is told', async (t) => {
  const [bug] = BUGS;
  if (bug === undefined) throw new Error('no bug');
  const [{ find }] = bug.edits;
  t.throws(() => planted(bug, 'nothing of the kind'), { message: /occurs 0 times/ });
  t.throws(() => planted(bug, `${find}\n${find}`), { message: /occurs 2 times/ });
});
