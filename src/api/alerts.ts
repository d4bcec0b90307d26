/** `/v1/alerts`: the newest version of each alert, and every version of one. */
import type { FastifyInstance } from 'fastify';
import { encodeAlertCursor } from '../codec/alert-cursor.js';
import { alertToJson, cloudEvent } from '../codec/alert-json.js';
import { parseAlertId } from '../domain/ids.js';
import type { AlertFilter, LedgerPlace, LedgerReader, PlacedVersion } from '../ports/ledger.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import { type AlertView, alertView, matches, placeOf } from './alert-view.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import type { OrderIndex } from './order-index.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { alertList, alertListQuery, alertVersions, documented } from './schemas.js';

export function alertRoutes(
  app: FastifyInstance,
  deps: ApiDeps,
  restrictions: Restrictions,
  orders: Pick<OrderIndex, 'inherited'>,
): void {
  const { ledger, source, monitoringAgency } = deps;

  app.get(
    '/v1/alerts',
    {
      config: { action: 'alerts.read' },
      schema: describe({
        summary: 'The newest version of each alert that matches, after the cursor, in the order it was told',
        tag: 'alerts',
        query: documented(alertListQuery),
        answers: { 200: alertList },
        refusals: [410, 422],
      }),
    },
    async (request) => {
      const query = parseWith(alertListQuery, request.query, 'query');
      const view = alertView(accessOf(request), query);
      const from = query.cursor === undefined ? 0 : placeOf(ledger, query.cursor);
      // the head first: what is committed while we read comes again after the cursor, and is never skipped
      const head = ledger.head();
      const found = newestOf(ledger, view, from, query.limit + 1, monitoringAgency, restrictions, orders);
      const page = found.slice(0, query.limit);
      const more = found.length > page.length;
      const reached = more ? (page.at(-1)?.place ?? from) : Math.max(head, page.at(-1)?.place ?? from);
      // which alerts were shown follows from the places and the filters
      concerns(request, { detail: { shown: page.length, after_place: from, to_place: reached } });
      const cursorOf = (place: LedgerPlace) => encodeAlertCursor(ledger.ledgerId, place);
      return {
        events: page.map(({ place, version }) => cloudEvent({ version, cursor: cursorOf(place), source })),
        cursor: cursorOf(reached),
        more,
      };
    },
  );

  app.get<{ Params: { alert_id: string } }>(
    '/v1/alerts/:alert_id',
    {
      config: { action: 'alerts.read' },
      schema: describe({
        summary: 'An alert with every version of it, oldest first',
        tag: 'alerts',
        params: ['alert_id'],
        answers: { 200: alertVersions },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const versions = ledger.alert(parseId(parseAlertId, request.params.alert_id, 'alert_id'));
      const newest = versions.at(-1)?.version;
      if (newest === undefined || !restrictions.mayLookAt(accessOf(request), newest.orderId, newest.agency)) {
        throw new Fault('not_found', 'No such alert.');
      }
      return { alert: alertToJson(newest), versions: versions.map(({ version }) => alertToJson(version)) };
    },
  );
}

/**
 * The monitoring centre's own alerts have no agency in the ledger, and restricted ones are not everybody's: both are picked
 * out here. What was told of an order before it passed to an agency lies under the former's name, and is asked for by order.
 */
function newestOf(
  ledger: LedgerReader,
  view: AlertView,
  from: LedgerPlace,
  max: number,
  monitoringAgency: ApiDeps['monitoringAgency'],
  restrictions: Restrictions,
  orders: Pick<OrderIndex, 'inherited'>,
): PlacedVersion[] {
  const { agency, access: _, ...rest } = view;
  const visible = (placed: PlacedVersion) => matches(view, placed.version, monitoringAgency, restrictions);
  if (agency === undefined || agency === monitoringAgency) return paged(ledger, rest, from, max, visible);
  const own = paged(ledger, { ...rest, agency }, from, max, visible);
  const inherited = orders.inherited(agency);
  if (inherited.length === 0) return own;
  // the first `max` of each hold the first `max` of all
  const theirs = inherited.flatMap((orderId) => paged(ledger, { ...rest, orderId }, from, max, visible));
  const byPlace = new Map([...own, ...theirs].map((placed) => [placed.place, placed]));
  return [...byPlace.values()].sort((a, b) => a.place - b.place).slice(0, max);
}

function paged(
  ledger: LedgerReader,
  filter: AlertFilter,
  from: LedgerPlace,
  max: number,
  visible: (placed: PlacedVersion) => boolean,
): PlacedVersion[] {
  const found: PlacedVersion[] = [];
  for (let place = from; ; ) {
    const page = ledger.alerts(filter, place, max);
    for (const placed of page) {
      if (visible(placed)) found.push(placed);
      if (found.length === max) return found;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < max) return found;
    place = last.place;
  }
}
