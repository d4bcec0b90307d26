// What is installed is what was looked at, and each way to slip something in is noticed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { repository } from './repository.js';

const script = join(repository, 'scripts', 'audit-dependencies.mjs');
const audit = (...args: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [script, '--offline', ...args], { encoding: 'utf8' });
  return { status, out: stdout };
};

t.test('the packages of this repository', (t) => {
  const { status, out } = audit();
  t.equal(status, 0, out);
  t.match(out, /dependencies: \d{3} packages, 0 faults/);
  t.end();
});

interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  [more: string]: unknown;
}
const sealed = `sha512-${'A'.repeat(86)}==`;
const good: Locked = { version: '1.0.0', integrity: sealed, license: 'MIT' };

/** A repository with one package `a`, changed. */
function planted(
  t: Test,
  change: { manifest?: object; a?: Locked; more?: Record<string, Locked>; installed?: string },
) {
  const folder = t.testdir({});
  const manifest = { dependencies: { a: '1.0.0' }, devDependencies: {}, overrides: {}, ...change.manifest };
  const packages = { '': { dependencies: { a: '1.0.0' } }, 'node_modules/a': { ...good, ...change.a }, ...change.more };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  if (change.installed !== undefined) {
    mkdirSync(join(folder, 'node_modules'));
    const installed = { packages: { 'node_modules/a': { version: change.installed } } };
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify(installed));
  }
  return audit(folder);
}

t.test('a repository without a fault has none', (t) => {
  t.match(planted(t, { installed: '1.0.0' }), { status: 0, out: /1 packages, 0 faults/ });
  t.end();
});

t.test('each fault is named', (t) => {
  const darwin = { optional: true, os: ['darwin'], cpu: ['arm64'] };
  const linux = { optional: true, os: ['linux'], cpu: ['x64'] };
  const cases: [name: string, change: Parameters<typeof planted>[1], says: RegExp | null][] = [
    ['a range', { manifest: { dependencies: { a: '^1.0.0' } } }, /a {2}"\^1\.0\.0" is no exact version/],
    ['a tag', { manifest: { devDependencies: { b: 'latest' } } }, /b {2}"latest" is no exact version/],
    ['a repository', { manifest: { dependencies: { a: 'github:x/a' } } }, /no exact version/],
    ['a lock that lags', { manifest: { dependencies: { a: '1.0.1' } } }, /package\.json and the lock differ/],
    ['a lock that holds another', { a: { version: '1.0.1' } }, /holds another version/],
    ['no checksum', { more: { 'node_modules/b': { version: '1.0.0', license: 'MIT' } } }, /b {2}has no SHA-512/],
    ['a weak checksum', { a: { integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' } }, /has no SHA-512/],
    [
      'a binary for here without one',
      { more: { 'node_modules/b': { version: '1.0.0', license: 'MIT', ...linux } } },
      /has no SHA-512/,
    ],
    [
      'a binary for elsewhere without one',
      { more: { 'node_modules/b': { version: '1.0.0', license: 'MIT', ...darwin } } },
      null,
    ],
    ['another registry', { a: { resolved: 'https://evil.example/a.tgz' } }, /comes from https:\/\/evil/],
    [
      'a registry that sounds alike',
      { a: { resolved: 'https://registry.npmjs.org.evil.example/a.tgz' } },
      /comes from/,
    ],
    ['git', { a: { resolved: 'git+ssh://git@github.com/x/a.git#1' } }, /comes from git/],
    ['a link', { a: { link: true } }, /is a link/],
    ['a script', { a: { hasInstallScript: true } }, /runs a script/],
    ['a script that is listed', { a: { hasInstallScript: true }, manifest: { allowScripts: { a: true } } }, null],
    ['a licence that binds', { a: { license: 'AGPL-3.0' } }, /is under AGPL-3\.0/],
    ['two that both bind', { a: { license: '(MIT AND GPL-3.0)' } }, /is under/],
    ['two of which one does not', { a: { license: '(MIT OR GPL-3.0)' } }, null],
    ['a licence of a tool, shipped', { a: { license: 'Python-2.0' } }, /is under/],
    ['a licence of a tool', { a: { license: 'Python-2.0', dev: true } }, null],
    ['something else installed', { installed: '1.0.1' }, /is installed as 1\.0\.1/],
  ];
  for (const [name, change, says] of cases) {
    const { status, out } = planted(t, change);
    t.equal(status, says === null ? 0 : 1, `${name}: ${out}`);
    if (says !== null) t.match(out, says, name);
  }
  t.end();
});

t.test('a registry that does not answer is said, and no failure', (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'x', version: '1.0.0', dependencies: { a: '1.0.0' } }),
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: { '': { dependencies: { a: '1.0.0' } }, 'node_modules/a': good },
    }),
  });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    npm_config_registry: 'http://127.0.0.1:1/',
    npm_config_fetch_retries: '0',
  };
  const { status, stdout } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8', env });
  t.equal(status, 0, stdout);
  t.match(stdout, /advisories: not known, for the registry does not answer/);
  t.end();
});
