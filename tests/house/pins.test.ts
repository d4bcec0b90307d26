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
