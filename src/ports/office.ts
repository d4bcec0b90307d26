/** The office: where the lawful business of the review service is done. Everything the API shows or changes passes it. */
import type { AuditLog } from './audit-log.js';
import type { Duties } from './duties/duties.js';
import type { Evidence } from './evidence.js';
import type { Grants } from './grants.js';
import type { ReviewKeys } from './order-keys.js';
import type { Register } from './register.js';

export interface Office {
  readonly audit: AuditLog;
  readonly register: Register;
  readonly keys: ReviewKeys;
  readonly grants: Grants;
  readonly evidence: Evidence;
  /** Holds, incidents, disclosures, the rights of the person, retention, statistics. */
  readonly duties: Duties;
}
