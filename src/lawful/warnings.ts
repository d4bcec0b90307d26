/** Warning letters and authorised absences (¶59): recorded, and refused where the breach is another's to handle. */
import type { AlertVersion } from '../domain/alert.js';
import type { Person } from '../domain/grant.js';
import type { Order } from '../domain/order.js';
import { ok } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import type { Duty } from '../ports/duties/duty.js';
import type { WarningBody, WarningDocument, WarningRequest, Warnings } from '../ports/duties/warnings.js';
import type { Register } from '../ports/register.js';
import { mayWarn, routeOf } from '../rules/routing.js';
import { documentOf, newId, refusal } from './documents.js';

export interface WarningParts {
  readonly clock: Clock;
  readonly register: Register;
}

export class RegisterWarnings implements Warnings {
  constructor(private readonly p: WarningParts) {}

  async write(by: Person, order: Order, alert: AlertVersion | null, request: WarningRequest): Duty<WarningDocument> {
    const { clock, register } = this.p;
    if (alert === null && request.kind === 'warning_letter') {
      return refusal('invalid', 'A warning letter answers a breach: name its alert.');
    }
    if (alert !== null) {
      if (alert.orderId !== order.orderId) return refusal('invalid', 'The alert is of another order.');
      if (alert.state === 'withdrawn') return refusal('conflict', 'The alert was withdrawn: there was no breach.');
      if (request.kind === 'warning_letter' && !this.#mayWarn(by, order, alert)) return this.#notMinor(order, alert);
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

  /** ¶59, ¶62: the contractor warns where the route says so; who supervises may within their own power. */
  #mayWarn({ role }: Person, order: Order, alert: AlertVersion): boolean {
    return mayWarn(routeOf(order, alert), role === 'monitoring_officer' ? 'contractor' : 'supervisor');
  }

  #notMinor(order: Order, alert: AlertVersion) {
    const { route } = routeOf(order, alert);
    const whose = [...new Set(route.map(({ to, duty }) => `${to} (${duty.replaceAll('_', ' ')})`))].join(', ');
    return refusal(
      'not_minor',
      `A warning letter is for minor curfew breaches that are over (¶59). This one goes to: ${whose}.`,
    );
  }

  get(id: string): WarningDocument | null {
    return documentOf<WarningBody>(this.p.register, 'warning', id);
  }

  list({ orderId }: Order): WarningDocument[] {
    return [...this.p.register.list('warning', { orderId })] as WarningDocument[];
  }
}
