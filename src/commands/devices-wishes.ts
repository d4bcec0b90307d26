/** `fairwatch devices rotate|config|notify`: what a device is to be given or told. */
import { type Command, InvalidArgumentError } from 'commander';
import { keyChangeOf, refusalDetail } from '../api/device-wishes.js';
import { newestKeyId, newKeyOf, type WishRefusal, wishConfig, wishKey, wishNotice } from '../api/wishes.js';
import { NOTICE_NAMES } from '../domain/downlink.js';
import { type DeviceId, parseDeviceId } from '../domain/ids.js';
import type { Result } from '../domain/result.js';
import type { EnrolledDevice } from '../ports/device-registry.js';
import { apiOf, taken } from './cli-api.js';
import { both, type Flags, withRegistry } from './cli-devices.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';

/** How long a gateway that runs is waited for. */
const PATIENCE_MS = 5_000;

interface RotateFlags extends Flags {
  readonly overlapS?: number;
}
interface ConfigFlags extends Flags {
  readonly reportIntervalS?: number;
  readonly violationIntervalS?: number;
  readonly heartbeatS?: number;
}

export function registerWishes(devices: Command): void {
  both(
    devices.command('rotate').description('replaces its session key; the new one is sent to it, sealed to its own key'),
  )
    .argument('<device>', 'its id', deviceId)
    .option(
      '--overlap-s <seconds>',
      'how long the old key goes on (60 to 2592000; default 7 days, and until it is back)',
      whole,
    )
    .addHelpText('after', '\nExample:\n  fairwatch devices rotate TAG-1 --overlap-s 86400\n')
    .action(runs(rotate));
  both(devices.command('config').description('sets how often it reports; it is told when it is connected'))
    .argument('<device>', 'its id', deviceId)
    .option('--report-interval-s <seconds>', 'between two fixes (1 to 86400)', whole)
    .option('--violation-interval-s <seconds>', 'between two fixes while a condition is violated (1 to 86400)', whole)
    .option('--heartbeat-s <seconds>', 'between two signs of life (1 to 86400)', whole)
    .addHelpText('after', '\nExample:\n  fairwatch devices config TAG-1 --report-interval-s 60 --heartbeat-s 3600\n')
    .action(runs(config));
  both(devices.command('notify').description('tells the wearer something by vibration or voice, when it is connected'))
    .argument('<device>', 'its id', deviceId)
    .argument('<notice>', NOTICE_NAMES.join(', '))
    .addHelpText('after', '\nExample:\n  fairwatch devices notify TAG-1 CHARGE_BATTERY\n')
    .action(runs(notify));
}

async function rotate(device: DeviceId, flags: RotateFlags): Promise<void> {
  const { overlapS } = flags;
  const api = apiOf(flags);
  const change =
    api !== null
      ? taken(
          await api.request(
            'POST',
            `/v1/devices/${device}/keys`,
            overlapS === undefined ? {} : { overlap_s: overlapS },
          ),
        ).body
      : await withRegistry(flags, async (registry) => {
          const before = registry.get(device);
          const keyId = before === null ? 0 : newestKeyId(before);
          const overlapMs = overlapS === undefined ? null : inRange(overlapS, '--overlap-s', 60, 2_592_000) * 1_000;
          done(await wishKey(registry, device, overlapMs, Date.now()));
          return { ...keyChangeOf(device, await newKeyOf(registry, device, keyId, PATIENCE_MS), keyId) };
        });
  if (flags.json) printJson(change);
  else if (change.outcome === 'logged') print(`${device}: the gateway makes the new key when it runs`);
  else
    print(
      `${device}: key ${String(change.key_id)} is offered; key ${String(change.old_key_id)} seals until ${String(change.old_not_after)}`,
    );
}

async function config(device: DeviceId, flags: ConfigFlags): Promise<void> {
  const { reportIntervalS, violationIntervalS, heartbeatS } = flags;
  const given = {
    report_interval_s: reportIntervalS,
    violation_interval_s: violationIntervalS,
    heartbeat_s: heartbeatS,
  };
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(body).length === 0) throw new CommandFailed('say at least one interval (see --help)', 2);
  const api = apiOf(flags);
  if (api !== null) taken(await api.request('PUT', `/v1/devices/${device}/config`, body));
  else {
    for (const [name, value] of Object.entries(body))
      inRange(value as number, `--${name.replaceAll('_', '-')}`, 1, 86_400);
    await withRegistry(flags, async (registry) => done(await wishConfig(registry, device, body)));
  }
  tell(device, flags);
}

async function notify(device: DeviceId, name: string, flags: Flags): Promise<void> {
  const notice = NOTICE_NAMES.find((known) => known === name);
  if (notice === undefined)
    throw new CommandFailed(`"${name.slice(0, 80)}" is no notice: ${NOTICE_NAMES.join(', ')}`, 2);
  const api = apiOf(flags);
  if (api !== null) taken(await api.request('POST', `/v1/devices/${device}/notice`, { notice }));
  else await withRegistry(flags, async (registry) => done(await wishNotice(registry, device, notice)));
  tell(device, flags);
}

function tell(device: DeviceId, flags: Flags): void {
  if (flags.json) printJson({ device_id: device, outcome: 'waits' });
  else print(`${device} is told when it is connected`);
}

function done(result: Result<EnrolledDevice, WishRefusal>): EnrolledDevice {
  if (result.ok) return result.value;
  throw new CommandFailed(refusalDetail(result.fault));
}

function inRange(value: number, flag: string, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new CommandFailed(`${flag} ${value}: expected ${min} to ${max}`, 2);
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected whole seconds.');
}

function deviceId(text: string): DeviceId {
  const parsed = parseDeviceId(text);
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError(`${parsed.fault}.`);
}
