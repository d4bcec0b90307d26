/** Which alerts a caller may see and has asked for, and what becomes of a cursor. */
import { decodeAlertCursor } from '../codec/alert-cursor.js';
import type { AlertVersion } from '../domain/alert.js';
import { type AgencyId, parseAgencyId } from '../domain/ids.js';
import type { LedgerPlace, LedgerReader } from '../ports/ledger.js';
import type { Access } from './access/gate.js';
import type { AlertSight } from './access/restricted.js';
import { parseId } from './parse.js';
import { Fault } from './problems.js';

/** Absent: any. `agency` takes the place of null, an alert without an order, by the monitoring centre's. */
export interface AlertView {
  readonly state?: AlertVersion['state'];
  readonly type?: string;
  readonly agency?: AgencyId;
  /** Whose view it is: what is told of a restricted order depends on it. */
  readonly access: Access;
}

/**
 * What was asked for, cut to what the caller may see. Throws `agency_refused` when somebody who reads their own agency
 * names another: an empty answer would look like calm.
 */
export function alertView(
  access: Access,
  asked: { state?: AlertVersion['state'] | undefined; type?: string | undefined; agency?: string | undefined },
): AlertView {
  const named = asked.agency === undefined ? undefined : parseId(parseAgencyId, asked.agency, 'agency');
  if (access.scope === 'own' && named !== undefined && named !== access.agency) {
    throw new Fault('agency_refused', 'Leave the agency out, or name your own.');
  }
  const agency = access.scope === 'own' ? access.agency : named;
  return {
    ...(asked.state === undefined ? {} : { state: asked.state }),
    ...(asked.type === undefined ? {} : { type: asked.type }),
    ...(agency === undefined ? {} : { agency }),
    access,
  };
}

export function matches(
  view: AlertView,
  version: AlertVersion,
  monitoringAgency: AgencyId,
  restrictions: AlertSight,
): boolean {
  return (
    restrictions.mayLookAt(view.access, version.orderId, version.agency) &&
    (view.agency === undefined ||
      view.agency === (restrictions.agencyOf(version.orderId, version.agency) ?? monitoringAgency)) &&
    (view.state === undefined || view.state === version.state) &&
    (view.type === undefined || view.type === version.type)
  );
}

/** The place that a cursor names. Throws `cursor_unknown`: the client must begin anew, or it would miss alerts unseen. */
export function placeOf(ledger: LedgerReader, cursor: string): LedgerPlace {
  const place = decodeAlertCursor(ledger.ledgerId, cursor);
  if (place !== null && place <= ledger.head()) return place;
  throw new Fault('cursor_unknown', 'Read the list from its beginning, then resume from the cursor that it gives.');
}
