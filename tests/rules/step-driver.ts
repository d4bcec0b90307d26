/** Steps one order as the engine does, entry by entry, and keeps what was told: findings, alert versions, due times. */
import type { AlertVersion, Finding } from '../../src/domain/alert.js';
import type { AgencyId, AlertId, ConditionId, DeviceId, OrderId, SubjectId } from '../../src/domain/ids.js';
import type { Assignment, Condition, Order, ZoneCondition } from '../../src/domain/order.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.js';
import type { DeviceRecord, RecordBody, RfKind, TagFlag, UnitFlag } from '../../src/domain/record.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { recordFindings } from '../../src/rules/alerts.js';
import { compileOrder, type OrderPolicy } from '../../src/rules/compile.js';
import { initialState, RULES_VERSION, type StepInput, step } from '../../src/rules/step.js';
import { DAILY, timetable, weekly } from './timetables.js';

/** Monday 2 March 2026, midnight in London and UTC. */
export const DAY = Date.UTC(2026, 2, 2);
/** `at('19:05')`, `at('07:00', 1)` of the day after, `at('19:00:00.001')`. */
export const at = (time: string, day = 0): number => {
  const [hours = '0', minutes = '0', seconds = '0'] = time.split(':');
  return (
    DAY + day * 86_400_000 + Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000)
  );
};
export const clock = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().slice(11, 23).replace('.000', '');

export const UNIT = 'HU-1' as DeviceId;
export const TAG = 'TAG-1' as DeviceId;
export const CENTRE = [-1.54, 53.81] as const;
export const circle = (radiusM: number): ZoneShape => ({ kind: 'circle', center: CENTRE, radiusM });

/** Of one day in March until its end, unless it is said otherwise. */
export const assigned = (
  deviceId: DeviceId,
  kind: Assignment['kind'],
  change: Partial<Assignment> = {},
): Assignment => ({
  deviceId,
  kind,
  address: kind === 'home_unit' ? 'home' : null,
  fromMs: DAY,
  toMs: at('00:00', 10),
  ...change,
});

export const curfew = (from = '19:00', to = '23:00', id = 'C1'): Condition => ({
  conditionId: id as ConditionId,
  kind: 'curfew',
  toleranceS: null,
  timetable: timetable([weekly(DAILY, `${from}-${to}`)]),
});

export const exclusion = (zone: ZoneShape | string, id = 'Z1', bufferM = 0): ZoneCondition => ({
  conditionId: id as ConditionId,
  kind: 'exclusion_zone',
  zone: typeof zone === 'string' ? { kind: 'shared', zoneId: zone as never } : { kind: 'own', shape: zone },
  timetable: timetable(null),
  bufferM,
  toleranceS: null,
});

/** Where they are to stay, in the evening. */
export const inclusion = (zone: ZoneShape, toleranceS: number | null, id = 'Z3'): ZoneCondition => ({
  ...exclusion(zone, id),
  kind: 'inclusion_zone',
  timetable: timetable([weekly(DAILY, '19:00-23:00', [])]),
  toleranceS,
});

export const orderOf = (change: Partial<Order> = {}): Order => ({
  orderId: 'ORD-1' as OrderId,
  subjectId: 'SUB-1' as SubjectId,
  revision: 1,
  effectiveMs: null,
  type: 'COMMUNITY',
  curfewOnly: false,
  hdc: false,
  under18: false,
  restricted: false,
  supervisor: 'probation-north' as AgencyId,
  timeZone: 'Europe/London',
  startMs: DAY,
  endMs: at('00:00', 10),
  atvAllowanceMin: null,
  minorMaxMin: null,
  devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag')],
  addresses: { home: null },
  conditions: [curfew(), exclusion(circle(200))],
  policy: {},
  ...change,
});

export function editionOf(
  order: Order,
  place: { readonly edition: number; readonly effectiveMs: number; readonly toldMs?: number },
  zones: Readonly<Record<string, ZoneShape>> = {},
  defaults: Policy = DEFAULT_POLICY,
): OrderPolicy {
  return compileOrder(order, (zoneId) => zones[zoneId] ?? null, defaults, { ...place, edition: String(place.edition) });
}

