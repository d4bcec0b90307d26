/**
 * Whether a caller may look at an order at all: its agency's, by role; and of a restricted order only the officers of
 * the agency that supervises it, the centre's own and the data controller, save those whom its list names.
 */
import type { AgencyId, OrderId } from '../../domain/ids.js';
import type { Order } from '../../domain/order.js';
import { isSameUser } from '../../domain/same-user.js';
import type { Register } from '../../ports/register.js';
import type { OrderIndex } from '../order-index.js';
import { type Access, maySee } from './gate.js';

/** The body of a `restriction`: who may not look. */
export interface RestrictionBody {
  readonly users: readonly string[];
  readonly reason: string;
}

/** What lists and streams of alerts ask. */
export type AlertSight = Pick<Restrictions, 'restricted' | 'mayLookAt' | 'agencyOf'>;

export class Restrictions {
  readonly #orders: OrderIndex;
  readonly #register: Pick<Register, 'get'>;
  readonly #centre: AgencyId;

  constructor(orders: OrderIndex, register: Pick<Register, 'get'>, monitoringAgency: AgencyId) {
    this.#orders = orders;
    this.#register = register;
    this.#centre = monitoringAgency;
  }

  /** The newest revision of a restricted order; null: it is none. */
  restricted(orderId: OrderId | null): Order | null {
    return orderId === null ? null : this.#orders.restricted(orderId);
  }

  mayLook(access: Access, order: Order): boolean {
    return maySee(access, order.supervisor, this.#centre) && this.admits(access, order);
  }

  /**
   * The same for what is told of an order (an alert), of which only the id and the agency that it was told to are at
   * hand: who supervises now sees and handles what stands, and who did once does not.
   */
  mayLookAt(access: Access, orderId: OrderId | null, agency: AgencyId | null): boolean {
    if (!maySee(access, this.agencyOf(orderId, agency), this.#centre)) return false;
    const order = this.restricted(orderId);
    return order === null || this.admits(access, order);
  }

  /** Whose an alert is now. */
  agencyOf(orderId: OrderId | null, agency: AgencyId | null): AgencyId | null {
    return orderId === null || agency === null ? agency : this.#orders.supervisor(orderId, agency);
  }

  excluded(orderId: OrderId): RestrictionBody {
    const document = this.#register.get('restriction', orderId);
    return document === null ? { users: [], reason: '' } : (document.body as RestrictionBody);
  }

  /** Is the caller on the order's list? In whatever letters the list has the name. */
  excludes({ user }: Access, orderId: OrderId): boolean {
    return this.excluded(orderId).users.some((listed) => isSameUser(listed, user));
  }

  /**
   * May the caller put `next` in the place of what stands? Of a restricted order nobody on its list may; others who may
   * not look (an import) may, as long as it stays restricted: to open it to oneself takes somebody who sees it.
   */
  mayReplace(access: Access, standing: Order, next: Order): boolean {
    if (!standing.restricted || this.admits(access, standing)) return true;
    return next.restricted && !this.excludes(access, standing.orderId);
  }

  /** Of a restricted order: is this one of those who may? Of others: always. */
  admits(access: Access, order: Order): boolean {
    if (!order.restricted) return true;
    if (this.excludes(access, order.orderId)) return false;
    switch (access.role) {
      case 'monitoring_officer':
        return access.agency === this.#centre;
      case 'supervising_officer':
      case 'police_liaison':
        return access.agency === order.supervisor;
      case 'data_controller':
        return true;
      case 'administrator':
        return access.development;
      default:
        return false;
    }
  }
}
