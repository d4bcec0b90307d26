/** Which order a record speaks for, by its event time, however late it arrives. */
import { type DeviceId, type OrderId, type StreamKey, streamOfDevice, streamOfOrder } from '../domain/ids.js';
import type { Assignment, Order } from '../domain/order.js';
import type { RecordBody } from '../domain/record.js';

/** One assignment of a device: half-open `[fromMs, toMs)`, so that a re-issued tag never speaks for its last wearer. */
interface Slot {
  readonly fromMs: number;
  readonly toMs: number;
  readonly orderId: OrderId;
  readonly stream: StreamKey;
}

/** What of a record says whose it is. */
export interface RoutedRecord {
  readonly timeMs: number;
  readonly body:
    | { readonly kind: Exclude<RecordBody['kind'], 'rf'> | 'other' }
    | { readonly kind: 'rf'; readonly tagId: DeviceId };
}

/** On the way of every record: one Map lookup and a scan of a device's few assignments. */
export class AssignmentIndex {
  /** By device, earliest first. */
  readonly #slots = new Map<DeviceId, readonly Slot[]>();
  readonly #orders = new Map<OrderId, { readonly revision: number; readonly devices: ReadonlySet<DeviceId> }>();

  /** The assignments of this revision take the place of the order's former ones; an older revision changes nothing. */
  put(order: Order): void {
    const { orderId, revision } = order;
    const former = this.#orders.get(orderId);
    if (former !== undefined && former.revision > revision) return;
    this.remove(orderId);
    this.#orders.set(orderId, { revision, devices: new Set(order.devices.map(({ deviceId }) => deviceId)) });
    const stream = streamOfOrder(orderId);
    for (const { deviceId, fromMs, toMs } of order.devices) {
      const slots = [...(this.#slots.get(deviceId) ?? []), { fromMs, toMs, orderId, stream }];
      this.#slots.set(deviceId, slots.sort(earliestFirst));
    }
  }

  remove(orderId: OrderId): void {
    for (const deviceId of this.#orders.get(orderId)?.devices ?? []) {
      const others = (this.#slots.get(deviceId) ?? []).filter((slot) => slot.orderId !== orderId);
      if (others.length > 0) this.#slots.set(deviceId, others);
      else this.#slots.delete(deviceId);
    }
    this.#orders.delete(orderId);
  }

  /** The order's stream, or the device's own where no assignment covers that time. */
  streamOf(deviceId: DeviceId, atMs: number): StreamKey {
    return this.#slotAt(deviceId, atMs)?.stream ?? streamOfDevice(deviceId);
  }

  orderAt(deviceId: DeviceId, atMs: number): OrderId | null {
    return this.#slotAt(deviceId, atMs)?.orderId ?? null;
  }

  /** Another order that has the device during a part of the assignment; the earliest, or null. */
  overlapping(orderId: OrderId, { deviceId, fromMs, toMs }: Assignment): OrderId | null {
    const slots = this.#slots.get(deviceId) ?? [];
    return slots.find((s) => s.orderId !== orderId && s.fromMs < toMs && fromMs < s.toMs)?.orderId ?? null;
  }

  /**
   * The records of one device by the stream they concern; each stream keeps their order.
   * What a home unit says of a tag that is not its own (a foreign sighting, ¶19) goes to that tag's stream alone, and is
   * no sign of life of the unit. Where neither is assigned, the record stays with the unit that sent it.
   */
  route<R extends RoutedRecord>(deviceId: DeviceId, records: readonly R[]): Map<StreamKey, R[]> {
    const routed = new Map<StreamKey, R[]>();
    for (const record of records) {
      const stream = this.#streamOfRecord(deviceId, record);
      const list = routed.get(stream);
      if (list === undefined) routed.set(stream, [record]);
      else list.push(record);
    }
    return routed;
  }

  #streamOfRecord(deviceId: DeviceId, { body, timeMs }: RoutedRecord): StreamKey {
    const own = this.#slotAt(deviceId, timeMs);
    if (body.kind !== 'rf') return own?.stream ?? streamOfDevice(deviceId);
    const tag = this.#slotAt(body.tagId, timeMs);
    if (tag !== null) return tag.stream;
    return streamOfDevice(own === null ? deviceId : body.tagId);
  }

  #slotAt(deviceId: DeviceId, atMs: number): Slot | null {
    const slots = this.#slots.get(deviceId);
    if (slots === undefined) return null;
    for (const slot of slots) if (slot.fromMs <= atMs && atMs < slot.toMs) return slot;
    return null;
  }
}

const earliestFirst = (a: Slot, b: Slot): number => a.fromMs - b.fromMs || (a.orderId < b.orderId ? -1 : 1);
