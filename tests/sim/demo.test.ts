// The demo for real, in small: its own processes, a gateway that is killed, and the truth at the end.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import '../support/plain-children.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

interface Outcome {
  readonly code: number | null;
  readonly lines: string[];
}

function demo(words: string[], onLine: (line: string, interrupt: () => void) => void): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, 'demo', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split('\n');
    for (; read < lines.length - 1; read++) onLine(lines[read] as string, () => child.kill('SIGINT'));
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, lines: text.trimEnd().split('\n') })));
}

const folderIn = (lines: string[]): string =>
  /data +(\S+)\/data/.exec(lines.find((line) => line.includes('  data ')) ?? '')?.[1] ?? '';

t.test('a gateway that is killed twice on the way ends with nothing missed and nothing false', async (t) => {
  let kills = 0;
  let pid = 0;
  let alerts = 0;
  const { code, lines } = await demo(['--people', '40', '--hours', '6', '--seed', '21'], (line) => {
    pid = Number(/pid (\d+)/.exec(line)?.[1] ?? pid);
    if (/^\w{3} \d\d:\d\d:\d\d /.test(line) && ++alerts % 8 === 0 && kills < 2) {
      kills++;
      process.kill(pid, 'SIGKILL');
    }
  });
  t.equal(kills, 2);
  t.match(lines.at(-1), /^truth: (\d+) expected, \1 raised, 0 missed, 0 false$/);
  t.equal(code, 0);
  const folder = folderIn(lines);
  t.match(folder, /fairwatch-demo-/);
  t.notOk(existsSync(folder), 'its folder is gone');
});

t.test('Ctrl-C ends it with the truth up to then', async (t) => {
  let alerts = 0;
  const { code, lines } = await demo(['--people', '40', '--hours', '24', '--seed', '22'], (line, interrupt) => {
    if (/^\w{3} \d\d:\d\d:\d\d /.test(line) && ++alerts === 10) interrupt();
  });
  t.match(lines.at(-1), /^truth: (\d+) expected, \1 raised, 0 missed, 0 false$/);
  t.not(lines.at(-1), 'truth: 0 expected, 0 raised, 0 missed, 0 false');
  t.equal(code, 0);
});
