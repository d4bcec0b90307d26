/** The retention clock of every order (¶49–50): at most six years after its end, unless a hold stops it. */

import type { OrderId, SubjectId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Clock } from '../ports/clock.js';
import type { ErasureDocument, Retention, RetentionRow } from '../ports/duties/erasures.js';
import type { Holds } from '../ports/duties/holds.js';
import type { Destruction } from './destruction.js';
import type { GatewayActs } from './gateway-acts.js';
import type { OrderLocks } from './order-locks.js';

/** ¶50: "up to 6 years post order end". */
export const RETENTION_MONTHS_MAX = 72;

export interface RetentionParts {
  readonly clock: Clock;
  /** 0 to 72, counted from the end of the newest revision. */
  readonly months: number;
  /** The newest revision of every order that there is. */
  readonly orders: () => Iterable<Order>;
  readonly holds: Pick<Holds, 'standing'>;
  readonly locks: OrderLocks;
  readonly destruction: Destruction;
  readonly acts: GatewayActs;
}

interface Standing {
  readonly orderId: OrderId;
  readonly subjectId: SubjectId;
  readonly endMs: number;
}

export class RetentionClock implements Retention {
  constructor(private readonly p: RetentionParts) {
    if (!Number.isInteger(p.months) || p.months < 0 || p.months > RETENTION_MONTHS_MAX) {
      throw new RangeError(`retention of ${p.months} months: 0 to ${RETENTION_MONTHS_MAX} are lawful (¶50)`);
    }
  }

  rows(): RetentionRow[] {
    const nowMs = this.p.clock.nowMs();
    return [...this.p.orders()]
      .map(({ orderId, endMs }): RetentionRow => {
        const dueMs = dueOf(endMs, this.p.months);
        if (dueMs > nowMs) return { orderId, endMs, dueMs, state: 'running' };
        return { orderId, endMs, dueMs, state: this.p.holds.standing(orderId).length > 0 ? 'held' : 'due' };
      })
      .sort((a, b) => a.dueMs - b.dueMs || (a.orderId < b.orderId ? -1 : 1));
  }

  async sweep(): Promise<readonly ErasureDocument[]> {
    const nowMs = this.p.clock.nowMs();
    const due: Standing[] = [...this.p.orders()].filter(({ endMs }) => dueOf(endMs, this.p.months) <= nowMs);
    const made: ErasureDocument[] = [];
    for (const order of due) {
      const document = await this.p.locks.alone(order.orderId, () => this.#destroy(order));
      if (document !== null) made.push(document);
    }
    return made;
  }

  async #destroy({ orderId, subjectId }: Standing): Promise<ErasureDocument | null> {
    const { holds, destruction, acts, months } = this.p;
    // looked at behind the lock: a hold that was placed a moment ago counts
    if (destruction.begun(orderId) || holds.standing(orderId).length > 0) return null;
    const act = { action: 'retention.destroy', category: 'erasure', orderId, subjectId, detail: {} } as const;
    return acts.run(act, async () => {
      const ground = `${months} months after the end of the order`;
      const why = { cause: 'retention', ground, reason: 'the period of retention is over', by: 'gateway' } as const;
      const value = await destruction.proceed(await destruction.begin({ orderId, ...why }));
      return { value, outcome: { orderId: null, subjectId: null, detail: { erasure: value.id } } };
    });
  }
}

/** Calendar months after an order's end, UTC; the last day of a shorter month where the day is not in it. */
export function dueOf(endMs: number, months: number): number {
  const end = new Date(endMs);
  const day = end.getUTCDate();
  const due = new Date(endMs);
  due.setUTCDate(1);
  due.setUTCMonth(due.getUTCMonth() + months);
  const days = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() + 1, 0)).getUTCDate();
  due.setUTCDate(Math.min(day, days));
  return due.getTime();
}
