/** `fairwatch notice`: the fair processing notice of one order (Code of Practice ¶21). */
import type { Command } from 'commander';
import { NOTIFICATION_TEXT } from '../lawful/notification.js';
import { type OfficeFlags, officeFlags, officeOf } from './cli-office.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';

interface Flags extends OfficeFlags {
  readonly html?: boolean;
  readonly message?: boolean;
}

export function register(program: Command): void {
  officeFlags(
    program
      .command('notice [order]')
      .description('what is collected under an order, why, who may see it, how long, and the person’s rights'),
  )
    .option('--html', 'as a page to be printed')
    .option('--message', 'instead: what an SMS or e-mail may say, the same for everybody (Code of Practice ¶33)')
    .addHelpText('after', '\nExample:\n  fairwatch notice ORD-1 --html --token-file officer.token > notice.html\n')
    .action(runs(notice));
}

async function notice(order: string | undefined, flags: Flags): Promise<void> {
  if (flags.message === true) return print(NOTIFICATION_TEXT);
  if (order === undefined) throw new CommandFailed('say of which order: fairwatch notice ORDER', 2);
  if (flags.html === true && flags.json === true) throw new CommandFailed('--html or --json, not both', 2);
  const format = flags.html === true ? 'html' : flags.json === true ? 'json' : 'text';
  const path = `/v1/orders/${encodeURIComponent(order)}/notice?format=${format}`;
  const response = await officeOf(flags).open('GET', path);
  if (format === 'json') printJson(await response.json());
  else print((await response.text()).trimEnd());
}