/** A record as a device would make it; `hash` only has to differ where records do. */
export const record = (timeMs: number, body: RecordBody): DeviceRecord => ({
  timeMs,
  hash: `${timeMs}.${JSON.stringify(body)}`,
  body,
});
export const rf = (event: RfKind, tagId = TAG, flags: readonly TagFlag[] = []): RecordBody => ({
  kind: 'rf',
  tagId,
  event,
  rssiDbm: -60,
  status: flags.length === 0 ? null : { kind: 'tag', batteryPct: null, flags },
});
export const unitSays = (...flags: UnitFlag[]): RecordBody => ({ kind: 'unit', flags, batteryPct: null });
export const tagSays = (...flags: TagFlag[]): RecordBody => ({ kind: 'tag', flags, batteryPct: null });
export const heartbeat: RecordBody = { kind: 'heartbeat', firmware: '1', uptimeS: 1 };
/** A fix so many metres north of the zones' centre. */
export const fix = (northM: number, accuracyM = 10): RecordBody => ({
  kind: 'fix',
  latE7: Math.round((CENTRE[1] + northM / 111_250) * 1e7),
  lonE7: Math.round(CENTRE[0] * 1e7),
  accuracyDm: accuracyM * 10,
  speedCmS: 0,
  headingCdeg: 0,
  satellites: 9,
  hdopCenti: 100,
  mechanism: 'GNSS',
  altitudeDm: 0,
});

export class Line {
  state: SubjectState = initialState();
  readonly findings: Finding[] = [];
  readonly versions: AlertVersion[] = [];
  late = 0;
  #alerts = 0;

  constructor(public editions: readonly OrderPolicy[]) {}

  feed(input: StepInput): void {
    const stepped = step(this.editions, this.state, input);
    if (stepped.late) this.late += 1;
    this.findings.push(...stepped.findings);
    const meta = {
      orderId: 'ORD-1' as OrderId,
      subjectId: null,
      agency: null,
      derivedMs: 0,
      policyRevision: stepped.state.policyRevision,
      rulesVersion: RULES_VERSION,
    };
    const told = recordFindings(stepped.state, stepped.findings, meta, () => this.#newAlertId());
    this.state = told.state;
    this.versions.push(...told.versions);
    // As the engine does: what is no more in force is history.
    const current = this.editions.findIndex(({ edition }) => edition === this.state.edition);
    if (current > 0) this.editions = this.editions.slice(current);
  }

  #newAlertId(): AlertId {
    this.#alerts += 1;
    return `A-${this.#alerts}` as AlertId;
  }

  /** A record, arrived `afterMs` after its event time. */
  say(deviceId: DeviceId, timeMs: number, body: RecordBody, afterMs = 0): void {
    this.feed({ kind: 'record', deviceId, receivedMs: timeMs + afterMs, record: record(timeMs, body) });
  }

  tick(atMs: number, cause: 'timer' | 'gateway_outage' = 'timer'): void {
    this.feed({ kind: 'tick', atMs, cause });
  }

  /** A new edition is known: from now on it is due at its time. */
  revise(next: OrderPolicy): void {
    this.editions = [...this.editions, next];
    this.feed({ kind: 'revised' });
  }

  /** A tick at every due time up to and at `untilMs`, as the ticker gives them. Throws when it never ends. */
  runTo(untilMs: number): void {
    for (let ticks = 0; this.state.dueMs !== null && this.state.dueMs <= untilMs; ticks += 1) {
      if (ticks > 10_000) throw new Error(`due again and again at ${this.state.dueMs}`);
      this.tick(this.state.dueMs);
    }
  }

  /** `curfew C1 19:05–22:00 AL08 AL09 return`, one a running or ended episode, in the order they were opened. */
  episodes(): string[] {
    const newest = new Map<string, AlertVersion>();
    for (const version of this.versions) newest.set(version.alertId, version);
    return [...newest.values()].map((v) =>
      [
        v.type,
        v.conditionId ?? v.deviceId,
        `${clock(v.startMs)}–${clock(v.endMs) ?? ''}`,
        ...v.codes,
        v.endedBy ?? '',
        v.count === 1 ? '' : `×${v.count}`,
      ]
        .filter((part) => part !== '')
        .join(' '),
    );
  }
}

/** Under a first edition that holds from the start of the day. */
export const lineOf = (order: Order = orderOf(), zones: Readonly<Record<string, ZoneShape>> = {}): Line => {
  const line = new Line([editionOf(order, { edition: 1, effectiveMs: DAY }, zones)]);
  line.feed({ kind: 'revised' });
  line.runTo(DAY);
  return line;
};
