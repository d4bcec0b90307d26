// The plan of the house holds for this repository, and each way to break it is noticed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { repository } from './repository.js';

const script = join(repository, 'scripts', 'check-imports.mjs');

type Tree = Record<string, string>;

/** Each row: what is wrong, the files that are planted, and what the check must say. */
const broken: [name: string, tree: Tree, says: RegExp][] = [
  [
    'domain importing rules',
    { 'domain/a.ts': `import { b } from '../rules/b.js';`, 'rules/b.ts': 'export const b = 1;' },
    /^src\/domain\/a\.ts:1 {2}domain imports rules/m,
  ],
  [
    'an upward import of a type',
    { 'rules/a.ts': `\nimport type { B } from '../ports/b.js';`, 'ports/b.ts': 'export type B = 1;' },
    /^src\/rules\/a\.ts:2 {2}rules imports ports/m,
  ],
  [
    'an upward import by re-export',
    { 'ports/a.ts': `export { b } from '../api/b.js';\nexport const c = 1;`, 'api/b.ts': 'export const b = 1;' },
    /^src\/ports\/a\.ts:1 {2}ports imports api/m,
  ],
  [
    'an upward import at run time',
    { 'engine/a.ts': `const b = await\n  import('../commands/b.js');`, 'commands/b.ts': 'export const b = 1;' },
    /^src\/engine\/a\.ts:2 {2}engine imports commands/m,
  ],
  [
    'an import over several lines',
    { 'intake/a.ts': `import {\n  b,\n  c as d,\n} from '../engine/b.js';`, 'engine/b.ts': 'export const b = 1;' },
    /^src\/intake\/a\.ts:4 {2}intake imports engine .*meet at ports/m,
  ],
  [
    'an import within a template',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is planted as text
    { 'api/a.ts': "const s = `}${await import('../lawful/b.js')}`;", 'lawful/b.ts': 'export const b = 1;' },
    /^src\/api\/a\.ts:1 {2}api imports lawful/m,
  ],
  [
    'codec importing crypto',
    { 'codec/a.ts': `import '../crypto/b.js';`, 'crypto/b.ts': '' },
    /^src\/codec\/a\.ts:1 {2}codec imports crypto/m,
  ],
  [
    'crypto importing codec',
    { 'crypto/a.ts': `import '../codec/b.js';`, 'codec/b.ts': '' },
    /^src\/crypto\/a\.ts:1 {2}crypto imports codec/m,
  ],
  [
    'the simulator importing the rules',
    { 'sim/a.ts': `import { b } from '../rules/b.js';`, 'rules/b.ts': 'export const b = 1;' },
    /^src\/sim\/a\.ts:1 {2}sim imports rules .*truth/m,
  ],
  [
    'a room importing compose',
    { 'api/a.ts': `import '../compose.js';`, 'compose.ts': '' },
    /^src\/api\/a\.ts:1 {2}api imports compose/m,
  ],
  [
    'main going past the commands',
    { 'main.ts': `import './engine/b.js';`, 'engine/b.ts': '' },
    /^src\/main\.ts:1 {2}main imports engine/m,
  ],
  [
    'src importing what lies outside',
    { 'api/a.ts': `import '../../tests/b.js';` },
    /^src\/api\/a\.ts:1 .*outside src/m,
  ],
  ['a room that is not in the plan', { 'utils/a.ts': 'export const a = 1;' }, /^src\/utils\/a\.ts:1 .*no room/m],
  ['domain importing a package', { 'domain/a.ts': `import { z } from 'zod';` }, /^src\/domain\/a\.ts:1 .*zod/m],
  ['domain importing node', { 'domain/a.ts': `import 'node:buffer';` }, /^src\/domain\/a\.ts:1 .*node:buffer/m],
  ['rules importing node', { 'rules/a.ts': `import 'node:crypto';` }, /^src\/rules\/a\.ts:1 .*node:crypto/m],
  ['rules importing I/O', { 'rules/a.ts': `import { Redis } from 'ioredis';` }, /^src\/rules\/a\.ts:1 .*ioredis/m],
  [
    'a package that is not installed for users',
    { 'api/a.ts': `import fc from 'fast-check';` },
    /^src\/api\/a\.ts:1 {2}fast-check is no runtime dependency/m,
  ],
  [
    'a circle of files',
    {
      'engine/a.ts': `import './b.js';`,
      'engine/b.ts': `import './c.js';`,
      'engine/c.ts': `import './a.js';`,
    },
    /^src\/engine\/c\.ts:1 {2}closes a circle: src\/engine\/a\.ts -> src\/engine\/b\.ts -> src\/engine\/c\.ts -> src\/engine\/a\.ts/m,
  ],
  ['Date.now in the rules', { 'rules/a.ts': '\nexport const a = Date.now();' }, /^src\/rules\/a\.ts:2 {2}Date\.now/m],
  ['new Date() in the domain', { 'domain/a.ts': 'export const a = new Date();' }, /^src\/domain\/a\.ts:1 {2}new Date/m],
  ['Temporal.Now in the rules', { 'rules/a.ts': 'Temporal.Now.instant();' }, /^src\/rules\/a\.ts:1 {2}Temporal\.Now/m],
  ['Math.random in the rules', { 'rules/a.ts': 'const a = Math.random();' }, /^src\/rules\/a\.ts:1 {2}Math\.random/m],
  ['a timer in the rules', { 'rules/a.ts': 'setTimeout(go, 1);' }, /^src\/rules\/a\.ts:1 {2}a timer/m],
  ['performance.now in the rules', { 'rules/a.ts': 'performance.now();' }, /^src\/rules\/a\.ts:1 {2}performance\.now/m],
  ['process in the rules', { 'rules/a.ts': 'process.env.TZ;' }, /^src\/rules\/a\.ts:1 {2}process\./m],
  [
    'a clock within a template',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is planted as text
    { 'rules/a.ts': 'export const a = `now ${Date.now()}`;' },
    /^src\/rules\/a\.ts:1 {2}Date\.now/m,
  ],
  [
    'a barrel',
    { 'ports/index.ts': `// all ports\nexport * from './a.js';\nexport type { B } from './a.js';`, 'ports/a.ts': '' },
    /^src\/ports\/index\.ts:1 {2}a barrel/m,
  ],
  ['a file over 300 lines', { 'api/a.ts': '// a line\n'.repeat(301) }, /^src\/api\/a\.ts:301 {2}301 lines/m],
  ['a parameter of type any', { 'api/a.ts': '\nexport function a(b: any) {}' }, /^src\/api\/a\.ts:2 {2}any/m],
  ['a cast to any', { 'api/a.ts': 'export const a = b as any;' }, /^src\/api\/a\.ts:1 {2}any/m],
  ['a type argument any', { 'api/a.ts': 'export const a = new Map<string, any>();' }, /^src\/api\/a\.ts:1 {2}any/m],
  ['a silenced compiler', { 'api/a.ts': '// @ts-ignore\nconst a = 1;' }, /^src\/api\/a\.ts:1 .*type check off/m],
];

