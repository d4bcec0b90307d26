// A row of the table of access, and how its requests are written.
import type { InjectOptions } from 'fastify';
import type { Purpose } from '../../src/domain/purpose.js';
import type { Role } from '../../src/domain/role.js';
import type { Harness } from './harness.js';

/**
 * In the order of ROLES: monitoring officer, supervising officer, police liaison, data controller, auditor, device
 * engineer, administrator. `y`: may; `n`: 403, or 404 where even its existence is not theirs to know.
 * Officers and police are of probation-north; ORD-1, SUB-1, A-1 are north's, ORD-2, SUB-2, A-2 south's.
 */
export interface Row {
  readonly route: string;
  readonly why: string;
  readonly own: string;
  /** Absent: there is no other agency's. */
  readonly other?: string;
  readonly purpose?: Purpose;
  readonly ask: (h: Harness, id: '1' | '2', role: Role) => InjectOptions | Promise<InjectOptions>;
}

export const post = (url: string, payload: unknown = {}): InjectOptions => ({
  method: 'POST',
  url,
  payload: payload as object,
});
export const put = (url: string, payload: unknown): InjectOptions => ({
  method: 'PUT',
  url,
  payload: payload as object,
});
