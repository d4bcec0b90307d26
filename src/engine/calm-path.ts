/**
 * The short way of an upload that can mean nothing but that time has passed and where a tag is (`rules/calm`): a few
 * comparisons on a row of numbers. It leads where the whole way leads: the same state, the same recent log, no findings.
 */
import type { UploadEntry } from '../domain/entry.js';
import { orderOfStream, type StreamKey } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import type { SubjectState } from '../domain/subject-state.js';
import { type Calm, calmOf, type LastHeard, staysCalm } from '../rules/calm.js';
import { type Move, moveOf } from '../rules/calm-move.js';
import type { OrderPolicy } from '../rules/compile.js';
import { radiusM } from '../rules/plausibility.js';
import { CalmRows } from './calm-rows.js';
import type { RecentRecords } from './recent-records.js';

/** States that take a calm fix without being read. */
export interface MovedStates {
  move(stream: StreamKey, position: number, move: Move): void;
}

export class CalmPath {
  readonly #states: MovedStates;
  readonly #records: RecentRecords;
  readonly #rows = new CalmRows();

  constructor(states: MovedStates, records: RecentRecords) {
    this.#states = states;
    this.#records = records;
  }

  /** False: it goes the whole way. */
  takes(position: number, entry: UploadEntry): boolean {
    const { stream, receivedMs, records } = entry;
    const row = this.#rows.get(stream);
    if (row === null || position <= row.position) return false;
    if (receivedMs < row.arrivesFromMs || receivedMs >= row.arrivesBeforeMs || records.length === 0) return false;
    let last: LastHeard = row.last;
    for (const record of records) {
      if (!staysCalm(row.calm, last, entry.deviceId, record, receivedMs)) return false;
      last = after(row.calm, last, record);
    }
    this.#records.addInOrder(stream, { position, entry });
    this.#states.move(stream, position, moveOf(row.calm, records));
    this.#rows.note(stream, last, position);
    return true;
  }

  /** The stream goes the whole way with something. */
  leave(stream: StreamKey): void {
    this.#rows.delete(stream);
  }

  /** An upload has gone the whole way: whether its stream is calm from here. */
  begin(stream: StreamKey, editions: readonly OrderPolicy[], state: SubjectState): void {
    if (orderOfStream(stream) === null) return;
    const calm = calmOf(editions, state);
    const { lastMs: heardMs = null, lastFix = null } = (calm === null ? null : state.equipment[calm.tagId]) ?? {};
    const still = calm === null ? null : this.#records.needsNoSnapshot(stream);
    if (calm === null || heardMs === null || lastFix === null || still === null) return;
    this.#rows.set(stream, {
      calm: { ...calm, untilMs: Math.min(calm.untilMs, still.timeMs) },
      last: {
        timeMs: lastFix.timeMs,
        lonE7: lastFix.lonE7,
        latE7: lastFix.latE7,
        radiusM: lastFix.radiusM,
        heardMs,
      },
      position: state.position,
      arrivesFromMs: still.arrivesFromMs,
      arrivesBeforeMs: still.arrivesBeforeMs,
    });
  }
}

function after(calm: Calm, last: LastHeard, { timeMs, body }: DeviceRecord): LastHeard {
  if (body.kind === 'fix') {
    const { lonE7, latE7 } = body;
    return { timeMs, lonE7, latE7, radiusM: radiusM(body, calm), heardMs: timeMs };
  }
  return { timeMs: last.timeMs, lonE7: last.lonE7, latE7: last.latE7, radiusM: last.radiusM, heardMs: timeMs };
}
