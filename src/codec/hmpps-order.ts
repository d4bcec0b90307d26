/**
 * Orders of the HMPPS "create an electronic monitoring order" API (`GET /api/orders/{id}`), mapped as far as they go. Names,
 * dates of birth, street addresses and prose stay behind; what an order of ours needs and that API does not say is listed.
 */
import { parseOrderId } from '../domain/ids.js';
import { ORDER_TYPES } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import { CivilZone, DAY_MS } from '../rules/civil-time.js';
import { mapAttendance } from './hmpps-attendance.js';
import { mapAlcohol, mapTrail, mapZones } from './hmpps-conditions.js';
import { mapCurfew } from './hmpps-curfew.js';
import { Draft } from './hmpps-draft.js';
import { mapPerson, offerRest } from './hmpps-person.js';
import { Source } from './hmpps-source.js';
import { describe } from './order-reader.js';
import { timeJson } from './order-timetable.js';

/** England and Wales: the API gives times in UTC and rows in local time, and names no zone. */
const TIME_ZONE = 'Europe/London';

export interface HmppsOrder {
  readonly draft: Draft;
  /** Paths of what was not read at all, lists without their indices. */
  readonly dropped: readonly string[];
}

interface Monitoring {
  /** Of `monitoringConditions`. */
  readonly flag: string;
  /** Where its details stand. */
  readonly details: string;
  map(order: Source, draft: Draft): void;
}

const KINDS: readonly Monitoring[] = [
  { flag: 'curfew', details: 'curfewTimeTable', map: mapCurfew },
  { flag: 'exclusionZone', details: 'enforcementZoneConditions', map: mapZones },
  { flag: 'trail', details: 'monitoringConditionsTrail', map: mapTrail },
  { flag: 'mandatoryAttendance', details: 'mandatoryAttendanceConditions', map: mapAttendance },
  { flag: 'alcohol', details: 'monitoringConditionsAlcohol', map: mapAlcohol },
];

/** Requests that end what is running, or were turned down: there is nothing to watch in them. */
const NO_ORDERS = ['REJECTED', 'REVOCATION', 'END_MONITORING'];

/** The newest version, where the source has all of them. Problems: it is no order of that API, or asks for no monitoring. */
export function readHmppsOrder(json: unknown): Result<HmppsOrder, Problem[]> {
  const read = new Set<string>();
  const root = new Source(json, '', read);
  const order = newestVersion(root);
  if (!order.get('monitoringConditions').isObject) {
    const expected = 'an order as the create-an-order API gives it, with its monitoringConditions';
    return bad([
      { path: 'monitoringConditions', expected, got: describe(order.get('monitoringConditions').value ?? undefined) },
    ]);
  }
  const type = order.get('type').text();
  if (type !== null && NO_ORDERS.includes(type)) {
    const expected = 'a request that monitoring begins or goes on (to end it, give the order in force an earlier end)';
    return bad([{ path: 'type', expected, got: describe(type) }]);
  }
  const draft = new Draft(CivilZone.named(TIME_ZONE));
  mapIdentity(root, order, draft);
  const kinds = KINDS.filter((kind) => isAsked(order, kind, draft));
  mapPeriod(order, kinds, draft);
  for (const kind of kinds) kind.map(order, draft);
  if (kinds.length === 0) {
    draft.need('conditions', 'the conditions, by id', 'the source asks for no monitoring at all', {
      trail: { kind: 'trail' },
    });
  }
  mapPerson(order, draft);
  offerRest(order, draft);
  return ok({ draft, dropped: root.unread() });
}

function newestVersion(root: Source): Source {
  const versions = root.get('versions').items();
  const numbered = versions.map((version, i) => ({ version, number: version.get('versionId').number() ?? i }));
  return numbered.sort((a, b) => b.number - a.number)[0]?.version ?? root;
}

function mapIdentity(root: Source, order: Source, draft: Draft): void {
  const id = parseOrderId(root.get('id').text());
  if (id.ok) draft.order.order_id = id.value;
  else draft.need('order_id', 'an id for the order', 'the source has none', 'ORD-1');
  draft.need(
    'subject_id',
    'an opaque reference to the person',
    'the source names the person, and no name is kept',
    'SUB-1',
  );

  const type = order.get('type').text();
  const version = order.get('versionId').number();
  if (version !== null) draft.order.revision = version + 1;
  else if (type === null || type === 'REQUEST') draft.order.revision = 1;
  else
    draft.need('revision', 'the number of this revision of the order', `the source is a ${type} and does not count`, 2);
  const changedMs = draft.instant(order.get('variationDetails').get('variationDate'));
  if (changedMs !== null) draft.order.effective_from = timeJson(changedMs);

  const orderType = order.get('monitoringConditions').get('orderType').text();
  if (ORDER_TYPES.some((known) => known === orderType)) draft.order.type = orderType;
  else
    draft.need(
      'type',
      `the type of the order: ${ORDER_TYPES.join(' ')}`,
      'the source has none that is known',
      'COMMUNITY',
    );

  const status = order.get('status');
  if (status.text() !== 'SUBMITTED')
    draft.note(status, `is ${describe(status.value ?? undefined)}: the order was not submitted`);
}

/** What the flag says; where it says nothing, what is there. */
function isAsked(order: Source, { flag, details }: Monitoring, draft: Draft): boolean {
  const asked = order.get('monitoringConditions').get(flag).flag();
  const there = order.get(details).isObject || order.get(details).items().length > 0;
  if (asked === false && there) draft.note(order.get(details), `is left out: monitoringConditions.${flag} is false`);
  return asked ?? there;
}

/** The dates of the order; where it has none, those that span its conditions. */
function mapPeriod(order: Source, kinds: readonly Monitoring[], draft: Draft): void {
  const conditions = order.get('monitoringConditions');
  const parts = kinds.flatMap(({ flag, details }) => {
    if (flag === 'curfew') return [order.get('curfewConditions')];
    return order.get(details).isObject ? [order.get(details)] : order.get(details).items();
  });
  const starts = parts.map((part) => draft.instant(part.get('startDate')));
  const ends = parts.map((part) => draft.instant(part.get('endDate'), true));
  const known = (times: readonly (number | null)[]): number[] => times.filter((time) => time !== null);
  draft.startMs = draft.instant(conditions.get('startDate')) ?? least(known(starts));
  // a condition without an end has the order's, so the others' ends do not tell when the order ends
  const all = known(ends).length === ends.length;
  draft.endMs = draft.instant(conditions.get('endDate'), true) ?? (all ? greatest(known(ends)) : null);
  const { startMs, endMs, zone } = draft;
  if (startMs !== null) draft.order.start = timeJson(startMs);
  else draft.need('start', 'when the order starts', 'the source does not say', '2026-03-01T00:00:00Z');
  if (endMs !== null) draft.order.end = timeJson(endMs);
  else {
    const example = timeJson((startMs ?? Date.UTC(2026, 2, 1)) + 180 * DAY_MS);
    draft.need('end', 'when the order ends', 'the source does not say, or not for every condition', example);
  }
  const end = conditions.get('endDate');
  if (endMs !== null && endMs === zone.utcMs(zone.dayAt(endMs), 0) && end.text()?.includes('T')) {
    draft.note(end, 'is a midnight: the order ends as that day begins (supply `end` if the day itself is meant)');
  }
  draft.order.time_zone = TIME_ZONE;
}

const least = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.min(...times));
const greatest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.max(...times));
