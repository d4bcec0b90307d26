// Every dependency is named by one exact version, so that two machines never build two gateways.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from './repository.js';

t.test('package.json names exact versions only', async (t) => {
  const { dependencies, devDependencies, overrides } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  );
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...overrides })) {
    t.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  }
});

// npm writes no entry for a platform package that its registry did not offer, and `npm ci` then refuses the lock
t.test('the lock file names every optional platform package', async (t) => {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as Lock;
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) t.ok(locked.has(name), `${name}, wanted by ${path}`);
  }
});

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}
