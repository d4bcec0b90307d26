/** Random states of the shape that the rules give them: every part there and not there, numbers at their edges. */
import fc from 'fast-check';
import {
  ALERT_TYPES,
  type AlertVersion,
  type Finding,
  type Handling,
  ROUTE_BODIES,
  type RouteStep,
  VIOLATION_TYPES,
} from '../../src/domain/alert.js';
import type { RecordRef } from '../../src/domain/record.js';
import type { SubjectState } from '../../src/domain/subject-state.js';

const plain = <T>(model: { [K in keyof T]-?: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const ids = fc.oneof(
  fc.constantFrom('TAG-1', 'HU-1', 'C-home', 'C-own-0', 'open', '7'),
  fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/).filter((id) => !(id in {})),
) as fc.Arbitrary<never>;
const T0 = Date.UTC(2026, 2, 9, 20);
const times = fc.oneof(
  fc.integer({ min: -5 * 86_400_000, max: 5 * 86_400_000 }).map((n) => T0 + n),
  fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const figures = fc.oneof(
  fc.integer({ min: -100, max: 3_000 }),
  fc.integer(),
  fc.integer({ min: -9_999, max: 9_999 }).map((tenths) => tenths / 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const hashes = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
);
const alertIds = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => `A-${Buffer.from(bytes).toString('hex')}`),
  ids,
) as fc.Arbitrary<never>;
const some = <T>(values: fc.Arbitrary<T>) => fc.array(values, { maxLength: 3 });
const byId = <T>(values: fc.Arbitrary<T>) => fc.dictionary(ids, values, { maxKeys: 3, noNullPrototype: true });
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values);
const presences = fc.constantFrom('present' as const, 'absent' as const, 'unknown' as const);
const mechanisms = fc.constantFrom('UNSPECIFIED' as const, 'GNSS' as const, 'LBS' as const);
const refs: fc.Arbitrary<RecordRef> = plain({ deviceId: ids, timeMs: times, hash: hashes });
const intervals = plain({ startMs: times, endMs: times });
const leaning = plain({ timeMs: times, distanceM: figures, certain: fc.boolean(), mechanism: mechanisms, ref: refs });
const part = plain({
  windowEndMs: times,
  startMs: times,
  lastInMs: times,
  certain: fc.boolean(),
  marginM: figures,
  mechanism: mechanisms,
  first: refs,
  last: refs,
});
const visit = plain({
  startMs: maybe(times),
  lastFixMs: maybe(times),
  run: some(leaning),
  part: maybe(part),
  reason: maybe(fc.constantFrom('INITIAL' as const, 'ORDER_ENDED' as const)),
});
const nobodyNear = fc.constant({ startMs: null, lastFixMs: null, run: [], part: null, reason: null });
const fixName = { timeMs: times, hash: hashes, radiusM: figures };
const device = fc.record(
  {
    lastMs: maybe(times),
    silent: fc.boolean(),
    lastBatteryPct: maybe(figures),
    chargePct: maybe(figures),
    lastFix: maybe(plain({ ...fixName, latE7: fc.integer(), lonE7: fc.integer() })),
    forgottenFix: plain(fixName),
    motion: plain({ sinceMs: maybe(times), spans: some(intervals) }),
  },
  {
    requiredKeys: ['lastMs', 'silent', 'lastBatteryPct', 'chargePct', 'lastFix', 'motion'],
    noNullPrototype: true,
  },
);
const finding: fc.Arbitrary<Finding> = plain<Finding>({
  op: fc.constantFrom('open', 'amend', 'close', 'withdraw'),
  kind: fc.constantFrom('alert', 'violation'),
  type: fc.constantFrom(...ALERT_TYPES, ...VIOLATION_TYPES),
  conditionId: maybe(ids),
  deviceId: maybe(ids),
  eventMs: times,
  startMs: times,
  endMs: maybe(times),
  endedBy: maybe(fc.constantFrom('return', 'window', 'ZONE_EDITED')),
  codes: some(fc.constantFrom('AL04', 'AL24')),
  confidence: maybe(fc.constantFrom('certain', 'probable')),
  marginM: maybe(figures),
  mechanism: maybe(mechanisms),
  count: fc.nat(),
  cause: fc.constantFrom('record', 'gateway_outage', 'decision'),
  records: some(refs),
});
const handling = fc.constant({
  acknowledged: { by: { user: 'ann', role: 'supervising_officer', agency: 'north' }, atMs: T0, reason: null },
  decision: null,
  reconsideration: null,
  escalation: { level: 2, atMs: T0 },
  supersededEvidence: false,
} as unknown as Handling);
const alert = fc.oneof(
  plain({ alertId: alertIds, version: fc.nat(), finding }),
  plain({ alertId: alertIds, version: fc.nat(), finding, handling }),
);
/** Versions of alerts, with and without what may be absent. */
export const alertVersions: fc.Arbitrary<AlertVersion> = fc
  .tuple(
    finding,
    plain<Omit<AlertVersion, keyof Finding | 'handling' | 'route' | 'minor'>>({
      alertId: alertIds,
      version: fc.nat(),
      state: fc.constantFrom('open' as const, 'acknowledged' as const, 'decided' as const, 'withdrawn' as const),
      orderId: maybe(ids),
      subjectId: maybe(ids),
      agency: maybe(ids),
      derivedMs: times,
      policyRevision: fc.nat(),
      rulesVersion: fc.nat(),
    }),
    fc.record(
      {
        handling,
        route: some(
          plain<RouteStep>({ to: fc.constantFrom(...ROUTE_BODIES), duty: fc.constantFrom('decide', 'inform') }),
        ),
        minor: fc.boolean(),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  )
  // no time or distance is −0, which MessagePack does not tell from 0; nor does JSON
  .map(
    ([{ op: _, ...found }, rest, more]) => JSON.parse(JSON.stringify({ ...found, ...rest, ...more })) as AlertVersion,
  );

/** By the finding's name, as the rules put it there; and, seldom, by another. */
const open = fc.tuple(some(alert), fc.boolean()).map(([alerts, isOther]) =>
  Object.fromEntries(
    alerts.map((one) => {
      const { type, conditionId, deviceId } = one.finding;
      return [isOther ? `${type}!` : `${type}|${conditionId ?? ''}|${deviceId ?? ''}`, one];
    }),
  ),
);

export const states: fc.Arbitrary<SubjectState> = plain<SubjectState>({
  position: fc.nat(),
  atMs: maybe(times),
  firedMs: maybe(times),
  opens: fc
    .tuple(byId(times), fc.boolean())
    .map(([parts, hasDevice]) => (hasDevice ? { '*': T0, home: T0 + 1, ...parts, '+TAG-1': T0 + 2 } : parts)),
  policyRevision: fc.nat(),
  edition: fc.oneof(fc.constantFrom('', '1', '12'), fc.string({ unit: 'grapheme', maxLength: 200 })),
  units: byId(plain({ presence: presences, tagId: maybe(ids), heardMs: maybe(times), moved: fc.boolean() })),
  curfews: byId(
    plain({
      window: maybe(intervals),
      stretch: maybe(plain({ presence: presences, sinceMs: times, reading: maybe(refs) })),
      pending: maybe(plain({ atMs: times, notes: some(plain({ presence: presences, ref: refs })) })),
    }),
  ),
  violationMs: fc.nat(),
  violations: some(
    plain({ conditionId: ids, startMs: times, endMs: times, raisedMs: times, first: maybe(refs) }),
  ) as fc.Arbitrary<SubjectState['violations']>,
  excuses: some(
    plain({ alertId: alertIds, conditionId: ids, fromMs: times, toMs: times, ran: fc.boolean() }),
  ) as fc.Arbitrary<SubjectState['excuses']>,
  visits: byId(fc.oneof(nobodyNear, visit)),
  approaches: byId(
    plain({
      startMs: maybe(times),
      lastFixMs: maybe(times),
      run: some(leaning),
      sinceMs: maybe(times),
      held: some(leaning),
      part: maybe(part),
    }),
  ),
  contradiction: plain({
    pending: maybe(
      plain({
        atMs: times,
        fixes: some(plain({ ref: refs, latE7: fc.integer(), lonE7: fc.integer(), radiusM: figures })),
      }),
    ),
    runs: byId(
      plain({ conditionId: ids, unitId: ids, address: fc.string(), sinceMs: times, first: refs, windowEndMs: times }),
    ),
  }) as fc.Arbitrary<SubjectState['contradiction']>,
  equipment: byId(device) as unknown as fc.Arbitrary<SubjectState['equipment']>,
  alcohol: byId(plain({ wornMs: times, rows: byId(plain({ count: fc.nat(), first: refs, last: refs })) })),
  attendance: byId(
    plain({
      pastMs: times,
      appointments: some(
        plain({
          startMs: times,
          endMs: times,
          requiredMs: figures,
          sinceMs: times,
          presentMs: figures,
          absentMs: figures,
          records: some(refs),
        }),
      ),
      stay: maybe(
        plain({
          side: maybe(fc.constantFrom('in' as const, 'out' as const)),
          openMs: times,
          run: maybe(plain({ side: fc.constantFrom('in' as const, 'out' as const), sinceMs: times, count: fc.nat() })),
          lostMs: times,
        }),
      ),
    }),
  ),
  open: open as fc.Arbitrary<SubjectState['open']>,
  settled: some(
    fc.tuple(alert, fc.boolean(), times).map(([one, withdrawn, judgedMs]) => ({ ...one, withdrawn, judgedMs })),
  ) as fc.Arbitrary<SubjectState['settled']>,
  late: maybe(
    plain({
      atMs: times,
      sinceMs: times,
      waiting: maybe(plain({ fromMs: times, toMs: times, latestMs: times, dueMs: times })),
    }),
  ),
  dueMs: maybe(times),
});
