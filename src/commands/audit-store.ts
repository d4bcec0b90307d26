/** What the `audit` commands work on: the log's rows under DATA_DIR, the key that its heads are checked with, a witness. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_PUBLIC_KEY } from '../adapters/files/tier-keys.js';
import { LmdbAuditRows } from '../adapters/lmdb/lmdb-audit-log-reader.js';
import { type HeadJson, headJson } from '../crypto/audit-proof.js';
import { type HeadKey, parseHeadKey } from '../crypto/signed-head.js';
import { readText } from './cli-files.js';
import { CommandFailed } from './cli-run.js';
import { configurationOf } from './cli-settings.js';

export interface AuditFlags extends Record<string, unknown> {
  /** Public key, JWK or PEM. */
  readonly key?: string;
}

/** Runs `look` on the log under DATA_DIR without an await, so that all it reads is of one moment. */
export async function withAuditRows<T>(flags: AuditFlags, look: (rows: LmdbAuditRows) => T): Promise<T> {
  const { dataDir } = configurationOf(flags, { forServe: false });
  const folder = join(dataDir, 'audit');
  if (!existsSync(folder)) {
    throw new CommandFailed([`${dataDir} holds no audit log: ${folder} is missing`, 'check DATA_DIR (or --data-dir)']);
  }
  const rows = LmdbAuditRows.open(folder);
  try {
    return look(rows);
  } finally {
    await rows.close();
  }
}

/** The key that is trusted: `--key`, else the witness's, else the one beside the vaults. Throws `CommandFailed`. */
export function trustedKey(flags: AuditFlags, witness: WitnessedHead | null): HeadKey {
  if (flags.key !== undefined) return keyOf(flags.key, readText(flags.key));
  if (witness?.key != null) return witness.key;
  const { vaultDir } = configurationOf(flags, { forServe: false });
  const path = join(vaultDir, AUDIT_PUBLIC_KEY);
  if (existsSync(path)) return keyOf(path, readText(path));
  throw new CommandFailed(
    [
      `there is no public key to check the log with: ${path} is missing`,
      'give --key FILE (JWK or PEM; `fairwatch audit heads --key-out FILE` writes it), or --head FILE of a witness',
    ],
    2,
  );
}

export function keyOf(where: string, text: string): HeadKey {
  const key = parseHeadKey(text.trimStart().startsWith('{') ? (jsonOf(where, text) as { x?: string }) : text);
  if (key.ok) return key.value;
  throw new CommandFailed(`${where}: ${key.fault}`, 2);
}

export interface WitnessedHead {
  readonly head: HeadJson;
  /** The public key that the witness noted with it; null: none. */
  readonly key: HeadKey | null;
}

/** `{size, root, at_ms, jws, key}` as `audit witness` writes it, or one line of `audit heads --json`. */
export function readWitness(path: string): WitnessedHead {
  const json = jsonOf(path, readText(path)) as { jws?: unknown; key?: object } | null;
  if (typeof json?.jws !== 'string') throw new CommandFailed(`${path}: expected a head with a member "jws"`, 2);
  try {
    return { head: headJson(json.jws), key: json.key === undefined ? null : keyOf(path, JSON.stringify(json.key)) };
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${path}: its "jws" is no signed head of an audit log`, 2);
  }
}

/** One hash a line, in hex, as `audit witness` writes them; one behind the other. */
export function readLeaves(path: string): Buffer {
  const lines = readText(path).trimEnd().split('\n');
  const bad = lines.findIndex((line) => !/^[0-9a-f]{64}$/.test(line));
  if (bad !== -1 && !(lines.length === 1 && lines[0] === '')) {
    throw new CommandFailed(`${path}:${bad + 1}: expected a SHA-256 hash in hex, one a line`, 2);
  }
  return Buffer.from(lines.join(''), 'hex');
}

export function jsonOf(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailed(`${where} is not JSON`, 2);
  }
}

export const timeOf = (atMs: number): string => new Date(atMs).toISOString();
