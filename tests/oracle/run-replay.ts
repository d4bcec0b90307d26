/** Runs our `replay` as a stranger would: files in, lines out; many worlds share one run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { register } from '../../src/commands/replay.js';
import { repository } from '../house/repository.js';
import type { Line, World } from './contract.js';

const run = promisify(execFile);

/** The worlds must share their `untilMs`. Uploads stand in the file as they stand in the worlds, one world after another. */
export async function replayLines(
  worlds: readonly World[],
  fairwatch = `${repository}/dist/src/main.js`,
): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-oracle-'));
  try {
    const until = new Date((worlds[0] as World).untilMs).toISOString();
    const args = ['replay', ...writeWorlds(folder, worlds), '--until', until];
    const { stdout } = await run(process.execPath, [fairwatch, ...args], { maxBuffer: 1 << 30 });
    return linesIn(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same in this process, which is quicker for one small world after another. Rejects where the command fails. */
export async function replayHere(worlds: readonly World[]): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-oracle-'));
  const printed: string[] = [];
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write, stderr.write];
  try {
    const until = new Date((worlds[0] as World).untilMs).toISOString();
    const program = new Command();
    register(program);
    stdout.write = (chunk) => printed.push(String(chunk)) > 0;
    stderr.write = () => true;
    await program.parseAsync(['replay', ...writeWorlds(folder, worlds), '--until', until], { from: 'user' });
  } finally {
    [stdout.write, stderr.write] = [out, err];
    rmSync(folder, { recursive: true, force: true });
  }
  // the command tells of a failure by its exit code
  if (process.exitCode !== undefined) {
    process.exitCode = undefined;
    throw new Error('replay refused the world');
  }
  return linesIn(printed.join(''));
}

/** Writes the files of a run, and gives the flags that name them. */
export function writeWorlds(folder: string, worlds: readonly World[]): string[] {
  const file = (name: string, items: readonly unknown[]): string => {
    writeFileSync(join(folder, name), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    return join(folder, name);
  };
  const zones = worlds.flatMap((world) => world.zones);
  return [
    '--orders',
    file(
      'orders.ndjson',
      worlds.flatMap((world) => world.orders),
    ),
    '--records',
    file(
      'records.ndjson',
      worlds.flatMap((world) => world.uploads),
    ),
    ...(zones.length > 0 ? ['--zones', file('zones.ndjson', zones)] : []),
  ];
}

const linesIn = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line));

/** The lines of one world, by the name with which all its ids begin. */
export const linesOfWorld = (lines: readonly Line[], name: string): Line[] =>
  lines.filter(
    (line) =>
      line.order_id?.startsWith(`${name}-`) === true ||
      (line.order_id === null && line.kind === 'alert' && line.device_id?.startsWith(`${name}-`) === true),
  );
