/** The review of records: what devices said of a person, out of the archive and the recent log, in the order of its time. */
import type { Sight } from '../domain/grant.js';
import type { OrderId } from '../domain/ids.js';
import type { ArchivedRecord } from './archive.js';

export interface Evidence {
  /** Positions within what may be seen, oldest first, a day in memory at a time; each record once. */
  fixes(orderId: OrderId, sight: Sight): AsyncIterable<ArchivedRecord>;
  /** Everything else within what may be seen. */
  records(orderId: OrderId, sight: Sight): AsyncIterable<ArchivedRecord>;
}
