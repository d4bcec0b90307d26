/**
 * Home units and fixes contradict each other (§6): a unit says that the person is present, while two fixes in a row are
 * farther from its address than they can err and `contradictionM` more.
 *
 * Each unit's word is judged by itself, and in each curfew that asks where the person is: at addresses of the window and
 * within it alone (¶19). It begins at the first of the two fixes, and ends at the first that does not contradict, for it
 * is near or the unit says present no more; at the latest with the window. A moment is compared when it is over, so that
 * unit and tag may speak of it in either order.
 */
import type { ConditionId, DeviceId } from '../domain/ids.js';
import type { ComparedFix, ContradictionRun, ContradictionState } from '../domain/subject-state.js';
import type { Position } from '../domain/zone.js';
import type { OrderPolicy } from './compile.js';
import { isEmpty } from './draft.js';
import { distanceM } from './geometry.js';
import { close, type Moment, open } from './machine.js';
import { standing, type Units, unitPresence } from './presence.js';
import type { Window } from './windows.js';

/** A unit whose word counts at a moment: it stands at an address of a curfew's window that has a position. */
interface Witness {
  readonly conditionId: ConditionId;
  readonly unitId: DeviceId;
  readonly address: string;
  readonly position: Position;
  readonly window: Window;
}

export const NOTHING_COMPARED: ContradictionState = Object.freeze({ pending: null, runs: {} });

/** Those whose word a fix at that moment can contradict. */
export function witnesses({ curfews, order, presence }: OrderPolicy, atMs: number): Witness[] {
  const all: Witness[] = [];
  for (const { conditionId, windows } of curfews) {
    const window = windows.windowAt(atMs);
    for (const address of window?.addresses ?? []) {
      const position = order.addresses[address] ?? null;
      if (window === null || position === null) continue;
      for (const unitId of standing(presence, address, atMs)) {
        all.push({ conditionId, unitId, address, position, window });
      }
    }
  }
  return all;
}

export function isFar({ position: [lon, lat] }: Witness, fix: Omit<ComparedFix, 'ref'>, farM: number): boolean {
  return distanceM(lon, lat, fix.lonE7 / 1e7, fix.latE7 / 1e7) - fix.radiusM > farM;
}

/** Takes a plausible fix, in event-time order. One that is far from a witness waits until its moment is over. */
export function noteFix(state: ContradictionState, fix: ComparedFix, far: boolean, moment: Moment): ContradictionState {
  if (!far && state.pending === null) return { pending: null, runs: endRuns(state.runs, moment, fix) };
  return { ...state, pending: { atMs: moment.atMs, fixes: [...(state.pending?.fixes ?? []), fix] } };
}

/** When the fixes of a moment, or the end of a window, are to be judged; null: nothing is due. */
export function contradictionDueMs({ pending, runs }: ContradictionState): number | null {
  if (pending !== null) return pending.atMs;
  if (isEmpty(runs)) return null;
  const endsMs = Object.values(runs).map(({ windowEndMs }) => windowEndMs);
  return endsMs.length === 0 ? null : Math.min(...endsMs);
}

/** What is due at this moment, whose records are all in. */
export function judgeContradiction(
  policy: OrderPolicy,
  { pending, runs: before }: ContradictionState,
  units: Units,
  moment: Moment,
): ContradictionState {
  let runs = endWindows(before, moment);
  for (const fix of pending?.fixes ?? []) runs = compare(policy, runs, units, fix, moment);
  return { pending: null, runs };
}

