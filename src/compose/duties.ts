/** Joins the duties of the office (holds to statistics) on the stores of the review service. */
import type { KeyObject } from 'node:crypto';
import type { OrderId } from '../domain/ids.js';
import { everyAlert } from '../lawful/alerts-of.js';
import { CertificateSigner } from '../lawful/certificate.js';
import type { CredibleTime } from '../lawful/credible-time.js';
import { Destruction } from '../lawful/destruction.js';
import { RegisterDisclosures } from '../lawful/disclosures.js';
import { RegisterErasures } from '../lawful/erasure.js';
import { PersonExports } from '../lawful/export.js';
import { GatewayActs } from '../lawful/gateway-acts.js';
import { RegisterHolds } from '../lawful/holds.js';
import { IncidentWatcher } from '../lawful/incident-watcher.js';
import { RegisterIncidents } from '../lawful/incidents.js';
import { OrderNotices } from '../lawful/notice.js';
import { OrderLocks } from '../lawful/order-locks.js';
import { RegisterRectifications } from '../lawful/rectifications.js';
import { RetentionClock } from '../lawful/retention.js';
import { LedgerStatistics } from '../lawful/statistics.js';
import { RegisterWarnings } from '../lawful/warnings.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Bookmark } from '../ports/bookmark.js';
import type { Clock } from '../ports/clock.js';
import type { CommandLog } from '../ports/commands.js';
import type { Duties } from '../ports/duties/duties.js';
import type { DestroyedCounts } from '../ports/duties/erasures.js';
import type { Evidence } from '../ports/evidence.js';
import type { Grants } from '../ports/grants.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { ReviewKeys } from '../ports/order-keys.js';
import type { Register } from '../ports/register.js';
import type { Telemetry } from '../ports/telemetry.js';

export interface DutyParts {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'gauge' | 'log'>;
  readonly audit: AuditLog;
  readonly register: Register;
  readonly keys: ReviewKeys;
  readonly ledger: LedgerReader;
  readonly grants: Grants;
  readonly evidence: Evidence;
  /** Every change of an order goes through here. */
  readonly commands: Pick<CommandLog, 'after' | 'done'>;
  /** P-256; signs certificates of destruction. */
  readonly certificateKey: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  /** Tells the engine to stop an order and remove its rows; false: it has not answered yet. */
  readonly removeRows: (orderId: OrderId) => Promise<boolean>;
  /** How many archive segments there are of an order. */
  readonly countSegments: (orderId: OrderId) => number;
  /** How far the watch over alerts has come. */
  readonly incidentBookmark: Bookmark;
  readonly retentionMonths: number;
  /** Can the clock be believed for what cannot be undone? Absent: it is moved by hand. */
  readonly time?: Pick<CredibleTime, 'isCredible' | 'believe'> | undefined;
  /** ¶53, ¶56: who decides, and who collects on their behalf. */
  readonly controller: string;
  readonly processor: string;
  /** Where a person sends a request. */
  readonly contact: string;
}

/** What broke off at the last stop is finished at the first sweep. */
export function openDuties(p: DutyParts): Duties {
  const { clock, register, ledger, grants, evidence, audit, keys, controller, processor } = p;
  const locks = new OrderLocks();
  const signer = new CertificateSigner(p.certificateKey.privateKey, p.certificateKey.publicKey);
  const count = (orderId: OrderId) => countsOf(p, orderId);
  const destruction = new Destruction({ clock, register, keys, count, removeRows: p.removeRows, signer });
  // who waited for a destruction to end comes too late as well
  const destructionBegun = (id: OrderId) => destruction.begun(id) || destruction.isDestroyed(id);
  const holds = new RegisterHolds({ clock, register, locks, destructionBegun });
  const erasures = new RegisterErasures({ clock, register, holds, locks, destruction });
  const retention = new RetentionClock({
    clock,
    months: p.retentionMonths,
    orders: function* () {
      for (const { order } of ledger.orders()) yield order;
    },
    changed: ordersPut(p.commands),
    newest: (orderId) => ledger.orderRevisions(orderId).at(-1)?.order ?? null,
    holds,
    locks,
    destruction,
    acts: new GatewayActs(audit, clock),
  });
  const incidents = new RegisterIncidents({ clock, register });
  const watcher = new IncidentWatcher({ incidents, ledger, grants, bookmark: p.incidentBookmark });
  const roles = { controller, processor };

  let sweeping: Promise<void> | null = null;
  let looked = false;
  const sweep = async (): Promise<void> => {
    await part('incidents', () => watcher.look(clock.nowMs()));
    p.telemetry.gauge('fairwatch_incidents_near_deadline', incidents.nearDeadline());
    await part('erasures', async () => {
      // once a start: a restore is followed by one
      if (!looked) {
        const revived = await destruction.again();
        if (revived > 0) p.telemetry.log('warn', 'erasure.done_again', { orders: revived });
        looked = true;
      }
      const open = await erasures.finish();
      if (open > 0) p.telemetry.log('warn', 'erasure.waits_for_engine', { open });
    });
    await part('retention', async () => {
      if ((await p.time?.isCredible()) ?? true) await retention.sweep();
      // nothing is lost by waiting for a person, who may still run it
      else p.telemetry.log('error', 'retention.clock_not_credible');
    });
  };
  /** One that fails is tried again at the next sweep, and keeps none of the others from their work. */
  const part = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      p.telemetry.log('error', 'duties.sweep_failed', { part: what, error: name });
    }
  };
  return {
    holds,
    incidents,
    disclosures: new RegisterDisclosures({ clock, register, ledger, grants, evidence, roles }),
    warnings: new RegisterWarnings({ clock, register }),
    rectifications: new RegisterRectifications({ clock, register, ledger }),
    erasures,
    retention: {
      rows: () => retention.rows(),
      // a person asks for it, who has looked at the clock
      async sweep() {
        const made = await retention.sweep();
        await p.time?.believe();
        return made;
      },
    },
    exports: new PersonExports({ clock, register, audit, ledger, evidence, roles }),
    statistics: new LedgerStatistics({ clock, ledger }),
    notices: new OrderNotices({ controller, processor, contact: p.contact, retentionMonths: p.retentionMonths }),
    // two sweeps at once would do the same work twice
    sweep: () => {
      sweeping ??= sweep().finally(() => {
        sweeping = null;
      });
      return sweeping;
    },
  };
}

/** The orders that commands have put since this was asked last; the first time none: every order is read then. */
function ordersPut(commands: Pick<CommandLog, 'after' | 'done'>): () => OrderId[] {
  let seen: number | null = null;
  return () => {
    // what is logged and not settled yet is asked about again when it is
    const done = commands.done();
    const from = seen ?? done;
    seen = done;
    const settled = commands.after(from).filter(({ place }) => place <= done);
    return settled.flatMap(({ command }) => (command.kind === 'put_order' ? [command.order.orderId] : []));
  };
}

function countsOf({ ledger, countSegments }: DutyParts, orderId: OrderId): DestroyedCounts {
  let alerts = 0;
  let versions = 0;
  for (const { version } of everyAlert(ledger, orderId)) {
    alerts++;
    versions += version;
  }
  return {
    alerts,
    alert_versions: versions,
    order_revisions: ledger.orderRevisions(orderId).length,
    archive_segments: countSegments(orderId),
  };
}
