/** Warning letters and authorised absences (¶59): recorded, and refused where the breach is another's to handle. */
import type { AlertVersion } from '../domain/alert.js';
import type { Person } from '../domain/grant.js';
import type { Order } from '../domain/order.js';
import { ok } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import type { Duty } from '../ports/duties/duty.js';
import type { Routing, WarningBody, WarningDocument, WarningRequest, Warnings } from '../ports/duties/warnings.js';
import type { Register } from '../ports/register.js';
import { documentOf, newId, refusal } from './documents.js';

export interface WarningParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly routing: Routing;
}

export class RegisterWarnings implements Warnings {
  constructor(private readonly p: WarningParts) {}

  async write(by: Person, order: Order, alert: AlertVersion | null, request: WarningRequest): Duty<WarningDocument> {
    const { clock, register, routing } = this.p;
    if (alert === null && request.kind === 'warning_letter') {
      return refusal('invalid', 'A warning letter answers a breach: name its alert.');
    }
    if (alert !== null) {
      if (alert.orderId !== order.orderId) return refusal('invalid', 'The alert is of another order.');
      if (alert.state === 'withdrawn') return refusal('conflict', 'The alert was withdrawn: there was no breach.');
      const route = routing(order, alert);
      if (request.kind === 'warning_letter' && !route.minor) return refusal('not_minor', route.says);
    }
    if (request.kind === 'authorised_absence' && request.fromMs >= request.toMs) {
      return refusal('invalid', 'The absence ends before it begins.');
    }
    const { orderId, subjectId, supervisor: agency } = order;
    const body: WarningBody = { ...request, alertId: alert?.alertId ?? null };
    const whose = { orderId, subjectId, agency, atMs: clock.nowMs(), by: by.user };
    const document = { kind: 'warning', id: newId('W'), version: 1, ...whose, body } as const;
    await register.put(document);
    return ok(document);
  }

  get(id: string): WarningDocument | null {
    return documentOf<WarningBody>(this.p.register, 'warning', id);
  }

  list({ orderId }: Order): WarningDocument[] {
    return [...this.p.register.list('warning', { orderId })] as WarningDocument[];
  }
}
