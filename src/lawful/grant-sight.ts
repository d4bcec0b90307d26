/** What a reader may see under a grant at one moment; pure. Outside subject, window, purpose or expiry: nothing. */
import type { Grant, Person, Sight } from '../domain/grant.js';
import type { Order } from '../domain/order.js';
import type { Purpose } from '../domain/purpose.js';
import { ok, type Result } from '../domain/result.js';
import type { Interval } from '../domain/timetable.js';
import type { GrantRefusal } from '../ports/grants.js';
import type { OrderRevision } from '../ports/ledger.js';
import { alertWindow, type Grounds, grantState, refusal, within } from './grant-decisions.js';
import { GRANT_POLICY } from './grant-policy.js';

/** Part of the window; null: all of it. */
export interface AskedWindow {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export function decideSight(
  grant: Grant,
  reader: Person,
  purpose: Purpose,
  asked: AskedWindow,
  grounds: Grounds,
): Result<Sight, GrantRefusal> {
  const rule = GRANT_POLICY[grant.trigger];
  const { order, alert, nowMs } = grounds;
  if (reader.agency !== grant.requested.by.agency || !grant.readers.includes(reader.user)) {
    return refusal('outside_grant', 'The grant names others as its readers: ask for one of your own.');
  }
  if (!within(rule.request, reader, order)) {
    return refusal('outside_grant', `${grant.trigger} is not for ${reader.role} of this agency to read under.`);
  }
  if (purpose !== grant.purpose) {
    return refusal('outside_grant', `The grant is for ${grant.purpose}: for another purpose ask for another.`);
  }
  const state = grantState(grant, grounds);
  if (state !== 'open') return refusal('grant_not_open', `The grant is ${state}: ask for a new one.`);
  const whole = { startMs: grant.fromMs, endMs: grant.toMs };
  const standing =
    grant.trigger === 'standing_alert' && alert !== null ? overlap(whole, alertWindow(alert, nowMs)) : whole;
  const intervals = narrowed([standing], asked);
  if (intervals === null) return outsideWindow(whole);
  const { fixes, records, namesOthers } = rule;
  return ok({ intervals, fixes, records, beyondCurfew: grant.beyondCurfew, namesOthers });
}

/** ¶18: while the order lasts, its trail is the supervising agency's to evaluate, and nobody else's. */
export function decideTrailSight(
  grant: Grant,
  reader: Person,
  purpose: Purpose,
  asked: AskedWindow,
  { order, nowMs }: Grounds,
  revisions: readonly OrderRevision[],
): Result<Sight, GrantRefusal> {
  const officer = reader.role === 'supervising_officer' || reader.role === 'police_liaison';
  if (!officer || reader.agency !== order.supervisor) {
    return refusal('outside_grant', 'A trail is for the officers of the agency that supervises, and for nobody else.');
  }
  const { purposes, fixes, records } = GRANT_POLICY.trail;
  if (!purposes.includes(purpose)) {
    return refusal('outside_grant', `A trail is for the purposes ${purposes.join(', ')}.`);
  }
  if (nowMs >= order.endMs) {
    return refusal('grant_not_open', 'The order has ended, and the standing grant with it: ask for a grant.');
  }
  const intervals = narrowed(trailIntervals(revisions), asked);
  if (intervals === null) return outsideWindow({ startMs: grant.fromMs, endMs: grant.toMs });
  return ok({ intervals, fixes, records, beyondCurfew: false, namesOthers: false });
}

/** When the order had a trail condition, by the revisions that were in force. */
export function trailIntervals(revisions: readonly OrderRevision[]): Interval[] {
  let intervals: Interval[] = [];
  revisions.forEach(({ order, effectiveMs }, i) => {
    // what was in force before the order was entered is the first revision's
    const fromMs = i === 0 ? order.startMs : Math.max(effectiveMs, order.startMs);
    intervals = intervals
      .map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, fromMs) }))
      .filter(({ startMs, endMs }) => startMs < endMs);
    if (!hasTrail(order) || fromMs >= order.endMs) return;
    const last = intervals.at(-1);
    if (last?.endMs === fromMs) intervals[intervals.length - 1] = { startMs: last.startMs, endMs: order.endMs };
    else intervals.push({ startMs: fromMs, endMs: order.endMs });
  });
  return intervals;
}

const hasTrail = ({ conditions }: Order): boolean => conditions.some(({ kind }) => kind === 'trail');

/** Null: something outside was asked for. What is asked for between two intervals is simply not there. */
function narrowed(intervals: readonly Interval[], { fromMs, toMs }: AskedWindow): Interval[] | null {
  const first = intervals[0];
  const last = intervals.at(-1);
  if (first === undefined || last === undefined) return null;
  const asked = { startMs: fromMs ?? first.startMs, endMs: toMs ?? last.endMs };
  if (asked.startMs < first.startMs || asked.endMs > last.endMs || asked.startMs >= asked.endMs) return null;
  return intervals.map((interval) => overlap(interval, asked)).filter(({ startMs, endMs }) => startMs < endMs);
}

const overlap = (a: Interval, b: Interval): Interval => ({
  startMs: Math.max(a.startMs, b.startMs),
  endMs: Math.min(a.endMs, b.endMs),
});

const outsideWindow = ({ startMs, endMs }: Interval) =>
  refusal(
    'outside_grant',
    `The grant opens ${new Date(startMs).toISOString()} to ${new Date(endMs).toISOString()} (an alert's as far as it goes).`,
  );
