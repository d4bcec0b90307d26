/** `fairwatch audit prove`: writes a proof that an entry stands in a signed tree, and checks one. */
import { decodeAuditEntry } from '../codec/audit-entry.js';
import { auditProof, checkAuditProof, headJson } from '../crypto/audit-proof.js';
import { inclusionPath } from '../crypto/merkle.js';
import type { HeadKey } from '../crypto/signed-head.js';
import type { AuditRows } from '../ports/audit-rows.js';
import { type AuditFlags, jsonOf, keyOf, timeOf, trustedKey, withAuditRows } from './audit-store.js';
import { readText } from './cli-files.js';
import { CommandFailed, print, printJson } from './cli-run.js';

export interface ProveFlags extends AuditFlags {
  readonly size?: string;
  /** A proof to check, instead of writing one. */
  readonly check?: string;
  readonly json?: boolean;
}

export async function prove(entry: string | undefined, flags: ProveFlags): Promise<void> {
  if (flags.check !== undefined) {
    if (entry !== undefined || flags.size !== undefined) throw new CommandFailed('--check FILE stands alone', 2);
    return check(flags.check, flags);
  }
  if (entry === undefined) throw new CommandFailed('name the ENTRY to prove, or a proof with --check FILE', 2);
  const index = numberOf('ENTRY', entry, 0);
  const size = flags.size === undefined ? undefined : numberOf('--size', flags.size, 1);
  const key = trustedKey(flags, null);
  printJson(await withAuditRows(flags, (rows) => proofOf(rows, index, size, key)));
}

function proofOf(rows: AuditRows, index: number, size: number | undefined, key: HeadKey): unknown {
  const jws = rows.head(size);
  const bytes = rows.entry(index);
  if (jws === null) {
    const which = size === undefined ? 'nothing was logged yet' : `no head of ${size} entries was signed`;
    throw new CommandFailed(`${which}: \`fairwatch audit heads\` lists them`);
  }
  const head = headJson(jws);
  if (bytes === null || index >= head.size) throw new CommandFailed(`there is no entry ${index} among ${head.size}`);
  const node = (level: number, n: number): Uint8Array => {
    const found = rows.node(level, n);
    if (found !== null) return found;
    throw new CommandFailed('the tree of the log is damaged: run `fairwatch audit verify`');
  };
  const path = inclusionPath(index, head.size, node).map((hash) => hash.toString('hex'));
  const proof = auditProof(index, bytes, path, jws, key.jwk);
  // the store is not believed: what is given away has been checked as its reader will check it
  const checked = checkAuditProof(proof, [key]);
  if (checked.ok) return proof;
  throw new CommandFailed([`entry ${index} cannot be proved: ${checked.fault}`, 'run `fairwatch audit verify`']);
}

/** With nothing but the file and the public key. */
function check(path: string, flags: ProveFlags): void {
  const proof = jsonOf(path, readText(path));
  const own = flags.key === undefined;
  const key = own
    ? keyOf(path, JSON.stringify((proof as { key?: unknown } | null)?.key ?? {}))
    : trustedKey(flags, null);
  const checked = checkAuditProof(proof, [key]);
  if (!checked.ok) throw new CommandFailed(`${path} proves nothing: ${checked.fault}`);
  const { index, entry, head } = checked.value;
  const decoded = decodeAuditEntry(entry);
  if (flags.json) {
    const event = decoded.ok ? decoded.value.event : null;
    printJson({ ok: true, index, size: head.size, root: head.root, at: timeOf(head.atMs), key: key.kid, event });
    return;
  }
  print(
    `entry ${index} stood in the log of ${head.size} entries that was signed at ${timeOf(head.atMs)}; key ${key.kid}`,
  );
  if (own) print('the key is the one that the proof brings along: compare its name with the one that you know');
  print(entry.toString('utf8'));
}

export function numberOf(what: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new CommandFailed(`${what}: expected a whole number from ${min}, got ${text.slice(0, 40)}`, 2);
}
