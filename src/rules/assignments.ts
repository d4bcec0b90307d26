/** Which order a record speaks for, by its event time, however late it arrives. */
import { type DeviceId, type OrderId, type StreamKey, streamOfDevice, streamOfOrder } from '../domain/ids.js';
import type { Assignment, Order } from '../domain/order.js';
import type { RecordBody } from '../domain/record.js';
import { longer } from './longer.js';

/** What of a record says whose it is. */
export interface RoutedRecord {
  readonly timeMs: number;
  readonly body:
    | { readonly kind: Exclude<RecordBody['kind'], 'rf'> | 'other' }
    | { readonly kind: 'rf'; readonly tagId: DeviceId };
}

const NONE = 0xffff_ffff;

/**
 * On the way of every record: one Map lookup and a scan of a device's few assignments. An assignment is half-open
 * `[fromMs, toMs)`, so that a re-issued tag never speaks for its last wearer. Its numbers stand in columns: a million people
 * have two devices and more each.
 */
export class AssignmentIndex {
  readonly #devices = new Map<DeviceId, number>();
  readonly #orders = new Map<OrderId, number>();
  readonly #freeDevices: number[] = [];
  readonly #freeOrders: number[] = [];
  readonly #freeSpans: number[] = [];
  #spans = 0;
  /** By device: its assignments, earliest first, begin here. */
  #firstOfDevice = new Uint32Array(256);
  /** By order. */
  readonly #orderIds: OrderId[] = [];
  #revisions = new Uint32Array(256);
  #firstOfOrder = new Uint32Array(256);
  /** By assignment; `next…`: the next of the same device, and of the same order. */
  #fromMs = new Float64Array(256);
  #toMs = new Float64Array(256);
  #order = new Uint32Array(256);
  #device = new Uint32Array(256);
  #nextOfDevice = new Uint32Array(256);
  #nextOfOrder = new Uint32Array(256);
  readonly #deviceIds: DeviceId[] = [];

