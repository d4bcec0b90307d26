/** The configuration: one schema, flags over environment over file, every fault at once, a frozen value. */
import { resolve, sep } from 'node:path';
import type { z } from 'zod';
import { parsePolicy, policyJson } from '../codec/order-policy.js';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.js';
import { bad, ok, type Result } from '../domain/result.js';
import { aboutSetting, envName, flagName, runFlags, SETTING_NAMES, settings } from './settings.js';
import { tlsFaults } from './tls-settings.js';

type Settings = z.output<typeof settings>;

export interface Configuration
  extends Readonly<Omit<Settings, 'vaultDir' | 'mqttsHost'>>,
    Readonly<z.output<typeof runFlags>> {
  readonly vaultDir: string;
  readonly mqttsHost: string;
  /** The defaults of the rules with what the configuration says otherwise. */
  readonly policy: Policy;
}

/** One thing that is wrong: the name as the operator wrote it, and what to do. No value, for it may be a secret. */
export interface ConfigurationFault {
  readonly setting: string;
  readonly from: 'flag' | 'environment' | 'file' | 'together';
  readonly fault: string;
}

export interface ConfigurationSources {
  /** By setting (`mqttPort`), as commander gives them; `config` names the file. Others are not looked at. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

type Origin = ConfigurationFault['from'];
interface Given {
  readonly values: Record<string, unknown>;
  readonly origins: Map<string, { readonly from: Origin; readonly written: string }>;
}

/**
 * The whole configuration or every fault in it. `forServe`: a gateway needs the key-encryption keys of its roles (`needs`:
 * both); a command that only looks at a development folder finds them there.
 */
export function loadConfiguration(
  sources: ConfigurationSources,
  o: { readonly forServe: boolean; readonly needs?: readonly Need[] } = { forServe: true },
): Result<Configuration, ConfigurationFault[]> {
  const faults: ConfigurationFault[] = [];
  const file = readConfigFile(sources, faults);
  const given: Given = { values: {}, origins: new Map() };
  takeFile(file, given, faults);
  takeEnvironment(sources, given, faults);
  takeFlags(sources, given);

  const values = check(settings.shape, given.values, given, faults);
  const run = check(runFlags.shape, pick(sources.flags, Object.keys(runFlags.shape)), given, faults);
  const policy = takePolicy(file, sources.env, faults);

  const all = { ...values, ...run, dataDir: values.dataDir ?? '.' };
  const vaultDir = values.vaultDir ?? `${all.dataDir.replace(/[/\\]+$/, '')}-vault`;
  const mqttsHost = values.mqttsHost ?? (run.dev === true ? '127.0.0.1' : '0.0.0.0');
  faults.push(
    ...contradictions({ ...all, vaultDir, mqttsHost }, given, o.forServe ? (o.needs ?? ['kek', 'reviewKek']) : null),
  );
  for (const { setting, fault } of tlsFaults(all, o.forServe ? sources.readFile : null, Date.now())) {
    faults.push({ setting, from: 'together', fault });
  }
  if (faults.length > 0) return bad(faults);
  // without a fault every setting has its value
  const whole = { ...(values as Settings), ...(run as z.output<typeof runFlags>) };
  return ok(Object.freeze({ ...whole, vaultDir, mqttsHost, policy: Object.freeze({ ...DEFAULT_POLICY, ...policy }) }));
}

/** Each by itself, so that one fault hides no other; what is wrong is left out. */
function check<S extends z.ZodRawShape>(
  shape: S,
  values: Readonly<Record<string, unknown>>,
  given: Given,
  faults: ConfigurationFault[],
): Partial<z.output<z.ZodObject<S>>> {
  const checked: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const parsed = (schema as z.ZodType).safeParse(values[name]);
    if (parsed.success) {
      checked[name] = parsed.data;
      continue;
    }
    const origin = given.origins.get(name) ?? { from: 'flag' as const, written: flagName(name) };
    for (const { message } of parsed.error.issues) {
      faults.push({ setting: origin.written, from: origin.from, fault: `expected ${message}` });
    }
  }
  return checked as Partial<z.output<z.ZodObject<S>>>;
}

function readConfigFile(sources: ConfigurationSources, faults: ConfigurationFault[]): Record<string, unknown> {
  const path = sources.flags.config;
  if (typeof path !== 'string') return {};
  try {
    const json: unknown = JSON.parse(sources.readFile(path));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
    faults.push({ setting: '--config', from: 'flag', fault: `expected ${path} to hold one JSON object` });
  } catch {
    faults.push({ setting: '--config', from: 'flag', fault: `${path} cannot be read as JSON` });
  }
  return {};
}

function takeFile(file: Record<string, unknown>, given: Given, faults: ConfigurationFault[]): void {
  const names = new Map<string, string>(SETTING_NAMES.map((name) => [envName(name), name]));
  for (const [written, value] of Object.entries(file)) {
    if (written === 'policy') continue;
    const name = names.get(written);
    if (name === undefined) {
      faults.push({ setting: written, from: 'file', fault: 'is no setting; see `fairwatch config --help`' });
    } else if (aboutSetting(name as never).secret === true) {
      faults.push({
        setting: written,
        from: 'file',
        fault: `is a secret: set ${written} or ${written}_FILE in the environment`,
      });
    } else set(given, name, value, { from: 'file', written });
  }
}

