/**
 * Who may do what: the whole access policy, as data. `all`: of every agency; `own`: only what the caller's agency
 * supervises; absent: refused. No role reads a position here (¶17): that takes a grant.
 */

export const ROLES = [
  'monitoring_officer',
  'supervising_officer',
  'police_liaison',
  'data_controller',
  'auditor',
  'device_engineer',
  'administrator',
] as const;
export type Role = (typeof ROLES)[number];

export const ACTIONS = [
  'orders.read',
  'orders.write',
  'zones.read',
  'zones.write',
  'devices.list',
  'devices.enrol',
  'devices.disable',
  'subjects.read',
  'alerts.read',
  'alerts.stream',
  'clock.read',
  'clock.move',
] as const;
export type Action = (typeof ACTIONS)[number];

export type Scope = 'all' | 'own';
type Rights = Partial<Record<Action, Scope>>;

export const POLICY: Readonly<Record<Role, Rights>> = {
  /** Staff of the monitoring centre: it takes in orders of every agency and watches over them. */
  monitoring_officer: {
    'orders.read': 'all',
    'orders.write': 'all',
    'zones.read': 'all',
    'zones.write': 'all',
    'devices.list': 'all',
    'devices.disable': 'all',
    'subjects.read': 'all',
    'alerts.read': 'all',
    'alerts.stream': 'all',
  },
  /** Probation, youth offending team, PPCS: the people whom the agency supervises (¶18, ¶59–62), nobody else's. */
  supervising_officer: {
    'orders.read': 'own',
    'subjects.read': 'own',
    'alerts.read': 'own',
    'alerts.stream': 'own',
  },
  /** A force that supervises (bail) sees its own; anything else takes a grant with a case reference (¶22–30). */
  police_liaison: {
    'subjects.read': 'own',
    'alerts.read': 'own',
    'alerts.stream': 'own',
  },
  /** Answers requests of the people concerned (¶31, ¶43–45): reads what is held, watches nobody live. */
  data_controller: {
    'orders.read': 'all',
    'zones.read': 'all',
    'subjects.read': 'all',
    'alerts.read': 'all',
  },
  /** Reads the log of who read what, never the data. */
  auditor: {},
  /** Works on equipment; which person wears it is no concern of theirs. */
  device_engineer: {
    'devices.list': 'all',
    'devices.enrol': 'all',
    'devices.disable': 'all',
  },
  /** Sets the gateway up: imports and enrols, and reads no alert. */
  administrator: {
    'orders.read': 'all',
    'orders.write': 'all',
    'zones.read': 'all',
    'zones.write': 'all',
    'devices.list': 'all',
    'devices.enrol': 'all',
    'devices.disable': 'all',
  },
};

/** What `serve --dev` adds: on a development machine, with synthetic people only, the administrator sees everything. */
export const DEVELOPMENT_POLICY: Partial<Record<Role, Rights>> = {
  administrator: {
    'subjects.read': 'all',
    'alerts.read': 'all',
    'alerts.stream': 'all',
    'clock.read': 'all',
    'clock.move': 'all',
  },
};

/** How far a role may go in an action; null: refused. */
export function scopeOf(role: Role, action: Action, development: boolean): Scope | null {
  const added = development ? DEVELOPMENT_POLICY[role]?.[action] : undefined;
  return added ?? POLICY[role][action] ?? null;
}
