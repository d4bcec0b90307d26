/** The state of one stream while a step is under way: changed in place here, and nowhere after. */
import type { Cause, Finding } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { RecordRef } from '../domain/record.js';
import type { EquipmentState, SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { findingName, type Moment } from './machine.js';
import { type Part, WHOLE } from './part.js';

export interface Stepped {
  readonly state: SubjectState;
  readonly findings: readonly Finding[];
  /** For each finding the order as it stood when it was found; null before the first edition. */
  readonly orders: readonly (Order | null)[];
  /** For each finding the moment that was judged: never after one that was judged later. */
  readonly moments: readonly number[];
  /** The record is older than what a rule that it concerns has judged already, and was not used by that rule. */
  readonly late: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Draft {
  readonly state: Writable<SubjectState>;
  readonly findings: Finding[] = [];
  /** The order as it stood at each finding, and the moment that was judged. */
  readonly #orders: (Order | null)[] = [];
  readonly #moments: number[] = [];
  /** The edition in force; null before the first begins, and on a device's own stream. */
  policy: OrderPolicy | null;
  /** Copies of this draft's own, which may be changed in place: a spread an entry costs as much as judging it. */
  #ownsOpens = false;
  #ownsEquipment = false;
  #nothingOpen: boolean | null = null;
  /** Looked up once: two dozen times a record it is asked for. */
  #wholeMs: number | null = null;

  /** `spared`: the device whose silence is not looked for, as if it went on speaking. */
  constructor(
    state: SubjectState,
    policy: OrderPolicy | null,
    readonly spared: DeviceId | null = null,
  ) {
    this.state = { ...state };
    this.policy = policy;
  }

  /** The same once more, to let time pass ahead in it: nothing of that comes back. */
  ahead(): Draft {
    const ahead = new Draft(this.state, this.policy, this.spared);
    ahead.findings.push(...this.findings);
    return ahead;
  }

  /** Timers due at or before this have fired. */
  get firedMs(): number {
    return this.state.firedMs ?? -1;
  }

  /** Event time has come to `atMs`; with `fired`, its timers too have been judged. Neither ever goes back. */
  passTo(atMs: number, fired: boolean): void {
    const { state } = this;
    state.atMs = Math.max(state.atMs ?? atMs, atMs);
    state.firedMs = Math.max(state.firedMs ?? -1, fired ? atMs : atMs - 1);
  }

  /**
   * The earliest event time at which a part of the rules can still take a record in order: that of its last record, or
   * the millisecond after its last timer. A record is late for those parts alone that have judged beyond it: the
   * home unit's EXIT does not wait for the tag's fix of a moment later, nor spoil it.
   */
  opensMs(part: Part): number {
    this.#wholeMs ??= this.state.opens[WHOLE] ?? 0;
    return part === WHOLE ? this.#wholeMs : Math.max(this.state.opens[part] ?? 0, this.#wholeMs);
  }

  /** A part has judged a record of `atMs`, or with `fired` its timers too. */
  judged(part: Part, atMs: number, fired: boolean): void {
    const opensMs = fired ? atMs + 1 : atMs;
    if (opensMs <= (this.state.opens[part] ?? 0)) return;
    if (!this.#ownsOpens) this.state.opens = { ...this.state.opens };
    this.#ownsOpens = true;
    (this.state.opens as Record<string, number>)[part] = opensMs;
    if (part === WHOLE) this.#wholeMs = null;
  }

  setDevice(deviceId: DeviceId, after: EquipmentState): void {
    if (!this.#ownsEquipment) this.state.equipment = { ...this.state.equipment };
    this.#ownsEquipment = true;
    (this.state.equipment as Record<DeviceId, EquipmentState>)[deviceId] = after;
  }

  moment(atMs: number, cause: Cause, record: RecordRef | null): Moment {
    return {
      atMs,
      cause,
      record,
      running: this.running,
      put: (finding) => {
        this.findings.push(finding);
        this.#orders.push(this.policy?.order ?? null);
        this.#moments.push(atMs);
      },
    };
  }

  /** The findings from `index` on, put down at one moment, in another order. */
  reorder(index: number, arrange: (findings: readonly Finding[]) => readonly Finding[]): void {
    if (this.findings.length - index < 2) return;
    this.findings.push(...arrange(this.findings.splice(index)));
  }

  stepped(late: boolean): Stepped {
    const { state, findings } = this;
    return { state, findings, orders: this.#orders, moments: this.#moments, late };
  }

  /** The running finding of that name. What was put down in this step speaks before the book of running alerts. */
  readonly running: Moment['running'] = (type, conditionId, deviceId) => {
    const { findings } = this;
    if (findings.length === 0) {
      this.#nothingOpen ??= isEmpty(this.state.open);
      if (this.#nothingOpen) return null;
    }
    const name = findingName(type, conditionId, deviceId);
    for (let i = findings.length - 1; i >= 0; i -= 1) {
      const finding = findings[i] as Finding;
      if (findingName(finding.type, finding.conditionId, finding.deviceId) !== name) continue;
      return finding.op === 'close' || finding.op === 'withdraw' ? null : finding;
    }
    return this.state.open[name]?.finding ?? null;
  };
}

/** Whether a record of the state has no field. */
export function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