/** An empty variable is one that is not set: compose files and shells leave such behind. */
function takeEnvironment({ env, readFile }: ConfigurationSources, given: Given, faults: ConfigurationFault[]): void {
  for (const name of SETTING_NAMES) {
    const written = envName(name);
    const value = env[written] === '' ? undefined : env[written];
    if (value !== undefined) set(given, name, value, { from: 'environment', written });
    const path = env[`${written}_FILE`];
    if (aboutSetting(name).secret !== true || path === undefined || path === '') continue;
    const origin = { from: 'environment', written: `${written}_FILE` } as const;
    if (value !== undefined) {
      faults.push({ setting: origin.written, from: origin.from, fault: `is set beside ${written}: keep one of them` });
      continue;
    }
    try {
      set(given, name, readFile(path).trim(), origin);
    } catch {
      faults.push({ setting: origin.written, from: origin.from, fault: 'names a file that cannot be read' });
    }
  }
}

/** A secret is never a flag: other users of the machine can read them. */
function takeFlags({ flags }: ConfigurationSources, given: Given): void {
  for (const name of SETTING_NAMES) {
    if (flags[name] === undefined || aboutSetting(name).secret === true) continue;
    set(given, name, flags[name], { from: 'flag', written: flagName(name) });
  }
}

function set(given: Given, name: string, value: unknown, origin: { from: Origin; written: string }): void {
  given.values[name] = value;
  given.origins.set(name, origin);
}

/** `"policy": { "tolerance_s": 300 }` of the file, under `POLICY_TOLERANCE_S=300` of the environment. */
function takePolicy(
  file: Record<string, unknown>,
  env: ConfigurationSources['env'],
  faults: ConfigurationFault[],
): Partial<Policy> {
  const prefix = 'POLICY_';
  const fromEnv: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined || value === '') continue;
    fromEnv[name.slice(prefix.length).toLowerCase()] = /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  let policy: Partial<Policy> = {};
  for (const [from, json] of [
    ['file', file.policy ?? {}],
    ['environment', fromEnv],
  ] as const) {
    const parsed = parsePolicy(json);
    if (parsed.ok) policy = { ...policy, ...parsed.value };
    else {
      for (const { path, expected } of parsed.fault) {
        const setting = from === 'file' ? `policy.${path}` : `${prefix}${path.toUpperCase()}`;
        faults.push({ setting, from, fault: `expected ${expected}` });
      }
    }
  }
  return policy;
}

/** What is wrong only when settings are seen beside each other. */
function contradictions(
  c: Partial<Configuration> & Pick<Configuration, 'dataDir' | 'vaultDir'>,
  given: Given,
  needs: readonly Need[] | null,
): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const together = (setting: string, fault: string) => faults.push({ setting, from: 'together', fault });
  const data = resolve(c.dataDir);
  const vault = resolve(c.vaultDir);
  if (vault === data || vault.startsWith(data + sep)) {
    together('VAULT_DIR', 'lies inside DATA_DIR: keys would be copied with every backup of the data; put it elsewhere');
  }
  if (data.startsWith(vault + sep)) together('DATA_DIR', 'lies inside VAULT_DIR: put it elsewhere');
  const oidc = ['oidcIssuer', 'oidcAudience', 'oidcJwksUrl'];
  const set = oidc.filter((name) => given.origins.has(name)).length;
  if (set !== 0 && set !== oidc.length) {
    together('OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL', 'belong together: set all three, or none');
  }
  faults.push(...brokerFaults(c.mqttBrokerUrl, given));
  if (c.dev === true && set > 0) together('--dev', 'has its own issuer: leave --dev or the OIDC settings out');
  for (const need of c.dev === true ? [] : (needs ?? [])) {
    if (given.origins.has(need)) continue;
    const name = envName(need);
    together(
      name,
      `is required: set ${name} or ${name}_FILE to 32 random bytes in base64url (--dev makes one for itself)`,
    );
  }
  if (needs !== null && c.dev !== true && !given.origins.has('dataRegion')) {
    together('DATA_REGION', 'is required: the country where the data is kept, e.g. GB (--dev takes GB)');
  }
  if (c.kek !== undefined && c.reviewKek !== undefined && c.kek.equals(c.reviewKek)) {
    together('KEK, REVIEW_KEK', 'are one key: whoever takes in could read everything; make two');
  }
  if (c.clock === 'stepped' && c.dev !== true) together('--clock', 'stepped is for development: add --dev');
  if (c.clockStart !== undefined && c.clock !== 'stepped') together('--clock-start', 'needs --clock stepped');
  return faults;
}

/** What is said of a broker that is not there, or says half. */
function brokerFaults(url: string | undefined, { origins }: Given): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const together = (setting: string, fault: string) => faults.push({ setting, from: 'together', fault });
  for (const name of ['mqttBrokerUser', 'mqttBrokerPassword', 'mqttBrokerCa']) {
    if (origins.has(name) && !origins.has('mqttBrokerUrl')) together(envName(name), 'needs MQTT_BROKER_URL');
  }
  if (origins.has('mqttBrokerPassword') && !origins.has('mqttBrokerUser')) {
    together('MQTT_BROKER_PASSWORD', 'needs MQTT_BROKER_USER');
  }
  if (origins.has('mqttBrokerCa') && url?.startsWith('mqtt:') === true) {
    together('MQTT_BROKER_CA', 'is for mqtts:// alone: mqtt:// proves nothing');
  }
  return faults;
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}

/** The secrets that a process needs for its roles. */
export type Need = 'kek' | 'reviewKek';

const masked = '********';

/** The configuration for people to look at, under the names of the environment; a secret shows only that it is set. */
export function shownConfiguration(configuration: Configuration): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const value = configuration[name];
    shown[envName(name)] = value === undefined ? null : aboutSetting(name).secret === true ? masked : value;
  }
  return { ...shown, policy: policyJson(configuration.policy) };
}
