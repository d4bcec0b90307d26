/** What was said of every order, packed and off the heap: most orders speak for months, and are read when somebody moves. */
import { ResidentCodec } from '../codec/resident-record.js';
import type { OrderId } from '../domain/ids.js';
import { RecordSlab } from './record-slab.js';
import type { Revision } from './timeline.js';

const OWN = ['orderId', 'subjectId', 'deviceId'];

export class ResidentOrders {
  readonly #codec = new ResidentCodec(OWN);
  readonly #slots = new Map<OrderId, number>();
  readonly #freeSlots: number[] = [];
  readonly #slab = new RecordSlab();

  get size(): number {
    return this.#slots.size;
  }

  keys(): IterableIterator<OrderId> {
    return this.#slots.keys();
  }

  /** By position; null: nothing was said of it. */
  get(orderId: OrderId): readonly Revision[] | null {
    const slot = this.#slots.get(orderId);
    const record = slot === undefined ? null : this.#slab.view(slot);
    return record === null ? null : (this.#codec.decode(record) as readonly Revision[]);
  }

  set(orderId: OrderId, revisions: readonly Revision[]): void {
    const slot = this.#slots.get(orderId) ?? this.#freeSlots.pop() ?? this.#slots.size;
    this.#slots.set(orderId, slot);
    this.#slab.put(slot, this.#codec.encode(revisions));
  }

  delete(orderId: OrderId): void {
    const slot = this.#slots.get(orderId);
    if (slot === undefined) return;
    this.#slab.remove(slot);
    this.#slots.delete(orderId);
    this.#freeSlots.push(slot);
  }
}
