/** One journal entry, applied to the state of its stream: the rules run, and their findings become alert versions. */
import type { AlertVersion, Finding } from '../domain/alert.js';
import type { IntegrityEntry, TickEntry, UploadEntry } from '../domain/entry.js';
import { type AlertId, deviceOfStream, orderOfStream, type StreamKey } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { DeviceRecord } from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import type { SubjectState } from '../domain/subject-state.js';
import { type AlertMeta, recordFindings } from '../rules/alerts.js';
import type { OrderPolicy } from '../rules/compile.js';
import { RULES_VERSION, type StepInput, type Stepped, step } from '../rules/step.js';
import { alertIdOf } from './alert-id.js';

/** The order of a stream, or a shared zone that it names, has a new edition. */
export interface Revised {
  readonly kind: 'revised';
  readonly stream: StreamKey;
  readonly receivedMs: number;
}

export type SteppedEntry = UploadEntry | TickEntry | IntegrityEntry | Revised;

export interface Applied {
  readonly state: SubjectState;
  readonly versions: readonly AlertVersion[];
  /** Records older than what a rule that they concern has judged already, and not used by that rule. */
  readonly late: readonly DeviceRecord[];
  /** Late records that a re-run has put in their place. */
  readonly rerunRecords: number;
  /** Records that were stepped, again or for the first time: what the entry has cost. */
  readonly steps: number;
}

/**
 * `editions` are the order's as of this entry; none on a device's own stream. An entry at or before the state's
 * position was applied before a crash and changes nothing.
 */
export function applyEntry(
  editions: readonly OrderPolicy[],
  state: SubjectState,
  position: number,
  entry: SteppedEntry,
): Applied {
  const inputs = inputsOf(entry);
  if (position <= state.position || inputs.length === 0) return unchanged(state);
  return applyInputs(editions, state, position, entry, inputs);
}

const NONE: readonly never[] = Object.freeze([]);

export const unchanged = (state: SubjectState): Applied => ({
  state,
  versions: NONE,
  late: NONE,
  rerunRecords: 0,
  steps: 0,
});

export const together = (first: Applied, second: Applied): Applied => ({
  state: second.state,
  versions: [...first.versions, ...second.versions],
  late: [...first.late, ...second.late],
  rerunRecords: first.rerunRecords + second.rerunRecords,
  steps: first.steps + second.steps,
});

/** Inputs that an entry led to, in event order. */
export function applyInputs(
  editions: readonly OrderPolicy[],
  state: SubjectState,
  position: number,
  entry: Pick<SteppedEntry, 'stream' | 'receivedMs'>,
  inputs: readonly StepInput[],
): Applied {
  const applying = new Applying(editions, state, position, entry);
  for (const input of inputs) applying.take(input);
  return applying.applied();
}

/** The records of an upload, which are in event order. */
export function applyRecords(
  editions: readonly OrderPolicy[],
  state: SubjectState,
  position: number,
  entry: UploadEntry,
): Applied {
  const { deviceId, receivedMs } = entry;
  const applying = new Applying(editions, state, position, entry);
  for (const record of entry.records) applying.take({ kind: 'record', deviceId, receivedMs, record });
  return applying.applied();
}

/** Goes from state to state, and keeps what was found on the way. Most inputs lead to nothing: then it makes nothing. */
class Applying {
  readonly #editions: readonly OrderPolicy[];
  readonly #position: number;
  readonly #entry: Pick<SteppedEntry, 'stream' | 'receivedMs'>;
  #state: SubjectState;
  #versions: readonly AlertVersion[] = NONE;
  #late: readonly DeviceRecord[] = NONE;
  #steps = 0;

  constructor(
    editions: readonly OrderPolicy[],
    state: SubjectState,
    position: number,
    entry: Pick<SteppedEntry, 'stream' | 'receivedMs'>,
  ) {
    this.#editions = editions;
    this.#state = state;
    this.#position = position;
    this.#entry = entry;
  }

  take(input: StepInput): void {
    const stepped = step(this.#editions, this.#state, input);
    if (input.kind === 'record') {
      this.#steps += 1;
      if (stepped.late) this.#late = [...this.#late, input.record];
    }
    this.#state = stepped.state;
    if (stepped.findings.length === 0) return;
    const { stream } = this.#entry;
    const told = recordStepped(this.#editions, stepped, this.#entry, (finding) =>
      alertIdOf(stream, this.#position, finding),
    );
    this.#state = told.state;
    this.#versions = [...this.#versions, ...told.versions];
  }

  applied(): Applied {
    return {
      state: { ...this.#state, position: this.#position },
      versions: this.#versions,
      late: this.#late,
      rerunRecords: 0,
      steps: this.#steps,
    };
  }
}

/** Time may pass over a revision in one step: each finding belongs to the order as it stood at its own moment. */
function recordStepped(
  editions: readonly OrderPolicy[],
  { state, findings, orders, moments }: Stepped,
  entry: Pick<SteppedEntry, 'stream' | 'receivedMs'>,
  newAlertId: (finding: Finding) => AlertId,
): { readonly state: SubjectState; readonly versions: readonly AlertVersion[] } {
  const versions: AlertVersion[] = [];
  let current = state;
  for (let from = 0; from < findings.length; ) {
    const under = orders[from] ?? null;
    const next = orders.findIndex((order, i) => i > from && order !== under);
    const to = next === -1 ? findings.length : next;
    const meta = metaUnder(under ?? editions[0]?.order ?? null, entry);
    const told = recordFindings(current, findings.slice(from, to), meta, newAlertId, moments.slice(from, to));
    current = told.state;
    versions.push(...told.versions);
    from = to;
  }
  return { state: current, versions };
}

/** The order in a state of this edition; before the first the one that comes first. */
export function orderIn(editions: readonly OrderPolicy[], state: SubjectState): Order | null {
  return (editions.find(({ edition }) => edition === state.edition) ?? editions[0])?.order ?? null;
}

/** Whose an alert is that was found under an order. */
export function metaUnder(order: Order | null, entry: Pick<SteppedEntry, 'stream' | 'receivedMs'>): AlertMeta {
  return {
    orderId: orderOfStream(entry.stream),
    subjectId: order?.subjectId ?? null,
    agency: order?.supervisor ?? null,
    derivedMs: entry.receivedMs,
    policyRevision: order?.revision ?? 0,
    rulesVersion: RULES_VERSION,
    routing: orderOfStream(entry.stream) === null ? null : order,
  };
}

function inputsOf(entry: SteppedEntry): StepInput[] {
  switch (entry.kind) {
    case 'upload': {
      // A foreign sighting of a tag that nobody wears changes nothing and is told to nobody (¶19).
      const speaksFor = deviceOfStream(entry.stream);
      if (speaksFor !== null && speaksFor !== entry.deviceId) return [];
      const { deviceId, receivedMs } = entry;
      // A stable sort: records of one moment keep their place in the upload (§1: equal times by sequence, then position).
      const records = [...entry.records].sort((a, b) => a.timeMs - b.timeMs);
      return records.map((record) => ({ kind: 'record', deviceId, receivedMs, record }));
    }
    case 'tick':
      return entry.cause === 'late_data' ? [] : [{ kind: 'tick', atMs: entry.atMs, cause: entry.cause }];
    case 'integrity':
      return [{ kind: 'integrity', atMs: entry.receivedMs, deviceId: entry.deviceId, type: entry.type }];
    case 'revised':
      return [{ kind: 'revised' }];
    default:
      return unreachable(entry);
  }
}
