/** Drives curfews and presence as a stream does: records in order, timers between them, and what was told kept by name. */
import type { Finding } from '../../src/domain/alert.js';
import type { DeviceId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.js';
import type { RecordBody, RecordRef, RfKind, UnitFlag } from '../../src/domain/record.js';
import type { CurfewState, UnitPresence } from '../../src/domain/subject-state.js';
import type { CompiledCurfew } from '../../src/rules/curfew.js';
import {
  closeCurfew,
  compileCurfew,
  curfewDueMs,
  initialCurfew,
  judgeCurfew,
  noteCurfew,
  reviseCurfew,
} from '../../src/rules/curfew.js';
import { findingName, type Moment } from '../../src/rules/machine.js';
import type { PresencePlan } from '../../src/rules/presence.js';
import { compilePresence, hearUnit, initialUnit, presenceAt, presenceDueMs } from '../../src/rules/presence.js';

/** One record of a home unit. `hash` tells records of one moment apart. */
export interface Said {
  readonly unitId: DeviceId;
  readonly timeMs: number;
  readonly hash: string;
  readonly body: RecordBody;
}

export const rf = (tagId: DeviceId, event: RfKind): RecordBody => ({
  kind: 'rf',
  tagId,
  event,
  rssiDbm: -60,
  status: null,
});
export const unitSays = (...flags: UnitFlag[]): RecordBody => ({ kind: 'unit', flags, batteryPct: null });
export const heartbeat: RecordBody = { kind: 'heartbeat', firmware: '1', uptimeS: 1 };

export class CurfewDriver {
  /** Every finding as it was put down, oldest first. */
  readonly told: Finding[] = [];
  #plan: PresencePlan;
  #curfew: CompiledCurfew;
  #state: CurfewState = initialCurfew();
  #units: Record<DeviceId, UnitPresence> = {};
  #running = new Map<string, Finding>();
  #firedMs: number;

  constructor(order: Order, numbers: Partial<Policy> = {}, effectiveMs = order.startMs) {
    const [plan, curfew] = CurfewDriver.#compile(order, numbers);
    this.#plan = plan;
    this.#curfew = curfew;
    this.#firedMs = effectiveMs - 1;
  }

  static #compile(order: Order, numbers: Partial<Policy>): [PresencePlan, CompiledCurfew] {
    const policy = { ...DEFAULT_POLICY, ...numbers };
    const condition = order.conditions[0];
    if (condition?.kind !== 'curfew') throw new Error('the first condition is the curfew');
    return [compilePresence(order, policy), compileCurfew(condition, order, policy)];
  }

  get state(): CurfewState {
    return this.#state;
  }

  get units(): Readonly<Record<DeviceId, UnitPresence>> {
    return this.#units;
  }

  say(said: Said): void {
    this.#fire(said.timeMs - 1);
    const { unitId, timeMs, hash, body } = said;
    const heard = hearUnit(this.#plan, unitId, this.#units[unitId] ?? initialUnit(), { timeMs, hash, body });
    this.#units = { ...this.#units, [unitId]: heard.unit };
    this.#state = noteCurfew(this.#curfew, this.#state, heard, { deviceId: unitId, timeMs, hash });
  }

  /** A tick: every timer due up to and at `atMs` fires; then `atMs` itself is judged, whether or not it was due. */
  tick(atMs: number): void {
    this.#fire(atMs);
    this.#judge(atMs);
  }

  revise(order: Order, atMs: number, numbers: Partial<Policy> = {}): void {
    this.#fire(atMs - 1);
    const [plan, curfew] = CurfewDriver.#compile(order, numbers);
    this.#state = reviseCurfew(this.#curfew, curfew, this.#state, this.#moment(atMs, null));
    [this.#plan, this.#curfew] = [plan, curfew];
  }

  close(atMs: number): void {
    this.#fire(atMs - 1);
    this.#state = closeCurfew(this.#curfew, this.#state, this.#moment(atMs, null), 'ORDER_ENDED');
  }

  #fire(throughMs: number): void {
    for (;;) {
      const due = [
        curfewDueMs(this.#curfew, this.#state, (...name) => this.#runningOf(...name), this.#firedMs),
        this.#state.window === null ? null : presenceDueMs(this.#plan, this.#units, this.#firedMs),
      ];
      const dueMs = Math.min(...due.map((ms) => ms ?? Infinity));
      if (dueMs > throughMs) break;
      if (dueMs <= this.#firedMs) throw new Error(`due again at ${dueMs}`);
      this.#judge(dueMs);
      this.#firedMs = dueMs;
    }
    this.#firedMs = Math.max(this.#firedMs, throughMs);
  }

  #judge(atMs: number): void {
    const presenceFor = (addresses: readonly string[]) => presenceAt(this.#plan, this.#units, addresses, atMs);
    this.#state = judgeCurfew(this.#curfew, this.#state, presenceFor, this.#moment(atMs, null));
  }

  #runningOf(...[type, conditionId, deviceId]: Parameters<Moment['running']>): Finding | null {
    return this.#running.get(findingName(type, conditionId, deviceId)) ?? null;
  }

  #moment(atMs: number, record: RecordRef | null): Moment {
    return {
      atMs,
      cause: 'timer',
      record,
      running: (...name) => this.#runningOf(...name),
      put: (finding) => {
        const name = findingName(finding.type, finding.conditionId, finding.deviceId);
        if ((finding.op === 'open') === this.#running.has(name)) throw new Error(`${finding.op} of ${name}`);
        if (finding.op === 'close') this.#running.delete(name);
        else this.#running.set(name, finding);
        this.told.push(finding);
      },
    };
  }
}

/** An order with one curfew; what a test does not say is nothing. */
export function curfewOrder(o: Pick<Order, 'startMs' | 'endMs' | 'devices' | 'conditions'> & Partial<Order>): Order {
  return {
    orderId: 'ORD-1' as Order['orderId'],
    subjectId: 'SUB-1' as Order['subjectId'],
    revision: 1,
    effectiveMs: null,
    type: 'COMMUNITY',
    curfewOnly: true,
    hdc: false,
    under18: false,
    restricted: false,
    supervisor: 'probation-north' as Order['supervisor'],
    timeZone: 'UTC',
    atvAllowanceMin: null,
    minorMaxMin: null,
    addresses: {},
    policy: {},
    ...o,
  };
}
