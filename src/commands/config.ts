/** `fairwatch config`: the configuration as a gateway started here would have it, secrets masked. */
import type { Command } from 'commander';
import { print, runs } from './cli-run.js';
import { configurationOf, settingFlags } from './cli-settings.js';
import { shownConfiguration } from './configuration.js';

export function register(program: Command): void {
  settingFlags(program.command('config').description('prints the effective configuration, secrets masked'))
    .option('--dev', 'as `serve --dev` would have it')
    .addHelpText(
      'after',
      '\nFlags stand over the environment, the environment over the file. Secrets (KEK, REDIS_URL) come from the\n' +
        'environment or from files named by KEK_FILE and REDIS_URL_FILE. Policy defaults: "policy" in the file, or\n' +
        'POLICY_TOLERANCE_S and the like.\n\nExample:\n  fairwatch config --config fairwatch.json --http-port 9090\n',
    )
    .action(
      runs(async (flags: Record<string, unknown>) => {
        print(JSON.stringify(shownConfiguration(configurationOf(flags, { forServe: true })), null, 2));
      }),
    );
}
