/** Every setting of the gateway, once: its name, shape, default, and what it is for. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback } from '../adapters/system/loopback.js';
import { parseAgencyId } from '../domain/ids.js';

/** Beside each schema: what it is for (in `.env.example` too), and whether it must never be shown. */
interface About {
  readonly about: string;
  readonly secret?: true;
}

const said = <T extends z.ZodType>(schema: T, meta: About): T => schema.meta({ ...meta });

const whole = (min: number, max: number) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ],
      `a whole number from ${min} to ${max}`,
    )
    .pipe(z.number().int().min(min, `at least ${min}`).max(max, `at most ${max}`));

/** Without TLS nothing leaves the machine: what is sent is about people (Code of Practice ¶33). */
const loopback = z
  .string()
  .refine(
    isLoopback,
    'a loopback address (127.0.0.1, ::1, localhost): listen there and let a TLS proxy face the network',
  );

/** Without a certificate it must be loopback all the same: `tls-settings` sees them beside each other. */
const address = z
  .string()
  .refine(
    (raw) => isIP(raw) !== 0 || /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+)*$/i.test(raw),
    'an address to listen on, e.g. 0.0.0.0',
  );

const agency = z.string().transform((raw, context) => {
  const parsed = parseAgencyId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.fault.replace(/^expected /, '') });
  return z.NEVER;
});

const key32 = z.string().transform((raw, context) => {
  const key = Buffer.from(raw, 'base64url');
  if (key.length === 32 && key.toString('base64url') === raw) return key;
  context.addIssue({
    code: 'custom',
    message: '32 bytes in base64url (43 characters), e.g. from `openssl rand -base64 32 | tr +/ -_ | tr -d =`',
  });
  return z.NEVER;
});

/** The European Economic Area, and the United Kingdom, which has left it and is accepted explicitly. */
const REGIONS = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK ES GB'.split(' '),
);
const region = z
  .string()
  .refine((raw) => REGIONS.has(raw), 'the code of a country in the European Economic Area, or GB: data stays there');

/** Without user and password: an address is shown and logged, and `fetch` takes none that has them. */
const httpUrl = z.string().refine((raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
}, 'an https:// address (http:// on loopback only) without user and password');

