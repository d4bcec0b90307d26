/** bench/connections: what a device costs that is only there, and one that says something once a minute. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descriptorLimit, socketShares } from '../src/adapters/system/descriptors.js';
import { startChild } from './lib/child.js';
import type { ConnectionsOptions, Talked } from './lib/connections-client.js';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { ownKiB } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { cpuMsOf } from './lib/measure.js';
import type { Plot, Row } from './lib/result.js';

const SHARES = [100, 10, 1] as const;
/** Connected and gone again before anything is looked at: their code is compiled, their pools are made. */
const WARM = 200;
const LOOK_MS = 700;
const LOOKS_MAX = 25;
/** So many looks without a fall of so much: settled. */
const STILL_LOOKS = 4;
const STILL_KIB = 512;
/** Of fewer the memory of one cannot be told from the heap's own ups and downs. */
const TOLD_MIN = 1_000;

await main({
  bench: 'connections',
  about:
    'Devices that hold an MQTT connection to one `serve` process and say nothing, then say one thing each within the span ' +
    '(a heartbeat, QoS 1, acknowledged when durable): plain, then over TLS 1.3. The devices are raw sockets of a process ' +
    'of their own, enrolled beforehand. Memory is what is the gateway’s own (no mapped files) beyond what it had with ' +
    'every device enrolled and none connected, garbage collected before each look.',
  aim: '50,000 plain at ≤ 12 KiB, 10,000 TLS at ≤ 70 KiB, one process',
  labelTitle: 'connections',
  columns: [
    { key: 'idleKiB', title: 'idle KiB each', digits: 1, better: 'less' },
    { key: 'talkedKiB', title: 'after talking', digits: 1, better: 'less' },
    { key: 'ownMiB', title: 'own MiB' },
    { key: 'idleCpu', title: 'idle CPU ms/s', digits: 1, better: 'less' },
    { key: 'cpuUs', title: 'CPU µs/message', digits: 0, better: 'less' },
    { key: 'ackP50', title: 'ack p50 ms', digits: 1, better: 'less' },
    { key: 'ackP99', title: 'p99', digits: 1, better: 'less' },
    { key: 'perS', title: 'messages/s' },
    { key: 'connectS', title: 'connected in s', digits: 1 },
    { key: 'generator', title: 'generator cores', digits: 2 },
  ],
  options: {
    plain: { type: 'string', value: 'N', help: 'plain connections, at the most (default: 50000)' },
    tls: { type: 'string', value: 'N', help: 'TLS connections, at the most (default: 10000)' },
    span: { type: 'string', value: 'S', help: 'each says one thing within so many seconds (default: 60)' },
    only: { type: 'string', value: 'WHICH', help: 'plain or tls' },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
  },
  examples: ['--only plain --plain 5000 --span 20'],
  run: measureBoth,
});

async function measureBoth(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const { smallest } = context;
  const only = context.text('only');
  const limit = descriptorLimit();
  const shares = socketShares(limit);
  const asked = {
    plain: context.number('plain', smallest ? 300 : 50_000),
    tls: context.number('tls', smallest ? 100 : 10_000),
  };
  // the gateway keeps descriptors for itself (src/adapters/system/descriptors.ts): it takes no more than these
  const most = {
    plain: Math.min(asked.plain, shares.mqtt + shares.handshakes - 50),
    tls: Math.min(asked.tls, shares.mqtt - 50),
  };
  const notes: string[] = [];
  for (const kind of ['plain', 'tls'] as const) {
    if (most[kind] === asked[kind]) continue;
    notes.push(
      `${asked[kind].toLocaleString('en-GB')} ${kind} connections were asked for; \`ulimit -n\` is ${limit} here, of which ` +
        `the gateway gives ${(most[kind] + 50).toLocaleString('en-GB')} to devices. 50,000 need 56,000 or more.`,
    );
    context.say(`connections: ${notes.at(-1)}`);
  }
  const rows: Row[] = [];
  if (only !== 'tls') rows.push(...(await measureKind(context, 'plain', most.plain)));
  if (only !== 'plain') rows.push(...(await measureKind(context, 'TLS', most.tls)));
  return {
    rows,
    plots: [...plotOf(rows, 'memory', 'Memory of an idle connection', 'KiB', 'idleKiB')],
    notes: [
      ...notes,
      `Each says one thing within ${spanS(context)} s: ${60 / spanS(context)} a minute and connection. CPU of messages: all ` +
        'threads, less what the idle connections took before; where few come, each has a commit of its own and costs more.',
      `Of fewer than ${TOLD_MIN} connections memory cannot be told from the heap’s own ups and downs.`,
      'What the kernel holds of a socket (about 4 KiB idle, twice that on one machine) is not in the process’s memory.',
    ],
  };
}

function spanS(context: Context): number {
  return context.number('span', context.smallest ? 1 : 60);
}

