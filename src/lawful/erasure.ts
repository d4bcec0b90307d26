/** Erasure on request (¶44–45): refused with reason and rights, or done, with a certificate. */
import type { Person } from '../domain/grant.js';
import type { OrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { bad, ok } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import { type Duty, type DutyRefusal, RIGHTS } from '../ports/duties/duty.js';
import type {
  CertificateBody,
  CertificateDocument,
  ErasureBody,
  ErasureDocument,
  ErasureRequest,
  Erasures,
} from '../ports/duties/erasures.js';
import type { Holds } from '../ports/duties/holds.js';
import type { Register } from '../ports/register.js';
import type { Destruction } from './destruction.js';
import { documentOf, newId, refusal } from './documents.js';
import { heldRefusal } from './holds.js';
import type { OrderLocks } from './order-locks.js';

export interface ErasureParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly holds: Pick<Holds, 'standing'>;
  readonly locks: OrderLocks;
  readonly destruction: Destruction;
}

export class RegisterErasures implements Erasures {
  constructor(private readonly p: ErasureParts) {}

  erase(by: Person, order: Order, request: ErasureRequest): Duty<ErasureDocument> {
    const { locks, destruction, holds } = this.p;
    return locks.alone(order.orderId, async () => {
      const underWay = destruction.of(order.orderId);
      if (underWay !== null) return ok(await destruction.proceed(underWay));
      const standing = holds.standing(order.orderId);
      const refused = standing.length > 0 ? heldRefusal(standing).fault : this.#inForce(order, request);
      if (refused !== null) {
        await this.#recordRefusal(by, order, request, refused);
        return bad(refused);
      }
      const { ground, reason } = request;
      const decided = { orderId: order.orderId, cause: 'erasure', ground, reason, by: by.user } as const;
      return ok(await destruction.proceed(await destruction.begin(decided)));
    });
  }

  unlessDestroyed<T>(orderId: OrderId, work: () => Promise<T>): Promise<{ readonly value: T } | null> {
    return this.p.locks.alone(orderId, async () =>
      this.p.destruction.isDestroyed(orderId) ? null : { value: await work() },
    );
  }

  get(id: string): ErasureDocument | null {
    return documentOf<ErasureBody>(this.p.register, 'erasure', id);
  }

  list(): ErasureDocument[] {
    return [...this.p.register.list('erasure')] as ErasureDocument[];
  }

  certificate(id: string): CertificateDocument | null {
    return documentOf<CertificateBody>(this.p.register, 'certificate', id);
  }

  certificates(): CertificateDocument[] {
    return [...this.p.register.list('certificate')] as CertificateDocument[];
  }

  async finish(): Promise<number> {
    const { destruction, locks } = this.p;
    let open = 0;
    for (const orderId of destruction.underWay()) {
      const done = await locks.alone(orderId, async () => {
        // whoever asked for it may have finished it while we waited
        const document = destruction.of(orderId);
        return document === null || (await destruction.proceed(document)).body.state === 'done';
      });
      if (!done) open++;
    }
    return open;
  }

  /** While an order runs, its monitoring is what a court or a licence has ordered; only unlawful data goes then (¶44). */
  #inForce({ startMs, endMs }: Order, { ground }: ErasureRequest): DutyRefusal | null {
    const nowMs = this.p.clock.nowMs();
    if (nowMs < startMs || nowMs >= endMs || ground === 'unlawful_processing') return null;
    return refusal(
      'order_in_force',
      'The order is in force: end it by a new revision first, or state that the processing is unlawful.',
      `We cannot erase what is held about you while the order or licence runs: the law requires that it be monitored. ${RIGHTS}`,
    ).fault;
  }

  async #recordRefusal(by: Person, order: Order, request: ErasureRequest, refused: DutyRefusal): Promise<void> {
    const { orderId, subjectId, supervisor: agency } = order;
    const told = { refusal: refused.code, toThePerson: refused.toThePerson ?? RIGHTS };
    const whose = { orderId, subjectId, agency, atMs: this.p.clock.nowMs(), by: by.user };
    const body: ErasureBody = { state: 'refused', ...request, ...told };
    await this.p.register.put({ kind: 'erasure', id: newId('E'), version: 1, ...whose, body });
  }
}
