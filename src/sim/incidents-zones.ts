/** What goes wrong with exclusion zones, and what nearly does. */
import type { Interval } from '../domain/timetable.js';
import { HOUR_MS, localOf, MINUTE_MS, timeText, WEEKDAY_NAMES } from './civil-time.js';
import { apart, around, type Spot, toLonLat, towards } from './ground.js';
import type { Incident } from './incidents-curfew.js';
import type { ExclusionJson, ZoneShapeJson } from './order-plan.js';
import { freeTimes, isFree, type PersonDraft } from './person-draft.js';

const SPEED_M_S = 12;

interface Excursion {
  readonly zone: OwnZone;
  readonly middle: Spot;
  readonly radiusM: number;
  readonly leaveMs: number;
  readonly arriveMs: number;
  readonly departMs: number;
  readonly returnMs: number;
}

type OwnZone = Omit<ExclusionJson, 'condition_id' | 'kind'>;

/** A zone of one's own, kilometres outside the town on the side where nothing else happens. */
export function ownZone(person: PersonDraft, round: boolean): { shape: ZoneShapeJson; middle: Spot; radiusM: number } {
  const { random, town } = person;
  // each further zone lies in a direction of its own, so that the way to one never leads through another
  const aside = 0.45 * Math.ceil(person.zones.length / 2) * (person.zones.length % 2 === 0 ? 1 : -1);
  const outward = Math.atan2(person.home.y, person.home.x) + aside + random.between(-0.05, 0.05);
  const middle = around({ x: 0, y: 0 }, outward, 6_500 + random.between(0, 400));
  const radiusM = Math.round(random.between(350, 650));
  if (round) return { shape: { type: 'Circle', center: toLonLat(town, middle), radius_m: radiusM }, middle, radiusM };
  const corners = random.whole(5, 12);
  const ring = Array.from({ length: corners }, (_, i) =>
    toLonLat(town, around(middle, (2 * Math.PI * i) / corners, radiusM * random.between(0.97, 1.1))),
  );
  ring.push(ring[0] as [number, number]);
  return { shape: { type: 'Polygon', coordinates: [ring] }, middle, radiusM: radiusM * Math.cos(Math.PI / corners) };
}

/** Drives to a zone in free time and stays; the caller decides which zone, its timetable, and what it means. */
function excursion(
  person: PersonDraft,
  span: Interval,
  stayMin: number,
  zoneOf: () => ReturnType<typeof ownZone>,
): Excursion | null {
  const { shape, middle, radiusM } = zoneOf();
  const travelMs = Math.ceil(((apart(person.home, middle) / SPEED_M_S) * 1_000) / MINUTE_MS) * MINUTE_MS;
  const wholeMs = 2 * travelMs + stayMin * MINUTE_MS;
  for (const free of person.random.shuffled(freeTimes(person))) {
    const from = Math.max(free.startMs, span.startMs) + 10 * MINUTE_MS;
    const to = Math.min(free.endMs, span.endMs) - 25 * MINUTE_MS - wholeMs;
    if (to < from) continue;
    const leaveMs = Math.round(person.random.between(from, to) / MINUTE_MS) * MINUTE_MS;
    const returnMs = leaveMs + wholeMs;
    if (!isFree(person, { startMs: leaveMs, endMs: returnMs }, 20 * MINUTE_MS)) continue;
    person.trips.push({ leaveMs, returnMs, to: middle, dense: true });
    person.reserved.push({ startMs: leaveMs, endMs: returnMs });
    const zone: OwnZone = { zone: shape };
    person.zones.push(zone);
    person.shapes.push(shape);
    return { zone, middle, radiusM, leaveMs, arriveMs: leaveMs + travelMs, departMs: returnMs - travelMs, returnMs };
  }
  return null;
}

const violation = { type: 'exclusion', codes: [] };
const approach = { type: 'zone.approach', codes: [] };
const crossing = { type: 'zone.crossing_inferred', codes: [] };

export const zoneVisit: Incident = (person, span) => {
  const found = excursion(person, span, person.random.whole(8, 40), () => ownZone(person, person.random.chance(0.4)));
  if (found === null) return false;
  person.expected.push(violation);
  return true;
};

/** The tag is not heard for longer than the gap while inside; sometimes it is still inside afterwards. */
export const zoneGap: Incident = (person, span) => {
  const found = excursion(person, span, 50, () => ownZone(person, true));
  if (found === null) return false;
  const quietFrom = found.arriveMs + 10 * MINUTE_MS;
  const stillInside = person.random.chance(0.5);
  person.tagQuiet.push({ startMs: quietFrom, endMs: stillInside ? quietFrom + 20 * MINUTE_MS : found.returnMs });
  person.expected.push(violation, ...(stillInside ? [violation] : []));
  return true;
};

/** Inside before the zone's hours begin. */
export const zoneOpensAround: Incident = (person, span) => {
  const found = excursion(person, span, 40, () => ownZone(person, person.random.chance(0.5)));
  if (found === null) return false;
  setHours(person, found.zone, found.arriveMs + 15 * MINUTE_MS, found.returnMs + 2 * HOUR_MS);
  person.expected.push(violation);
  return true;
};

/** Still inside as the zone's hours end. */
export const zoneClosesAround: Incident = (person, span) => {
  const found = excursion(person, span, 40, () => ownZone(person, person.random.chance(0.5)));
  if (found === null) return false;
  setHours(person, found.zone, found.leaveMs - 2 * HOUR_MS, found.departMs - 15 * MINUTE_MS);
  person.expected.push(violation);
  return true;
};

