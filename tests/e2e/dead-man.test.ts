/** When the pipeline stops, something says so: another process, the streams, a watcher elsewhere, a thread of the stopped one. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { EventReader } from '../api/event-reader.js';
import { repository } from '../house/repository.js';
import { temporaryFolder } from '../support/folder.js';
import '../support/plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly errors: () => string;
}

async function serve(t: Test, env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Running> {
  const child = spawn(process.execPath, [main, 'serve', '--dev', ...flags], {
    env: { PATH: process.env.PATH, MQTT_PORT: '0', HTTP_PORT: '0', STALL_S: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr?.on('data', (piece: Buffer) => {
    errors += piece.toString();
  });
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { code: string; http?: string };
    if (said.code !== 'ready') continue;
    child.stdout.resume();
    return { child, url: `http://${said.http ?? ''}`, errors: () => errors };
  }
  throw new Error(`it did not start: ${errors}`);
}

interface Watcher {
  /** Waits for a line of this state; gives its causes. */
  readonly says: (state: 'ok' | 'alarm') => Promise<string[]>;
  readonly end: () => Promise<number | null>;
}

function watch(t: Test, api: string, tokenFile: string): Watcher {
  const args = [main, 'watch', '--api', api, '--token-file', tokenFile, '--every', '0.5', '--json'];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async says(state) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`it ended before it said ${state}`);
        const line = JSON.parse(value) as { state: string; causes: string[] };
        if (line.state === state) return line.causes;
      }
    },
    async end() {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

t.test(
  'a process that takes in and judges no more is missed by the API, its streams and a watcher; and found again',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(() => folder.remove());
    const env = { DATA_DIR: join(folder.path, 'data') };
    const [KEK, REVIEW_KEK] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64url')) as [
      string,
      string,
    ];
    execFileSync(process.execPath, [main, 'keys', 'init'], {
      env: { PATH: process.env.PATH, ...env, KEK, REVIEW_KEK },
    });
    const [ingest, api] = await Promise.all([
      serve(t, { ...env, KEK }, '--role', 'intake,engine'),
      serve(t, { ...env, REVIEW_KEK }, '--role', 'api'),
    ]);
    const tokenFile = join(env.DATA_DIR, 'dev-token');
    const ready = async () => {
      const answer = await fetch(`${api.url}/readyz`);
      return { status: answer.status, ...((await answer.json()) as { reasons: string[] }) };
    };
    t.match(await ready(), { status: 200, reasons: [] });
    const stream = await EventReader.open(`${api.url}/v1/alerts/stream`, readFileSync(tokenFile, 'utf8').trim());
    const watcher = watch(t, api.url, tokenFile);
    t.same(await watcher.says('ok'), []);

    ingest.child.kill('SIGSTOP');
    await stream.until(() => stream.named.length === 1);
    t.match(stream.named[0]?.data, { type: 'uk.fairwatch.gateway.stalled', data: { reasons: ['engine_not_alive'] } });
    t.match(await ready(), { status: 503, reasons: ['engine_not_alive'] });
    t.same(await watcher.says('alarm'), ['engine_not_alive']);

    ingest.child.kill('SIGCONT');
    await stream.until(() => stream.named.length === 2);
    t.equal(stream.named[1]?.data.type, 'uk.fairwatch.gateway.recovered');
    t.match(await ready(), { status: 200, reasons: [] });
    t.same(await watcher.says('ok'), []);
    t.equal(ingest.child.exitCode, null, 'who was stopped and goes on is not ended for it');
    t.equal(await watcher.end(), 0);
    stream.close();
  },
);

t.test(
  'an event loop that is held up is told of by the process itself, and a watcher that looks once says no_answer',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(() => folder.remove());
    const DATA_DIR = join(folder.path, 'data');
    // a busy loop in the loop's own thread, begun by a signal
    const busy = "data:text/javascript,process.on('SIGUSR2',()=>{for(;;);})";
    const gateway = await serve(t, { DATA_DIR, NODE_OPTIONS: `--import="${busy}"` });
    const once = (...flags: string[]) => {
      const args = [
        main,
        'watch',
        '--api',
        gateway.url,
        '--token-file',
        join(DATA_DIR, 'dev-token'),
        '--once',
        ...flags,
      ];
      const child = spawn(process.execPath, args, {
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      child.stdout.on('data', (piece: Buffer) => {
        out += piece.toString();
      });
      return new Promise<{ code: number | null; out: string }>((resolve) => {
        child.on('close', (code) => resolve({ code, out }));
      });
    };
    t.match(await once(), { code: 0, out: / OK\n$/ });
    gateway.child.kill('SIGUSR2');
    t.match(await once('--silence', '1', '--json'), { code: 1, out: /"state":"alarm".*"no_answer"/ });
    while (!gateway.errors().includes('event_loop_stuck')) await new Promise((resolve) => setTimeout(resolve, 50));
    t.match(gateway.errors(), /"level":"error".*"code":"event_loop_stuck"/);
  },
);
