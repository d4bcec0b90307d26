/** Everything that can be asked of the gateway: a route names one of these, and the policy says who may. */
import type { AuditCategory } from '../../domain/audit.js';

/** What a caller sends to say what for. */
export const PURPOSE_HEADER = 'fairwatch-purpose';

/**
 * Every action, and what it is in the log (DPA 2018 s.62(1)). `stated`: the purpose must be sent; for the others the
 * role's first purpose stands where none is sent, for there is one that is plainly meant.
 */
export const ACTIONS = {
  'orders.read': { category: 'consultation' },
  'orders.write': { category: 'collection' },
  /** Who may not look at a restricted order. */
  'orders.restrict': { category: 'alteration' },
  'zones.read': { category: 'consultation' },
  'zones.write': { category: 'alteration' },
  'devices.list': { category: 'administration' },
  'devices.enrol': { category: 'administration' },
  'devices.disable': { category: 'administration' },
  'devices.rotate': { category: 'administration' },
  'devices.downlink': { category: 'administration' },
  'subjects.read': { category: 'consultation' },
  'alerts.read': { category: 'consultation' },
  'alerts.stream': { category: 'consultation' },
  'alerts.acknowledge': { category: 'alteration' },
  'alerts.decide': { category: 'alteration' },
  'alerts.reconsider': { category: 'alteration' },
  'grants.read': { category: 'consultation' },
  'grants.request': { category: 'administration', stated: true },
  'grants.approve': { category: 'administration' },
  'grants.review': { category: 'administration' },
  'grants.revoke': { category: 'administration' },
  'grants.fixes': { category: 'consultation', stated: true },
  'grants.records': { category: 'consultation', stated: true },
  'audit.read': { category: 'consultation' },
  'exports.make': { category: 'disclosure', stated: true },
  'exports.read': { category: 'consultation' },
  'holds.place': { category: 'administration' },
  'holds.lift': { category: 'administration' },
  'holds.read': { category: 'consultation' },
  'incidents.open': { category: 'administration' },
  'incidents.update': { category: 'administration' },
  'incidents.read': { category: 'consultation' },
  'disclosures.make': { category: 'disclosure', stated: true },
  'disclosures.read': { category: 'consultation' },
  'warnings.write': { category: 'collection' },
  'warnings.read': { category: 'consultation' },
  'rectifications.make': { category: 'alteration' },
  'rectifications.read': { category: 'consultation' },
  'erasures.make': { category: 'erasure' },
  'erasures.read': { category: 'consultation' },
  'retention.read': { category: 'consultation' },
  'certificates.read': { category: 'consultation' },
  'quarantine.read': { category: 'consultation' },
  'quarantine.retry': { category: 'alteration' },
  'statistics.read': { category: 'combination' },
  'notices.read': { category: 'consultation' },
  'clock.read': { category: 'administration' },
  'clock.move': { category: 'administration' },
} as const satisfies Readonly<Record<string, { readonly category: AuditCategory; readonly stated?: true }>>;
export type Action = keyof typeof ACTIONS;

/** Must the caller say what for? */
export function mustStatePurpose(action: Action): boolean {
  const { stated } = ACTIONS[action] as { readonly stated?: true };
  return stated === true;
}
