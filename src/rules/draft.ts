/** The state of one stream while a step is under way: changed in place here, and nowhere after. */
import type { Cause, Finding } from '../domain/alert.js';
import type { RecordRef } from '../domain/record.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { findingName, type Moment } from './machine.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Draft {
  readonly state: Writable<SubjectState>;
  readonly findings: Finding[] = [];
  /** The edition in force; null before the first begins, and on a device's own stream. */
  policy: OrderPolicy | null;

  constructor(state: SubjectState, policy: OrderPolicy | null) {
    this.state = { ...state };
    this.policy = policy;
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

  moment(atMs: number, cause: Cause, record: RecordRef | null): Moment {
    return {
      atMs,
      cause,
      record,
      running: (type, conditionId, deviceId) => this.#running(findingName(type, conditionId, deviceId)),
      put: (finding) => this.findings.push(finding),
    };
  }

  /** What was put down in this step speaks before the book of running alerts. */
  #running(name: string): Finding | null {
    for (let i = this.findings.length - 1; i >= 0; i -= 1) {
      const finding = this.findings[i] as Finding;
      if (findingName(finding.type, finding.conditionId, finding.deviceId) !== name) continue;
      return finding.op === 'close' ? null : finding;
    }
    return this.state.open[name]?.finding ?? null;
  }
}
