/** The newest version of every alert of an order, page by page out of the ledger. */
import type { AlertVersion } from '../domain/alert.js';
import type { OrderId } from '../domain/ids.js';
import type { LedgerReader } from '../ports/ledger.js';

const PAGE = 256;

/** Of one order, or of all: in the order in which they were told. */
export function* everyAlert(ledger: Pick<LedgerReader, 'alerts'>, orderId?: OrderId): Generator<AlertVersion> {
  const filter = orderId === undefined ? {} : { orderId };
  for (let place = 0; ; ) {
    const page = ledger.alerts(filter, place, PAGE);
    for (const { version } of page) yield version;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    place = last.place;
  }
}

export const alertsOf = (ledger: Pick<LedgerReader, 'alerts'>, orderId: OrderId): AlertVersion[] => [
  ...everyAlert(ledger, orderId),
];
