/**
 * Who may do what, and what for: the whole access policy, as data. `all`: of every agency; `own`: only what the caller's
 * agency supervises; absent: refused. No role reads a position here (¶17): that takes a grant, whose own table
 * (lawful/grant-policy) says who may ask for it and who must approve.
 */
import type { Purpose } from '../../domain/purpose.js';
import type { Role, Scope } from '../../domain/role.js';
import type { Action } from './actions.js';

export interface Right {
  readonly scope: Scope;
  /** The first stands where none is sent and none must be. */
  readonly purposes: readonly [Purpose, ...Purpose[]];
}
type Rights = Partial<Record<Action, Right>>;
type Row = readonly [Scope, readonly [Purpose, ...Purpose[]], readonly Action[]];

const rights = (...rows: readonly Row[]): Rights =>
  Object.fromEntries(
    rows.flatMap(([scope, purposes, actions]) => actions.map((action) => [action, { scope, purposes }])),
  );

/** ¶15: what the monitoring centre is there for; ¶26–30: what it may share for. */
const monitoring = [
  'compliance_monitoring',
  'tagging',
  'location_monitoring',
  'safeguarding',
  'contract_performance',
  'equality_duty',
  'criminal_justice_enquiry',
  'court_direction',
] as const;
/** ¶18, ¶26: what the responsible officer's agency looks for. */
const supervision = ['compliance_monitoring', 'location_monitoring', 'safeguarding', 'court_direction'] as const;
/** ¶26: a force that supervises (bail), enquires, or protects life. */
const policing = ['compliance_monitoring', 'criminal_justice_enquiry', 'safeguarding'] as const;
/** ¶51–55: the controller exercises control; ¶31, ¶43–45: answers the person; ¶29: obeys a court. */
const controlling = [
  'oversight',
  'subject_access',
  'data_rights',
  'court_direction',
  'criminal_justice_enquiry',
] as const;
const engineering = ['equipment'] as const;
const running = ['contract_performance', 'tagging', 'equipment'] as const;
const everybodysDuty: Row = ['own', ['oversight'], ['incidents.open']];

