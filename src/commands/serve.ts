/** `fairwatch serve`: runs the gateway until it is told to stop. */
import type { Command } from 'commander';
import { type Gateway, startGateway } from '../compose.js';
import { CommandFailed, printJson, runs } from './cli-run.js';
import { configurationOf, settingFlags } from './cli-settings.js';
import type { Configuration } from './configuration.js';

const ROLES = ['intake', 'engine', 'api'];

export function register(program: Command): void {
  settingFlags(program.command('serve').description('runs the gateway: MQTT endpoint, rules engine, API'))
    .option('--role <roles>', 'what this process does', ROLES.join(','))
    .option('--dev', 'loopback only: development token issuer, an administrator token in DATA_DIR/dev-token')
    .option('--clock <kind>', 'system, or stepped: time moves only by POST /v1/dev/clock (needs --dev)')
    .option('--clock-start <time>', 'where a stepped clock begins when the data folder is new, RFC 3339')
    .addHelpText(
      'after',
      '\nSecrets (KEK, REDIS_URL) come from the environment or from files named by KEK_FILE and REDIS_URL_FILE.\n' +
        'SIGTERM or Ctrl-C stops it when what is under way is committed; a second one stops it at once.\n' +
        '\nExample:\n  fairwatch serve --dev --data-dir /tmp/fairwatch\n',
    )
    .action(
      runs(async (flags: Record<string, unknown>) => {
        checkRoles(String(flags.role));
        await serve(configurationOf(flags, { forServe: true }));
      }),
    );
}

async function serve(configuration: Configuration): Promise<void> {
  let stop = (code: number): void => process.exit(code);
  const gateway = await startGateway(configuration, () => stop(1)).catch((error: unknown): never => {
    // What was opened before the fault (sockets, stores) would keep a process alive that serves nobody.
    setImmediate(() => process.exit(1));
    throw error;
  });
  stop = onceThen(
    (code) =>
      void gateway.stop().then(
        () => process.exit(code),
        () => process.exit(1),
      ),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
  tellReady(configuration, gateway);
}

/** Told twice, it stops at once: what was acknowledged is durable anyhow. */
function onceThen(stop: (code: number) => void): (code: number) => void {
  let told = false;
  return (code) => {
    if (told) process.exit(1);
    told = true;
    stop(code);
  };
}

/** One line on standard output that scripts wait for. */
function tellReady({ mqttHost, httpHost }: Configuration, { mqttPort, httpPort }: Gateway): void {
  printJson({
    level: 'info',
    time: new Date().toISOString(),
    pid: process.pid,
    mqtt: `${mqttHost}:${mqttPort}`,
    http: `${httpHost}:${httpPort}`,
    code: 'ready',
  });
}

function checkRoles(text: string): void {
  const roles = text.split(',');
  const unknown = roles.filter((role) => !ROLES.includes(role));
  if (unknown.length > 0) throw new CommandFailed(`--role ${unknown[0]}: expected ${ROLES.join(', ')}`, 2);
  if (ROLES.some((role) => !roles.includes(role))) {
    throw new CommandFailed(`--role ${text}: one process has all three roles as yet; leave --role out`, 2);
  }
}
