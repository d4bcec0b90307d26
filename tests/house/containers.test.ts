// The image and the compose file are not run here: what they say is held against the repository, rule by rule.
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfiguration } from '../../src/commands/configuration.js';
import { aboutSetting, envName, SETTING_NAMES } from '../../src/commands/settings.js';
import { temporaryFolder } from '../support/folder.js';
import { type Compose, readCompose, type Service } from './compose-file.js';
import { goesToBuild, type Instruction, stagesOf } from './dockerfile.js';
import { repository } from './repository.js';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const main = join(repository, 'dist', 'src', 'main.js');
const dockerignore = read('.dockerignore');
const stages = stagesOf(read('Dockerfile'));
const [build, image] = stages;
const of = (stage: typeof build, name: string): Instruction[] =>
  (stage?.instructions ?? []).filter((one) => one.name === name);
/** What is given to an image that is started without a word. */
const env = Object.fromEntries(
  of(image, 'ENV').flatMap(({ words }) => words.map((word) => word.split('=') as [string, string])),
);

t.test('the image is built in two stages from one base, whose version is the repository’s Node', async (t) => {
  t.equal(stages.length, 2);
  t.equal(build?.base, image?.base);
  t.match(build?.base, /^node:\d+\.\d+\.\d+-bookworm-slim$/, 'a whole version, and a slim one');
  const version = /^node:(\d+\.\d+)/.exec(build?.base ?? '')?.[1];
  t.match(JSON.parse(read('package.json')).engines.node, new RegExp(`^>=${version}$`));
  t.match(read('.nvmrc').trim(), new RegExp(`^v?${version}`));
  t.same([...of(build, 'ADD'), ...of(image, 'ADD'), ...of(build, 'ARG'), ...of(image, 'ARG')], []);
});

t.test('the image runs as a user of fixed number, who owns two volumes and no file of the gateway', async (t) => {
  const names = image?.instructions.map(({ name }) => name) ?? [];
  const [user] = of(image, 'USER');
  t.match(user?.text, /^[1-9]\d{3,}:[1-9]\d{3,}$/);
  t.equal(of(image, 'USER').length, 1);
  for (const name of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK']) t.ok(names.indexOf(name) > names.indexOf('USER'), name);
  t.same(
    names.slice(names.indexOf('USER')).filter((name) => ['COPY', 'RUN', 'USER'].includes(name)),
    ['USER'],
  );
  const [uid] = (user?.text ?? '').split(':');
  const setUp = of(image, 'RUN')
    .map(({ text }) => text)
    .join('\n');
  t.match(setUp, new RegExp(`useradd --uid ${uid} .*nologin`));
  t.match(setUp, new RegExp(`install -d -o ${uid} .* -m 0700 /data /vault`));
  t.same(of(image, 'VOLUME')[0]?.words, [env.DATA_DIR, env.VAULT_DIR]);
  for (const { options } of of(image, 'COPY')) t.notOk(options.some((option) => /--ch(own|mod)/.test(option)));
});

t.test('what is copied is there, and nothing else reaches the build', async (t) => {
  const copied = [...of(build, 'COPY'), ...of(image, 'COPY')].filter(({ options }) => options.length === 0);
  for (const { words, line } of copied) {
    for (const path of words.slice(0, -1)) {
      t.ok(existsSync(join(repository, path)), `line ${line}: ${path}`);
      t.ok(goesToBuild(dockerignore, path), `line ${line}: ${path} is not ignored`);
    }
  }
  const made = new Set(['node_modules', 'dist/src', ...of(build, 'COPY').flatMap(({ words }) => words.slice(0, -1))]);
  for (const { words, options, line } of of(image, 'COPY')) {
    if (options[0] === undefined) continue;
    t.equal(options[0], `--from=${build?.name}`);
    t.ok(made.has((words[0] ?? '').replace('/app/', '')), `line ${line}: ${words[0]} is made in the build`);
  }
  const wanted = new Set(copied.flatMap(({ words }) => words.slice(0, -1)));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository });
  const strangers = [
    '.git/config',
    'secrets/kek',
    'data/EPOCH',
    '.env',
    'node_modules/a/b',
    'dist/src/main.js',
    'a.key',
  ];
  for (const path of [...strangers, ...listed.toString().trim().split('\n')]) {
    const isWanted = [...wanted].some((one) => path === one || path.startsWith(`${one}/`));
    if (isWanted !== goesToBuild(dockerignore, path)) t.fail(`${path}: ${isWanted ? 'ignored' : 'goes to the build'}`);
  }
});

