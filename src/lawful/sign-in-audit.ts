/** Takes sign-ins at the alert topics over into the audit log, in their order (¶15; DPA 2018 s.62). */
import type { AuditEvent } from '../domain/audit.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Bookmark } from '../ports/bookmark.js';
import type { PlacedSignIn, SignInsReader } from '../ports/sign-ins.js';

const PAGE = 256;

export interface SignInAuditParts {
  readonly signIns: Pick<SignInsReader, 'after'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly bookmark: Bookmark;
}

export class SignInAudit {
  constructor(private readonly p: SignInAuditParts) {}

  /**
   * One look at everything since the last. A crash before the bookmark moves enters a sign-in twice, with the same
   * `sign_in` in both: rather than not at all.
   */
  async look(): Promise<void> {
    let place = await this.p.bookmark.read();
    for (;;) {
      const page = this.p.signIns.after(place, PAGE);
      for (const placed of page) await this.#enter(placed);
      const last = page.at(-1);
      if (last === undefined) return;
      place = last.place;
      await this.p.bookmark.write(place);
    }
  }

  async #enter({ place, signIn }: PlacedSignIn): Promise<void> {
    const { atMs, user, role, agency, topicOf, allowed, untilMs } = signIn;
    const event: AuditEvent = {
      atMs,
      actor: { kind: 'person', user, role, agency },
      action: 'alerts.topic',
      category: allowed ? 'consultation' : 'access',
      phase: 'attempt',
      attempt: null,
      purpose: null,
      reason: null,
      orderId: null,
      subjectId: null,
      detail: { sign_in: place, topic_of: topicOf, until: new Date(untilMs).toISOString() },
    };
    const attempt = await this.p.audit.append(event);
    const reason = allowed ? null : 'forbidden';
    await this.p.audit.append({ ...event, phase: allowed ? 'allowed' : 'refused', attempt, reason });
  }
}
