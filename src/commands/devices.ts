/** `fairwatch devices`: enrols, disables and lists devices; `devices-wishes` tells them something. */
import type { Command } from 'commander';
import { deviceSummary, disable, enrol } from '../api/enrolment.js';
import { Fault } from '../api/problems.js';
import { wrapKey } from '../crypto/device-keys.js';
import { parseDeviceId } from '../domain/ids.js';
import { DEVICE_KINDS } from '../domain/order.js';
import { apiOf, refused, taken } from './cli-api.js';
import { both, type Flags, withRegistry } from './cli-devices.js';
import { readText } from './cli-files.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { registerWishes } from './devices-wishes.js';

export function register(program: Command): void {
  const devices = program.command('devices').description('enrols, disables and lists devices, and tells them things');
  both(devices.command('enroll').description('enrols a device and prints its credentials, once'))
    .argument('<device>', 'its id')
    .requiredOption('--kind <kind>', DEVICE_KINDS.join(', '))
    .option('--cipher <cipher>', 'A256GCM (default) or C20P')
    .option('--session-key-file <file>', 'file with its first session key (base64url of 32 bytes); else one is drawn')
    .option('--password-file <file>', 'file with its password (base64url of 32 bytes); else one is drawn')
    .option('--identity-file <file>', 'file with its public identity key (EC P-256 JWK); else a wrapping key is drawn')
    .addHelpText('after', '\nExample:\n  fairwatch devices enroll HU-1 --kind home_unit --json > HU-1.json\n')
    .action(runs(enroll));
  both(devices.command('disable').description('disables a device; its connection is closed within a second'))
    .argument('<device>', 'its id')
    .addHelpText('after', '\nExample:\n  fairwatch devices disable HU-1\n')
    .action(runs(disableDevice));
  both(devices.command('list').description('lists devices, without their credentials'))
    .addHelpText('after', '\nExample:\n  fairwatch devices list --json\n')
    .action(runs(list));
  registerWishes(devices);
}

async function enroll(device: string, flags: Flags & Record<string, string | undefined>): Promise<void> {
  const body = {
    device_id: device,
    kind: flags.kind,
    ...(flags.cipher === undefined ? {} : { cipher: flags.cipher }),
    ...given('session_key', flags.sessionKeyFile, (text) => text),
    ...given('password', flags.passwordFile, (text) => text),
    ...given('identity_jwk', flags.identityFile, jwkOf),
  };
  const api = apiOf(flags);
  if (api !== null) return printCredentials(taken(await api.request('POST', '/v1/devices', body)).body, flags);
  const enrolled = await withRegistry(flags, async (registry, { ingest, either }) => {
    const to = ingest?.publicKey ?? either.peer.publicKey;
    const keys = { wrap: (key: Uint8Array, kid: string) => wrapKey(to, key, kid) };
    try {
      return await enrol(registry, keys, body, Date.now());
    } catch (error) {
      if (error instanceof Fault) throw refused(error.detail, error.problems);
      throw error;
    }
  });
  if (!enrolled.ok) throw refused('the enrolment is refused', enrolled.fault.problems);
  printCredentials({ ...enrolled.value.credentials }, flags);
}

async function disableDevice(device: string, flags: Flags): Promise<void> {
  const api = apiOf(flags);
  const parsed = parseDeviceId(device);
  if (!parsed.ok) throw new CommandFailed(`"${device.slice(0, 80)}" is no device id: ${parsed.fault}`, 2);
  let summary: Record<string, unknown>;
  if (api !== null) summary = taken(await api.request('POST', `/v1/devices/${parsed.value}/disable`)).body;
  else {
    const disabled = await withRegistry(flags, (registry) => disable(registry, parsed.value, Date.now()));
    if (disabled === null)
      throw new CommandFailed(`no device ${parsed.value} is enrolled; see \`fairwatch devices list\``);
    summary = deviceSummary(disabled);
  }
  if (flags.json) printJson(summary);
  else print(`${String(summary.device_id)} is disabled since ${String(summary.disabled)}`);
}

async function list(flags: Flags): Promise<void> {
  const show = (device: Record<string, unknown>) => {
    if (flags.json) printJson(device);
    else print([device.device_id, device.kind, device.cipher, device.disabled ?? 'enabled'].map(String).join('\t'));
  };
  const api = apiOf(flags);
  if (api === null) {
    await withRegistry(flags, async (registry) => {
      for (const device of registry.list()) show(deviceSummary(device));
    });
    return;
  }
  for (let after = '', more = true; more; ) {
    const { body } = taken(await api.request('GET', `/v1/devices?limit=1000${after}`));
    const devices = body.devices as Record<string, unknown>[];
    devices.forEach(show);
    after = `&after=${String(devices.at(-1)?.device_id ?? '')}`;
    more = body.more === true && devices.length > 0;
  }
}

function given(field: string, path: string | undefined, parse: (text: string) => unknown): Record<string, unknown> {
  return path === undefined ? {} : { [field]: parse(readText(path).trim()) };
}

function jwkOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailed('--identity-file: expected a JWK in JSON', 2);
  }
}

function printCredentials(credentials: Record<string, unknown>, flags: Flags): void {
  if (flags.json) {
    printJson(credentials);
    return;
  }
  for (const [name, value] of Object.entries(credentials)) print(`${name}\t${String(value)}`);
  process.stderr.write('fairwatch: keep these now: the gateway keeps a hash and wrapped keys only\n');
}
