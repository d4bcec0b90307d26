// No secret that a gateway or a command is given comes out again: not in help, faults, logs of any level, metrics or answers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { sightingsIn } from '../canaries/sightings.js';
import { repository } from '../house/repository.js';
import '../support/plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');

/** Marked, so that any part of 12 letters that comes out is known. */
const marked = (name: string) => `HUNT${name}${'x7Qz'.repeat(12)}`.slice(0, 42).concat('A');
const SECRETS = {
  kek: marked('kek'),
  reviewKek: marked('review'),
  redis: marked('redis'),
  broker: marked('broker'),
  token: marked('token'),
  sessionKey: marked('session'),
  password: marked('device'),
  jwks: marked('jwks'),
};
const hunted = Object.values(SECRETS).flatMap((secret) => [
  Buffer.from(secret),
  Buffer.from(secret.slice(0, 20)),
  Buffer.from(secret, 'base64url'),
]);

/** Where any of them is seen, in whatever spelling. */
const seen = (places: ReadonlyMap<string, string>) =>
  sightingsIn({
    canaries: [],
    secrets: hunted,
    places: new Map([...places].map(([name, text]) => [name, Buffer.from(text)])),
  });

interface Said {
  readonly code: number | null;
  readonly all: string;
}

function scene(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-secrets-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const env = { PATH: process.env.PATH, HOME: folder, DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'debug', DEBUG: '1' };
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Said> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [main, ...args], { env: { ...env, ...more } });
      let all = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (part: Buffer) => {
          all += part.toString();
          if (all.includes('"code":"ready"')) child.kill('SIGTERM');
        });
      }
      child.on('close', (code) => resolve({ code, all }));
    });
  return { folder, file, env, run };
}

/** A Redis that repeats what it was sent in its refusal, as Redis does of commands that it does not know. */
async function repeatingRedis(t: Test): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const sent = bytes.toString('latin1').replaceAll(/\r\n/g, ' ');
      const commands = sent.match(/\*\d+ /g)?.length ?? 1;
      socket.write(`-ERR unknown command, with args beginning with: ${sent.slice(0, 300)}\r\n`.repeat(commands));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

t.test('the hunt finds a secret that comes out, also in base64', (t) => {
  t.not(seen(new Map([['a', `x ${SECRETS.kek} y`]])).length, 0);
  t.not(seen(new Map([['a', Buffer.from(`user:${SECRETS.redis}`).toString('base64')]])).length, 0);
  t.equal(seen(new Map([['a', 'nothing']])).length, 0);
  t.end();
});

t.test('commands: what they print, and how they fail, with and without DEBUG', async (t) => {
  const { run, file, folder } = scene(t);
  const redis = await repeatingRedis(t);
  const keys = { KEK: SECRETS.kek, REVIEW_KEK: SECRETS.reviewKek, DATA_REGION: 'GB' };
  const all = {
    ...keys,
    REDIS_URL: `redis://gateway:${SECRETS.redis}@127.0.0.1:${redis}`,
    MQTT_BROKER_URL: 'mqtt://127.0.0.1:1',
    MQTT_BROKER_USER: 'gateway',
    MQTT_BROKER_PASSWORD: SECRETS.broker,
  };
  mkdirSync(join(folder, 'data'), { recursive: true });
  const token = file('token', SECRETS.token);
  const odd = file('odd-token', `${SECRETS.token}\n${SECRETS.token}`);
  const api = ['--api', 'http://127.0.0.1:1', '--token-file', token];
  const cases: [name: string, args: string[], env: Record<string, string>, code: number][] = [
    ['help', ['--help'], all, 0],
    ['help of serve', ['serve', '--help'], all, 0],
    ['help of config', ['config', '--help'], all, 0],
    ['config', ['config'], all, 0],
    ['config, from files', ['config'], { ...keys, KEK: '', KEK_FILE: file('kek', SECRETS.kek) }, 0],
    ['a key that is no key', ['config'], { ...all, KEK: `${SECRETS.kek}=` }, 2],
    ['a key twice', ['config'], { ...all, KEK_FILE: file('kek2', SECRETS.kek) }, 2],
    ['one key for both', ['config'], { ...all, REVIEW_KEK: SECRETS.kek }, 2],
    ['a redis address that is none', ['config'], { ...all, REDIS_URL: `http://u:${SECRETS.redis}@h` }, 2],
    ['a broker address with a password', ['config'], { ...all, MQTT_BROKER_URL: `mqtts://g:${SECRETS.broker}@h` }, 2],
    [
      'an issuer address with a password',
      ['config'],
      { ...keys, OIDC_ISSUER: 'i', OIDC_AUDIENCE: 'a', OIDC_JWKS_URL: `https://u:${SECRETS.jwks}@h/` },
      2,
    ],
    ['a secret in the file', ['config', '--config', file('c.json', JSON.stringify({ KEK: SECRETS.kek }))], {}, 2],
    ['a file that is no JSON', ['config', '--config', file('d.json', `{"KEK":"${SECRETS.kek}"`)], {}, 2],
    ['a secret for another setting', ['config'], { ...all, HTTP_PORT: SECRETS.kek }, 2],
    [
      'a redis that repeats the password',
      ['serve', '--dev', '--http-port', '0', '--mqtt-port', '0'],
      { REDIS_URL: all.REDIS_URL },
      -1,
    ],
    ['keys that do not open the folder', ['keys', 'list'], keys, -1],
    ['no gateway', ['devices', 'list', ...api], {}, 1],
    ['no gateway, office', ['grant', 'list', ...api], {}, -1],
    ['a token that is two lines', ['devices', 'list', '--api', 'http://127.0.0.1:1', '--token-file', odd], {}, -1],
    [
      'a token that is two lines, office',
      ['grant', 'list', '--api', 'http://127.0.0.1:1', '--token-file', odd],
      {},
      -1,
    ],
    [
      'a gateway’s address with a password',
      ['devices', 'list', '--api', `http://u:${SECRETS.token}@127.0.0.1:1`, '--token-file', token],
      {},
      2,
    ],
    [
      'the same, office',
      ['grant', 'list', '--api', `http://u:${SECRETS.token}@127.0.0.1:1`, '--token-file', token],
      {},
      2,
    ],
    [
      'a device’s key that is none',
      [
        'devices',
        'enroll',
        'HU-1',
        '--kind',
        'home_unit',
        '--session-key-file',
        file('sk', `${SECRETS.sessionKey}!!`),
        ...api,
      ],
      {},
      -1,
    ],
    [
      'a device’s password that is none',
      [
        'devices',
        'enroll',
        'HU-1',
        '--kind',
        'home_unit',
        '--password-file',
        file('pw', `${SECRETS.password}!!`),
        ...api,
      ],
      {},
      -1,
    ],
  ];
  const said = new Map<string, string>();
  const waiting = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, args, env, code] = next;
      const ran = await run(args, env);
      if (code >= 0) t.equal(ran.code, code, `${name}: exit ${ran.code} ${ran.all.slice(0, 200)}`);
      t.not(ran.all, '', `${name} says something`);
      said.set(name, ran.all);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  t.match(said.get('config'), /\*{8}/, 'that a secret is set is shown, and no more');
  t.same(seen(said), []);
});

