/** `fairwatch serve`: runs the gateway until it is told to stop. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { startGateway } from '../compose.js';
import { loadConfiguration } from './configuration.js';

/** Told twice, it stops at once: what was acknowledged is durable anyhow. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function register(program: Command): void {
  program
    .command('serve')
    .description('run the gateway: MQTT endpoint, rules engine, API')
    .option('--config <file>', 'JSON file of settings')
    .option('--dev', 'loopback only: development token issuer, an administrator token in DATA_DIR/dev-token')
    .option('--clock <kind>', 'system, or stepped: time moves only by POST /v1/dev/clock (needs --dev)')
    .option('--clock-start <time>', 'where a stepped clock begins, RFC 3339')
    .option('--mqtt-port <port>', 'port of the MQTT endpoint (MQTT_PORT)')
    .option('--http-port <port>', 'port of the HTTP API (HTTP_PORT)')
    .option('--data-dir <folder>', 'where everything is kept, sealed (DATA_DIR)')
    .option('--vault-dir <folder>', 'where the wrapped keys are kept, apart from the data (VAULT_DIR)')
    .addHelpText('after', '\nExample:\n  DATA_DIR=/tmp/fw npx fairwatch serve --dev\n')
    .action(async (flags: Record<string, unknown>) => {
      const loaded = loadConfiguration({ flags, env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
      if (!loaded.ok) {
        for (const { setting, from, fault } of loaded.fault) process.stderr.write(`${setting} (${from}): ${fault}\n`);
        process.exitCode = 2;
        return;
      }
      await serve(loaded.value);
    });
}

async function serve(configuration: Parameters<typeof startGateway>[0]): Promise<void> {
  let stop: (code: number) => void = (code) => process.exit(code);
  const gateway = await startGateway(configuration, () => stop(1));
  let stopping = false;
  stop = (code) => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.stop().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  for (const signal of SIGNALS) process.on(signal, () => stop(0));
  const ready = {
    level: 'info',
    time: new Date().toISOString(),
    code: 'ready',
    pid: process.pid,
    mqtt: `${configuration.mqttHost}:${gateway.mqttPort}`,
    http: `${configuration.httpHost}:${gateway.httpPort}`,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}
