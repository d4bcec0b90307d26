/** `fairwatch audit verify`: is the log what it was? Offline, with nothing but the data folder and the public key. */
import { type AuditReport, verifyAuditLog } from '../lawful/audit-verify.js';
import { type AuditFlags, readLeaves, readWitness, trustedKey, withAuditRows } from './audit-store.js';
import { CommandFailed, print, printJson } from './cli-run.js';

export interface VerifyFlags extends AuditFlags {
  /** A witnessed head. */
  readonly head?: string;
  /** The leaf hashes that the witness kept. */
  readonly leaves?: string;
  readonly json?: boolean;
}

const shownMax = 50;

export async function verify(flags: VerifyFlags): Promise<void> {
  if (flags.leaves !== undefined && flags.head === undefined) {
    throw new CommandFailed(
      '--leaves goes with --head: the hashes prove nothing without the head that they lead to',
      2,
    );
  }
  const witnessed = flags.head === undefined ? null : readWitness(flags.head);
  const leaves = flags.leaves === undefined ? null : readLeaves(flags.leaves);
  const key = trustedKey(flags, witnessed);
  const witness = witnessed === null ? null : { jws: witnessed.head.jws, leaves };
  const report = await withAuditRows(flags, (rows) => verifyAuditLog(rows, [key], witness, progress()));
  const trusted = trustedEntries(report, witnessed?.head.size ?? null);
  const words = conclusion(report, trusted, witnessed?.head.size ?? null);
  if (flags.json) {
    const { findings, count, ...rest } = report;
    printJson({ ok: count === 0, ...rest, trusted, key: key.kid, findings, more: count - findings.length });
  } else {
    print(`${report.entries} entries under ${report.heads} signed heads that stand; key ${key.kid}`);
    for (const line of words) print(line);
  }
  if (report.count === 0) return;
  const lines = report.findings.slice(0, shownMax).map(({ words }) => `  ${words}`);
  if (report.count > lines.length) lines.push(`  and ${report.count - lines.length} more`);
  throw new CommandFailed([`the audit log does not stand: ${report.count} fault(s)`, ...lines]);
}

/** A witness that is contradicted takes the heads' word away: whoever did it may have the signing key. */
function trustedEntries({ signed, witnessed }: AuditReport, witnessSize: number | null): number {
  if (witnessed === null || witnessed === witnessSize) return Math.max(signed, witnessed ?? 0);
  return witnessed;
}

function conclusion({ signed, witnessed, count }: AuditReport, trusted: number, witnessSize: number | null): string[] {
  const lines: string[] = [];
  if (witnessed !== null && witnessed === witnessSize) {
    lines.push(`the first ${witnessed} entries are those that the witness saw`);
  } else if (witnessed !== null) lines.push('the log is not the one that the witness saw');
  if (signed > 0)
    lines.push(`the first ${signed} entries are as a head signs them: nobody without the signing key changed one`);
  if (count === 0 && witnessed === null) {
    lines.push('without a witnessed head (--head), who has the signing key could have written all of it anew');
  }
  lines.push(trusted === 0 ? 'no entry can be trusted' : `the log can be trusted up to entry ${trusted - 1}`);
  return lines;
}

/** A bar on a terminal, one line in between elsewhere: a log of years takes minutes. */
function progress(): (entries: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (entries) => process.stderr.write(`\r${entries} entries checked\r`);
}
