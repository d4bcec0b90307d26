/** `fairwatch conformance`: the Code of Practice, what keeps each of its promises here, and the tests that prove it. */
import type { Command } from 'commander';
import type { Conformance } from '../lawful/conformance/row.js';
import { CONFORMANCE } from '../lawful/conformance.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';

export function register(program: Command): void {
  program
    .command('conformance')
    .description('the Code of Practice: what keeps each promise here, and the tests that prove it')
    .argument('[row]', 'the id of a row, or a part of one')
    .option('--json', 'one line of JSON a row')
    .addHelpText(
      'after',
      '\nWhat is for people to keep is said to be so. In a checkout, `scripts/conformance` switches each mechanism off and\n' +
        'shows that its tests fail.\n' +
        '\nExample:\n  fairwatch conformance\n  fairwatch conformance erasure\n',
    )
    .action(
      runs(async (wanted: string | undefined, flags: Record<string, unknown>) => {
        const rows = CONFORMANCE.filter(({ id }) => wanted === undefined || id.includes(wanted));
        if (rows.length === 0) throw new CommandFailed(`no row is called "${wanted}": see them all without it`, 2);
        if (flags.json) rows.forEach(printJson);
        else tellPeople(rows);
      }),
    );
}

function tellPeople(rows: readonly Conformance[]): void {
  for (const row of rows) {
    print(`${headingOf(row.paragraphs)}  [${row.id}]`);
    tell('', row.promise);
    if (row.kind === 'not software') {
      tell('for people to keep: ', row.reason);
    } else {
      tell('by: ', row.mechanism);
      if (row.besides !== undefined) tell('besides: ', row.besides);
      for (const { file, name } of row.tests) tell('test: ', `${name} (${file})`);
    }
    print('');
  }
  const kept = rows.flatMap((row) => (row.kind === 'software' ? [row.tests.length] : []));
  const tests = kept.reduce((sum, count) => sum + count, 0);
  const people = rows.length - kept.length;
  print(
    `rows: ${rows.length}; kept by the gateway: ${kept.length}, proven by ${tests} tests; for people to keep: ${people}`,
  );
}

/** `¶15, 16` and `DPA 2018 s.62`. */
const headingOf = (paragraphs: string): string => (/^\d/.test(paragraphs) ? `¶${paragraphs}` : paragraphs);

const MARGIN = '    ';
const COLUMNS_MAX = 110;

/** A paragraph as wide as the terminal, indented; what is read by a program stays one line. */
function tell(label: string, text: string): void {
  const columns = process.stdout.isTTY
    ? Math.min(process.stdout.columns || COLUMNS_MAX, COLUMNS_MAX)
    : Number.POSITIVE_INFINITY;
  let line = `${MARGIN}${label}`;
  let begun = false;
  for (const word of text.split(' ')) {
    if (begun && line.length + 1 + word.length > columns) {
      print(line);
      line = `${MARGIN}${' '.repeat(label.length)}${word}`;
    } else {
      line += begun ? ` ${word}` : word;
    }
    begun = true;
  }
  print(line);
}
