/** Curfew violations and unverified stretches, read from the whole of a person's record. */
import type { Interval } from '../domain/timetable.js';
import type { TruthItem } from './truth.js';
import type { PresenceStretch } from './truth-presence.js';
import { clip } from './truth-windows.js';

export interface CurfewFacts {
  readonly orderId: string;
  readonly conditionId: string;
  readonly windows: readonly Interval[];
  readonly presence: readonly PresenceStretch[];
  readonly toleranceMs: number;
  readonly unverifiedMs: number;
  /** When the picture is taken: records and timers up to and at it count. */
  readonly atMs: number;
}

export function curfewTruth(facts: CurfewFacts): TruthItem[] {
  return facts.windows
    .filter((window) => window.startMs <= facts.atMs)
    .flatMap((window) => [...absences(facts, window), ...unverified(facts, window)]);
}

function absences(facts: CurfewFacts, window: Interval): TruthItem[] {
  return stretches(facts, window, 'absent').map(({ startMs, endMs, next }) => {
    const fromStart = startMs === window.startMs;
    const running = endMs > facts.atMs;
    const atEnd = endMs === window.endMs;
    const codes = [fromStart ? 'AL08' : 'AL10'];
    if (!running && atEnd) codes.push(fromStart ? 'AL12' : 'AL11');
    if (!running && !atEnd && next === 'present' && fromStart) codes.push('AL09');
    return {
      orderId: facts.orderId,
      kind: 'violation' as const,
      type: 'curfew',
      conditionId: facts.conditionId,
      deviceId: null,
      startMs,
      endMs: running ? null : endMs,
      codes,
      endedBy: running ? null : atEnd ? 'window' : next === 'present' ? 'return' : 'unknown',
      dueMs: startMs + facts.toleranceMs,
    };
  });
}

function unverified(facts: CurfewFacts, window: Interval): TruthItem[] {
  return stretches(facts, window, 'unknown').map(({ startMs, endMs }) => ({
    orderId: facts.orderId,
    kind: 'alert' as const,
    type: 'curfew.unverified',
    conditionId: facts.conditionId,
    deviceId: null,
    startMs,
    endMs: endMs > facts.atMs ? null : endMs,
    codes: [],
    endedBy: null,
    dueMs: startMs + facts.unverifiedMs,
  }));
}

/** Stretches of one value inside a window that are longer than what is borne, and known to be by `atMs`. */
function stretches(facts: CurfewFacts, window: Interval, value: 'absent' | 'unknown') {
  const borneMs = value === 'absent' ? facts.toleranceMs : facts.unverifiedMs;
  return facts.presence
    .map((stretch, i) => ({ ...stretch, ...clip(stretch, window), next: facts.presence[i + 1]?.value ?? null }))
    .filter(
      (stretch) =>
        stretch.value === value && stretch.endMs - stretch.startMs > borneMs && stretch.startMs + borneMs <= facts.atMs,
    );
}
