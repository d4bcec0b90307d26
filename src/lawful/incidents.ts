/** The incident register (¶36–42): opened by hand or by the gateway, with clocks of 24 h and 72 h that count down. */
import type { Person } from '../domain/grant.js';
import { ok } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import type { Duty } from '../ports/duties/duty.js';
import type {
  IncidentBody,
  IncidentClocks,
  IncidentDocument,
  IncidentReport,
  Incidents,
  IncidentUpdate,
  Noticed,
} from '../ports/duties/incidents.js';
import { type Register, VersionTaken } from '../ports/register.js';
import { documentOf, newId, notFound, putNext, refusal } from './documents.js';

/** ¶39. */
export const DIRECTORATE_MS = 24 * 3_600_000;
/** ¶41. */
export const COMMISSIONER_MS = 72 * 3_600_000;
const NEAR_MS = 6 * 3_600_000;
const ALERTS_NAMED_MAX = 200;

/** Loss and compromise name no order of their own: they lie under the office's key. */
const OFFICE = { orderId: null, subjectId: null, agency: null } as const;

export class RegisterIncidents implements Incidents {
  constructor(private readonly p: { readonly clock: Clock; readonly register: Register }) {}

  async report(by: Person, report: IncidentReport): Duty<IncidentDocument> {
    const nowMs = this.p.clock.nowMs();
    const identifiedMs = report.identifiedMs ?? nowMs;
    if (identifiedMs > nowMs) return refusal('invalid', 'An incident cannot be identified in the future.');
    const { kind, summary, factors } = report;
    const body = opened({ kind, cause: 'reported', summary, identifiedMs, factors });
    const document = { kind: 'incident', id: newId('I'), version: 1, ...OFFICE, atMs: nowMs, by: by.user } as const;
    await this.p.register.put({ ...document, body });
    return ok({ ...document, body });
  }

  async update(by: Person, id: string, update: IncidentUpdate): Duty<IncidentDocument> {
    const standing = this.get(id);
    if (standing === null) return notFound('incident');
    if (standing.body.state === 'closed') return refusal('conflict', 'The incident is closed.');
    const atMs = this.p.clock.nowMs();
    const body = amended(standing.body, update, by.user, atMs);
    if (update.close === true && (body.directorate.toldMs === null || body.commissioner.decision === null)) {
      return refusal(
        'conflict',
        'Before it is closed, the Electronic Monitoring Directorate is told (¶39), and it is decided and recorded whether the Information Commissioner is notified (¶41).',
      );
    }
    return putNext(this.p.register, standing, { atMs, by: by.user, body });
  }

  async notice(noticed: Noticed): Promise<void> {
    for (;;) {
      try {
        await this.#notice(noticed);
        return;
      } catch (error) {
        // a person has changed it meanwhile: what we add, we add to what they wrote
        if (!(error instanceof VersionTaken)) throw error;
      }
    }
  }

  async #notice({ cause, key, summary, alertId }: Noticed): Promise<void> {
    const atMs = this.p.clock.nowMs();
    for (let round = 1; ; round++) {
      const id = `I-${cause}-${key}${round === 1 ? '' : `-${round}`}`;
      const standing = this.get(id);
      if (standing === null) {
        const fresh = opened({ kind: 'suspected', cause, summary, identifiedMs: atMs, factors: null });
        const body = alertId === undefined ? fresh : withAlert(fresh, alertId);
        return this.p.register.put({ kind: 'incident', id, version: 1, ...OFFICE, atMs, by: 'gateway', body });
      }
      if (alertId === undefined || standing.body.alerts.includes(alertId)) return;
      // what is closed was looked into without this: it opens another, with clocks of its own
      if (standing.body.state === 'closed') continue;
      const body = withAlert(standing.body, alertId);
      return this.p.register.put({ ...standing, version: standing.version + 1, atMs, by: 'gateway', body });
    }
  }

  get(id: string): IncidentDocument | null {
    return documentOf<IncidentBody>(this.p.register, 'incident', id);
  }

  list(): IncidentDocument[] {
    return [...this.p.register.list('incident')] as IncidentDocument[];
  }

  clocks({ body }: IncidentDocument): IncidentClocks {
    const nowMs = this.p.clock.nowMs();
    const { directorate, commissioner } = body;
    return {
      directorateLeftMs: directorate.toldMs === null ? directorate.dueMs - nowMs : null,
      commissionerLeftMs: commissioner.decision === null ? commissioner.dueMs - nowMs : null,
    };
  }

  nearDeadline(): number {
    const near = (leftMs: number | null) => leftMs !== null && leftMs <= NEAR_MS;
    return this.list().filter((incident) => {
      const { directorateLeftMs, commissionerLeftMs } = this.clocks(incident);
      return incident.body.state === 'open' && (near(directorateLeftMs) || near(commissionerLeftMs));
    }).length;
  }
}

function opened(o: Pick<IncidentBody, 'kind' | 'cause' | 'summary' | 'identifiedMs' | 'factors'>): IncidentBody {
  return {
    state: 'open',
    ...o,
    alerts: [],
    alertCount: 0,
    significant: null,
    directorate: { dueMs: o.identifiedMs + DIRECTORATE_MS, toldMs: null, toldBy: null },
    commissioner: {
      dueMs: o.identifiedMs + COMMISSIONER_MS,
      decision: null,
      decidedMs: null,
      decidedBy: null,
      reasons: null,
    },
    seniorOfficialMs: null,
    personsToldMs: null,
    mitigation: [],
    findings: null,
  };
}

function withAlert(body: IncidentBody, alertId: string): IncidentBody {
  const alerts = body.alerts.length < ALERTS_NAMED_MAX ? [...body.alerts, alertId] : body.alerts;
  return { ...body, alerts, alertCount: body.alertCount + 1 };
}

function amended(body: IncidentBody, update: IncidentUpdate, by: string, atMs: number): IncidentBody {
  const { factors, significant, seniorOfficialMs, personsToldMs, mitigation, findings } = update;
  const { directorateToldMs: toldMs, commissioner } = update;
  return {
    ...body,
    ...(factors === undefined ? {} : { factors }),
    ...(significant === undefined ? {} : { significant }),
    ...(seniorOfficialMs === undefined ? {} : { seniorOfficialMs }),
    ...(personsToldMs === undefined ? {} : { personsToldMs }),
    ...(findings === undefined ? {} : { findings }),
    ...(mitigation === undefined ? {} : { mitigation: [...body.mitigation, mitigation] }),
    ...(toldMs === undefined ? {} : { directorate: { ...body.directorate, toldMs, toldBy: by } }),
    ...(commissioner === undefined ? {} : { commissioner: decided(body, commissioner, by, atMs) }),
    ...(update.close === true ? { state: 'closed' as const } : {}),
  };
}

function decided(
  { commissioner: { dueMs } }: IncidentBody,
  decision: NonNullable<IncidentUpdate['commissioner']>,
  decidedBy: string,
  atMs: number,
): IncidentBody['commissioner'] {
  return decision.decision === 'notified'
    ? { dueMs, decision: 'notified', decidedMs: decision.atMs, decidedBy, reasons: null }
    : { dueMs, decision: 'not_notified', decidedMs: atMs, decidedBy, reasons: decision.reasons };
}