t.test(
  'packages come by the lock file, their scripts do not run, and the image keeps those of the gateway alone',
  async (t) => {
    const runs = of(build, 'RUN').map(({ text }) => text);
    t.match(runs[0], /^npm ci --ignore-scripts/);
    t.match(runs[1], /npm run build && npm prune --omit=dev --ignore-scripts/);
    const { scripts } = JSON.parse(read('package.json'));
    t.match(scripts.build, /after-build\.mjs/);
    t.match(of(image, 'RUN')[0]?.text, /rm -rf .*node_modules .*npm/, 'npm is no part of the image');
  },
);

t.test('it is started, stopped and asked for its health as the gateway means it', async (t) => {
  t.same(of(image, 'ENTRYPOINT')[0]?.words, ['node', '/app/dist/src/main.js']);
  t.same(of(image, 'CMD')[0]?.words, ['serve']);
  t.equal(of(image, 'STOPSIGNAL')[0]?.text, 'SIGTERM');
  const [health] = of(image, 'HEALTHCHECK');
  t.match(health?.words, ['CMD', 'node', '/app/scripts/healthcheck.mjs', '/livez']);
  for (const name of Object.keys(env)) t.ok(name === 'NODE_ENV' || isSetting(name), `${name} is a setting`);
  t.notOk(
    Object.keys(env).some((name) => /KEK|SECRET|TOKEN|PASSWORD/.test(name)),
    'no secret is in the image',
  );
});

t.test('the health check says what the gateway says, plain and over TLS', async (t) => {
  const folder = await secrets(t);
  let status = 200;
  const answer = (_: unknown, reply: { writeHead(code: number): { end(text: string): void } }) =>
    reply.writeHead(status).end('{"ready":true}');
  const plain = createServer(answer).listen(0, '127.0.0.1');
  const tls = { cert: readFileSync(join(folder, 'server.crt')), key: readFileSync(join(folder, 'server.key')) };
  const secure = createSecureServer(tls, answer).listen(0, '127.0.0.1');
  await Promise.all([once(plain, 'listening'), once(secure, 'listening')]);
  t.teardown(() => [plain, secure].map((server) => server.close()));
  const port = (server: typeof plain): string => String((server.address() as AddressInfo).port);
  const ask = (vars: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [join(repository, 'scripts/healthcheck.mjs'), '/readyz'],
        { env: vars },
        () => resolve(child.exitCode ?? -1),
      );
    });
  const https = { HTTP_HOST: '0.0.0.0', HTTP_PORT: port(secure as never), TLS_CERT_FILE: '/run/secrets/tls_cert' };
  t.equal(await ask({ HEALTH_PORT: port(plain), HTTP_PORT: '1' }), 0, 'of a tier without the API');
  t.equal(await ask({ HTTP_PORT: port(plain) }), 0);
  t.equal(await ask(https), 0);
  status = 503;
  t.equal(await ask({ HTTP_PORT: port(plain) }), 1);
  t.equal(await ask(https), 1);
  const left = port(plain);
  plain.close();
  await once(plain, 'close');
  t.equal(await ask({ HTTP_PORT: left }), 1, 'nobody answers');
});

const GIVEN = {
  DATA_REGION: 'GB',
  OIDC_ISSUER: 'https://issuer.example',
  OIDC_AUDIENCE: 'fairwatch',
  OIDC_JWKS_URL: 'https://issuer.example/keys',
};
const VARIANTS: readonly (readonly [string, Compose])[] = [
  ['as it stands', readCompose(GIVEN, 'compose.yaml')],
  ['with a broker', readCompose({ ...GIVEN, MQTT_BROKER_URL: 'mqtt://127.0.0.1:1883' }, 'compose.yaml')],
  ['to look at', readCompose({ DATA_REGION: 'GB' }, 'compose.yaml', 'compose.dev.yaml')],
];

t.test('compose asks for what has no default', async (t) => {
  t.throws(() => readCompose({}, 'compose.yaml'), /DATA_REGION is not set: the country/);
});

