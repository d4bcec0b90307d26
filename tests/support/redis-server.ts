/** A real redis-server of a test's own, on a free port; it keeps nothing on disk unless it is given a folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Sends one command to it, beside whoever is tested. */
  command(...words: string[]): Promise<unknown>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** It keeps its connections, and answers nothing more. */
  freeze(): void;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** `folder`: keeps its RDB and AOF there, every write synced. */
export async function startRedis(folder?: string): Promise<RedisServer> {
  const port = await freePort();
  const kept =
    folder === undefined
      ? ['--save', '', '--appendonly', 'no']
      : ['--dir', folder, '--save', '1 1', '--appendonly', 'yes', '--appendfsync', 'always'];
  let child: ChildProcess | null = null;
  let client: Redis | null = null;

  async function start(): Promise<void> {
    const args = ['--port', String(port), '--bind', '127.0.0.1', ...kept];
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const collect = (data: Buffer) => {
        output += data.toString();
        if (output.includes('Ready to accept connections')) resolve();
      };
      started.stdout.on('data', collect);
      started.stderr.on('data', collect);
      started.once('error', (cause) =>
        reject(
          new Error('redis-server could not be started: is it installed? (apt-get install redis-server)', { cause }),
        ),
      );
      started.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}:\n${output}`)));
    });
    client = new Redis(port, '127.0.0.1');
    client.on('error', () => {});
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    client?.disconnect();
    const ending = child;
    child = null;
    if (ending === null) return;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    await gone;
  }

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async command(name, ...args) {
      if (client === null) throw new Error('redis-server is not running');
      return client.call(name as string, ...args);
    },
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    start,
    stop: () => end('SIGKILL'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
