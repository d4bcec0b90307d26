/** Watches for what looks like loss or compromise (¶36–38), and opens incidents: each once, over restarts too. */
import type { AlertVersion } from '../domain/alert.js';
import type { Bookmark } from '../ports/bookmark.js';
import type { IncidentCause, Incidents } from '../ports/duties/incidents.js';
import type { Grants } from '../ports/grants.js';
import type { LedgerReader } from '../ports/ledger.js';

const DAY_MS = 86_400_000;
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
  readonly grants: Pick<Grants, 'overdueReviews'>;
  /** How far in the ledger it has looked. */
  readonly bookmark: Bookmark;
}

export class IncidentWatcher {
  constructor(private readonly p: WatcherParts) {}

  /** One look at everything since the last. What it has opened is durable before the bookmark moves. */
  async look(nowMs: number): Promise<void> {
    await this.#alerts();
    for (const { grantId } of this.p.grants.overdueReviews(nowMs)) {
      await this.p.incidents.notice({
        cause: 'safeguarding_review_overdue',
        key: grantId,
        summary: 'Positions were opened to protect life, and nobody has reviewed it within 24 hours.',
      });
    }
  }

  async #alerts(): Promise<void> {
    const { ledger, bookmark, incidents } = this.p;
    let from = await bookmark.read();
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
      await bookmark.write(from);
    }
  }
}
