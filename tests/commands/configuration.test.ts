// One schema, flags over environment over file, every fault at once, and no secret that is shown or guessed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Configuration, loadConfiguration, shownConfiguration } from '../../src/commands/configuration.js';
import { envExample } from '../../src/commands/settings.js';
import { repository } from '../house/repository.js';

const kek = Buffer.alloc(32, 7).toString('base64url');
const REVIEW_KEK = Buffer.alloc(32, 8).toString('base64url');
/** What a gateway needs besides its own KEK. */
const besides = { REVIEW_KEK, DATA_REGION: 'GB' };

function load(
  flags: Record<string, unknown> = {},
  env: Record<string, string> = {},
  files: Record<string, string> = {},
  forServe = true,
) {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  return loadConfiguration({ flags, env, readFile }, { forServe });
}

function good(...args: Parameters<typeof load>): Configuration {
  const loaded = load(...args);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.fault));
  return loaded.value;
}

const faults = (...args: Parameters<typeof load>): string[] => {
  const loaded = load(...args);
  return loaded.ok ? [] : loaded.fault.map(({ setting, from }) => `${setting} ${from}`).sort();
};

t.test('the defaults hold where nothing is said, and the value is frozen', async (t) => {
  const c = good({ dev: true });
  t.match(c, {
    mqttHost: '127.0.0.1',
    mqttPort: 1883,
    httpPort: 8080,
    dataDir: './data',
    vaultDir: './data-vault',
    monitoringAgency: 'monitoring-centre',
    reconnectGraceS: 120,
    dev: true,
    clock: 'system',
  });
  t.equal(c.policy.toleranceS, 300);
  t.throws(() => Object.assign(c, { mqttPort: 1 }));
  t.throws(() => Object.assign(c.policy, { k: 1 }));
  t.equal(good({ dev: true, dataDir: '/srv/fw/' }).vaultDir, '/srv/fw-vault');
});

t.test('flags stand over the environment, the environment over the file', async (t) => {
  const files = { f: JSON.stringify({ MQTT_PORT: 1, HTTP_PORT: 1, LOG_LEVEL: 'warn', policy: { k: 5, gap_s: 700 } }) };
  const c = good({ dev: true, config: 'f', mqttPort: '3' }, { MQTT_PORT: '2', HTTP_PORT: '2', POLICY_K: '4' }, files);
  t.match(c, { mqttPort: 3, httpPort: 2, logLevel: 'warn', policy: { k: 4, gapS: 700, toleranceS: 300 } });
  t.equal(good({ dev: true }, { MQTT_PORT: '' }).mqttPort, 1883, 'an empty variable is not set');
});

t.test('every fault is named at once, by the name it was written under, and without its value', async (t) => {
  const files = { f: JSON.stringify({ COLOUR: 'red', KEK: kek, HTTP_PORT: 70_000, policy: { tolerance_s: -1 } }) };
  const env = {
    MQTT_HOST: '0.0.0.0',
    REDIS_URL: 'http://:secret@x',
    POLICY_SPEED: '9',
    MONITORING_AGENCY: 'a/b',
    OIDC_ISSUER: 'x',
  };
  const flags = { config: 'f', mqttPort: 'many', vaultDir: './data/keys', clockStart: 'noon' };
  t.same(
    faults(flags, env, files),
    [
      '--clock-start flag',
      '--mqtt-port flag',
      'COLOUR file',
      'HTTP_PORT file',
      'KEK file',
      'KEK together',
      'DATA_REGION together',
      'REVIEW_KEK together',
      'MONITORING_AGENCY environment',
      'MQTT_HOST environment',
      'OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL together',
      'POLICY_SPEED environment',
      'REDIS_URL environment',
      'VAULT_DIR together',
      'policy.tolerance_s file',
    ].sort(),
  );
  const loaded = load(flags, env, files);
  t.notMatch(JSON.stringify(loaded), /:secret|many|"red"|noon|a\/b/);
});

t.test('a secret has no default: it comes from the environment or from a file, and only once', async (t) => {
  t.same(faults(), ['DATA_REGION together', 'KEK together', 'REVIEW_KEK together']);
  t.same(faults({}, besides), ['KEK together']);
  t.same(faults({}, {}, {}, false), [], 'a command that only looks can go on');
  t.same(good({}, { ...besides, KEK: kek }).kek, Buffer.alloc(32, 7));
  t.same(good({}, { ...besides, KEK_FILE: '/k' }, { '/k': `${kek}\n` }).kek, Buffer.alloc(32, 7));
  t.same(faults({}, { ...besides, KEK_FILE: '/none' }), ['KEK together', 'KEK_FILE environment']);
  t.same(faults({}, { ...besides, KEK: kek, KEK_FILE: '/k' }, { '/k': kek }), ['KEK_FILE environment']);
  for (const wrong of ['short', `${kek}=`, kek.slice(0, -1), `${kek.slice(0, -1)}+`]) {
    t.same(faults({}, { ...besides, KEK: wrong }), ['KEK environment'], wrong);
  }
  t.same(faults({ kek }, besides), ['KEK together'], 'a flag would be seen by other users');
});

t.test('a tier has a key of its own, and a process needs that of its roles alone', async (t) => {
  t.same(faults({}, { ...besides, KEK: REVIEW_KEK }), ['KEK, REVIEW_KEK together']);
  const sources = { flags: {}, env: { DATA_REGION: 'IE', REVIEW_KEK }, readFile: () => '' };
  t.ok(loadConfiguration(sources, { forServe: true, needs: ['reviewKek'] }).ok);
  t.notOk(loadConfiguration(sources, { forServe: true, needs: ['kek'] }).ok);
});

