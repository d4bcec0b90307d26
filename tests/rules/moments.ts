/** A book of findings for tests of single rules: what runs, what has ended, and everything in the order it was put. */
import type { Cause, Finding } from '../../src/domain/alert.js';
import { parseConditionId, parseDeviceId } from '../../src/domain/ids.js';
import type { RecordRef } from '../../src/domain/record.js';
import { findingName, type Moment } from '../../src/rules/machine.js';

export class Book {
  readonly running = new Map<string, Finding>();
  readonly ended: Finding[] = [];
  readonly told: Finding[] = [];

  /** A moment of one record, or of a timer when there is none. */
  at(atMs: number, record: RecordRef | null = null, cause: Cause = record === null ? 'timer' : 'record'): Moment {
    return {
      atMs,
      cause,
      record,
      running: (type, conditionId, deviceId) => this.running.get(findingName(type, conditionId, deviceId)) ?? null,
      put: (finding) => this.#put(finding),
    };
  }

  #put(finding: Finding): void {
    const name = findingName(finding.type, finding.conditionId, finding.deviceId);
    if ((finding.op === 'open') === this.running.has(name)) throw new Error(`${finding.op} of ${name}`);
    this.told.push(finding);
    if (finding.op === 'close' || finding.op === 'withdraw') {
      this.running.delete(name);
      if (finding.op === 'close') this.ended.push(finding);
    } else this.running.set(name, finding);
  }
}

function must<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string }): T {
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}

export const device = (name: string) => must(parseDeviceId(name));
export const condition = (name: string) => must(parseConditionId(name));
export const ref = (timeMs: number, hash = `h${timeMs}`, deviceId = device('TAG-1')): RecordRef => ({
  deviceId,
  timeMs,
  hash,
});