  /** The assignments of this revision take the place of the order's former ones; an older revision changes nothing. */
  put({ orderId, revision, devices }: Order): void {
    const former = this.#orders.get(orderId);
    if (former !== undefined && (this.#revisions[former] as number) > revision) return;
    this.remove(orderId);
    const order = this.#newOrder(orderId, revision);
    for (const { deviceId, fromMs, toMs } of devices) {
      const device = this.#devices.get(deviceId) ?? this.#newDevice(deviceId);
      const span = this.#freeSpans.pop() ?? this.#spans++;
      this.#growSpans(span);
      this.#fromMs[span] = fromMs;
      this.#toMs[span] = toMs;
      this.#order[span] = order;
      this.#device[span] = device;
      this.#nextOfOrder[span] = this.#firstOfOrder[order] as number;
      this.#firstOfOrder[order] = span;
      this.#link(device, span);
    }
  }

  remove(orderId: OrderId): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    for (let span = this.#firstOfOrder[order] as number; span !== NONE; span = this.#nextOfOrder[span] as number) {
      this.#unlink(this.#device[span] as number, span);
      this.#freeSpans.push(span);
    }
    this.#orders.delete(orderId);
    this.#freeOrders.push(order);
  }

  /** The order's stream, or the device's own where no assignment covers that time. */
  streamOf(deviceId: DeviceId, atMs: number): StreamKey {
    return this.#streamAt(deviceId, atMs) ?? streamOfDevice(deviceId);
  }

  orderAt(deviceId: DeviceId, atMs: number): OrderId | null {
    for (const span of this.#spansOf(deviceId)) if (this.#covers(span, atMs)) return this.#orderOf(span);
    return null;
  }

  /** Another order that has the device during a part of the assignment; the earliest, or null. */
  overlapping(orderId: OrderId, { deviceId, fromMs, toMs }: Assignment): OrderId | null {
    for (const span of this.#spansOf(deviceId)) {
      const isDuring = (this.#fromMs[span] as number) < toMs && fromMs < (this.#toMs[span] as number);
      if (isDuring && this.#orderOf(span) !== orderId) return this.#orderOf(span);
    }
    return null;
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
    const own = this.#streamAt(deviceId, timeMs);
    if (body.kind !== 'rf') return own ?? streamOfDevice(deviceId);
    const tag = this.#streamAt(body.tagId, timeMs);
    if (tag !== null) return tag;
    return streamOfDevice(own === null ? deviceId : body.tagId);
  }

  #streamAt(deviceId: DeviceId, atMs: number): StreamKey | null {
    const device = this.#devices.get(deviceId);
    if (device === undefined) return null;
    for (let span = this.#firstOfDevice[device] as number; span !== NONE; span = this.#nextOfDevice[span] as number) {
      if (this.#covers(span, atMs)) return streamOfOrder(this.#orderOf(span));
    }
    return null;
  }

  *#spansOf(deviceId: DeviceId): Generator<number> {
    const device = this.#devices.get(deviceId);
    if (device === undefined) return;
    for (let span = this.#firstOfDevice[device] as number; span !== NONE; span = this.#nextOfDevice[span] as number) {
      yield span;
    }
  }

  #covers(span: number, atMs: number): boolean {
    return (this.#fromMs[span] as number) <= atMs && atMs < (this.#toMs[span] as number);
  }

  #orderOf(span: number): OrderId {
    return this.#orderIds[this.#order[span] as number] as OrderId;
  }

  /** Those of one device stand by their beginning, then by their order. */
  #link(device: number, span: number): void {
    let before = NONE;
    let after = this.#firstOfDevice[device] as number;
    while (after !== NONE && !this.#isEarlier(span, after)) {
      before = after;
      after = this.#nextOfDevice[after] as number;
    }
    this.#nextOfDevice[span] = after;
    if (before === NONE) this.#firstOfDevice[device] = span;
    else this.#nextOfDevice[before] = span;
  }

  #isEarlier(span: number, other: number): boolean {
    const apart = (this.#fromMs[span] as number) - (this.#fromMs[other] as number);
    return apart < 0 || (!(apart > 0) && this.#orderOf(span) < this.#orderOf(other));
  }

  #unlink(device: number, span: number): void {
    const after = this.#nextOfDevice[span] as number;
    if (this.#firstOfDevice[device] === span) this.#firstOfDevice[device] = after;
    else {
      let before = this.#firstOfDevice[device] as number;
      while (this.#nextOfDevice[before] !== span) before = this.#nextOfDevice[before] as number;
      this.#nextOfDevice[before] = after;
    }
    if (this.#firstOfDevice[device] !== NONE) return;
    this.#devices.delete(this.#deviceIds[device] as DeviceId);
    this.#freeDevices.push(device);
  }

  #newOrder(orderId: OrderId, revision: number): number {
    const order = this.#freeOrders.pop() ?? this.#orderIds.length;
    if (order >= this.#revisions.length) {
      this.#revisions = longer(this.#revisions, 2 * order);
      this.#firstOfOrder = longer(this.#firstOfOrder, 2 * order);
    }
    this.#orders.set(orderId, order);
    this.#orderIds[order] = orderId;
    this.#revisions[order] = revision;
    this.#firstOfOrder[order] = NONE;
    return order;
  }

  #newDevice(deviceId: DeviceId): number {
    const device = this.#freeDevices.pop() ?? this.#deviceIds.length;
    if (device >= this.#firstOfDevice.length) this.#firstOfDevice = longer(this.#firstOfDevice, 2 * device);
    this.#devices.set(deviceId, device);
    this.#deviceIds[device] = deviceId;
    this.#firstOfDevice[device] = NONE;
    return device;
  }

  #growSpans(span: number): void {
    if (span < this.#fromMs.length) return;
    [this.#fromMs, this.#toMs] = [longer(this.#fromMs, 2 * span), longer(this.#toMs, 2 * span)];
    [this.#order, this.#device] = [longer(this.#order, 2 * span), longer(this.#device, 2 * span)];
    this.#nextOfDevice = longer(this.#nextOfDevice, 2 * span);
    this.#nextOfOrder = longer(this.#nextOfOrder, 2 * span);
  }
}
