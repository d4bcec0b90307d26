/** Statistics for the public (¶32): counted over the ledger, suppressed before they leave. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Clock } from '../ports/clock.js';
import type { Statistics, StatisticsReport, StatisticsTable } from '../ports/duties/statistics.js';
import type { LedgerReader } from '../ports/ledger.js';
import { everyAlert } from './alerts-of.js';
import { suppress, THRESHOLD } from './suppress.js';

export interface StatisticsParts {
  readonly clock: Clock;
  readonly ledger: Pick<LedgerReader, 'orders' | 'alerts'>;
}

const NOTES = [
  `Counts below ${THRESHOLD} are not published (null), and neither are others from which they could be worked out.`,
  'A total is the sum of the published counts of its table; totals of different tables may differ.',
  'An alert counts in the month (UTC) in which its episode began; withdrawn alerts do not count.',
  'Months that are not over are left out; tables without months are given for years that are over.',
  'People whose data was erased, as the law requires, are in no count.',
] as const;

export class LedgerStatistics implements Statistics {
  constructor(private readonly p: StatisticsParts) {}

  async ofYear(year: number): Promise<StatisticsReport> {
    const nowMs = this.p.clock.nowMs();
    const fromMs = Date.UTC(year, 0, 1);
    const toMs = Date.UTC(year + 1, 0, 1);
    const now = new Date(nowMs);
    const monthsToMs = Math.min(toMs, Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
    const orders = new Map<OrderId, Order>();
    for await (const { order } of inTurns(this.p.ledger.orders())) orders.set(order.orderId, order);

    const byMonth = new Tally('alerts by type and month', ['alert_type', 'month']);
    const byOrder = new Tally('alerts by order type and condition', ['order_type', 'condition_kind']);
    for await (const alert of inTurns(everyAlert(this.p.ledger))) {
      if (alert.state === 'withdrawn' || alert.startMs < fromMs || alert.startMs >= toMs) continue;
      if (alert.startMs < monthsToMs) byMonth.add(alert.type, new Date(alert.startMs).toISOString().slice(0, 7));
      const order = alert.orderId === null ? undefined : orders.get(alert.orderId);
      const condition = order?.conditions.find(({ conditionId }) => conditionId === alert.conditionId);
      byOrder.add(order?.type ?? 'none', condition?.kind ?? 'equipment');
    }
    // a count of a whole year, asked for again each month, would tell each month's: so it waits for the year's end
    const over = nowMs >= toMs;
    const tables = over ? [byMonth, byOrder, ...this.#orders([...orders.values()], fromMs, toMs)] : [byMonth];
    return { year, threshold: THRESHOLD, notes: NOTES, tables: tables.map((tally) => tally.table()) };
  }

  #orders(orders: readonly Order[], fromMs: number, toMs: number): Tally[] {
    const byType = new Tally('orders in force, by type', ['order_type']);
    const byKind = new Tally('conditions in force, by kind', ['condition_kind']);
    for (const { type, startMs, endMs, conditions } of orders) {
      if (startMs >= toMs || endMs <= fromMs) continue;
      byType.add(type);
      for (const { kind } of conditions) byKind.add(kind);
    }
    return [byType, byKind];
  }
}

const PER_TURN = 256;

/** Alerts of others wait while we count: the event loop has its turn between some. */
async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % PER_TURN === 0) await nextTurn();
  }
}

class Tally {
  readonly #counts = new Map<string, { readonly key: readonly string[]; count: number }>();

  constructor(
    private readonly name: string,
    private readonly dimensions: readonly string[],
  ) {}

  add(...key: string[]): void {
    const name = key.join('\n');
    const cell = this.#counts.get(name) ?? { key, count: 0 };
    cell.count++;
    this.#counts.set(name, cell);
  }

  table(): StatisticsTable {
    const counts = [...this.#counts.values()].sort((a, b) => (a.key.join('\n') < b.key.join('\n') ? -1 : 1));
    const cells = suppress(counts);
    const published = cells.reduce((sum, { count }) => sum + (count ?? 0), 0);
    return { name: this.name, dimensions: this.dimensions, cells, published };
  }
}
