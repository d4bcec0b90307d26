/** `fairwatch audit list|heads|witness`: what the log says, what its heads are, and what an outside witness keeps of it. */
import { writeFileSync } from 'node:fs';
import { decodeAuditEntry } from '../codec/audit-entry.js';
import { HEAD_FAULTS, headJson } from '../crypto/audit-proof.js';
import { leafHash } from '../crypto/merkle.js';
import { openHead } from '../crypto/signed-head.js';
import { verifyAuditLog } from '../lawful/audit-verify.js';
import type { AuditRow, AuditRows } from '../ports/audit-rows.js';
import { numberOf } from './audit-prove.js';
import { type AuditFlags, timeOf, trustedKey, withAuditRows } from './audit-store.js';
import { apiOf } from './cli-api.js';
import { CommandFailed, print, printJson } from './cli-run.js';
import { printTable } from './cli-table.js';

export interface ListFlags extends AuditFlags {
  readonly api?: string;
  readonly tokenFile?: string;
  readonly from: string;
  readonly limit: string;
  readonly order?: string;
  readonly json?: boolean;
}

const TITLES = ['entry', 'time', 'who', 'action', 'phase', 'of', 'purpose', 'reason', 'order'];

/** Over the API whatever the caller's role is shown, and on record; from the folder only what no person's key seals. */
export async function list(flags: ListFlags): Promise<void> {
  const [from, limit] = [numberOf('--from', flags.from, 0), numberOf('--limit', flags.limit, 1)];
  const api = apiOf({
    ...(flags.api === undefined ? {} : { api: flags.api }),
    ...(flags.tokenFile === undefined ? {} : { tokenFile: flags.tokenFile }),
  });
  let entries: Record<string, unknown>[];
  if (api === null) {
    if (flags.order !== undefined)
      throw new CommandFailed('--order needs --api URL: whose entries they are is sealed', 2);
    entries = await withAuditRows(flags, (rows) => openEntries(rows, from, limit));
  } else {
    const order = flags.order === undefined ? '' : `&order_id=${encodeURIComponent(flags.order)}`;
    const answer = await api.request('GET', `/v1/audit?from=${from}&limit=${limit}${order}`);
    if (answer.status !== 200) throw new CommandFailed(`the gateway refuses: ${answer.detail}`);
    entries = answer.body.entries as Record<string, unknown>[];
  }
  if (flags.json) for (const entry of entries) printJson(entry);
  else printTable(TITLES, entries.map(cellsOf));
}

function openEntries(rows: AuditRows, from: number, limit: number): Record<string, unknown>[] {
  const entries: Record<string, unknown>[] = [];
  for (let index = from; entries.length < limit; index++) {
    const bytes = rows.entry(index);
    if (bytes === null) break;
    const entry = decodeAuditEntry(bytes);
    if (!entry.ok)
      throw new CommandFailed(`entry ${index} cannot be read (${entry.fault}): run \`fairwatch audit verify\``);
    const { atMs, ...event } = entry.value.event;
    entries.push({ index, at: timeOf(atMs), ...event });
  }
  return entries;
}

function cellsOf(entry: Record<string, unknown>): string[] {
  const { kind, user, role, agency } = entry.actor as Record<string, string>;
  const who = kind === 'person' ? `${user} (${role}, ${agency})` : (kind ?? '');
  const rest = ['action', 'phase', 'attempt', 'purpose', 'reason', 'order_id'].map((name) => entry[name] ?? '');
  return [entry.index, entry.at, who, ...rest].map(String);
}

export interface HeadsFlags extends AuditFlags {
  readonly limit: string;
  readonly keyOut?: string;
  readonly json?: boolean;
}

export async function heads(flags: HeadsFlags): Promise<void> {
  const limit = numberOf('--limit', flags.limit, 1);
  const key = trustedKey(flags, null);
  const found = await withAuditRows(flags, (rows) => newest(rows.heads(), limit));
  if (flags.keyOut !== undefined) writeFileSync(flags.keyOut, `${JSON.stringify(key.jwk)}\n`);
  const table: string[][] = [];
  for (const { key: size, bytes } of found) {
    const jws = Buffer.from(bytes).toString('latin1');
    const head = openHead(jws, [key]);
    if (flags.json) printJson(head.ok ? { ...headJson(jws), key: key.jwk } : { at: size, fault: head.fault });
    else if (head.ok) table.push([String(head.value.size), timeOf(head.value.atMs), head.value.root]);
    else table.push([String(size), '', `does not stand: ${HEAD_FAULTS[head.fault]}`]);
  }
  if (!flags.json) {
    printTable(['size', 'signed', 'root'], table);
    print(`key ${key.kid}`);
  }
}

/** The last of many, newest first; only those are held. */
function newest(rows: Iterable<AuditRow>, limit: number): AuditRow[] {
  const last: AuditRow[] = [];
  for (const row of rows) {
    last.push(row);
    if (last.length > limit) last.shift();
  }
  return last.reverse();
}

export interface WitnessFlags extends AuditFlags {
  readonly headOut: string;
  readonly leavesOut?: string;
}

/** The newest head and, where asked for, every leaf; a log that does not stand is not witnessed. */
export async function witness(flags: WitnessFlags): Promise<void> {
  const key = trustedKey(flags, null);
  const { jws, leaves } = await withAuditRows(flags, (rows) => {
    const newest = rows.head();
    if (newest === null) throw new CommandFailed('nothing was logged yet: there is nothing to witness');
    const { count } = verifyAuditLog(rows, [key], null);
    if (count > 0) throw new CommandFailed(`the log does not stand (${count} faults): run \`fairwatch audit verify\``);
    const hashes = flags.leavesOut === undefined ? [] : [...rows.entries()].map(({ bytes }) => leafHash(bytes));
    return { jws: newest, leaves: hashes };
  });
  const head = headJson(jws);
  writeFileSync(flags.headOut, `${JSON.stringify({ ...head, key: key.jwk })}\n`);
  if (flags.leavesOut !== undefined) {
    writeFileSync(flags.leavesOut, leaves.map((leaf) => `${leaf.toString('hex')}\n`).join(''));
  }
  print(`${head.size} entries, signed at ${timeOf(head.at_ms)}: keep this where nobody of the gateway can write`);
}
