/** `fairwatch conformance`: the Code of Practice, what keeps each of its promises here, and the tests that prove it. */
import type { Command } from 'commander';
import { CONFORMANCE } from '../lawful/conformance.js';
import { print, printJson, runs } from './cli-run.js';

export function register(program: Command): void {
  program
    .command('conformance')
    .description('the Code of Practice: what keeps each promise here, and the tests that prove it')
    .option('--json', 'one line of JSON a row')
    .addHelpText(
      'after',
      '\nIn a checkout, `scripts/conformance` switches each mechanism off and shows that its tests fail.\n' +
        '\nExample:\n  fairwatch conformance\n',
    )
    .action(runs(async (flags: Record<string, unknown>) => (flags.json ? tellPrograms() : tellPeople())));
}

function tellPrograms(): void {
  for (const row of CONFORMANCE) printJson(row);
}

function tellPeople(): void {
  for (const { id, paragraphs, promise, mechanism, tests } of CONFORMANCE) {
    print(`¶ ${paragraphs}  ${promise}  [${id}]`);
    print(`    by: ${mechanism}`);
    for (const { file, name } of tests) print(`    test: ${file}: ${name}`);
    print('');
  }
}
