/** `fairwatch keys`: makes the long-lived keys of both tiers, and says which there are; it prints no secret. */
import type { Command } from 'commander';
import { initKeys, listKeys, openIngestTier, openReviewTier, type Tier } from '../adapters/files/tier-keys.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { configurationOf, settingFlags } from './cli-settings.js';
import { mustExist, withKeyFaults } from './cli-stores.js';

export function register(program: Command): void {
  const keys = program.command('keys').description('the vault: long-lived keys, hourly keys, keys of orders');
  settingFlags(keys.command('init').description('makes what is missing of the long-lived keys; replaces nothing'), [
    'vaultDir',
    'dataDir',
  ])
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nNeeds both KEKs (KEK, REVIEW_KEK, or the files named by KEK_FILE, REVIEW_KEK_FILE), once; afterwards the process\n' +
        'that takes in (--role intake,engine) is given KEK alone, and the API (--role api) REVIEW_KEK alone.\n' +
        '\nExample:\n  KEK_FILE=/etc/fairwatch/kek REVIEW_KEK_FILE=/etc/fairwatch/review-kek \\\n' +
        '    fairwatch keys init --vault-dir /var/lib/fairwatch-vault\n',
    )
    .action(runs(init));
  settingFlags(keys.command('list').description('counts the keys of each tier by kind; opens none'), [
    'vaultDir',
    'dataDir',
  ])
    .option('--json', 'one line of JSON')
    .addHelpText('after', '\nExample:\n  fairwatch keys list --vault-dir /var/lib/fairwatch-vault\n')
    .action(runs(list));
}

async function init(flags: Record<string, unknown>): Promise<void> {
  const { vaultDir, kek, reviewKek } = configurationOf(flags, { forServe: false });
  if (kek === undefined || reviewKek === undefined) {
    throw new CommandFailed('keys init needs both KEK and REVIEW_KEK (or KEK_FILE and REVIEW_KEK_FILE)', 2);
  }
  const made = await withKeyFaults(vaultDir, async () => {
    const made = await initKeys(vaultDir, { ingest: kek, review: reviewKek });
    // both open what was made, or the operator hears of it now
    await openIngestTier(vaultDir, kek);
    await openReviewTier(vaultDir, reviewKek);
    return made;
  });
  if (flags.json) printJson({ vault_dir: vaultDir, made });
  else if (made.length === 0) print(`${vaultDir}: every key is there already`);
  else for (const name of made) print(`made ${name}`);
}

async function list(flags: Record<string, unknown>): Promise<void> {
  const configuration = configurationOf(flags, { forServe: false });
  mustExist(configuration.vaultDir, configuration);
  for (const tier of ['ingest', 'review'] as const) show(tier, await listKeys(configuration.vaultDir, tier), flags);
}

/** Names of orders' keys tell nobody who is monitored, and still are not printed: their number is enough. */
function show(tier: Tier, names: readonly string[], flags: Record<string, unknown>): void {
  const hours = names.filter((name) => name.startsWith('epoch-'));
  const orders = names.filter((name) => name.startsWith('order-'));
  const others = names.filter((name) => !hours.includes(name) && !orders.includes(name));
  const numbers = hours.map((name) => Number(name.slice('epoch-'.length))).sort((a, b) => a - b);
  const oldest = numbers.length === 0 ? null : new Date((numbers[0] ?? 0) * 3_600_000).toISOString();
  if (flags.json) {
    printJson({ tier, keys: others, orders: orders.length, hours: hours.length, oldest_hour: oldest });
    return;
  }
  print(`${tier}\t${others.join(', ')}`);
  print(`${tier}\t${orders.length} orders, ${hours.length} hours${oldest === null ? '' : `, the oldest of ${oldest}`}`);
}
