// The last line of scripts/test tells the truth: what fails, hides or never ran is counted as failed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { repository } from './repository.js';

const script = join(repository, 'scripts', 'tap-summary.mjs');

const cases: [name: string, tap: string, args: string[], last: string][] = [
  ['a file whose tests pass', file('a.js', [test('x'), test('y')]), ['a.js'], '2 passed, 0 failed'],
  ['asserts at the top of a file make it a test', file('a.js', ['ok 1 - z']), [], '1 passed, 0 failed'],
  ['a failed test', file('a.js', [test('x'), test('y', ['not ok 1 - y'])]), [], '1 passed, 1 failed'],
  [
    'a group counts by what is inside',
    file('a.js', [group('g', [test('x'), test('y', ['not ok 1 - y'])], false)]),
    [],
    '1 passed, 1 failed',
  ],
  ['a skip with a reason', file('a.js', [test('x'), 'ok 2 - y # SKIP no broker']), [], '1 passed, 0 failed, 1 skipped'],
  ['a skip without a reason', file('a.js', [test('x'), 'ok 2 - y # SKIP']), [], '1 passed, 1 failed'],
  ['a todo without a reason', file('a.js', [test('x'), 'ok 2 - y # TODO']), [], '1 passed, 1 failed'],
  ['a test that asserts nothing', file('a.js', [group('x', [], true)]), [], '0 passed, 1 failed'],
  ['a file that crashes after its tests', file('a.js', [test('x')], false), [], '1 passed, 1 failed'],
  [
    'a file without tests',
    plan(['# Subtest: a.js', '    1..0 # no tests found', 'ok 1 - a.js # SKIP no tests found']),
    [],
    '0 passed, 1 failed',
  ],
  [
    'a file that hangs is reported once, though its runner speaks of it again',
    plan(
      [
        file('a.js', [test('x', ['ok 1 - fine', 'not ok 2 - timeout!'])], false, true),
        'not ok 2 - timeout!\n  ---\n  expired: a.js\n  ...',
      ],
      2,
    ),
    ['a.js'],
    '0 passed, 1 failed',
  ],
  ['a file that gave no result', file('a.js', [test('x')]), ['a.js', 'b.js'], '1 passed, 1 failed'],
  [
    'a bail-out',
    `TAP version 14\n1..2\n${file('a.js', [test('x')], true, true)}\nBail out! no disk\n`,
    [],
    '1 passed, 1 failed',
  ],
  [
    'a stream that stops early',
    `TAP version 14\n1..2\n${file('a.js', [test('x')], true, true)}\n`,
    [],
    '1 passed, 1 failed',
  ],
  ['no test at all', 'TAP version 14\n1..0\n', [], '0 passed, 1 failed'],
  ['nothing at all', '', [], '0 passed, 1 failed'],
  ['a check that failed before the tests', file('a.js', [test('x')]), ['--failed', '2'], '1 passed, 2 failed'],
];

for (const [name, tap, args, last] of cases) {
  t.test(name, async (t) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { input: tap, encoding: 'utf8' });
    t.equal(stdout.trimEnd().split('\n').at(-1), last, `${stdout}${stderr}\nfrom\n${tap}`);
    t.equal(status, last.includes(' 0 failed') ? 0 : 1);
  });
}

function file(
  name: string,
  inside: string[],
  ok = inside.every((part) => !/^ *not ok/m.test(part)),
  bare = false,
): string {
  return bare ? group(name, inside, ok) : plan([group(name, inside, ok)]);
}

function test(name: string, asserts = ['ok 1 - fine']): string {
  return group(name, asserts, !asserts.some((line) => line.startsWith('not ok')));
}

function group(name: string, inside: string[], ok: boolean): string {
  const body = `${inside.join('\n')}\n1..${inside.length}`.replace(/^/gm, '    ');
  return `# Subtest: ${name}\n${body}\n${ok ? 'ok' : 'not ok'} - ${name}`;
}

function plan(parts: string[], count = 1): string {
  return `TAP version 14\n${parts.join('\n')}\n1..${count}\n`;
}
