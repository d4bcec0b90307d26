/** Watches for what looks like loss or compromise (¶36–38), and opens incidents: each once, over restarts too. */
import type { AlertVersion } from '../domain/alert.js';
import type { AuditEvent } from '../domain/audit.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Bookmark } from '../ports/bookmark.js';
import type { IncidentCause, Incidents } from '../ports/duties/incidents.js';
import type { Grants } from '../ports/grants.js';
import type { LedgerReader } from '../ports/ledger.js';

/** A person who is refused this often within an hour is looked at. */
export const REFUSED_READS_MAX = 20;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAGE = 256;

/** Alerts that may mean that somebody forges, repeats or reads what is not theirs. */
const SUSPICIOUS: Partial<Record<AlertVersion['type'], Extract<IncidentCause, 'bad_seal' | 'replayed'>>> = {
  'integrity.bad_seal': 'bad_seal',
  'integrity.unknown_key': 'bad_seal',
  'integrity.replayed': 'replayed',
};

const SUMMARIES = {
  bad_seal: 'Uploads that no key of their device opens: a damaged device, a wrong key, or a forgery.',
  replayed: 'Uploads that were sent before: a device that repeats itself, or a recording that is played back.',
} as const;

export interface WatcherParts {
  readonly incidents: Pick<Incidents, 'notice'>;
  readonly ledger: Pick<LedgerReader, 'versionsAfter'>;
  readonly audit: Pick<AuditLog, 'read'>;
  readonly grants: Pick<Grants, 'overdueReviews'>;
  readonly ledgerBookmark: Bookmark;
  readonly auditBookmark: Bookmark;
  /** A name for a user that tells nothing of them. */
  readonly pseudonym: (user: string) => string;
}

export class IncidentWatcher {
  /** (user's pseudonym, hour) → refusals so far. */
  readonly #refused = new Map<string, number>();
  /** The next audit entry to look at; null: not begun. */
  #auditAt: number | null = null;
  /** The newest hour that the log speaks of, and the index of its first entry. */
  #hour = 0;
  #hourFrom = 0;

  constructor(private readonly p: WatcherParts) {}

  /** One look at everything since the last. What it has opened is durable before the bookmarks move. */
  async look(nowMs: number): Promise<void> {
    await this.#alerts();
    await this.#refusals(nowMs);
    for (const { grantId } of this.p.grants.overdueReviews(nowMs)) {
      await this.p.incidents.notice({
        cause: 'safeguarding_review_overdue',
        key: grantId,
        summary: 'Positions were opened to protect life, and nobody has reviewed it within 24 hours.',
      });
    }
  }

  async #alerts(): Promise<void> {
    const { ledger, ledgerBookmark, incidents } = this.p;
    let from = await ledgerBookmark.read();
    for (;;) {
      const page = ledger.versionsAfter(from, PAGE);
      const last = page.at(-1);
      if (last === undefined) return;
      for (const { version } of page) {
        const cause = SUSPICIOUS[version.type as AlertVersion['type']];
        if (cause === undefined || version.state === 'withdrawn') continue;
        // one incident a kind and day: a fault that strikes a thousand devices is one thing that happened
        const key = String(Math.floor(version.derivedMs / DAY_MS));
        await incidents.notice({ cause, key, summary: SUMMARIES[cause], alertId: version.alertId });
      }
      from = last.place;
      await ledgerBookmark.write(from);
    }
  }

  async #refusals(nowMs: number): Promise<void> {
    const { audit, auditBookmark } = this.p;
    this.#auditAt ??= await auditBookmark.read();
    const begunAt = this.#hourFrom;
    for (;;) {
      const page = audit.read(this.#auditAt, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      for (const { event, index } of page) await this.#count(event, index);
      this.#auditAt = last.index + 1;
    }
    // counts are in memory: a restart begins again with the hour that ran last
    if (this.#hourFrom !== begunAt) await auditBookmark.write(this.#hourFrom);
    const past = Math.floor(nowMs / HOUR_MS) - 1;
    for (const key of this.#refused.keys()) if (Number(key.split('@')[1]) < past) this.#refused.delete(key);
  }

  async #count({ actor, phase, atMs }: AuditEvent, index: number): Promise<void> {
    const hour = Math.floor(atMs / HOUR_MS);
    if (hour > this.#hour) {
      this.#hour = hour;
      this.#hourFrom = index;
    }
    if (phase !== 'refused' || actor.kind !== 'person') return;
    const user = this.p.pseudonym(actor.user);
    const count = (this.#refused.get(`${user}@${hour}`) ?? 0) + 1;
    this.#refused.set(`${user}@${hour}`, count);
    if (count !== REFUSED_READS_MAX + 1) return;
    await this.p.incidents.notice({
      cause: 'refused_reads',
      key: `${user}-${hour}`,
      summary: `One person (${actor.role}) was refused more than ${REFUSED_READS_MAX} times within an hour.`,
    });
  }
}
