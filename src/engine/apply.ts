/** One journal entry, applied to the state of its stream: the rules run, and their findings become alert versions. */
import type { AlertVersion } from '../domain/alert.js';
import type { IntegrityEntry, OrderEntry, TickEntry, UploadEntry } from '../domain/entry.js';
import { orderOfStream } from '../domain/ids.js';
import { unreachable } from '../domain/result.js';
import type { SubjectState } from '../domain/subject-state.js';
import { recordFindings } from '../rules/alerts.js';
import type { OrderPolicy } from '../rules/compile.js';
import { RULES_VERSION, type StepInput, step } from '../rules/step.js';
import { alertIdOf } from './alert-id.js';

export type SteppedEntry = UploadEntry | TickEntry | OrderEntry | IntegrityEntry;

export interface Applied {
  readonly state: SubjectState;
  readonly versions: readonly AlertVersion[];
  /** Records older than what was judged already: kept in the journal, and used by a re-run only. */
  readonly lateRecords: number;
}

/**
 * `policy` is the order's as of this entry; null on a device's own stream. An entry at or before the state's position
 * was applied before a crash and changes nothing.
 */
export function applyEntry(
  policy: OrderPolicy | null,
  state: SubjectState,
  position: number,
  entry: SteppedEntry,
): Applied {
  if (position <= state.position) return { state, versions: [], lateRecords: 0 };
  const versions: AlertVersion[] = [];
  let lateRecords = 0;
  let current = state;
  for (const input of inputsOf(entry)) {
    const stepped = step(policy, current, input);
    if (stepped.late) lateRecords += 1;
    const told = recordFindings(
      stepped.state,
      stepped.findings,
      {
        orderId: orderOfStream(entry.stream),
        subjectId: policy?.order.subjectId ?? null,
        agency: policy?.order.supervisor ?? null,
        derivedMs: entry.receivedMs,
        policyRevision: policy?.order.revision ?? 0,
        rulesVersion: RULES_VERSION,
      },
      (finding) => alertIdOf(entry.stream, position, finding),
    );
    current = told.state;
    versions.push(...told.versions);
  }
  return { state: { ...current, position }, versions, lateRecords };
}

function inputsOf(entry: SteppedEntry): StepInput[] {
  switch (entry.kind) {
    case 'upload':
      // A stable sort: records of one moment keep their place in the upload (rules: equal times by sequence, then position).
      return [...entry.records]
        .sort((a, b) => a.timeMs - b.timeMs)
        .map((record) => ({ kind: 'record', deviceId: entry.deviceId, receivedMs: entry.receivedMs, record }));
    case 'tick':
      return [{ kind: 'tick', atMs: entry.atMs, cause: entry.cause }];
    case 'order':
      return [{ kind: 'order', atMs: effectiveMs(entry) }];
    case 'integrity':
      return [{ kind: 'integrity', atMs: entry.receivedMs, deviceId: entry.deviceId, type: entry.type }];
    default:
      return unreachable(entry);
  }
}

/** A revision holds from its own time, or from when it was taken in; never from before the order begins. */
export function effectiveMs(entry: OrderEntry): number {
  return Math.max(entry.order.startMs, entry.order.effectiveMs ?? entry.receivedMs);
}
