// Runs the compiled executable in a process of its own, as an operator does.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { repository } from '../house/repository.js';
import '../support/plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder for one test, with `DATA_DIR` in it; nothing of this machine's environment is let in. */
export function room(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const env = { PATH: process.env.PATH, HOME: folder, DATA_DIR: dataDir };
  const run = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [main, ...args], { env, maxBuffer: 1e8 }, (_error, out, err) =>
        resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
  return { folder, dataDir, env, run };
}

/** A development gateway on free ports; killed at the test's end unless it was stopped. */
export async function serve(t: Test, env: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn(process.execPath, [main, 'serve', '--dev'], {
    env: { ...env, MQTT_PORT: '0', HTTP_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { code: string; http?: string; mqtt?: string };
    if (said.code !== 'ready') continue;
    return {
      api: `http://${said.http}`,
      mqtt: `mqtt://${said.mqtt}`,
      async stop() {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  }
  throw new Error('the gateway did not start');
}