async function measureKind(context: Context, kind: 'plain' | 'TLS', most: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-bench-tls-'));
  const certificate = kind === 'TLS' ? makeCertificate(folder) : null;
  const gateway = await startGateway({
    folder: context.text('dir') ?? tmpdir(),
    profileFolder: null,
    nodeOptions: ['--expose-gc', '--import', join(import.meta.dirname, 'lib/collect-on-signal.js')],
    env:
      certificate === null
        ? {}
        : {
            TLS_CERT_FILE: certificate.certFile,
            TLS_KEY_FILE: certificate.keyFile,
            MQTTS_PORT: '0',
            MQTTS_HOST: '127.0.0.1',
          },
  });
  const client = startClient(context, gateway, kind, most, certificate?.pem ?? null);
  try {
    await client.ask('enrol');
    await client.ask(`connect ${Math.min(WARM, most)}`);
    await client.ask('talk 500');
    await client.ask('leave');
    const emptyKiB = await settledKiB(context, gateway.pid);
    const rows: Row[] = [];
    for (const share of SHARES) {
      const many = Math.ceil(most / share);
      const startMs = performance.now();
      await client.ask(`connect ${many}`);
      const connectS = (performance.now() - startMs) / 1_000;
      const idle = await idleOf(context, gateway.pid);
      const before = cpuMsOf(gateway.pid);
      const talkedFrom = performance.now();
      const talked = (await client.ask(`talk ${spanS(context) * 1_000}`)) as unknown as Talked;
      const tookS = (performance.now() - talkedFrom) / 1_000;
      const cpuMs = Math.max(0, cpuMsOf(gateway.pid) - before - idle.cpuMsPerS * tookS);
      if (talked.acked < many) throw new Error(`${talked.acked} of ${many} messages were acknowledged`);
      const talkedKiB = await settledKiB(context, gateway.pid);
      const each = (kiB: number): number | null => (many < TOLD_MIN ? null : (kiB - emptyKiB) / many);
      const idleKiB = each(idle.kiB);
      context.say(
        `connections: ${many} ${kind}: ${idleKiB?.toFixed(1) ?? '?'} KiB each, ${((1_000 * cpuMs) / many).toFixed(0)} µs a message`,
      );
      rows.push({
        label: `×${100 / share}: ${many.toLocaleString('en-GB')} ${kind}`,
        cells: {
          idleKiB,
          talkedKiB: each(talkedKiB),
          ownMiB: talkedKiB / 1_024,
          idleCpu: idle.cpuMsPerS,
          cpuUs: (1_000 * cpuMs) / many,
          ackP50: talked.p50,
          ackP99: talked.p99,
          perS: many / tookS,
          connectS,
          generator: talked.generatorCpu,
        },
      });
    }
    return rows;
  } finally {
    client.end();
    await gateway.stop();
    rmSync(folder, { recursive: true });
  }
}

function startClient(context: Context, gateway: RunningGateway, kind: string, devices: number, ca: string | null) {
  const { hostname, port } = new URL(ca === null ? gateway.mqttUrl : (gateway.mqttsUrl as string));
  let answered: ((line: string) => void) | null = null;
  const child = startChild<object>(
    'connections-client.js',
    {
      host: hostname,
      port: Number(port),
      apiUrl: gateway.apiUrl,
      tokenFile: gateway.tokenFile,
      prefix: `${context.seed}-${kind}`,
      devices,
      ca,
    } satisfies ConnectionsOptions,
    (line) => {
      if (line.startsWith('{')) answered?.(line);
    },
  );
  return {
    ask(task: string): Promise<Record<string, number>> {
      context.say(`connections: ${kind}: ${task}`);
      const answer = new Promise<string>((resolve) => {
        answered = resolve;
      });
      child.tell(task);
      const ended = child.figures.then(() => Promise.reject(new Error('the devices’ process ended')));
      return Promise.race([answer, ended]).then((line) => JSON.parse(line) as Record<string, number>);
    },
    end: () => child.kill(),
  };
}

/** What is held, once what is not is collected and given back: looked at until it falls no more. */
async function settledKiB(context: Context, pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let still = 0;
  for (let i = 0; i < (context.smallest ? 1 : LOOKS_MAX) && still < STILL_LOOKS; i++) {
    process.kill(pid, 'SIGUSR2');
    await sleep(LOOK_MS);
    const kiB = ownKiB(pid);
    still = kiB < least - STILL_KIB ? 0 : still + 1;
    least = Math.min(least, kiB);
  }
  return least;
}

async function idleOf(context: Context, pid: number): Promise<{ readonly kiB: number; readonly cpuMsPerS: number }> {
  const kiB = await settledKiB(context, pid);
  let cpuMsPerS = Number.POSITIVE_INFINITY;
  // the least of three: what connecting left to do is not idleness
  for (let i = 0; i < (context.smallest ? 1 : 3); i++) {
    const [cpuMs, startMs] = [cpuMsOf(pid), performance.now()];
    await sleep(context.smallest ? 200 : 4_000);
    cpuMsPerS = Math.min(cpuMsPerS, (1_000 * (cpuMsOf(pid) - cpuMs)) / (performance.now() - startMs));
  }
  return { kiB, cpuMsPerS };
}

function makeCertificate(folder: string): {
  readonly certFile: string;
  readonly keyFile: string;
  readonly pem: string;
} {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...named], { stdio: 'pipe' });
  return { certFile, keyFile, pem: readFileSync(certFile, 'utf8') };
}

/** A line for plain and one for TLS. */
function plotOf(rows: readonly Row[], name: string, title: string, unit: string, column: string): Plot[] {
  const series = ['plain', 'TLS'].flatMap((kind) => {
    const points = rows
      .filter(({ label }) => label.endsWith(kind))
      .map(({ label, cells }): [number, number] => [
        Number(label.replace(/^×\d+: /, '').replace(/[^\d]/g, '')),
        cells[column] as number,
      ])
      .filter(([, value]) => value !== null && value > 0);
    return points.length < 2 ? [] : [{ label: kind, points }];
  });
  if (series.length === 0) return [];
  return [
    {
      name,
      title,
      about: `${title} (${unit}) against the number of connections, both axes logarithmic: a level line is no growth.`,
      x: { title: 'connections', unit: 'connections', scale: 'log' },
      y: { title: 'memory', unit, scale: 'log' },
      series,
    },
  ];
}
