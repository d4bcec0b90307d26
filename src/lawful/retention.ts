/** The retention clock of every order (¶49–50): at most six years after its end, unless a hold stops it. */
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { OrderId } from '../domain/ids.js';
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
  /** The newest revision of every order that there is: asked for once. */
  readonly orders: () => Iterable<Order>;
  /** Orders that may have changed since they were asked for last; too many do no harm. */
  readonly changed: () => Iterable<OrderId>;
  /** The newest revision of one; null: unknown, or its keys are destroyed. */
  readonly newest: (orderId: OrderId) => Order | null;
  readonly holds: Pick<Holds, 'standing'>;
  readonly locks: OrderLocks;
  readonly destruction: Destruction;
  readonly acts: GatewayActs;
}

/** Orders that are read between two turns of the event loop, while alerts of others wait. */
const ORDERS_PER_TURN = 256;

export class RetentionClock implements Retention {
  /** When each order ends: due times are state, and not a timer each. Null: not read yet. */
  #ends: Map<OrderId, number> | null = null;

  constructor(private readonly p: RetentionParts) {
    if (!Number.isInteger(p.months) || p.months < 0 || p.months > RETENTION_MONTHS_MAX) {
      throw new RangeError(`retention of ${p.months} months: 0 to ${RETENTION_MONTHS_MAX} are lawful (¶50)`);
    }
  }

  async rows(): Promise<RetentionRow[]> {
    const nowMs = this.p.clock.nowMs();
    return [...(await this.#follow())]
      .map(([orderId, endMs]): RetentionRow => {
        const dueMs = dueOf(endMs, this.p.months);
        if (dueMs > nowMs) return { orderId, endMs, dueMs, state: 'running' };
        return { orderId, endMs, dueMs, state: this.p.holds.standing(orderId).length > 0 ? 'held' : 'due' };
      })
      .sort((a, b) => a.dueMs - b.dueMs || (a.orderId < b.orderId ? -1 : 1));
  }

  async sweep(): Promise<readonly ErasureDocument[]> {
    const { clock, locks, months } = this.p;
    const ends = await this.#follow();
    const made: ErasureDocument[] = [];
    for (const [orderId, endMs] of [...ends]) {
      if (dueOf(endMs, months) > clock.nowMs()) continue;
      const document = await locks.alone(orderId, () => this.#destroy(orderId));
      if (document === null) continue;
      ends.delete(orderId);
      made.push(document);
    }
    return made;
  }

  /** The ends as they stand now: read once, then kept up with what changed. */
  async #follow(): Promise<Map<OrderId, number>> {
    const { orders, changed, newest, destruction } = this.p;
    // what changes while we read is looked at again below
    const meanwhile = [...changed(), ...destruction.takeGone()];
    let ends = this.#ends;
    if (ends === null) {
      ends = new Map();
      for (const { orderId, endMs } of orders()) {
        ends.set(orderId, endMs);
        if (ends.size % ORDERS_PER_TURN === 0) await nextTurn();
      }
      meanwhile.push(...changed());
      this.#ends = ends;
    }
    for (const orderId of meanwhile) {
      const order = newest(orderId);
      if (order === null) ends.delete(orderId);
      else ends.set(orderId, order.endMs);
    }
    return ends;
  }

  async #destroy(orderId: OrderId): Promise<ErasureDocument | null> {
    const { clock, holds, destruction, acts, months, newest } = this.p;
    // looked at behind the lock: a hold that was placed a moment ago counts, and so does a later end
    const order = newest(orderId);
    if (order === null || dueOf(order.endMs, months) > clock.nowMs()) return null;
    if (destruction.begun(orderId) || holds.standing(orderId).length > 0) return null;
    const { subjectId } = order;
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
