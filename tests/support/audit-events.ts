/** Events of the audit log for tests: synthetic, complete, the same for the same number. */
import type { AuditEvent } from '../../src/domain/audit.js';
import { agencyId, orderId, subjectId, T0 } from './samples.js';

/** Number `n` of a row of events: of one of three orders, or of nobody's. */
export function auditEvent(n: number, over: Partial<AuditEvent> = {}): AuditEvent {
  const whose = n % 4;
  return {
    atMs: T0 + n,
    actor: { kind: 'person', user: `officer-${n % 5}`, role: 'supervising_officer', agency: agencyId(1) },
    action: 'grants.read',
    category: 'consultation',
    phase: n % 2 === 0 ? 'attempt' : 'allowed',
    attempt: n % 2 === 0 ? null : n - 1,
    purpose: 'compliance_monitoring',
    reason: null,
    orderId: whose === 0 ? null : orderId(whose),
    subjectId: whose === 0 ? null : subjectId(whose),
    detail: { grant_id: `GRANT-${n}`, from_ms: T0, count: n, whole: true, note: null },
    ...over,
  };
}