/** Inside, but outside the zone's hours: nothing. */
export const zoneOutsideHours: Incident = (person, span) => {
  const found = excursion(person, span, 25, () => ownZone(person, true));
  if (found === null) return false;
  setHours(person, found.zone, found.returnMs + HOUR_MS, found.returnMs + 2 * HOUR_MS);
  return true;
};

/** Three fixes in a row lean in, though none is certain: probably inside. */
export const zoneProbable: Incident = (person, span) =>
  atTheEdge(person, span, [25, -14, -16, -13, -15, 24, 120], true);

/** Twice two leaning fixes, never three in a row: nothing. */
export const zoneEdge: Incident = (person, span) =>
  atTheEdge(person, span, [24, -15, -14, 22, -16, -13, 25, 120], false);

/** Into the buffer, and no further. */
export const zoneBuffer: Incident = (person, span) => {
  const found = scripted(person, span, [450, 200, 180, 210, 190, 450], 300);
  if (found !== null) person.expected.push(approach);
  return found !== null;
};

/** Through the buffer into the zone, and out again the same way. */
export const zoneThroughBuffer: Incident = (person, span) => {
  const found = scripted(person, span, [450, 200, 150, -100, -120, -90, 160, 200, 450], 300);
  if (found !== null) person.expected.push(approach, violation, approach);
  return found !== null;
};

/** From one side of the zone to the other between two fixes, and back. */
export const zoneCrossing: Incident = (person, span) => {
  const found = scripted(person, span, [], 0, (radiusM) => [
    150,
    100,
    -2 * radiusM - 100,
    -2 * radiusM - 140,
    120,
    150,
  ]);
  if (found !== null) person.expected.push(crossing, crossing);
  return found !== null;
};

/** `distances`: signed, one fix a minute; all within a radius of 60 m. */
function atTheEdge(person: PersonDraft, span: Interval, distances: readonly number[], counts: boolean): boolean {
  const found = scripted(person, span, distances, 0);
  if (found !== null && counts) person.expected.push(violation);
  return found !== null;
}

/** The whole way is scripted: it stops where the script begins, so that no fix falls where none is meant to. */
function scripted(
  person: PersonDraft,
  span: Interval,
  distances: readonly number[],
  bufferM: number,
  way: (radiusM: number) => readonly number[] = () => distances,
): Excursion | null {
  const found = excursion(person, span, 10, () => ownZone(person, true));
  if (found === null) return null;
  if (bufferM > 0) found.zone.buffer_m = bufferM;
  person.fixScripts.push({ startMs: found.leaveMs, endMs: found.returnMs });
  const out = (metres: number): Spot => towards(found.middle, person.home, found.radiusM + metres);
  const travelMin = (found.arriveMs - found.leaveMs) / MINUTE_MS;
  for (let i = 1; i < travelMin; i++) {
    const nearest = bufferM + 250;
    const metres = nearest + (apart(person.home, found.middle) - found.radiusM - nearest) * (1 - i / travelMin);
    person.plannedFixes.push({ atMs: found.leaveMs + i * MINUTE_MS, spot: out(metres), radiusM: 10 });
    person.plannedFixes.push({ atMs: found.returnMs - i * MINUTE_MS, spot: out(metres), radiusM: 10 });
  }
  way(found.radiusM).forEach((metres, i) => {
    person.plannedFixes.push({ atMs: found.arriveMs + i * MINUTE_MS, spot: out(metres), radiusM: 60 });
  });
  return found;
}

/** Away from where the person must be at that time, for longer than is tolerated. */
export const stray: Incident = (person, span) => strayed(person, span, null);

/** The same, but it is tolerated for so long. */
export const strayTolerated: Incident = (person, span) => strayed(person, span, 4 * 3_600);

function strayed(person: PersonDraft, span: Interval, toleranceS: number | null): boolean {
  // the zone out there is not what this is about: its hours begin when all is over
  const found = excursion(person, span, person.random.whole(8, 40), () => ownZone(person, true));
  if (found === null) return false;
  setHours(person, found.zone, found.returnMs + HOUR_MS, found.returnMs + 2 * HOUR_MS);
  const from = localOf(person.timeZone, found.leaveMs - 10 * MINUTE_MS);
  const to = localOf(person.timeZone, found.returnMs + 10 * MINUTE_MS);
  person.stays.push({
    zone: { type: 'Circle', center: toLonLat(person.town, person.home), radius_m: person.random.whole(900, 2_000) },
    ...(toleranceS === null ? {} : { tolerance_s: toleranceS }),
    dated: [{ date: from.date, start: timeText(from.seconds), end: timeText(to.seconds) }],
  });
  if (toleranceS === null) person.expected.push({ type: 'inclusion', codes: [] });
  return true;
}

/** A visit to the shared zone in the middle of the town. */
export function sharedVisit(zoneId: string, shape: ZoneShapeJson): Incident {
  return (person, span) => {
    const found = excursion(person, span, person.random.whole(10, 30), () => ({
      shape,
      middle: { x: 0, y: 0 },
      radiusM: 300,
    }));
    if (found === null) return false;
    delete found.zone.zone;
    found.zone.zone_ref = zoneId;
    person.expected.push(violation);
    return true;
  };
}

function setHours(person: PersonDraft, zone: OwnZone, fromMs: number, toMs: number): void {
  const from = localOf(person.timeZone, fromMs);
  const to = localOf(person.timeZone, toMs);
  const day = WEEKDAY_NAMES[from.weekday - 1] ?? 'MONDAY';
  zone.timetable = [{ days: [day], start: timeText(from.seconds), end: timeText(to.seconds) }];
}
