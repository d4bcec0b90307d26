/** `fairwatch audit`: reads, checks and proves the log of who looked at whose data. */
import type { Command } from 'commander';
import { heads, list, witness } from './audit-listing.js';
import { prove } from './audit-prove.js';
import { verify } from './audit-verify.js';
import { apiFlags } from './cli-api.js';
import { runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';

const KEY = ['--key <file>', 'public key of the log, JWK or PEM (default: the one in VAULT_DIR)'] as const;
const JSON_LINE = ['--json', 'one line of JSON'] as const;
const example = (line: string): string => `\nExample:\n  fairwatch audit ${line}\n`;

export function register(program: Command): void {
  const audit = program.command('audit').description('who looked at whose data: read, checked, proved');

  settingFlags(
    audit.command('verify').description('is the log what it was? offline, with the public key'),
    FOLDER_SETTINGS,
  )
    .option(...KEY)
    .option('--head <file>', 'a head that an outside witness kept (`audit witness` writes it)')
    .option('--leaves <file>', 'the leaf hashes that the witness kept: then it is told which entries were touched')
    .option(...JSON_LINE)
    .addHelpText(
      'after',
      '\nWithout a witnessed head it finds changes by whoever has no signing key; with one, any before that head.\n' +
        'Works while the gateway runs. Exit 1 if something is wrong.\n' +
        example('verify --data-dir ./data --head witness/head.json --leaves witness/leaves.txt'),
    )
    .action(runs(verify));

  settingFlags(audit.command('prove').description('a proof that an entry stands in the signed log'), FOLDER_SETTINGS)
    .argument('[entry]', 'index of the entry')
    .option('--size <entries>', 'in the signed tree of so many entries (default: the newest)')
    .option('--check <file>', 'checks such a proof; needs nothing but the file and the public key')
    .option(...KEY)
    .option(...JSON_LINE)
    .addHelpText('after', example('prove 17 > proof.json\n  fairwatch audit prove --check proof.json --key key.jwk'))
    .action(runs(prove));

  settingFlags(audit.command('heads').description('signed heads, newest first, and the public key'), FOLDER_SETTINGS)
    .option('--limit <number>', 'so many', '10')
    .option('--key-out <file>', 'writes the public key there, as JWK')
    .option(...KEY)
    .option('--json', 'one line of JSON each')
    .addHelpText('after', example('heads --limit 3 --key-out key.jwk'))
    .action(runs(heads));

  apiFlags(settingFlags(audit.command('list').description('entries, oldest first'), FOLDER_SETTINGS))
    .option('--from <index>', 'from this entry on', '0')
    .option('--limit <number>', 'so many', '100')
    .option('--order <id>', 'of this order alone (with --api)')
    .option('--json', 'one line of JSON each')
    .addHelpText(
      'after',
      '\nWithout --api it shows who did what and when, not to whose data: that is sealed, and reading it is logged.\n' +
        example('list --api http://127.0.0.1:8080 --token-file token --order ORD-1'),
    )
    .action(runs(list));

  settingFlags(audit.command('witness').description('writes what an outside witness keeps'), FOLDER_SETTINGS)
    .requiredOption('--head-out <file>', 'the newest signed head and the public key')
    .option('--leaves-out <file>', 'the hash of every entry, one a line')
    .option(...KEY)
    .addHelpText('after', example('witness --head-out head.json --leaves-out leaves.txt'))
    .action(runs(witness));
}
