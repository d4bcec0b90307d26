/** How often somebody may ask: the whole policy of rates, as data. Each caller (user and agency) has a bucket of each kind. */
import type { Action } from './actions.js';

/** `burst` at once, then `perS`; null: as often as they like. */
export interface Rate {
  readonly burst: number;
  readonly perS: number;
}

/**
 * Limits are there so that one client, gone wild or in a thief's hands, cannot take the gateway from all others. They stand
 * far above what any person or honest program does, farthest where a refusal would keep somebody from an alert: what is told
 * (`watching`), what is done about it (`handling`) and the rest never use up each other's.
 */
export const RATES = {
  watching: { burst: 1_000, perS: 100 },
  /** Opening a stream reads the ledger from the client's place on. */
  streaming: { burst: 300, perS: 10 },
  handling: { burst: 1_000, perS: 100 },
  /** An import of a million orders takes as long as it takes. */
  importing: { burst: 20_000, perS: 1_000 },
  /** Each opens what lies sealed: dear to answer, and what a thief of a token would come for. */
  looking: { burst: 60, perS: 1 },
  office: { burst: 600, perS: 20 },
  development: null,
} as const satisfies Readonly<Record<string, Rate | null>>;
export type RateKind = keyof typeof RATES;

/** Refused tokens, and requests without one, of one address. Who is known pays nothing of it. */
export const STRANGERS_RATE: Rate = { burst: 2_000, perS: 500 };

/** Metrics, the document, paths that are none: of one address, without a token. Dear to answer, and nobody's alert hangs on them. */
export const OPEN_RATE: Rate = { burst: 200, perS: 20 };

/** Every action has one: an action without does not compile. */
export const RATE_OF: Readonly<Record<Action, RateKind>> = {
  'alerts.read': 'watching',
  'subjects.read': 'watching',
  'alerts.stream': 'streaming',
  'alerts.acknowledge': 'handling',
  'alerts.decide': 'handling',
  'alerts.reconsider': 'handling',
  // whoever notices that a device is stolen stops it at once
  'devices.disable': 'handling',
  'orders.read': 'importing',
  'orders.write': 'importing',
  'zones.read': 'importing',
  'zones.write': 'importing',
  'devices.list': 'importing',
  'devices.enrol': 'importing',
  'devices.rotate': 'importing',
  'devices.downlink': 'importing',
  'grants.fixes': 'looking',
  'grants.records': 'looking',
  'exports.make': 'looking',
  'disclosures.make': 'looking',
  'orders.restrict': 'office',
  'grants.read': 'office',
  'grants.request': 'office',
  'grants.approve': 'office',
  'grants.review': 'office',
  'grants.revoke': 'office',
  'audit.read': 'office',
  'exports.read': 'office',
  'holds.place': 'office',
  'holds.lift': 'office',
  'holds.read': 'office',
  'incidents.open': 'office',
  'incidents.update': 'office',
  'incidents.read': 'office',
  'disclosures.read': 'office',
  'warnings.write': 'office',
  'warnings.read': 'office',
  'rectifications.make': 'office',
  'rectifications.read': 'office',
  'erasures.make': 'office',
  'erasures.read': 'office',
  'retention.read': 'office',
  'certificates.read': 'office',
  'quarantine.read': 'office',
  'quarantine.retry': 'office',
  'statistics.read': 'office',
  'notices.read': 'office',
  'clock.read': 'development',
  'clock.move': 'development',
};
