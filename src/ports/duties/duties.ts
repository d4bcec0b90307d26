/** The duties of the office besides grants: what the law asks of whoever holds the data of monitored people. */
import type { Disclosures } from './disclosures.js';
import type { Erasures, Retention } from './erasures.js';
import type { Exports } from './exports.js';
import type { Holds } from './holds.js';
import type { Incidents } from './incidents.js';
import type { Notices } from './notices.js';
import type { Rectifications } from './rectifications.js';
import type { Statistics } from './statistics.js';
import type { Warnings } from './warnings.js';

export interface Duties {
  readonly holds: Holds;
  readonly incidents: Incidents;
  readonly disclosures: Disclosures;
  readonly warnings: Warnings;
  readonly rectifications: Rectifications;
  readonly erasures: Erasures;
  readonly retention: Retention;
  readonly exports: Exports;
  readonly statistics: Statistics;
  readonly notices: Notices;
  /** What the gateway does by itself: retention that is due, erasures to finish, incidents to open. By the given clock. */
  sweep(): Promise<void>;
}
