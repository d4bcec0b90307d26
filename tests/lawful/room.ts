/** A room for lawful business in memory: a register, keys, a ledger and a clock that is set by hand. */
import { generateKeyPairSync } from 'node:crypto';
import type { AuditEvent } from '../../src/domain/audit.js';
import type { Person } from '../../src/domain/grant.js';
import type { OrderId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import { CertificateSigner } from '../../src/lawful/certificate.js';
import { Destruction } from '../../src/lawful/destruction.js';
import { RegisterErasures } from '../../src/lawful/erasure.js';
import { GatewayActs } from '../../src/lawful/gateway-acts.js';
import { RegisterHolds } from '../../src/lawful/holds.js';
import { OrderLocks } from '../../src/lawful/order-locks.js';
import { RetentionClock } from '../../src/lawful/retention.js';
import type { Register } from '../../src/ports/register.js';
import { MemoryRegister } from '../support/memory-register.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { agencyId, order, T0 } from '../support/samples.js';

export const officer: Person = { user: 'controller-1', role: 'data_controller', agency: agencyId(1) };

export class SetClock {
  constructor(public atMs: number) {}
  nowMs(): number {
    return this.atMs;
  }
}

/** Signing keys take a moment to make: once for all tests of a file. */
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const certificateKey = pair.publicKey.export({ format: 'jwk' });

export interface Room {
  readonly clock: SetClock;
  readonly keys: MemoryReviewKeys;
  readonly register: Register;
  readonly orders: Map<OrderId, Order>;
  /** Everything that was done to keys, rows and the log, in its order. */
  readonly done: string[];
  readonly audited: AuditEvent[];
  /** Does the engine answer? */
  engineAnswers: boolean;
  /** It answers when this resolves. */
  engineWorks: Promise<void>;
  /** Orders that were put meanwhile. */
  readonly changed: OrderId[];
  holds: RegisterHolds;
  destruction: Destruction;
  erasures: RegisterErasures;
  retention: RetentionClock;
  /** As after a restart: what was in memory alone is gone. */
  restart(): void;
}

/** Orders 1 to 3 have their keys; each ends 90 days after T0. `register`: wraps the one in memory. */
export async function room(wrap: (register: Register) => Register = (register) => register): Promise<Room> {
  const clock = new SetClock(T0);
  const keys = new MemoryReviewKeys();
  const done: string[] = [];
  const audited: AuditEvent[] = [];
  const orders = new Map<OrderId, Order>();
  for (const n of [1, 2, 3]) {
    orders.set(order(n, 1).orderId, order(n, 1));
    await keys.make(order(n, 1).orderId);
  }
  const register = wrap(new MemoryRegister(keys));
  const audit = {
    async append(event: AuditEvent) {
      audited.push(event);
      done.push(`log ${event.action} ${event.phase}`);
      return audited.length - 1;
    },
  };
  const made = {
    clock,
    keys,
    register,
    orders,
    done,
    audited,
    engineAnswers: true,
    changed: [] as OrderId[],
  } as unknown as Room;
  made.restart = () => {
    const locks = new OrderLocks();
    const destruction = new Destruction({
      clock,
      register,
      keys: {
        nameOf: (orderId) => keys.nameOf(orderId),
        async destroy(orderId) {
          done.push(`destroy ${orderId}`);
          await keys.destroy(orderId);
        },
        destroyNamed: (name) => keys.destroyNamed(name),
      },
      count: () => ({ alert_versions: 7, order_revisions: 2 }),
      async removeRows(orderId) {
        done.push(`rows ${orderId}`);
        await made.engineWorks;
        if (made.engineAnswers) orders.delete(orderId);
        return made.engineAnswers;
      },
      signer: new CertificateSigner(pair.privateKey, pair.publicKey),
    });
    made.destruction = destruction;
    made.holds = new RegisterHolds({ clock, register, locks, destructionBegun: (id) => destruction.begun(id) });
    made.erasures = new RegisterErasures({ clock, register, holds: made.holds, locks, destruction });
    made.retention = new RetentionClock({
      clock,
      months: 72,
      orders: () => orders.values(),
      changed: () => made.changed.splice(0),
      newest: (orderId) => orders.get(orderId) ?? null,
      holds: made.holds,
      locks,
      destruction,
      acts: new GatewayActs(audit, clock),
    });
  };
  made.restart();
  return made;
}

export const hold = {
  reasonClass: 'investigation',
  legalBasis: 'Criminal Procedure and Investigations Act 1996',
  reason: 'asked for by the police',
  caseReference: 'CASE-1',
  withhold: false,
} as const;
