/** Shows that the torture test can see: `scripts/torture --planted` plants bugs in the build, and each short run must fail. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

interface Case {
  readonly bug: string;
  readonly args: readonly string[];
  /** What must stand in the report. */
  readonly seen: RegExp;
}

/** No bound on time: what is looked for is what is lost, on any machine. */
const PATIENT = ['--recovery-s', '600', '--stop-s', '600', '--grace-s', '3', '--disk-mib', '0', '--patience-s', '15'];
const KILLS = Array.from({ length: 4 }, () => 'kill gateway').join(',');

export const CASES: readonly Case[] = [
  {
    bug: 'ack-before-append',
    args: [
      '--minutes',
      '0.4',
      '--devices',
      '150',
      '--storm',
      '200',
      '--every',
      '0.5',
      '--peace-s',
      '2',
      '--faults',
      KILLS,
    ],
    seen: /\d+ acknowledged uploads are stored nowhere/,
  },
  {
    bug: 'ledger-loses-1-in-500',
    args: [
      '--minutes',
      '0.8',
      '--devices',
      '500',
      '--storm',
      '0',
      '--every',
      '1',
      '--peace-s',
      '15',
      '--faults',
      'kill gateway',
    ],
    seen: /\d+ missed:|\d+ stream: |\d+ false:/,
  },
];

/** Resolves with whether each was seen; prints a line each. */
export async function plantAll(seed: number, only: readonly string[] = []): Promise<boolean> {
  let blind = 0;
  for (const { bug, args, seen } of CASES.filter((one) => only.length === 0 || only.includes(one.bug))) {
    const { code, out } = await run(['--seed', String(seed), '--bug', bug, ...args, ...PATIENT]);
    const line = out.split('\n').find((one) => seen.test(one));
    const saw = code === 1 && line !== undefined;
    if (!saw) blind += 1;
    process.stdout.write(`${bug}: ${saw ? `seen: ${line.slice(0, 160)}` : `NOT SEEN (exit code ${code})\n${out}`}\n`);
  }
  return blind === 0;
}

function run(args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, ['--enable-source-maps', join(import.meta.dirname, 'torture.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}
