/** Whether entries say of themselves what their rows say: their place, and the order by which they are found. */
import { decodeAuditEntry } from '../codec/audit-entry.js';
import type { AuditRows } from '../ports/audit-rows.js';
import { type Findings, guarded, isCount } from './audit-verify-findings.js';

export class OrderIndexCheck {
  /** By index: the number of the order's name, 0 for none. */
  readonly #orders: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(private readonly found: Findings) {}

  /** The index that the entry gives itself; −1: it cannot be read. */
  entry(index: number, bytes: Uint8Array): number {
    const entry = decodeAuditEntry(bytes);
    if (!entry.ok) {
      this.found.add('entry_unreadable', index, `entry ${index} cannot be read: ${entry.fault}`);
      return -1;
    }
    const { order, index: claimed } = entry.value;
    if (claimed !== index) {
      this.found.add('entry_misplaced', index, `what lies at ${index} calls itself entry ${claimed}`);
    }
    if (order !== null) this.#orders[index] = this.#numberOf(order);
    return claimed;
  }

  /** Every entry of an order is found by it, and nothing else is. */
  finish(rows: AuditRows): void {
    for (const { key, bytes } of guarded('index of orders', () => rows.byOrder(), this.found)) {
      const [order, index] = Array.isArray(key) ? (key as unknown[]) : [];
      const number = typeof order === 'string' ? this.#numbers.get(order) : undefined;
      if (isCount(index) && number !== undefined && this.#orders[index] === number && bytes.length === 0) {
        this.#orders[index] = 0;
      } else {
        const at = isCount(index) ? index : null;
        this.found.add(
          'order_index_wrong',
          at,
          `the index of orders names entry ${at ?? '?'} under an order it is not of`,
        );
      }
    }
    this.#orders.forEach((number, index) => {
      if (number > 0) this.found.add('order_index_wrong', index, `the index of orders misses entry ${index}`);
    });
  }

  #numberOf(order: string): number {
    const known = this.#numbers.get(order);
    if (known !== undefined) return known;
    this.#numbers.set(order, this.#numbers.size + 1);
    return this.#numbers.size;
  }
}
