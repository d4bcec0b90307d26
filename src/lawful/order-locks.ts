/** One thing at a time for each order: a hold is placed before a destruction or finds it begun, never beside it. */
import type { OrderId } from '../domain/ids.js';

/** Holds within one process, which is enough: one process alone writes the register. */
export class OrderLocks {
  readonly #last = new Map<OrderId, Promise<unknown>>();

  async alone<T>(orderId: OrderId, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(orderId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#last.set(orderId, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(orderId) === settled) this.#last.delete(orderId);
    }
  }
}