/** Without user and password: an address is shown and logged. */
const brokerUrl = z.string().refine((raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  if (url === null || url.hostname === '' || url.username !== '' || url.password !== '') return false;
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return false;
  return url.protocol === 'mqtts:' || (url.protocol === 'mqtt:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
}, 'mqtts://host[:port] (mqtt:// on loopback only); user and password are MQTT_BROKER_USER and MQTT_BROKER_PASSWORD');

const addresses = z.string().transform((raw, context) => {
  const list = raw.split(',').map((one) => one.trim());
  if (list.every((one) => isIP(one) !== 0)) return list;
  context.addIssue({ code: 'custom', message: 'IP addresses, with commas between them (no names, no ranges)' });
  return z.NEVER;
});

const rfc3339 = z
  .string()
  .refine(
    (raw) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(raw) && !Number.isNaN(Date.parse(raw)),
    'an RFC 3339 time, e.g. 2026-03-09T00:00:00Z',
  )
  .transform((raw) => Date.parse(raw));

export const settings = z.strictObject({
  mqttHost: said(loopback.default('127.0.0.1'), {
    about: 'Address that the MQTT endpoint listens on; loopback only, for it is plain.',
  }),
  mqttPort: said(whole(0, 65_535).default(1_883), { about: 'Port of the MQTT endpoint; 0 takes a free one.' }),
  mqttsHost: said(address.optional(), {
    about:
      'Address that the MQTT endpoint listens on with TLS, where TLS_CERT_FILE is set. Default: 0.0.0.0; 127.0.0.1 with --dev.',
  }),
  mqttsPort: said(whole(0, 65_535).default(8_883), {
    about: 'Port of the MQTT endpoint with TLS; 0 takes a free one.',
  }),
  deviceCertificates: said(z.enum(['optional', 'required'], 'optional or required').default('optional'), {
    about:
      'Whether a device must present a client certificate that names it (CN), or may come with its password; agencies come with ' +
      'tokens.',
  }),
  tlsCertFile: said(z.string().min(1).optional(), {
    about:
      'File of our certificate and those that lead from it to a root, PEM; with TLS_KEY_FILE. Read anew when it changes, and on SIGHUP.',
  }),
  tlsKeyFile: said(z.string().min(1).optional(), { about: 'File of its private key, PEM, without a passphrase.' }),
  tlsClientCaFile: said(z.string().min(1).optional(), {
    about: 'File of the certificates that those of devices must be signed by, PEM; without it none are asked for.',
  }),
  mqttBrokerUrl: said(brokerUrl.optional(), {
    about:
      'An MQTT 5 broker that devices and agencies connect to, mqtts://host:port, or mqtt:// on loopback; the gateway then opens ' +
      'no MQTT port of its own. See fixtures/broker.',
  }),
  mqttBrokerUser: said(z.string().min(1).max(256).optional(), {
    about: 'The name that the gateway has at the broker.',
    secret: true,
  }),
  mqttBrokerPassword: said(z.string().min(1).max(1_024).optional(), {
    about: 'Its password there; with MQTT_BROKER_USER.',
    secret: true,
  }),
  mqttBrokerCa: said(z.string().min(1).optional(), {
    about:
      "File of the certificates (PEM) that the broker's must be signed by, for mqtts://; without it the ones that Node " +
      'trusts.',
  }),
  httpHost: said(address.default('127.0.0.1'), {
    about:
      'Address that the HTTP API listens on: plain on loopback, HTTPS on any other (then TLS_CERT_FILE is needed).',
  }),
  httpPort: said(whole(0, 65_535).default(8_080), { about: 'Port of the HTTP API; 0 takes a free one.' }),
  healthPort: said(whole(0, 65_535).optional(), {
    about:
      'Port of /livez, /readyz and /metrics of a process that has no API (--role intake,engine), on HTTP_HOST, plain or HTTPS as that ' +
      'says; without it there is none.',
  }),
  dataDir: said(z.string().min(1).default('./data'), { about: 'Folder of everything that is stored, sealed.' }),
  vaultDir: said(z.string().min(1).optional(), {
    about:
      'Folder of the wrapped keys; never inside DATA_DIR or its backups. Default: DATA_DIR with -vault at its end.',
  }),
  redisUrl: said(
    z
      .string()
      .regex(/^rediss?:\/\//, 'a redis:// or rediss:// address')
      .optional(),
    { about: 'Redis for the hot state; without it the state is kept in LMDB.', secret: true },
  ),
  kek: said(key32.optional(), {
    about:
      'Key-encryption key of the tier that takes in (intake, engine): 32 bytes, base64url. Required; `serve --dev` makes one ' +
      'for itself.',
    secret: true,
  }),
  reviewKek: said(key32.optional(), {
    about:
      'Key-encryption key of the review tier (the API): 32 bytes, base64url, another than KEK. Required; `serve --dev` makes ' +
      'one for itself.',
    secret: true,
  }),
  dataRegion: said(region.optional(), {
    about:
      'Where DATA_DIR, VAULT_DIR and Redis are: the country code of an EEA member, or GB (Code of Practice ¶48). Required; ' +
      '`serve --dev` takes GB.',
  }),
  retentionMonths: said(whole(1, 72).default(72), {
    about: 'Months after an order ends until its data is destroyed: at most six years (Code of Practice ¶49).',
  }),
  controller: said(z.string().min(1).max(200).default('the data controller'), {
    about: 'Who decides why and how data is processed; named in notices and disclosures (Code of Practice ¶51).',
  }),
  processor: said(z.string().min(1).max(200).default('the monitoring centre'), {
    about: 'Who collects and keeps the data on their behalf (Code of Practice ¶53).',
  }),
  contact: said(z.string().min(1).max(200).default('the data protection officer of the data controller'), {
    about: 'Where a monitored person sends a request about their data.',
  }),
  oidcIssuer: said(z.string().min(1).optional(), {
    about: 'Issuer of bearer tokens (claim iss); with OIDC_AUDIENCE and OIDC_JWKS_URL.',
  }),
  oidcAudience: said(z.string().min(1).optional(), { about: 'Audience that tokens must name (claim aud).' }),
  oidcJwksUrl: said(httpUrl.optional(), { about: 'Where the issuer publishes its keys.' }),
  trustedProxy: said(addresses.optional(), {
    about:
      'Address of the TLS proxy in front of the API, whose X-Forwarded-For is believed; several with commas. Without it all who ' +
      'come through a proxy are one address to the rate limits of strangers.',
  }),
  monitoringAgency: said(agency.default(agency.parse('monitoring-centre')), {
    about: 'Agency that runs this gateway: alerts of devices without an order are its own.',
  }),
  agencyKeys: said(z.string().min(1).optional(), {
    about:
      "File of agencies' public keys, a JSON object of agency → JWK (EC, P-256): their alerts' data is a JWE to that key. " +
      'Through a broker an agency without one is told id and type alone.',
  }),
  logLevel: said(
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'debug, info, warn, error or silent').default('info'),
    { about: 'Least severe log lines that are written.' },
  ),
  stallS: said(whole(1, 300).default(15), {
    about:
      'Seconds without a move after which intake, engine, timers or event loop count as stopped: not ready, and subscribers ' +
      'are told. After eight times as long the process ends, to be started anew.',
  }),
  diskFloorMb: said(whole(1, 1_000_000).default(64), {
    about:
      'Room in MiB below which the gateway is not ready (disk_low); on a volume of less than fifty times that, a fiftieth of it.',
  }),
  reconnectGraceS: said(whole(0, 3_600).default(120), {
    about: 'Seconds that due times wait after an interruption of the gateway, so that a backlog speaks first.',
  }),
});

/** What is said on the command line alone: nothing in an environment may turn a gateway into a development one. */
export const runFlags = z.strictObject({
  dev: z.boolean().default(false),
  clock: z.enum(['system', 'stepped'], 'system or stepped').default('system'),
  clockStart: rfc3339.optional(),
});

export type SettingName = keyof typeof settings.shape;
export const SETTING_NAMES = Object.keys(settings.shape) as SettingName[];

/** `mqttPort` → `MQTT_PORT`: the name in the environment and in the file. */
export const envName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
/** `mqttPort` → `--mqtt-port`. */
export const flagName = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function aboutSetting(name: SettingName): About & { readonly default: unknown } {
  const schema: z.ZodType = settings.shape[name];
  const { about, secret } = schema.meta() as unknown as About;
  const fallback = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
  return { about, ...(secret === undefined ? {} : { secret }), default: fallback };
}

/** The text of `.env.example`: every setting, commented out at its default. */
export function envExample(): string {
  const head =
    '# Generated from the settings (scripts/env-example.mjs). Flags stand over these, these over --config FILE.\n';
  const blocks = SETTING_NAMES.map((name) => {
    const { about, secret, default: fallback } = aboutSetting(name);
    const written = envName(name);
    const file = secret === true ? `# or a file that holds it\n#${written}_FILE=\n` : '';
    return `# ${about}\n#${written}=${fallback === undefined ? '' : String(fallback)}\n${file}`;
  });
  const policy = '# Defaults of the rules for orders that say nothing else, e.g.\n#POLICY_TOLERANCE_S=300\n';
  return [head, ...blocks, policy].join('\n');
}
