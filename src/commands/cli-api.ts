/** Talks to a gateway's HTTP API for commands with `--api`. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Problem } from '../domain/problem.js';
import { CommandFailed, problemLine } from './cli-run.js';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** Of a problem (RFC 9457). */
  readonly problems: readonly Problem[];
  readonly detail: string;
}

export interface ApiClient {
  request(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
}

export function apiFlags(command: Command): Command {
  return command
    .option('--api <url>', 'gateway to talk to, e.g. http://127.0.0.1:8080; without it the stores in DATA_DIR are used')
    .option('--token-file <file>', 'file that holds a bearer token (with --api)');
}

/** Null without `--api`. Throws `CommandFailed` (exit 2) for an address or token that is none. */
export function apiOf(flags: { api?: string; tokenFile?: string }): ApiClient | null {
  if (flags.api === undefined) {
    if (flags.tokenFile !== undefined) throw new CommandFailed('--token-file is for --api URL: add it', 2);
    return null;
  }
  checkAddress(flags.api);
  if (flags.tokenFile === undefined) {
    throw new CommandFailed('--api needs --token-file FILE (`fairwatch token` makes one for a development gateway)', 2);
  }
  return client(flags.api, readToken(flags.tokenFile));
}

/** Throws `CommandFailed` (exit 2), without the address where it holds a password: what is said here ends up in logs. */
export function checkAddress(api: string): void {
  if (!URL.canParse(api)) throw new CommandFailed('--api: expected an address like http://127.0.0.1:8080', 2);
  const { username, password } = new URL(api);
  if (username === '' && password === '') return;
  throw new CommandFailed('--api: expected an address without user and password: a gateway goes by --token-file', 2);
}

/** The answer, unless it is a refusal; throws that with its problems. */
export function taken(answer: Answer): Answer {
  if (answer.status < 300) return answer;
  throw refused(answer.detail, answer.problems);
}

export const refused = (detail: string, problems: readonly Problem[]): CommandFailed =>
  new CommandFailed([detail, ...problems.map((problem) => problemLine('  problem', problem))]);

function client(base: string, token: string): ApiClient {
  return {
    async request(method, path, body) {
      const url = new URL(path, base);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      let response: Response;
      try {
        response = await fetch(url, init);
      } catch {
        throw new CommandFailed(`no gateway answers at ${base}: is it running, and is the address right?`);
      }
      const text = await response.text();
      const answer = jsonObject(text);
      if (response.status === 401 || response.status === 403) {
        throw new CommandFailed(`the gateway refuses the token: ${String(answer.detail ?? response.status)}`);
      }
      return {
        status: response.status,
        body: answer,
        problems: Array.isArray(answer.problems) ? (answer.problems as Problem[]) : [],
        detail: typeof answer.detail === 'string' ? answer.detail : `HTTP ${response.status}`,
      };
    },
  };
}

export function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new CommandFailed(`${path} cannot be read: --token-file names a file that holds a bearer token`, 2);
  }
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
