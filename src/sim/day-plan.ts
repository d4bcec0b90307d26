/** Ordinary life around what is planned: work, shops, friends, always outside curfew hours and clear of every zone. */
import type { Interval } from '../domain/timetable.js';
import { GRID_MS, HOUR_MS, MINUTE_MS } from './civil-time.js';
import { apart, around, type Spot, towards } from './ground.js';
import { freeTimes, nearestBoundary, type PersonDraft } from './person-draft.js';
import { without } from './truth-windows.js';

const KEPT_CLEAR_MS = 20 * MINUTE_MS;
const LONGEST_PIECE_MS = 6 * HOUR_MS;
/** Nearer to a boundary than this nobody passes without being meant to. */
const CLEAR_OF_ZONES_M = 150;

const grid = (ms: number): number => Math.round(ms / GRID_MS) * GRID_MS;

export function planOrdinaryTrips(person: PersonDraft): void {
  const { random } = person;
  const taken = person.reserved.map(({ startMs, endMs }) => ({
    startMs: startMs - KEPT_CLEAR_MS,
    endMs: endMs + KEPT_CLEAR_MS,
  }));
  for (const piece of without(freeTimes(person), taken).flatMap(inPieces)) {
    const lengthMs = piece.endMs - piece.startMs;
    if (lengthMs < 90 * MINUTE_MS || random.chance(0.2)) continue;
    const leaveMs = grid(piece.startMs + random.between(12, 30) * MINUTE_MS);
    const latestMs = piece.endMs - 25 * MINUTE_MS;
    const returnMs = grid(leaveMs + random.between(25 * MINUTE_MS, Math.max(26 * MINUTE_MS, latestMs - leaveMs)));
    if (returnMs > latestMs) continue;
    person.trips.push({ leaveMs, returnMs, to: destination(person), dense: false });
  }
  person.trips.sort((a, b) => a.leaveMs - b.leaveMs);
}

function inPieces(free: Interval): Interval[] {
  const count = Math.ceil((free.endMs - free.startMs) / LONGEST_PIECE_MS);
  const lengthMs = (free.endMs - free.startMs) / count;
  return Array.from({ length: count }, (_, i) => ({
    startMs: free.startMs + i * lengthMs,
    endMs: free.startMs + (i + 1) * lengthMs,
  }));
}

function destination(person: PersonDraft): Spot {
  const { random, home } = person;
  for (let attempt = 0; attempt < 20; attempt++) {
    const to = random.chance(0.5)
      ? person.work
      : around(home, random.between(0, 2 * Math.PI), random.between(400, 2_500));
    if (isClearWay(person, to)) return to;
  }
  return around(home, random.between(0, 2 * Math.PI), 120);
}

function isClearWay(person: PersonDraft, to: Spot): boolean {
  const whole = apart(person.home, to);
  for (let metres = 0; metres <= whole; metres += 50) {
    if (nearestBoundary(person, towards(person.home, to, metres)) < CLEAR_OF_ZONES_M) return false;
  }
  return nearestBoundary(person, to) >= CLEAR_OF_ZONES_M;
}
