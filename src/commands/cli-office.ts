/** Talks to the office of a running gateway: who asks is in the token, what for in a header; the gateway logs both. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Problem } from '../domain/problem.js';
import { checkAddress } from './cli-api.js';
import { CommandFailed, printJson, problemLine } from './cli-run.js';
import { configurationOf, settingFlags } from './cli-settings.js';

const DEV_TOKEN = 'dev-token';
const SETTINGS = ['httpHost', 'httpPort', 'dataDir'] as const;

export interface OfficeFlags extends Record<string, unknown> {
  readonly api?: string;
  readonly tokenFile?: string;
  readonly purpose?: string;
  readonly json?: boolean;
}

export function officeFlags(command: Command): Command {
  return settingFlags(command, SETTINGS)
    .option('--api <url>', 'gateway to talk to (default: http://HTTP_HOST:HTTP_PORT)')
    .option('--token-file <file>', 'file that holds a bearer token (default: DATA_DIR/dev-token, if it is there)')
    .option('--purpose <purpose>', 'what for, where the role has several purposes (header Fairwatch-Purpose)')
    .option('--json', 'prints the answer as JSON');
}

export interface OfficeClient {
  /** The answer's JSON. Throws `CommandFailed` with the gateway's reason and what to tell the person. */
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Every page of a list, as one answer with the list under `name`. */
  list(path: string, name: string): Promise<Record<string, unknown>>;
  /** The answer as it comes. */
  open(method: 'GET' | 'POST', path: string, body?: unknown, accept?: string): Promise<Response>;
}

/** `purpose`: what is meant where no flag says otherwise. */
export function officeOf(flags: OfficeFlags, purpose?: string): OfficeClient {
  const { httpHost, httpPort, dataDir } = configurationOf(flags, { forServe: false });
  const base = flags.api ?? `http://${httpHost}:${httpPort}`;
  checkAddress(base);
  const token = tokenOf(flags.tokenFile, dataDir);
  const stated = flags.purpose ?? purpose;
  const open: OfficeClient['open'] = async (method, path, body, accept) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (accept !== undefined) headers.accept = accept;
    if (stated !== undefined) headers['fairwatch-purpose'] = stated;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(path, base), init).catch(() => {
      throw new CommandFailed(`no gateway answers at ${base}: is it running, and is the address right?`);
    });
    if (response.ok) return response;
    throw refused(await response.json().catch(() => ({})), response.status);
  };
  const ask: OfficeClient['ask'] = async (method, path, body) =>
    (await (await open(method, path, body)).json()) as Record<string, unknown>;
  const list: OfficeClient['list'] = async (path, name) => {
    const found: { readonly id: string }[] = [];
    for (;;) {
      const last = found.at(-1)?.id;
      const after = last === undefined ? '' : `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(last)}`;
      const answer = await ask('GET', `${path}${after}`);
      found.push(...(answer[name] as typeof found));
      if (answer.more !== true) return { [name]: found };
    }
  };
  return { open, ask, list };
}

/** Prints an answer: whole with `--json`, else by `lines`. */
export function tell(flags: OfficeFlags, answer: Record<string, unknown>, lines: () => void): void {
  if (flags.json === true) printJson(answer);
  else lines();
}

function tokenOf(file: string | undefined, dataDir: string): string {
  const path = file ?? join(dataDir, DEV_TOKEN);
  if (file === undefined && !existsSync(path)) {
    throw new CommandFailed('--token-file FILE is needed (`fairwatch token` makes one for a development gateway)', 2);
  }
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new CommandFailed(`${path} cannot be read: --token-file names a file that holds a bearer token`, 2);
  }
}

function refused(body: unknown, status: number): CommandFailed {
  const {
    detail,
    problems,
    to_the_person: told,
  } = body as {
    readonly detail?: string;
    readonly problems?: readonly Problem[];
    readonly to_the_person?: string;
  };
  return new CommandFailed([
    `the gateway refuses: ${detail ?? `HTTP ${status}`}`,
    ...(problems ?? []).map((problem) => problemLine('  problem', problem)),
    ...(told === undefined ? [] : [`to tell the person: ${told}`]),
  ]);
}
