/** What those chosen to raise alerts in a load run report, and when, in milliseconds from its start. */
import type { RecordBody } from '../domain/record.js';
import { metresPerDegree } from './ground.js';
import { type LoadPerson, ZONE_APART_M, ZONE_RADIUS_M } from './load-people.js';
import type { Random } from './random.js';
import { fixBody, rfBody, tagBody, unitBody } from './report.js';

export interface LoadEvent {
  /** Not before this; it goes out with the next upload of the schedule. */
  readonly afterMs: number;
  readonly bodies: readonly RecordBody[];
}

const RADIUS_M = 8;
/**
 * Nothing of a run falls into its first or last second and a half: connections settle, alerts must still come out. Of a
 * run of a few seconds, nothing into its first and last quarter.
 */
const EDGE_MS = 1_500;
const edgeMs = (seconds: number): number => Math.min(EDGE_MS, seconds * 250);
/** A person's own due times and their next report lie this far apart at least. */
const CLEAR_MS = 6_500;
/** There, inside and back takes this long without being faster than a person can be. */
const VISIT_MS = 4_500;
/** A run shorter than this has no room for such alerts. */
const RUN_MIN_S: Partial<Record<LoadPerson['role'], number>> = {
  curfew: 25,
  exclusion: (VISIT_MS + 2 * EDGE_MS) / 1_000,
};
export const hasRoom = (role: LoadPerson['role'], seconds: number): boolean => seconds >= (RUN_MIN_S[role] ?? 0);

/** The moment at which a person's curfew begins: a whole second, after the report that they left. */
export const curfewStartMs = (random: Random): number => 8_000 + random.whole(0, 4) * 1_000;

/** How many alerts of a kind one person can raise in a run. */
export function roomFor(role: LoadPerson['role'], seconds: number): number {
  if (role === 'exclusion') return Math.max(1, Math.floor((seconds * 1_000 - 2 * EDGE_MS) / VISIT_MS));
  return Number.MAX_SAFE_INTEGER;
}

/** `alerts`: how many this person is to raise (a curfew raises as many as fit). `curfewMs`: see `curfewStartMs`. */
export function loadEvents(
  person: LoadPerson,
  alerts: number,
  seconds: number,
  random: Random,
  curfewMs: number,
): LoadEvent[] {
  switch (person.role) {
    case 'strap':
      return cycles(alerts, seconds, random, [tagBody(['STRAP_TAMPER_START'])], [tagBody(['STRAP_TAMPER_END'])]);
    case 'battery':
      // charged in between: what says it is being charged does not fall low
      return cycles(
        alerts,
        seconds,
        random,
        [tagBody([], 18)],
        [tagBody(['CHARGING_START'])],
        [tagBody(['CHARGING_END'], 90)],
      );
    case 'power':
      return cycles(alerts, seconds, random, [unitBody(['MAINS_LOST'], 88)], [unitBody(['MAINS_RESTORED'], 90)]);
    case 'exclusion':
      return visits(person, alerts, seconds, random);
    case 'curfew':
      return absences(person, seconds, random, curfewMs);
    case 'tag':
    case 'unit':
    case 'idle':
      return [];
  }
}

function cycles(
  alerts: number,
  seconds: number,
  random: Random,
  ...steps: readonly (readonly RecordBody[])[]
): LoadEvent[] {
  const [fromMs, cycleMs] = [edgeMs(seconds), (seconds * 1_000 - 2 * edgeMs(seconds)) / alerts];
  return Array.from({ length: alerts }, (_, i) => {
    const startMs = fromMs + (i + 0.3 * random.next()) * cycleMs;
    return steps.map((bodies, step) => ({ afterMs: startMs + (0.6 * cycleMs * step) / steps.length, bodies }));
  }).flat();
}

/** Steps over the boundary and back, in fixes whose side is certain. */
function visits(person: LoadPerson, alerts: number, seconds: number, random: Random): LoadEvent[] {
  const cycleMs = (seconds * 1_000 - 2 * EDGE_MS) / alerts;
  const outside = { bodies: [fixAt(person, ZONE_APART_M - ZONE_RADIUS_M)] };
  const inside = { bodies: [fixAt(person, -30)] };
  return Array.from({ length: alerts }, (_, i) => {
    const startMs = EDGE_MS + i * cycleMs + random.between(0, cycleMs - VISIT_MS);
    return [
      { afterMs: startMs, ...outside },
      { afterMs: startMs + 1_500, ...inside },
      { afterMs: startMs + 3_000, ...outside },
    ];
  }).flat();
}

/** A fix at a signed distance from the zone's boundary, on the line from its middle to where the person stands. */
function fixAt(person: LoadPerson, distanceM: number): RecordBody {
  const [lon, lat] = person.zoneCentre;
  return fixBody(lon - (ZONE_RADIUS_M + distanceM) / metresPerDegree(lat).lon, lat, RADIUS_M);
}

/** Out as the curfew begins, back late; then out again and again for longer than is borne. */
function absences(person: LoadPerson, seconds: number, random: Random, curfewMs: number): LoadEvent[] {
  const out = [rfBody(person.tagId, 'EXIT')];
  const back = [rfBody(person.tagId, 'ENTER')];
  const events: LoadEvent[] = [{ afterMs: random.between(100, 900), bodies: [unitBody([], 100), ...out] }];
  let at = curfewMs + CLEAR_MS + random.between(0, 1_500);
  events.push({ afterMs: at, bodies: back });
  for (;;) {
    const leave = at + random.between(2_000, 4_000);
    at = leave + CLEAR_MS + random.between(0, 1_500);
    if (at > seconds * 1_000 - EDGE_MS) return events;
    events.push({ afterMs: leave, bodies: out }, { afterMs: at, bodies: back });
  }
}
