// What the README points at is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from './repository.js';

t.test('every file of ours that the README names is there', (t) => {
  const text = readFileSync(join(repository, 'README.md'), 'utf8');
  const named = [...text.matchAll(/[`(]((?:src|tests|scripts|bench|fixtures|proto)\/[\w./-]+)[`)# ]/g)].map(
    ([, path]) => path ?? '',
  );
  const paths = new Set(named.filter((path) => !path.includes('*')));
  t.ok(paths.size > 20, `${paths.size} are named`);
  for (const path of paths) t.ok(existsSync(join(repository, path)), path);
  t.end();
});
