/** `fairwatch token`: a development token for a person, of at most an hour. */
import type { Command } from 'commander';
import { openDevelopmentIssuer, TOKEN_TTL_S_MAX } from '../api/access/development-issuer.js';
import { parseAgencyId } from '../domain/ids.js';
import { ROLES } from '../domain/role.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { configurationOf, FOLDER_SETTINGS, settingFlags } from './cli-settings.js';

interface Flags extends Record<string, unknown> {
  readonly role: string;
  readonly user: string;
  readonly agency?: string;
  readonly ttlS: string;
  readonly json?: true;
}

export function register(program: Command): void {
  settingFlags(program.command('token').description('prints a development token'), FOLDER_SETTINGS)
    .requiredOption('--role <role>', ROLES.join(', '))
    .requiredOption('--user <name>', 'who it names (claim sub)')
    .option('--agency <agency>', 'the agency it speaks for; default: the monitoring centre')
    .option('--ttl-s <seconds>', `how long it lasts, at most ${TOKEN_TTL_S_MAX}`, String(TOKEN_TTL_S_MAX))
    .option('--json', 'JSON with the token and its end')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch token --role supervising_officer --agency probation-north --user ann > ann.token\n',
    )
    .action(runs(token));
}

async function token(flags: Flags): Promise<void> {
  const role = ROLES.find((known) => known === flags.role);
  if (role === undefined) throw new CommandFailed(`--role: expected one of ${ROLES.join(', ')}`, 2);
  const configuration = configurationOf(flags, { forServe: false });
  const agency = parseAgencyId(flags.agency ?? configuration.monitoringAgency);
  if (!agency.ok) throw new CommandFailed(`--agency: ${agency.fault}`, 2);
  const ttlS = /^\d{1,5}$/.test(flags.ttlS) ? Number(flags.ttlS) : 0;
  if (ttlS < 1 || ttlS > TOKEN_TTL_S_MAX) throw new CommandFailed(`--ttl-s: expected 1 to ${TOKEN_TTL_S_MAX}`, 2);
  if (flags.user.length < 1 || flags.user.length > 256)
    throw new CommandFailed('--user: expected 1 to 256 characters', 2);
  const issuer = openDevelopmentIssuer(configuration.dataDir);
  if (issuer === null) {
    throw new CommandFailed([
      `${configuration.dataDir} has no development issuer: only \`fairwatch serve --dev\` makes one`,
      'in production tokens come from the OIDC issuer that the configuration names',
    ]);
  }
  const signed = await issuer.sign({ role, agency: agency.value, user: flags.user }, ttlS);
  if (flags.json) printJson({ token: signed, expires: new Date(Date.now() + ttlS * 1_000).toISOString() });
  else print(signed);
}