t.test('the data is kept in the European Economic Area or the United Kingdom, and nowhere else', async (t) => {
  for (const region of ['GB', 'IE', 'NO', 'DE']) good({}, { ...besides, KEK: kek, DATA_REGION: region });
  for (const region of ['US', 'CH', 'gb', 'EU', 'constructor']) {
    t.same(faults({}, { ...besides, KEK: kek, DATA_REGION: region }), ['DATA_REGION environment'], region);
  }
  good({ dev: true });
});

t.test('plain connections stay on the machine', async (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
    good({ dev: true, mqttHost: host, httpHost: host });
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', '']) {
    t.same(faults({ dev: true, mqttHost: host }), ['--mqtt-host flag'], host);
    t.same(faults({ dev: true, httpHost: host }), [host === '' ? '--http-host flag' : 'HTTP_HOST together'], host);
  }
});

t.test('a broker is reached over TLS, or on loopback; who the gateway is there stands in no address', async (t) => {
  for (const url of ['mqtts://broker.example', 'mqtts://10.1.2.3:8883/', 'mqtt://127.0.0.1:1883', 'mqtt://[::1]']) {
    t.equal(good({ dev: true, mqttBrokerUrl: url }).mqttBrokerUrl, url);
  }
  for (const url of [
    'mqtt://broker.example',
    'mqtt://127.0.0.1.evil.example',
    'mqtts://',
    'mqtts://gateway@broker.example',
    'mqtts://gateway:secret@broker.example',
    'mqtts://broker.example/path',
    'mqtts://broker.example?x=1',
    'tcp://127.0.0.1',
    'wss://broker.example',
    'broker.example',
    '',
  ]) {
    t.same(faults({ dev: true, mqttBrokerUrl: url }), ['--mqtt-broker-url flag'], url);
  }
  const url = { MQTT_BROKER_URL: 'mqtts://broker.example' };
  const user = { MQTT_BROKER_USER: 'gateway', MQTT_BROKER_PASSWORD: 'secret' };
  t.match(good({ dev: true }, { ...url, ...user }), { mqttBrokerUser: 'gateway', mqttBrokerPassword: 'secret' });
  t.same(faults({ dev: true }, user), ['MQTT_BROKER_PASSWORD together', 'MQTT_BROKER_USER together']);
  t.same(faults({ dev: true }, { ...url, MQTT_BROKER_PASSWORD: 'secret' }), ['MQTT_BROKER_PASSWORD together']);
  t.same(faults({ dev: true, mqttBrokerCa: '/ca' }, { MQTT_BROKER_URL: 'mqtt://127.0.0.1' }), [
    'MQTT_BROKER_CA together',
  ]);
  t.same(faults({ dev: true, mqttBrokerCa: '/ca' }), ['MQTT_BROKER_CA together']);
});

t.test('the vault is never within the data, nor the data within the vault', async (t) => {
  for (const [dataDir, vaultDir, setting] of [
    ['/d', '/d', 'VAULT_DIR'],
    ['/d', '/d/../d/v', 'VAULT_DIR'],
    ['/v/d', '/v', 'DATA_DIR'],
  ]) {
    t.same(faults({ dev: true, dataDir, vaultDir }), [`${setting} together`], vaultDir ?? '');
  }
  good({ dev: true, dataDir: '/d', vaultDir: '/d-vault' });
});

t.test('development is said on the command line alone, and excludes what is not development', async (t) => {
  t.same(faults({}, { ...besides, DEV: 'true', CLOCK: 'stepped' }), ['KEK together']);
  t.same(faults({ clock: 'stepped' }, { ...besides, KEK: kek }), ['--clock together']);
  t.same(faults({ dev: true, clockStart: '2026-03-09T00:00:00Z' }), ['--clock-start together']);
  t.equal(good({ dev: true, clock: 'stepped', clockStart: '2026-03-09T00:00:00Z' }).clockStart, 1_773_014_400_000);
  const oidc = { OIDC_ISSUER: 'https://id', OIDC_AUDIENCE: 'fw', OIDC_JWKS_URL: 'https://id/keys' };
  t.same(faults({ dev: true }, oidc), ['--dev together']);
  good({}, { ...oidc, ...besides, KEK: kek });
  t.same(faults({}, { ...oidc, ...besides, KEK: kek, OIDC_JWKS_URL: 'http://id/keys' }), ['OIDC_JWKS_URL environment']);
});

t.test('what is shown masks secrets', async (t) => {
  const c = good({}, { ...besides, KEK: kek, REDIS_URL: 'redis://:hunter2@127.0.0.1:6379' });
  const text = JSON.stringify(shownConfiguration(c));
  t.notMatch(text, /hunter2/);
  t.notOk(text.includes(kek));
  t.notOk(text.includes(REVIEW_KEK));
  t.match(shownConfiguration(c), { KEK: '********', REDIS_URL: '********', MQTT_PORT: 1883, policy: { k: 3 } });
});

t.test('.env.example is what the settings say', async (t) => {
  const committed = readFileSync(join(repository, '.env.example'), 'utf8');
  t.equal(envExample(), committed, 'else: npm run build && node scripts/env-example.mjs, and commit');
});
