/** How much of the log its readers see: part of the policy, as data. */
import type { Role } from '../../domain/role.js';

/**
 * What of an entry's person fields a reader of the log sees beside the order's id. An auditor sees who looked at whose
 * data, when, what for and by which grant, and nothing that says anything of the person (¶47); the data controller
 * answers the person concerned, and sees it whole (¶31).
 */
export const LOG_SIGHT: Partial<Record<Role, 'references' | 'whole'>> = {
  auditor: 'references',
  data_controller: 'whole',
};

/** Members of an entry's `detail` that name a document, a window or a number of things: `references` are these. */
export const LOG_REFERENCES: ReadonlySet<string> = new Set([
  'order_id',
  'alert_id',
  'grant_id',
  'device_id',
  'zone_id',
  'hold_id',
  'incident_id',
  'export_id',
  'disclosure',
  'erasure',
  'trigger',
  'decision',
  'format',
  'from',
  'from_ms',
  'to',
  'to_ms',
  'beyond_curfew',
  'records',
  'shown',
  'items',
  'whole',
  'open_s',
  'after_place',
  'to_place',
  'limit',
  'entry',
  'size',
  'first',
  'second',
]);
