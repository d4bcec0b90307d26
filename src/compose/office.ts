/** Opens the office of the review service: its log, its register, and what looks at stored records for a lawful reason. */

import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { type BookmarkOwner, FileBookmark } from '../adapters/files/file-bookmark.js';
import { type AuditLogOptions, LmdbAuditLog } from '../adapters/lmdb/lmdb-audit-log.js';
import { LmdbRegister } from '../adapters/lmdb/lmdb-register.js';
import { CredibleTime } from '../lawful/credible-time.js';
import { RegisterGrants } from '../lawful/grants.js';
import { RegisterIncidents } from '../lawful/incidents.js';
import { type RecentReader, RecordReview } from '../lawful/review.js';
import type { ArchiveReader } from '../ports/archive.js';
import { AuditBroken } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { Office } from '../ports/office.js';
import type { ReviewKeys } from '../ports/order-keys.js';
import type { Register } from '../ports/register.js';
import { type DutyParts, openDuties } from './duties.js';

export interface OfficeParts {
  readonly dataDir: string;
  /** The review service's own. */
  readonly lock: BookmarkOwner;
  readonly clock: Clock;
  /** Time that passes whatever the clock is set to; absent: the clock is moved by hand. */
  readonly steadyMs?: () => number;
  readonly keys: ReviewKeys;
  /** P-256: signs the heads of the log. */
  readonly auditSigning: KeyObject;
  readonly ledger: LedgerReader;
  /** The engine's, read from here. */
  readonly archive: Pick<ArchiveReader, 'segments' | 'archivedUpTo'>;
  /** The engine's, under the hours' keys that the review tier still has. */
  readonly recent: RecentReader;
  /** What the duties need besides; `countSegments` and `removeRows` ask the engine's side. */
  readonly duties: Pick<
    DutyParts,
    | 'telemetry'
    | 'commands'
    | 'certificateKey'
    | 'removeRows'
    | 'countSegments'
    | 'retentionMonths'
    | 'controller'
    | 'processor'
    | 'contact'
  >;
}

export interface OpenOffice extends Office {
  close(): Promise<void>;
}

/**
 * Both folders are the API's own: LMDB has one writer an environment. Throws `AuditBroken` for a log that was tampered
 * with; that it was is an incident by then (¶38), with its clocks.
 */
export async function openOffice(p: OfficeParts): Promise<OpenOffice> {
  const { dataDir, lock, clock, steadyMs, keys, auditSigning, duties, ...read } = p;
  const register = LmdbRegister.open(join(dataDir, 'register'), keys);
  await register.claim(lock.epoch);
  const { telemetry } = duties;
  const log = { folder: join(dataDir, 'audit'), keys, signingKey: auditSigning, clock, telemetry };
  const audit = await openAudit(log, register);
  await audit.claim(lock.epoch);
  const holdStands = (orderId: string, holdId: string): boolean => {
    const hold = register.get('hold', holdId);
    return hold?.orderId === orderId && (hold.body as { readonly state?: unknown }).state === 'standing';
  };
  const { ledger } = read;
  const grants = new RegisterGrants({ ledger, register, holdStands });
  const evidence = new RecordReview({ ...read, keys });
  const mark = new FileBookmark(join(dataDir, 'credible.time'), lock);
  const time =
    steadyMs === undefined ? undefined : await CredibleTime.open(clock, steadyMs, mark, audit.head()?.atMs ?? null);
  const stores = { clock, time, audit, register, keys, ledger, grants, evidence };
  const incidentBookmark = new FileBookmark(join(dataDir, 'incidents.place'), lock);
  return {
    audit,
    register,
    keys,
    grants,
    evidence,
    duties: openDuties({ ...duties, ...stores, incidentBookmark }),
    async close() {
      await register.close();
      await audit.close();
    },
  };
}

async function openAudit(o: AuditLogOptions, register: Register): Promise<LmdbAuditLog> {
  try {
    return LmdbAuditLog.open(o);
  } catch (error) {
    if (error instanceof AuditBroken) {
      const key = new Date(o.clock.nowMs()).toISOString().slice(0, 10);
      const summary = 'The audit log does not agree with its signed heads: it was tampered with, or the disk failed.';
      await new RegisterIncidents({ clock: o.clock, register }).notice({ cause: 'audit_broken', key, summary });
    }
    await register.close();
    throw error;
  }
}
