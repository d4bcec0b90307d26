/** What people may decide about an alert, as data: about which, what it does to the ATV, whose it is to say. */
import type { AlertType, DecisionKind, Finding, ViolationType } from '../domain/alert.js';

/** What an alert is about, as far as routing and decisions tell apart. */
export type AlertGroup = 'violation' | 'tamper' | 'alcohol' | 'unverified' | 'equipment';

const GROUPS = {
  curfew: 'violation',
  exclusion: 'violation',
  inclusion: 'violation',
  attendance: 'violation',
  'attendance.missed': 'violation',
  'curfew.atv_exceeded': 'violation',
  'tamper.strap': 'tamper',
  'tamper.case': 'tamper',
  'tamper.unit_case': 'tamper',
  'tamper.shielding': 'tamper',
  'tamper.jamming': 'tamper',
  'unit.moved': 'tamper',
  'alcohol.tamper': 'tamper',
  'alcohol.suspected': 'alcohol',
  'curfew.unverified': 'unverified',
  'attendance.unverified': 'unverified',
  'zone.approach': 'unverified',
  'zone.crossing_inferred': 'unverified',
  'integrity.contradiction': 'unverified',
  'device.silent': 'unverified',
} as const satisfies Partial<Record<AlertType | ViolationType, AlertGroup>>;

/** Batteries, mains, faults, and what the gateway itself saw of a device are equipment. */
export const groupOf = (type: Finding['type']): AlertGroup => GROUPS[type as keyof typeof GROUPS] ?? 'equipment';

export interface DecisionRule {
  readonly groups: readonly AlertGroup[];
  /** Takes the minutes of a curfew violation out of the ATV (§3). */
  readonly excuses: boolean;
  /** Affects the person adversely, or may lead to it: a named person's, with a reason, and open to be asked again (¶57). */
  readonly significant: boolean;
  /**
   * Whether the contractor may say so: `always`; `responsible`: where the route leaves the decision or the warning to it
   * (¶59, ¶62), else the supervising agency's alone.
   */
  readonly contractor: 'always' | 'responsible' | 'never';
  /** Names who it goes to; who it went to decides then. */
  readonly refers?: true;
  /** Only where the route says that a warning may be given. */
  readonly warns?: true;
}

const ALL: readonly AlertGroup[] = ['violation', 'tamper', 'alcohol', 'unverified', 'equipment'];

export const DECISIONS: Readonly<Record<DecisionKind, DecisionRule>> = {
  reasonable_excuse: {
    groups: ['violation', 'tamper', 'unverified'],
    excuses: true,
    significant: true,
    contractor: 'responsible',
  },
  /** ¶59: the contractor may authorise an absence by the terms of the licence. */
  authorised_absence: { groups: ['violation', 'unverified'], excuses: true, significant: true, contractor: 'always' },
  equipment_fault: { groups: ALL, excuses: true, significant: false, contractor: 'always' },
  false_alert: { groups: ALL, excuses: true, significant: false, contractor: 'always' },
  confirmed: {
    groups: ['violation', 'tamper', 'alcohol', 'unverified'],
    excuses: false,
    significant: true,
    contractor: 'responsible',
  },
  /** ¶20: an alcohol event is suspected until a person has looked at the readings. */
  not_confirmed: {
    groups: ['alcohol', 'tamper', 'unverified'],
    excuses: false,
    significant: true,
    contractor: 'always',
  },
  warning_issued: {
    groups: ['violation'],
    excuses: false,
    significant: true,
    contractor: 'responsible',
    warns: true,
  },
  referred: {
    groups: ['violation', 'tamper', 'alcohol', 'unverified'],
    excuses: false,
    significant: true,
    contractor: 'always',
    refers: true,
  },
  no_further_action: { groups: ALL, excuses: false, significant: true, contractor: 'responsible' },
};
