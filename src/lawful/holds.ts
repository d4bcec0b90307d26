/** Legal holds in the register (¶44, ¶50). */
import type { Person } from '../domain/grant.js';
import type { OrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { ok } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import { type Duty, RIGHTS } from '../ports/duties/duty.js';
import {
  HOLD_REASONS,
  type HoldBody,
  type HoldDocument,
  type HoldReason,
  type HoldRequest,
  type Holds,
} from '../ports/duties/holds.js';
import type { Register } from '../ports/register.js';
import { documentOf, newId, notFound, putNext, refusal } from './documents.js';
import type { OrderLocks } from './order-locks.js';

export interface HoldParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly locks: OrderLocks;
  /** Is the destruction of the order decided already? */
  readonly destructionBegun: (orderId: OrderId) => boolean;
}

export class RegisterHolds implements Holds {
  constructor(private readonly p: HoldParts) {}

  place(by: Person, order: Order, request: HoldRequest): Duty<HoldDocument> {
    const { clock, register, locks, destructionBegun } = this.p;
    const { orderId, subjectId, supervisor: agency } = order;
    return locks.alone(orderId, async () => {
      if (destructionBegun(orderId)) {
        return refusal('conflict', 'The keys of this order are being destroyed: a hold comes too late.');
      }
      const placed = { placedMs: clock.nowMs(), placedBy: by.user };
      const lifted = { liftedMs: null, liftedBy: null, liftReason: null };
      const body: HoldBody = { state: 'standing', ...request, ...placed, ...lifted };
      const whose = { orderId, subjectId, agency };
      const document = { kind: 'hold', id: newId('H'), version: 1, ...whose, atMs: placed.placedMs } as const;
      await register.put({ ...document, by: by.user, body });
      return ok({ ...document, by: by.user, body });
    });
  }

  async lift(by: Person, id: string, reason: string): Duty<HoldDocument> {
    const standing = this.get(id);
    if (standing === null) return notFound('hold');
    if (standing.body.state === 'lifted') return refusal('conflict', 'The hold is lifted already.');
    const atMs = this.p.clock.nowMs();
    const lifted = { state: 'lifted', liftedMs: atMs, liftedBy: by.user, liftReason: reason } as const;
    return putNext(this.p.register, standing, { atMs, by: by.user, body: { ...standing.body, ...lifted } });
  }

  get(id: string): HoldDocument | null {
    return documentOf<HoldBody>(this.p.register, 'hold', id);
  }

  list(orderId?: OrderId): HoldDocument[] {
    return [...this.p.register.list('hold', orderId === undefined ? {} : { orderId })] as HoldDocument[];
  }

  standing(orderId: OrderId): HoldDocument[] {
    return this.list(orderId).filter(({ body }) => body.state === 'standing');
  }
}

/** What an officer, and through them the person, is told while holds stand: the class of each reason, no more (¶45). */
export function heldRefusal(holds: readonly HoldDocument[]) {
  const classes = classesOf(holds);
  // DPA 2018 s.48(3): reasons may be left out where they would prejudice an investigation; the rights never are
  const told = classesOf(holds.filter(({ body }) => !body.withhold));
  const because = told.length > 0 ? ` because ${inWords(told)}` : ' at present, as the law permits';
  return refusal(
    'held',
    `A legal hold stands (${classes.join(', ')}): ${inWords(classes)}. Nothing of the order is destroyed until it is lifted.`,
    `We cannot erase what is held about you${because}. ${RIGHTS}`,
  );
}

const classesOf = (holds: readonly HoldDocument[]) => [...new Set(holds.map(({ body }) => body.reasonClass))];
const inWords = (reasons: readonly HoldReason[]) => reasons.map((reason) => HOLD_REASONS[reason]).join('; ');