t.test('a gateway at its most talkative tells nobody’s token, key or password', async (t) => {
  const { env } = scene(t);
  const redisUrl = `redis://gateway:${SECRETS.redis}@127.0.0.1:1`;
  const child = spawn(process.execPath, [main, 'serve', '--dev', '--http-port', '0', '--mqtt-port', '0'], {
    env: { ...env, REDIS_URL: redisUrl },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let logs = '';
  child.stderr.on('data', (part: Buffer) => {
    logs += part.toString();
  });
  const http = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      logs += `${line}\n`;
      const said = JSON.parse(line) as { code?: string; http?: string };
      if (said.code === 'ready') resolve(`http://${said.http}`);
    });
  });
  const admin = readFileSync(join(env.DATA_DIR, 'dev-token'), 'utf8').trim();
  const places = new Map<string, string>();
  const ask = async (name: string, path: string, init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(`${http}${path}`, init);
    places.set(name, `${JSON.stringify([...answer.headers])} ${await answer.text()}`);
  };
  const known = { authorization: `Bearer ${admin}` };
  const json = { ...known, 'content-type': 'application/json' };
  const wrong = { authorization: `Bearer ${SECRETS.token}` };
  await ask('a token that is none', '/v1/devices', { headers: wrong });
  await ask('another scheme', '/v1/devices', { headers: { authorization: `Basic ${SECRETS.token}` } });
  await ask('a token in the path', `/v1/orders/${SECRETS.token}`, { headers: known });
  await ask('a token in the query', `/v1/alerts?access_token=${SECRETS.token}`, { headers: known });
  await ask('no route', `/v1/${SECRETS.token}`);
  await ask('no address', `/v1/orders/${SECRETS.token}%zz`);
  const device = {
    device_id: 'HU-1',
    kind: 'home_unit',
    session_key: SECRETS.sessionKey,
    password: `${SECRETS.password}!`,
  };
  await ask('a password that is none', '/v1/devices', { method: 'POST', headers: json, body: JSON.stringify(device) });
  const jwk = { kty: 'EC', crv: 'P-256', x: SECRETS.sessionKey, y: SECRETS.sessionKey, d: SECRETS.password };
  const withKey = JSON.stringify({ device_id: 'HU-2', kind: 'home_unit', identity_jwk: jwk });
  await ask('a private key', '/v1/devices', { method: 'POST', headers: json, body: withKey });
  const broken = JSON.stringify(device).slice(0, -1);
  await ask('JSON that is cut off', '/v1/devices', { method: 'POST', headers: json, body: broken });
  await ask('metrics', '/metrics');
  await ask('readiness', '/readyz');
  await ask('the document', '/documentation/json');
  child.kill('SIGTERM');
  await once(child, 'close');
  t.match(logs, /token_refused/, 'refusals are logged');
  // what a caller named in the path is told back to them alone
  for (const mine of ['a token in the path', 'a token in the query']) places.delete(mine);
  places.set('logs', logs);
  t.same(seen(places), []);
  t.notMatch(logs, admin.slice(0, 20), 'nor the administrator’s own');
  t.notMatch(logs, /eyJ[\w-]{10}/, 'nor anything like a token');
});
