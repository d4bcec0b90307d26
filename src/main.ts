#!/usr/bin/env node
/** The `fairwatch` executable: finds the command that was asked for and loads it alone. */
import { Command, CommanderError } from 'commander';

interface Entry {
  readonly about: string;
  readonly load: () => Promise<{ register(program: Command): void }>;
}

const entries: Readonly<Record<string, Entry>> = {
  serve: { about: 'runs the gateway', load: () => import('./commands/serve.js') },
  watch: { about: 'an alarm when a gateway falls silent or stands still', load: () => import('./commands/watch.js') },
  demo: { about: 'a gateway, a fleet and a compressed day', load: () => import('./commands/demo.js') },
  simulate: { about: 'writes synthetic orders, records and the truth', load: () => import('./commands/simulate.js') },
  load: { about: 'MQTT load with true ground truth', load: () => import('./commands/load.js') },
  orders: { about: 'checks and imports orders', load: () => import('./commands/orders.js') },
  zones: { about: 'checks and imports shared zones', load: () => import('./commands/zones.js') },
  windows: { about: 'when the conditions of an order are in force', load: () => import('./commands/windows.js') },
  match: { about: 'says of positions in which zones they are', load: () => import('./commands/match.js') },
  replay: { about: 'the rules engine offline, on files', load: () => import('./commands/replay.js') },
  devices: {
    about: 'enrols, lists and disables devices, gives them keys and notices',
    load: () => import('./commands/devices.js'),
  },
  token: { about: 'prints a development token', load: () => import('./commands/token.js') },
  quarantine: { about: 'what was acknowledged and not understood', load: () => import('./commands/quarantine.js') },
  audit: { about: 'the log of who looked at whose data', load: () => import('./commands/audit.js') },
  journal: { about: 'is everything acknowledged in the journal?', load: () => import('./commands/journal.js') },
  conformance: { about: 'the Code of Practice, and what keeps it', load: () => import('./commands/conformance.js') },
  backup: { about: 'copies data and keys, apart', load: () => import('./commands/backup.js') },
  restore: { about: 'puts a backup in place', load: () => import('./commands/restore.js') },
  keys: { about: 'makes and counts the keys of the vault', load: () => import('./commands/keys.js') },
  grant: { about: 'asks for, approves and ends a look at records', load: () => import('./commands/grant.js') },
  review: { about: 'reads positions and records under a grant', load: () => import('./commands/review.js') },
  hold: { about: 'places and lifts legal holds', load: () => import('./commands/hold.js') },
  incident: { about: 'loss or compromise of data, and its clocks', load: () => import('./commands/incident.js') },
  notice: { about: 'the fair processing notice of an order', load: () => import('./commands/notice.js') },
  export: { about: 'everything that is held on one person', load: () => import('./commands/export.js') },
  retention: {
    about: 'what is to be destroyed when, and its certificates',
    load: () => import('./commands/retention.js'),
  },
  config: { about: 'prints the effective configuration', load: () => import('./commands/config.js') },
};

const [first, second] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const asked = first === 'help' ? second : first;

const program = new Command('fairwatch')
  .description('A gateway and rules engine for electronic monitoring')
  .addHelpText('after', '\nExample:\n  fairwatch serve --dev\n');
for (const [name, { about, load }] of Object.entries(entries)) {
  if (name === asked) (await load()).register(program);
  else program.command(name).description(about);
}

/** Used wrongly: exit 2, whatever commander thinks of it; help is no fault. */
function settle(command: Command, path: string): void {
  command.exitOverride().showHelpAfterError(`(see ${path} --help)`);
  for (const sub of command.commands) settle(sub, `${path} ${sub.name()}`);
}
settle(program, 'fairwatch');

// `fairwatch orders --help | head -1`: whoever reads no more is no fault; a gateway is not ended by it
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (asked !== 'serve') process.exit(0);
});

// commander answers `nope --help` with our own help and exit 0: a script would take the command for one that exists
if (asked !== undefined && asked !== 'help' && first === process.argv[2] && !Object.hasOwn(entries, asked)) {
  console.error(`error: unknown command '${asked}'\n(see fairwatch --help)`);
  process.exit(2);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2;
}
