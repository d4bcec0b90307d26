/** The review of records: what devices said of a person, out of the archive and the recent log, in the order of its time. */
import type { Sight } from '../domain/grant.js';
import type { DeviceId, OrderId } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';

export interface Reviewed {
  /** Null: somebody else's unit, which this reader is not told. */
  readonly deviceId: DeviceId | null;
  /** When it arrived, UTC seconds. */
  readonly receivedS: number;
  readonly record: DeviceRecord;
}

/** Oldest first, each record once, a day in memory at a time; nothing outside what may be seen. */
export interface Evidence {
  /** Positions. */
  fixes(orderId: OrderId, sight: Sight): AsyncIterable<Reviewed>;
  /** Everything that is no position. */
  records(orderId: OrderId, sight: Sight): AsyncIterable<Reviewed>;
}