function compare(
  policy: OrderPolicy,
  before: ContradictionState['runs'],
  units: Units,
  fix: ComparedFix,
  moment: Moment,
): ContradictionState['runs'] {
  const contradicted = witnesses(policy, moment.atMs).filter(
    (witness) =>
      isFar(witness, fix, policy.numbers.contradictionM) &&
      unitPresence(policy.presence, witness.unitId, units, moment.atMs) === 'present',
  );
  const goesOn = (run: ContradictionRun): boolean => contradicted.some((witness) => isOf(run, witness));
  const runs = { ...endRuns(before, moment, fix, goesOn) };
  for (const { conditionId, unitId, address, window } of contradicted) {
    const key = keyOf(conditionId, unitId);
    const run = runs[key];
    if (run === undefined) {
      runs[key] = { conditionId, unitId, address, sinceMs: moment.atMs, first: fix.ref, windowEndMs: window.endMs };
    } else if (running(run, moment) === null) {
      open(
        moment,
        { kind: 'alert', type: 'integrity.contradiction', conditionId, deviceId: unitId, startMs: run.sinceMs },
        { cause: 'record', records: [run.first, fix.ref] },
      );
    }
  }
  return runs;
}

/**
 * A new edition takes over. What is compared goes on where the window, the address, its position, the unit at it and the
 * distance are what they were; what does not ends with the reason.
 */
export function reviseContradiction(
  former: OrderPolicy,
  next: OrderPolicy,
  state: ContradictionState,
  moment: Moment,
): ContradictionState {
  const runs: Record<string, ContradictionRun> = {};
  for (const [key, run] of Object.entries(endWindows(state.runs, moment))) {
    const [before, after] = [former, next].map((policy) =>
      witnesses(policy, moment.atMs).find((w) => w.conditionId === run.conditionId && w.unitId === run.unitId),
    );
    const same = former.numbers.contradictionM === next.numbers.contradictionM && sameTerms(before, after);
    if (same && after !== undefined) runs[key] = { ...run, windowEndMs: after.window.endMs };
    else end(run, moment, moment.atMs, 'ORDER_REVISED');
  }
  return { ...state, runs };
}

function sameTerms(before: Witness | undefined, after: Witness | undefined): boolean {
  const terms = (w: Witness | undefined) =>
    JSON.stringify([w?.address, w?.position, w?.window.startMs, w?.window.addresses]);
  return terms(before) === terms(after);
}

/** Ends the runs that this fix does not continue, with it. */
function endRuns(
  runs: ContradictionState['runs'],
  moment: Moment,
  fix: ComparedFix,
  goesOn: (run: ContradictionRun) => boolean = () => false,
): ContradictionState['runs'] {
  return without(endWindows(runs, moment), goesOn, (run) => {
    const alert = running(run, moment);
    if (alert !== null) {
      close(moment, alert, moment.atMs, null, null, { cause: 'record', records: [run.first, fix.ref] });
    }
  });
}

function endWindows(runs: ContradictionState['runs'], moment: Moment): ContradictionState['runs'] {
  const goesOn = ({ windowEndMs }: ContradictionRun): boolean => windowEndMs > moment.atMs;
  return without(runs, goesOn, (run) => end(run, moment, run.windowEndMs, 'window'));
}

function end(run: ContradictionRun, moment: Moment, endMs: number, by: 'window' | 'ORDER_REVISED'): void {
  const alert = running(run, moment);
  if (alert !== null) close(moment, alert, endMs, by, null, { records: alert.records });
}

function without(
  runs: ContradictionState['runs'],
  goesOn: (run: ContradictionRun) => boolean,
  over: (run: ContradictionRun) => void,
): ContradictionState['runs'] {
  const entries = Object.entries(runs);
  for (const [, run] of entries) if (!goesOn(run)) over(run);
  const kept = entries.filter(([, run]) => goesOn(run));
  return kept.length === entries.length ? runs : Object.fromEntries(kept);
}

const running = ({ conditionId, unitId }: ContradictionRun, moment: Moment) =>
  moment.running('integrity.contradiction', conditionId, unitId);

const isOf = (run: ContradictionRun, { conditionId, unitId, address, window }: Witness): boolean =>
  run.conditionId === conditionId &&
  run.unitId === unitId &&
  run.address === address &&
  run.windowEndMs === window.endMs;

/** `|` is outside the grammar of ids. */
const keyOf = (conditionId: ConditionId, unitId: DeviceId): string => `${conditionId}|${unitId}`;
