/** compose.yaml as Docker Compose reads it: merged, with variables filled in from an environment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repository } from './repository.js';

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly ulimits?: Readonly<Record<string, number>>;
  readonly stop_grace_period?: string;
  readonly pid?: string;
  readonly privileged?: boolean;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

type Json = { [name: string]: unknown };

/** What stands in a later file with `!reset` takes the place of what was there. */
class Reset {
  constructor(readonly value: unknown) {}
}
const resets = [
  { tag: '!reset', collection: 'seq' as const, resolve: () => new Reset([]) },
  { tag: '!reset', collection: 'map' as const, resolve: () => new Reset({}) },
];

/** Throws for a variable that must be set and is not. */
export function readCompose(env: Readonly<Record<string, string>>, ...files: readonly string[]): Compose {
  const [first, ...over] = files.map((file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    return filled(parse(text, { merge: true, customTags: resets }), env) as Json;
  });
  return over.reduce((compose, more) => merged(compose, more), first ?? {}) as unknown as Compose;
}

/** Compose's rules: mappings are merged, sequences but for commands are joined, the rest is replaced. */
function merged(base: Json, over: Json): Json {
  const out: Json = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const before = base[name];
    if (value instanceof Reset) out[name] = value.value;
    else if (isMap(before) && isMap(value)) out[name] = merged(before, value);
    else if (Array.isArray(before) && Array.isArray(value) && name !== 'command' && name !== 'entrypoint') {
      out[name] = [...before, ...value];
    } else out[name] = value;
  }
  return out;
}

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Reset);

/** `${NAME}`, `${NAME-other}`, `${NAME:-other}`, `${NAME:+instead}`, `${NAME:?why}`. */
function filled(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{([A-Z_]+)(?:(:?[-+?])([^}]*))?\}/g, (_, name: string, how = '', text = '') => {
      const given = env[name];
      const is = given !== undefined && (given !== '' || !how.startsWith(':'));
      if (how.endsWith('+')) return is ? text : '';
      if (is) return given;
      if (how.endsWith('-')) return text;
      throw new Error(`${name} is not set${how.endsWith('?') ? `: ${text}` : ''}`);
    });
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, env));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, env)]));
  return value;
}
