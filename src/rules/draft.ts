/** The state of one stream while a step is under way: changed in place here, and nowhere after. */
import type { Cause, Finding } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { RecordRef } from '../domain/record.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { findingName, type Moment } from './machine.js';

/**
 * What is judged by itself: the home (presence and curfews), the fixes (zones), home and fixes compared, the readings of
 * alcohol, each device, and all at an edition's start.
 */
export type Part = 'home' | 'fixes' | 'contradiction' | 'alcohol' | '*' | `+${DeviceId}`;
export const WHOLE = '*';
/** `+` is outside the grammar of ids. */
export const partOfDevice = (deviceId: DeviceId): Part => `+${deviceId}`;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Draft {
  readonly state: Writable<SubjectState>;
  readonly findings: Finding[] = [];
  /** The order as it stood at each finding, and the moment that was judged. */
  readonly #orders: (Order | null)[] = [];
  readonly #moments: number[] = [];
  /** The edition in force; null before the first begins, and on a device's own stream. */
  policy: OrderPolicy | null;

  constructor(state: SubjectState, policy: OrderPolicy | null) {
    this.state = { ...state };
    this.policy = policy;
  }

  /** The same once more, to let time pass ahead in it: nothing of that comes back. */
  ahead(): Draft {
    const ahead = new Draft(this.state, this.policy);
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
    return Math.max(this.state.opens[part] ?? 0, this.state.opens[WHOLE] ?? 0);
  }

  /** A part has judged a record of `atMs`, or with `fired` its timers too. */
  judged(part: Part, atMs: number, fired: boolean): void {
    const opensMs = fired ? atMs + 1 : atMs;
    if (opensMs > (this.state.opens[part] ?? 0)) this.state.opens = { ...this.state.opens, [part]: opensMs };
  }

  moment(atMs: number, cause: Cause, record: RecordRef | null): Moment {
    return {
      atMs,
      cause,
      record,
      running: (type, conditionId, deviceId) => this.#running(findingName(type, conditionId, deviceId)),
      put: (finding) => {
        this.findings.push(finding);
        this.#orders.push(this.policy?.order ?? null);
        this.#moments.push(atMs);
      },
    };
  }

  /** The findings from `index` on, put down at one moment, in another order. */
  reorder(index: number, arrange: (findings: readonly Finding[]) => readonly Finding[]): void {
    this.findings.push(...arrange(this.findings.splice(index)));
  }

  stepped(): { state: SubjectState; findings: Finding[]; orders: (Order | null)[]; moments: number[] } {
    return { state: this.state, findings: this.findings, orders: this.#orders, moments: this.#moments };
  }

  /** What was put down in this step speaks before the book of running alerts. */
  #running(name: string): Finding | null {
    for (let i = this.findings.length - 1; i >= 0; i -= 1) {
      const finding = this.findings[i] as Finding;
      if (findingName(finding.type, finding.conditionId, finding.deviceId) !== name) continue;
      return finding.op === 'close' || finding.op === 'withdraw' ? null : finding;
    }
    return this.state.open[name]?.finding ?? null;
  }
}