export const POLICY: Readonly<Record<Role, Rights>> = {
  /** Staff of the monitoring centre: it takes in orders of every agency and watches over them (¶14, ¶15, ¶59, ¶62). */
  monitoring_officer: rights(
    everybodysDuty,
    [
      'all',
      monitoring,
      [
        'orders.read',
        'orders.write',
        'zones.read',
        'zones.write',
        'devices.list',
        'devices.disable',
        'devices.downlink',
        'subjects.read',
        'alerts.read',
        'alerts.stream',
        'alerts.acknowledge',
        'alerts.decide',
        'alerts.reconsider',
        'grants.read',
        'grants.request',
        'grants.approve',
        'grants.review',
        'grants.revoke',
        'grants.fixes',
        'grants.records',
        'holds.read',
        'disclosures.make',
        'disclosures.read',
        'warnings.write',
        'warnings.read',
        'notices.read',
      ],
    ],
    ['all', ['data_rights', 'oversight'], ['rectifications.make', 'rectifications.read', 'retention.read']],
    ['all', ['oversight'], ['incidents.read', 'incidents.update', 'certificates.read']],
    ['all', ['equipment'], ['quarantine.read']],
    ['all', ['statistics'], ['statistics.read']],
  ),
  /** Probation, youth offending team, PPCS: the people whom the agency supervises (¶18, ¶26, ¶59–62), nobody else's. */
  supervising_officer: rights(
    everybodysDuty,
    [
      'own',
      supervision,
      [
        'orders.read',
        'subjects.read',
        'alerts.read',
        'alerts.stream',
        'alerts.acknowledge',
        'alerts.decide',
        'alerts.reconsider',
        'grants.read',
        'grants.request',
        'grants.approve',
        'grants.review',
        'grants.revoke',
        'grants.fixes',
        'grants.records',
        'holds.read',
        'disclosures.make',
        'disclosures.read',
        'warnings.write',
        'warnings.read',
        'notices.read',
      ],
    ],
    ['own', ['data_rights'], ['rectifications.make', 'rectifications.read']],
  ),
  /** A force that supervises (bail) sees its own; anything else takes a grant with a case reference (¶22–30). */
  police_liaison: rights(everybodysDuty, [
    'own',
    policing,
    [
      'subjects.read',
      'alerts.read',
      'alerts.stream',
      'alerts.acknowledge',
      'alerts.decide',
      'alerts.reconsider',
      'grants.read',
      'grants.request',
      'grants.revoke',
      'grants.fixes',
      'grants.records',
    ],
  ]),
  /** Answers requests of the people concerned (¶31, ¶43–45) and for the whole (¶51–53); watches nobody live. */
  data_controller: rights(
    everybodysDuty,
    [
      'all',
      controlling,
      [
        'orders.read',
        'orders.restrict',
        'zones.read',
        'subjects.read',
        'alerts.read',
        'grants.read',
        'grants.request',
        'grants.approve',
        'grants.review',
        'grants.revoke',
        'grants.fixes',
        'grants.records',
        'audit.read',
        'holds.place',
        'holds.lift',
        'holds.read',
        'incidents.read',
        'incidents.update',
        'disclosures.make',
        'disclosures.read',
        'warnings.read',
        'notices.read',
        'retention.read',
        'certificates.read',
      ],
    ],
    ['all', ['subject_access'], ['exports.make', 'exports.read']],
    [
      'all',
      ['data_rights', 'oversight'],
      ['alerts.reconsider', 'rectifications.make', 'rectifications.read', 'erasures.make', 'erasures.read'],
    ],
    ['all', ['statistics'], ['statistics.read']],
  ),
  /** Reads the log of who read what, and that what is gone is gone; never the data. */
  auditor: rights(
    everybodysDuty,
    ['all', ['oversight'], ['audit.read', 'incidents.read', 'certificates.read']],
    ['all', ['statistics'], ['statistics.read']],
  ),
  /** Works on equipment (¶26); which person wears it is no concern of theirs. */
  device_engineer: rights(
    everybodysDuty,
    [
      'all',
      engineering,
      [
        'devices.list',
        'devices.enrol',
        'devices.disable',
        'devices.rotate',
        'devices.downlink',
        'quarantine.read',
        'quarantine.retry',
      ],
    ],
    ['own', engineering, ['grants.read', 'grants.request', 'grants.revoke', 'grants.records']],
  ),
  /** Sets the gateway up: imports and enrols, and reads no alert. */
  administrator: rights(
    everybodysDuty,
    [
      'all',
      running,
      [
        'orders.read',
        'orders.write',
        'zones.read',
        'zones.write',
        'devices.list',
        'devices.enrol',
        'devices.disable',
        'devices.rotate',
        'devices.downlink',
        'quarantine.read',
        'quarantine.retry',
      ],
    ],
    ['all', ['statistics'], ['statistics.read']],
  ),
};

/** What `serve --dev` adds: on a development machine, with synthetic people only, the administrator sees everything. */
export const DEVELOPMENT_POLICY: Partial<Record<Role, Rights>> = {
  administrator: rights([
    'all',
    running,
    ['subjects.read', 'alerts.read', 'alerts.stream', 'clock.read', 'clock.move'],
  ]),
};

/** What a role may do in an action; null: refused. */
export function rightOf(role: Role, action: Action, development: boolean): Right | null {
  const added = development ? DEVELOPMENT_POLICY[role]?.[action] : undefined;
  return added ?? POLICY[role][action] ?? null;
}

/** How far a role may go in an action; null: refused. */
export function scopeOf(role: Role, action: Action, development: boolean): Scope | null {
  return rightOf(role, action, development)?.scope ?? null;
}