const sound: Tree = {
  'domain/a.ts': `// Date.now, any and setTimeout( may be spoken of\nexport const a = 'Math.random() as any';`,
  'domain/text.ts': "export const quote = /[\"'`]/g;\nexport const half = (n: number) => n / 2; // it's fine: any",
  'domain/index.ts': `import type { C } from './c.js';\nexport const index = (c: C) => new Date(c.processAtMs).toISOString();`,
  'domain/c.ts': `import type { B } from './d.js';\nexport interface C { processAtMs: number; b: B; any: number }`,
  'domain/d.ts': `import type { C } from './c.js';\nexport interface B { c: C }`,
  'rules/a.ts': `import { Temporal } from 'temporal-polyfill';\nimport { a } from '../domain/a.js';\nexport default [Temporal, a];`,
  'codec/generated/wire.d.ts': 'export const a: any;\n'.repeat(400),
  'ports/clock.ts': 'export interface Clock { nowMs(): number }',
  'adapters/system/clock.ts': `import type { Clock } from '../../ports/clock.js';\nexport const clock: Clock = { nowMs: () => Date.now() };`,
  'api/a.ts': `import fastify from 'fastify';\nimport { readFileSync } from 'node:fs';\nawait Promise.any([fastify, readFileSync]);`,
  'compose.ts': `import './api/a.js';\nimport './adapters/system/clock.js';\nimport './rules/a.js';`,
  'commands/serve.ts': `import '../compose.js';\nimport '../api/a.js';`,
  'main.ts': `await import('./commands/serve.js');`,
};

t.test('this repository keeps to the plan of the house', async (t) => {
  const { status, output } = check(repository);
  t.equal(status, 0, output);
});

t.test('a tree that keeps to the plan passes', async (t) => {
  const { status, output } = check(plant(t.testdir(), sound));
  t.equal(status, 0, output);
  t.match(output, /imports: 12 files, 14 imports, 0 faults/);
});

for (const [name, tree, says] of broken) {
  t.test(`noticed: ${name}`, async (t) => {
    const { status, output } = check(plant(t.testdir(), tree));
    t.equal(status, 1);
    t.match(output, says);
    t.match(output, / 1 faults$/m, 'and nothing else');
  });
}

function plant(root: string, tree: Tree): string {
  for (const [path, text] of Object.entries(tree)) {
    const file = join(root, 'src', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const dependencies = { fastify: '1.0.0', zod: '1.0.0', ioredis: '1.0.0', 'temporal-polyfill': '1.0.0' };
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ dependencies, devDependencies: { 'fast-check': '1.0.0' } }),
  );
  return root;
}

function check(root: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { status, output: stderr + stdout };
}
