/** A Mosquitto of the run's own, under fixtures/broker as it stands but for folders, ports and TLS. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { repository } from '../house/repository.js';

export const BROKER_USER = 'gateway';
/** Of the gateway at the broker, and of the agencies' listeners: nobody else is on this machine's loopback. */
export const BROKER_PASSWORD = randomBytes(24).toString('base64url');

/** An agency's name at the broker: Mosquitto's file of passwords can hold none with a colon. */
export const brokerName = (agency: string): string => `agency-${agency}`;

/** Its files are written into `folder`. `users`: name → password, beside the gateway's. */
export function brokerProcess(
  folder: string,
  port: number,
  users: ReadonlyMap<string, string>,
  agencies: readonly string[],
): { command: string; args: string[]; ready: RegExp } {
  mkdirSync(join(folder, 'config'), { recursive: true });
  mkdirSync(join(folder, 'data'));
  const fixture = (name: string): string => readFileSync(join(repository, 'fixtures', 'broker', name), 'utf8');
  const file = join(folder, 'config', 'mosquitto.conf');
  const plain = fixture('mosquitto.conf')
    .replaceAll('/mosquitto/', `${folder}/`)
    // simulated devices speak plain MQTT over loopback, to the listener that the gateway has
    .replace(/^listener 8883[\s\S]*?(?=\nlistener 1883)/m, '')
    .replace('listener 1883 ', `listener ${port} `);
  // started by root it would become another user, who may not read this folder
  writeFileSync(file, `${plain}user ${userInfo().username}\n`);
  const names = agencies.map((agency) => `user ${brokerName(agency)}\ntopic read em/v1/alerts/${agency}\n`);
  // `pattern` lines hold for everybody, and stand where a user's own lines have ended
  writeFileSync(join(folder, 'config', 'acl'), `${names.join('\n')}\n${fixture('acl')}`);
  const passwords = new Map(users).set(BROKER_USER, BROKER_PASSWORD);
  for (const agency of agencies) passwords.set(brokerName(agency), BROKER_PASSWORD);
  const lines = [...passwords].map(([user, password]) => `${user}:${hashOf(password)}\n`);
  writeFileSync(join(folder, 'config', 'passwords'), lines.join(''), { mode: 0o600 });
  return { command: 'mosquitto', args: ['-c', file], ready: /mosquitto version .* running/ };
}

/** As `mosquitto_passwd` of 2.0 has it: PBKDF2 with SHA-512, 101 rounds; a process a user would take minutes. */
function hashOf(password: string): string {
  const salt = randomBytes(12);
  return `$7$101$${salt.toString('base64')}$${pbkdf2Sync(password, salt, 101, 64, 'sha512').toString('base64')}`;
}
