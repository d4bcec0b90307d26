/** `fairwatch review`: the positions, or the other records, that a grant opens; each look is in the gateway's log. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type OfficeFlags, officeFlags, officeOf } from './cli-office.js';
import { CommandFailed, runs } from './cli-run.js';

interface ReviewFlags extends OfficeFlags {
  readonly records?: boolean;
  readonly format?: string;
  readonly from?: string;
  readonly to?: string;
}

const TYPES: Readonly<Record<string, string>> = { geojson: 'application/geo+json', ndjson: 'application/x-ndjson' };

export function register(program: Command): void {
  officeFlags(program.command('review <grant>').description('prints what a grant opens, oldest first'))
    .option('--records', 'what is no position: radio, status, alcohol; always NDJSON')
    .option('--format <format>', 'geojson or ndjson; default: geojson')
    .option('--from <time>', 'a part of the window, RFC 3339')
    .option('--to <time>', 'a part of the window, RFC 3339')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch review G-0123 --purpose compliance_monitoring --token-file ann.token > fixes.geojson\n',
    )
    .action(runs(review));
}

async function review(grant: string, flags: ReviewFlags): Promise<void> {
  const format = flags.format ?? (flags.records === true ? 'ndjson' : 'geojson');
  const accept = TYPES[format];
  if (accept === undefined || (flags.records === true && format !== 'ndjson')) {
    throw new CommandFailed('--format: expected geojson or ndjson (records are NDJSON)', 2);
  }
  if (flags.purpose === undefined) throw new CommandFailed('--purpose is needed: the one that the grant is for', 2);
  const query = new URLSearchParams();
  if (flags.from !== undefined) query.set('from', flags.from);
  if (flags.to !== undefined) query.set('to', flags.to);
  const what = flags.records === true ? 'records' : 'fixes';
  const asked = query.size === 0 ? '' : `?${query}`;
  const answer = await officeOf(flags).open(
    'GET',
    `/v1/grants/${encodeURIComponent(grant)}/${what}${asked}`,
    undefined,
    accept,
  );
  if (answer.body === null) return;
  await pipeline(Readable.fromWeb(answer.body), process.stdout, { end: false }).catch(() => {
    throw new CommandFailed('the answer broke off: what was printed is not the whole; see the gateway’s log');
  });
}
