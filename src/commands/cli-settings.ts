/** The configuration as flags of a command, and its faults as an operator reads them. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandFailed } from './cli-run.js';
import { type Configuration, type ConfigurationFault, loadConfiguration, type Need } from './configuration.js';
import { aboutSetting, envName, flagName, SETTING_NAMES, type SettingName } from './settings.js';

/** Adds `--config` and a flag for each of these settings (secrets have none: others could read them). */
export function settingFlags(command: Command, names: readonly SettingName[] = SETTING_NAMES): Command {
  command.option('--config <file>', 'JSON file of settings, under their names in the environment');
  for (const name of names) {
    const { about, secret, default: fallback } = aboutSetting(name);
    if (secret === true) continue;
    const shown = fallback === undefined ? '' : ` (default ${String(fallback)})`;
    command.option(`${flagName(name)} <value>`, `${about}${shown} [${envName(name)}]`);
  }
  return command;
}

/** The settings that say which data folder a command works on. */
export const FOLDER_SETTINGS = ['dataDir', 'vaultDir'] as const satisfies readonly SettingName[];

/** Throws `CommandFailed` (exit 2) with every fault. */
export function configurationOf(
  flags: Record<string, unknown>,
  o: { forServe: boolean; needs?: readonly Need[] },
): Configuration {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const loaded = loadConfiguration({ flags, env: process.env, readFile }, o);
  if (loaded.ok) return loaded.value;
  throw new CommandFailed(['the configuration is refused:', ...loaded.fault.map(faultLine)], 2);
}

const faultLine = ({ setting, from, fault }: ConfigurationFault): string =>
  from === 'together' ? `  ${setting}: ${fault}` : `  ${setting} (${from}): ${fault}`;