for (const [variant, compose] of VARIANTS) {
  const services = Object.entries(compose.services);

  t.test(`compose, ${variant}: every container is shut in`, async (t) => {
    for (const [name, one] of services) {
      t.match(one.image, /:\d+\.\d+\.\d+(-[a-z]+)?$/, `${name}: a whole version`);
      t.match(one.user, /^[1-9]\d+:[1-9]\d+$/, `${name}: not root`);
      t.equal(one.read_only, true, `${name}: writes to its volumes alone`);
      t.same(one.cap_drop, ['ALL'], name);
      t.same(one.security_opt, ['no-new-privileges:true'], name);
      t.match(one.restart, /^(unless-stopped|no)$/, name);
      t.match(one.mem_limit, /^\d+[mg]$/, name);
      t.ok((one.pids_limit ?? 0) > 0, name);
      t.ok(one.healthcheck?.disable === true || (one.healthcheck?.test?.length ?? 0) > 1, `${name}: health`);
      t.notOk(one.privileged ?? one.pid, name);
      if (one.build === undefined) continue;
      t.equal(one.user, of(image, 'USER')[0]?.text, `${name}: the image’s user`);
      t.equal(one.ulimits?.core, 0, `${name}: no dump of memory`);
      t.ok(Number.parseInt(one.stop_grace_period ?? '', 10) > 10, `${name}: a stop may take ten seconds`);
    }
  });

  t.test(`compose, ${variant}: what it names is there`, async (t) => {
    const folder = await secrets(t);
    for (const [name, one] of services) {
      for (const [other, { condition }] of Object.entries(one.depends_on ?? {})) {
        const needed = compose.services[other];
        t.ok(needed, `${name} needs ${other}`);
        if (condition === 'service_healthy') t.ok(needed?.healthcheck?.test, `${other} says whether it is healthy`);
        if (condition === 'service_completed_successfully') t.equal(needed?.restart, 'no', `${other} ends`);
      }
      for (const network of one.networks ?? []) t.ok(network in compose.networks, `${name}: ${network}`);
      const shared = /^service:(.+)$/.exec(one.network_mode ?? '')?.[1];
      if (shared !== undefined) t.ok(shared in compose.services, `${name}: ${shared}`);
      for (const volume of one.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('./')) t.ok(statSync(join(repository, from)).isFile(), `${name}: ${from}`);
        else t.ok(from in compose.volumes, `${name}: ${from}`);
      }
      for (const secret of secretsOf(one)) {
        const file = compose.secrets[secret]?.file ?? '';
        if (secret !== 'fleet_token') t.ok(existsSync(join(folder, basename(file))), `${name}: ${secret}, ${file}`);
      }
    }
  });

  t.test(`compose, ${variant}: commands and settings are the gateway’s own, and start it`, async (t) => {
    const folder = await secrets(t);
    const files = (one: Service) => (path: string) => {
      const secret = path.replace('/run/secrets/', '');
      if (!secretsOf(one).includes(secret)) throw new Error(`${path} is not given to it`);
      return readFileSync(join(folder, basename(compose.secrets[secret]?.file ?? '')), 'utf8');
    };
    for (const [name, one] of services) {
      if (one.build === undefined || one.entrypoint !== undefined) continue;
      const [command = '', ...words] = one.command ?? [];
      const sub = command === 'keys' ? [words.shift() ?? ''] : [];
      const help = helpOf(command, ...sub);
      for (const flag of words.filter((word) => word.startsWith('-'))) {
        t.match(help, new RegExp(`(^|\\s)${flag}[ ,]`), `${name}: ${command} ${flag}`);
      }
      const vars = { ...env, ...one.environment };
      for (const set of Object.keys(one.environment ?? {})) {
        t.ok(isSetting(set), `${name}: ${set} is a setting`);
      }
      if (command === 'load') continue;
      const dev = words.includes('--dev');
      const needs = name === 'gateway' ? (['kek'] as const) : name === 'api' ? (['reviewKek'] as const) : [];
      const forServe = command === 'serve';
      const read = loadConfiguration({ flags: { dev }, env: vars, readFile: files(one) }, { forServe, needs });
      t.same(read.ok ? [] : read.fault, [], `${name}: its configuration is whole`);
    }
  });

  t.test(`compose, ${variant}: two tiers, each with its own key, on one folder`, async (t) => {
    const holders = (secret: string) =>
      services.filter(([, one]) => secretsOf(one).includes(secret)).map(([name]) => name);
    t.same(holders('kek'), ['keys', 'gateway']);
    t.same(holders('review_kek'), ['keys', 'api']);
    t.equal(compose.services.keys?.network_mode, 'none');
    const { gateway, api } = compose.services;
    for (const tier of [gateway, api]) t.same(tier?.volumes, ['data:/data', 'vault:/vault']);
    t.notSame(
      gateway?.init ?? false,
      api?.init ?? false,
      'their process numbers differ: LMDB tells them apart by these',
    );
    t.match(gateway?.command?.at(-1), 'intake,engine');
    t.match(api?.command?.at(-1), 'api');
    t.equal(gateway?.network_mode, api?.network_mode);
  });

  t.test(`compose, ${variant}: nothing is open but the doors with TLS`, async (t) => {
    const open = services.flatMap(([name, one]) => (one.ports ?? []).map((port) => `${name} ${port}`));
    const exposed = of(image, 'EXPOSE')[0]?.words ?? [];
    const doors = exposed.map((port) => `pod ${port}:${port}`);
    const isDev = compose.services.gateway?.command?.includes('--dev') === true;
    t.same(open, isDev ? [] : doors);
    const { gateway, api, redis } = compose.services;
    if (!isDev) t.same([gateway?.environment?.MQTTS_PORT, api?.environment?.HTTP_PORT], exposed);
    t.same(redis?.networks, ['state']);
    t.equal(compose.networks.state?.internal, true);
    const onState = services.filter(([, one]) => one.networks?.includes('state')).map(([name]) => name);
    t.same(onState, ['pod', 'redis']);
    t.match(redis?.command, ['redis-server', '--appendonly', 'yes']);
  });
}

