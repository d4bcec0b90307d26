// The vault from the command line, and what a gateway for real people refuses to start with.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../house/repository.js';
import { room } from './executable.js';

const main = join(repository, 'dist', 'src', 'main.js');
const KEK = Buffer.alloc(32, 7).toString('base64url');
const REVIEW_KEK = Buffer.alloc(32, 8).toString('base64url');

t.test('keys init makes every long-lived key once, and neither it nor keys list shows one', async (t) => {
  const { run, env, dataDir } = room(t);
  Object.assign(env, { KEK, REVIEW_KEK });
  const made = await run('keys', 'init', '--json');
  t.equal(made.code, 0);
  t.same((JSON.parse(made.out) as { made: string[] }).made.sort(), [
    'ingest/identity',
    'ingest/names',
    'ingest/shared',
    'review/audit-signing',
    'review/identity',
    'review/names',
    'review/office',
    'review/shared',
  ]);
  t.match(await run('keys', 'init'), { code: 0, out: /every key is there already/ });
  const listed = await run('keys', 'list');
  t.match(listed.out, /ingest\tidentity, names, shared\ningest\t0 orders, 0 hours/);
  const vault = `${dataDir}-vault`;
  const secrets = [KEK, REVIEW_KEK];
  for (const tier of ['ingest', 'review']) {
    for (const file of readdirSync(join(vault, tier)))
      secrets.push(readFileSync(join(vault, tier, file), 'utf8').trim());
  }
  for (const { out, err } of [made, listed]) for (const secret of secrets) t.notOk(`${out}${err}`.includes(secret));
});

t.test('keys init needs both key-encryption keys, and they must differ', async (t) => {
  const { run, env } = room(t);
  Object.assign(env, { KEK });
  t.match(await run('keys', 'init'), { code: 2, err: /needs both KEK and REVIEW_KEK/ });
  Object.assign(env, { REVIEW_KEK: KEK });
  t.match(await run('keys', 'init'), { code: 2, err: /are one key/ });
});

t.test('a gateway for real people does not start where its memory could be written to a disk', async (t) => {
  const { env } = room(t);
  Object.assign(env, { KEK, REVIEW_KEK, DATA_REGION: 'GB', MQTT_PORT: '0', HTTP_PORT: '0' });
  const start = (before: string, options = ''): Promise<{ code: number; err: string }> =>
    new Promise((resolve) => {
      const command = `${before}; exec "${process.execPath}" ${options} "${main}" serve`;
      const child = execFile('sh', ['-c', command], { env }, (_error, _out, err) =>
        resolve({ code: child.exitCode ?? -1, err }),
      );
    });
  t.match(await start('ulimit -c 4096'), { code: 2, err: /core dumps are on .*LimitCORE=0/ });
  t.match(await start('ulimit -c 0', '--report-on-signal'), { code: 2, err: /--report-on-signal writes memory/ });
  t.match(await start('ulimit -c 0; export NODE_OPTIONS=--heapsnapshot-signal=SIGUSR2'), {
    code: 2,
    err: /--heapsnapshot-signal/,
  });
});
