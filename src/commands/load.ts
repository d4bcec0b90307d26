/** `fairwatch load`: open-loop MQTT load with true ground truth. */
import { type Command, Option } from 'commander';
import { caOf } from './cli-files.js';
import { runs } from './cli-run.js';
import { type LoadResult, runLoad } from './load-run.js';
import { wholeNumber } from './simulate.js';

interface Flags {
  readonly url: string;
  readonly api: string;
  readonly tokenFile: string;
  readonly ca?: string;
  readonly clients: number;
  readonly rate: number;
  readonly seconds: number;
  readonly people?: number;
  readonly recordsPerUpload: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly ackedLog?: string;
}

const SHOWN_MAX = 10;

export function register(program: Command): void {
  program
    .command('load')
    .description('send uploads at a fixed rate, and count latencies and alerts against the truth')
    .requiredOption('--url <mqtt-url>', 'MQTT endpoint, mqtt://HOST:PORT or mqtts://HOST:PORT')
    .requiredOption('--api <http-url>', "the same gateway's HTTP address (real clock)")
    .requiredOption('--token-file <file>', "file with an administrator's token")
    .option('--ca <file>', "certificates that the gateway's must be signed by, PEM (mqtts://, https://)")
    .option('-c, --clients <n>', 'connections, a device each', wholeNumber, 50)
    .option('-r, --rate <n>', 'uploads a second, over all connections', wholeNumber, 500)
    .option('-t, --seconds <n>', 'how long', wholeNumber, 30)
    .option('--people <n>', 'people with orders; those beyond the connections stay silent', wholeNumber)
    .option('--records-per-upload <k>', 'records in each ordinary upload', wholeNumber, 1)
    .option('--seed <s>', 'the same seed makes the same schedule', wholeNumber, 1)
    .option('--acked-log <file>', 'one line {device_id, sequence} for each upload that was acknowledged')
    .addOption(new Option('--json', 'print the figures as JSON'))
    .addHelpText(
      'after',
      '\nOpen loop: a slow gateway does not slow the schedule; latencies count from the intended time. At most 64\n' +
        'uploads of a connection are un-acknowledged at a time, further ones wait with their clock running.\n' +
        '\nExample:\n  npx fairwatch load --url mqtt://127.0.0.1:1883 --api http://127.0.0.1:8080 \\\n' +
        '    --token-file data/dev-token -c 500 -r 2000 -t 60\n',
    )
    .action(async (flags: Flags, command: Command) => {
      for (const [name, value] of [
        ['--clients', flags.clients],
        ['--rate', flags.rate],
        ['--seconds', flags.seconds],
        ['--records-per-upload', flags.recordsPerUpload],
      ] as const) {
        if (value < 1) command.error(`${name} must be at least 1`, { exitCode: 2 });
      }
      await runs(load)(flags);
    });
}

async function load(flags: Flags): Promise<void> {
  const { result, comparison } = await runLoad({
    mqttUrl: flags.url,
    apiUrl: flags.api,
    tokenFile: flags.tokenFile,
    ca: caOf(flags.ca),
    clients: flags.clients,
    ratePerS: flags.rate,
    seconds: flags.seconds,
    people: Math.max(flags.clients, flags.people ?? 0),
    recordsPerUpload: flags.recordsPerUpload,
    seed: flags.seed,
    ackedLog: flags.ackedLog ?? null,
    say: (text) => process.stderr.write(`${text}\n`),
  });
  for (const item of comparison.missed.slice(0, SHOWN_MAX)) process.stderr.write(`missed: ${JSON.stringify(item)}\n`);
  for (const alert of comparison.false.slice(0, SHOWN_MAX)) process.stderr.write(`false: ${JSON.stringify(alert)}\n`);
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : table(result));
  const { missed, false: untrue } = result.alerts;
  if (missed > 0 || untrue > 0 || result.acked < result.sent) process.exitCode = 1;
}

function table(result: LoadResult): string {
  const times = (of: LoadResult['ack_ms']): string => `p50 ${of.p50}  p99 ${of.p99}  p99.9 ${of.p999}`;
  const { expected, received, missed, false: untrue } = result.alerts;
  const kinds = Object.entries(result.alerts_by_kind).map(([kind, count]) => `  ${kind}: ${count}`);
  return [
    `uploads    ${result.sent} sent, ${result.acked} acknowledged, ${result.rate_per_s} a second`,
    `ack ms     ${times(result.ack_ms)}`,
    `alert ms   ${times(result.alert_ms)}`,
    `alerts     ${expected} expected, ${received} received, ${missed} missed, ${untrue} false`,
    ...kinds,
    `generator  ${result.generator_cpu} of a core`,
    '',
  ].join('\n');
}