t.test('Mosquitto’s files are those that its configuration names', async (t) => {
  const [, compose] = VARIANTS[1] as (typeof VARIANTS)[number];
  const mosquitto = compose.services.mosquitto as Service;
  const targets = [
    ...(mosquitto.volumes ?? []).map((volume) => volume.split(':')[1]),
    ...(mosquitto.secrets ?? []).map((secret) => (typeof secret === 'string' ? secret : secret.target)),
  ];
  const conf = read('fixtures/broker/mosquitto.conf');
  for (const [, path = ''] of conf.matchAll(
    /^(?:cafile|certfile|keyfile|password_file|acl_file|persistence_location) (\S+)/gm,
  )) {
    t.ok(targets.includes(path.replace(/\/$/, '')), path);
  }
  t.match(conf, /^listener 8883/m);
  t.match(conf, /^listener 1883 127\.0\.0\.1/m);
  const url = new URL(compose.services.gateway?.environment?.MQTT_BROKER_URL ?? '');
  t.equal(`${url.hostname}:${url.port}`, '127.0.0.1:1883');
  t.equal(compose.services.gateway?.environment?.MQTT_BROKER_USER, 'gateway');
  t.match(read('fixtures/broker/acl'), /^user gateway$/m);
});

t.test('the secrets are made once, closed to others, and never replaced', async (t) => {
  const folder = await secrets(t);
  const before = readFileSync(join(folder, 'kek'), 'utf8');
  for (const name of ['kek', 'review-kek', 'server.key', 'ca.key', 'broker-passwords']) {
    t.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  }
  execFileSync('bash', [join(repository, 'scripts/compose-secrets'), folder, 'other.example'], { stdio: 'ignore' });
  t.equal(readFileSync(join(folder, 'kek'), 'utf8'), before);
  t.not(before, readFileSync(join(folder, 'review-kek'), 'utf8'));
});

const isSetting = (name: string): boolean =>
  SETTING_NAMES.some(
    (setting) =>
      envName(setting) === name || (aboutSetting(setting).secret === true && `${envName(setting)}_FILE` === name),
  );

const secretsOf = ({ secrets = [] }: Service): string[] =>
  secrets.map((secret) => (typeof secret === 'string' ? secret : secret.source));

const helps = new Map<string, string>();
/** Throws where there is no such command. */
function helpOf(...words: readonly string[]): string {
  const key = words.join(' ');
  const help = helps.get(key) ?? execFileSync(process.execPath, [main, ...words, '--help'], { encoding: 'utf8' });
  helps.set(key, help);
  return help;
}

let made: Promise<string> | null = null;
/** What `scripts/compose-secrets` makes, once for all tests. */
function secrets(_: Test): Promise<string> {
  made ??= temporaryFolder().then(async ({ path, remove }) => {
    t.teardown(remove);
    const script = join(repository, 'scripts/compose-secrets');
    execFileSync('bash', [script, path, 'fairwatch.example'], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    });
    return path;
  });
  return made;
}
