/** What the gateway does to personal data of its own accord: the attempt is durable before it, the outcome after it. */
import type { AuditEvent } from '../domain/audit.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';

export type GatewayAct = Pick<AuditEvent, 'action' | 'category' | 'orderId' | 'subjectId' | 'detail'>;

export class GatewayActs {
  constructor(
    private readonly audit: Pick<AuditLog, 'append'>,
    private readonly clock: Clock,
  ) {}

  /** `work` answers what its outcome's entry says; what it throws is logged as failed and thrown on. */
  async run<T>(act: GatewayAct, work: () => Promise<{ value: T; outcome: Partial<GatewayAct> }>): Promise<T> {
    const event = (phase: AuditEvent['phase'], attempt: number | null, change: Partial<AuditEvent>): AuditEvent => ({
      atMs: this.clock.nowMs(),
      actor: { kind: 'gateway' },
      purpose: null,
      reason: null,
      ...act,
      ...change,
      phase,
      attempt,
    });
    const attempt = await this.audit.append(event('attempt', null, {}));
    try {
      const { value, outcome } = await work();
      await this.audit.append(event('allowed', attempt, outcome));
      return value;
    } catch (error) {
      await this.audit.append(event('failed', attempt, { reason: error instanceof Error ? error.name : 'error' }));
      throw error;
    }
  }
}
