/** The parts that people play (a token names one), and how far each reaches is the access policy's to say. */
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

/** `all`: of every agency; `own`: only what the person's agency supervises, or has itself asked for. */
export type Scope = 'all' | 'own';
