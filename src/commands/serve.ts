/** `fairwatch serve`: runs the gateway until it is told to stop. */
import type { Command } from 'commander';
import { isLoopback } from '../adapters/system/loopback.js';
import { watchEventLoop } from '../adapters/system/watchdog.js';
import type { Roles } from '../compose/settings.js';
import { type Gateway, startGateway } from '../compose.js';
import { CommandFailed, printJson, runs } from './cli-run.js';
import { configurationOf, settingFlags } from './cli-settings.js';
import type { Configuration } from './configuration.js';
import { endOnTheUnforeseen, storeAdvice } from './last-word.js';
import { forbidReports, openSwaps, sightOfProcess, unsafeForPeople } from './safe-process.js';

const ROLES = ['intake', 'engine', 'api'];

export function register(program: Command): void {
  settingFlags(program.command('serve').description('runs the gateway: MQTT endpoint, rules engine, API'))
    .option('--role <roles>', 'what this process does', ROLES.join(','))
    .option('--dev', 'loopback only: development token issuer, an administrator token in DATA_DIR/dev-token')
    .option('--clock <kind>', 'system, or stepped: time moves only by POST /v1/dev/clock (needs --dev)')
    .option('--clock-start <time>', 'where a stepped clock begins when the data folder is new, RFC 3339')
    .addHelpText(
      'after',
      '\nSecrets (KEK, REVIEW_KEK, REDIS_URL, MQTT_BROKER_PASSWORD) come from the environment or from files named by KEK_FILE and so on.\n' +
        '--role intake,engine needs KEK alone, --role api REVIEW_KEK alone: run `fairwatch keys init` once before.\n' +
        'SIGTERM or Ctrl-C stops it when what is under way is committed; a second one stops it at once.\n' +
        'An event loop that stands still for eight times STALL_S ends the process by SIGALRM (142): let a supervisor start it anew.\n' +
        'SIGHUP reads the certificates again (TLS_CERT_FILE and so on); nobody is disconnected.\n' +
        '\nExample:\n  fairwatch serve --dev --data-dir /tmp/fairwatch\n',
    )
    .action(
      runs(async (flags: Record<string, unknown>) => {
        const roles = rolesOf(String(flags.role));
        const needs = [...(roles.ingest ? (['kek'] as const) : []), ...(roles.api ? (['reviewKek'] as const) : [])];
        const configuration = configurationOf(flags, { forServe: true, needs });
        if (configuration.clock === 'stepped' && !(roles.ingest && roles.api)) {
          throw new CommandFailed('--clock stepped: one process must have all the roles; leave --role out', 2);
        }
        checkProcess(configuration);
        await serve(configuration, roles);
      }),
    );
}

async function serve(configuration: Configuration, roles: Roles): Promise<void> {
  let stop = (code: number): void => process.exit(code);
  endOnTheUnforeseen();
  const fatal = (error: unknown): void => {
    const advice = storeAdvice(error);
    if (advice !== null) process.stderr.write(`fairwatch: ${advice}\n`);
    stop(1);
  };
  const gateway = await startGateway(withoutOthersKeys(configuration, roles), fatal, roles).catch(
    (error: unknown): never => {
      // What was opened before the fault (sockets, stores) would keep a process alive that serves nobody.
      setImmediate(() => process.exit(1));
      throw error;
    },
  );
  stop = onceThen(
    (code) =>
      void gateway.stop().then(
        ({ failed, stuck }) => end(failed ? 1 : code, stuck),
        () => process.exit(1),
      ),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
  // without it a hang-up ends the process, as anybody would expect
  if (gateway.reloadTls !== null) process.on('SIGHUP', gateway.reloadTls);
  const stuckMs = configuration.stallS * 1_000;
  // a start may take long in one piece; from here on nothing may
  watchEventLoop({ stuckMs, endMs: 8 * stuckMs });
  tellReady(configuration, gateway);
}

/**
 * `process.exit` waits for every thread of the pool, for ever where one hangs in a store (so it stood in a trace). Then the
 * process ends by a signal that nothing of its own handles: SIGTERM, a clean end to a supervisor, after a stop that was asked
 * for; SIGALRM otherwise, so that it is started again.
 */
function end(code: number, stuck: boolean): void {
  if (!stuck) process.exit(code);
  // the last log lines are on their way to the pipe
  setTimeout(() => endBy(code === 0 ? 'SIGTERM' : 'SIGALRM'), 100);
}

function endBy(signal: 'SIGTERM' | 'SIGALRM'): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** A key that a process does not need is not kept in it, though it was given. */
function withoutOthersKeys(configuration: Configuration, { ingest, api }: Roles): Configuration {
  const { kek, reviewKek, ...rest } = configuration;
  if (!ingest) kek?.fill(0);
  if (!api) reviewKek?.fill(0);
  return { ...rest, kek: ingest ? kek : undefined, reviewKek: api ? reviewKek : undefined };
}

/** Told twice, it stops at once: what was acknowledged is durable anyhow. */
function onceThen(stop: (code: number) => void): (code: number) => void {
  let told = false;
  return (code) => {
    if (told) return endBy('SIGTERM');
    told = true;
    stop(code);
  };
}

/** One line on standard output that scripts wait for. */
function tellReady(
  { mqttHost, mqttsHost, mqttBrokerUrl, httpHost }: Configuration,
  { mqttPort, mqttsPort, httpPort }: Gateway,
): void {
  printJson({
    level: 'info',
    time: new Date().toISOString(),
    pid: process.pid,
    ...(mqttPort === null ? {} : { mqtt: `${mqttHost}:${mqttPort}` }),
    ...(mqttsPort === null ? {} : { mqtts: `${mqttsHost}:${mqttsPort}` }),
    ...(mqttBrokerUrl === undefined ? {} : { broker: mqttBrokerUrl }),
    ...(httpPort === null ? {} : { [isLoopback(httpHost) ? 'http' : 'https']: `${httpHost}:${httpPort}` }),
    code: 'ready',
  });
}

/** Intake and engine are one process: what is taken in is judged from memory. */
function rolesOf(text: string): Roles {
  const roles = text.split(',');
  const unknown = roles.filter((role) => !ROLES.includes(role));
  if (unknown.length > 0) throw new CommandFailed(`--role ${unknown[0]}: expected ${ROLES.join(', ')}`, 2);
  const ingest = roles.includes('intake');
  if (ingest !== roles.includes('engine')) {
    throw new CommandFailed(
      `--role ${text}: intake and engine go together; expected intake,engine or api, or all three`,
      2,
    );
  }
  return { ingest, api: roles.includes('api') };
}

/** A gateway with real people in it writes its memory to no disk. */
function checkProcess({ dev, logLevel }: Configuration): void {
  if (dev) return;
  forbidReports();
  const sight = sightOfProcess();
  const faults = unsafeForPeople(sight);
  if (faults.length > 0)
    throw new CommandFailed(['this process could write keys to a disk:', ...faults.map((f) => `  ${f}`)], 2);
  const swaps = openSwaps(sight);
  if (swaps.length > 0 && logLevel !== 'silent') {
    process.stderr.write(
      `fairwatch: warning: ${swaps.join(', ')}: swap that is not known to be encrypted; keys may lie there. Encrypt it, or swapoff\n`,
    );
  }
}
