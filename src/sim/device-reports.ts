/** What a person's devices report of a planned life: fixes, readings of the tag at home, calls, batteries, events. */
import type { RecordBody } from '../domain/record.js';
import type { Interval } from '../domain/timetable.js';
import { GRID_MS, HOUR_MS, MINUTE_MS } from './civil-time.js';
import { apart, type Spot, toLonLat, towards } from './ground.js';
import { edgesAt, hasGps, hasUnit, type PersonDraft, type Trip } from './person-draft.js';
import { fixBody, heartbeatBody, type Report, rfBody, tagBody, unitBody } from './report.js';

const SPEED_M_S = 12;
const CALL_MS = HOUR_MS;
/** A fix whose accuracy radius comes this close to a boundary would leave its side to rounding: it is not sent. */
const UNSURE_M = 8;

export interface DeviceNames {
  readonly orderId: string;
  readonly unitId: string;
  readonly tagId: string;
}

/** Bodies by moment: what falls together is one upload. */
class Timeline {
  private readonly moments = new Map<number, RecordBody[]>();

  add(atMs: number, ...bodies: RecordBody[]): void {
    this.moments.set(atMs, [...(this.moments.get(atMs) ?? []), ...bodies]);
  }

  has(atMs: number): boolean {
    return this.moments.has(atMs);
  }

  reports(orderId: string, deviceId: string, run: Interval, quiet: readonly Interval[]): Report[] {
    return [...this.moments]
      .filter(([timeMs]) => timeMs >= run.startMs && timeMs <= run.endMs && !within(quiet, timeMs))
      .sort((a, b) => a[0] - b[0])
      .map(([timeMs, bodies]) => ({ deviceId, timeMs, orderId, bodies }));
  }
}

/** All that the person's devices send during the run, in event order for each device. */
export function reportsOf(person: PersonDraft, names: DeviceNames): Report[] {
  const tag = hasGps(person)
    ? tagTimeline(person).reports(names.orderId, names.tagId, person.run, person.tagQuiet)
    : [];
  const unit = hasUnit(person)
    ? unitTimeline(person, names.tagId).reports(names.orderId, names.unitId, person.run, person.unitQuiet)
    : [];
  return [...unit, ...tag];
}

function tagTimeline(person: PersonDraft): Timeline {
  const line = new Timeline();
  const { random, run } = person;
  const interval = random.pick([120, 240, 300, 300]) * 1_000;
  const phase = Math.floor(random.between(0, interval) / MINUTE_MS) * MINUTE_MS;
  const times = new Set<number>();
  for (let at = run.startMs + phase; at <= run.endMs; at += interval) times.add(at);
  for (const trip of person.trips.filter((each) => each.dense)) {
    for (let at = trip.leaveMs; at <= trip.returnMs; at += MINUTE_MS) times.add(at);
  }
  for (const at of [...times].sort((a, b) => a - b)) {
    if (!within(person.fixScripts, at)) addOrdinaryFix(person, line, at);
  }
  for (const { atMs, spot, radiusM } of person.plannedFixes) {
    const [lon, lat] = toLonLat(person.town, spot);
    line.add(atMs, fixBody(lon, lat, radiusM));
  }
  for (const { atMs, flags, batteryPct } of person.tagEvents) line.add(atMs, tagBody(flags, batteryPct ?? null));
  for (let at = run.startMs + phase; at <= run.endMs; at += HOUR_MS) {
    if (!within(person.batteryScripts, at)) line.add(at, tagBody([], ordinaryBattery(person, at)));
  }
  return line;
}

function addOrdinaryFix(person: PersonDraft, line: Timeline, atMs: number): void {
  const { random } = person;
  const spot = positionAt(person, atMs);
  // 95 % radius p50 3 m, p95 17 m; the error stays within it
  const radiusM = Math.round(Math.min(40, 3 + 5 * -Math.log(1 - random.next())) * 10) / 10;
  const error = radiusM * 0.8 * random.next();
  const angle = random.between(0, 2 * Math.PI);
  const seen = { x: spot.x + Math.cos(angle) * error, y: spot.y + Math.sin(angle) * error };
  if (edgesAt(person, seen).some((metres) => Math.abs(metres) < radiusM + UNSURE_M)) return;
  const [lon, lat] = toLonLat(person.town, seen);
  line.add(atMs, fixBody(lon, lat, radiusM));
}

/** The ground truth of where the person is. */
export function positionAt(person: PersonDraft, atMs: number): Spot {
  const trip = tripAt(person, atMs);
  if (trip === null) return person.home;
  const metres = apart(person.home, trip.to);
  const travelMs = Math.min((metres / SPEED_M_S) * 1_000, (trip.returnMs - trip.leaveMs) / 3);
  const goneMs = Math.min(atMs - trip.leaveMs, trip.returnMs - atMs, travelMs);
  return towards(person.home, trip.to, travelMs === 0 ? 0 : (metres * goneMs) / travelMs);
}

function tripAt(person: PersonDraft, atMs: number): Trip | null {
  return person.trips.find((trip) => trip.leaveMs <= atMs && atMs < trip.returnMs) ?? null;
}

const within = (spans: readonly Interval[], atMs: number): boolean =>
  spans.some((span) => span.startMs <= atMs && atMs < span.endMs);

/** Falls over a day and is charged overnight; never near a threshold. */
function ordinaryBattery(person: PersonDraft, atMs: number): number {
  const hours = (atMs - person.run.startMs) / HOUR_MS + (person.number % 7);
  return Math.round(96 - (hours % 24) * 1.6);
}

function unitTimeline(person: PersonDraft, tagId: string): Timeline {
  const line = new Timeline();
  const { run } = person;
  const rfOnly = person.kit === 'unit+rf';
  const present = (atMs: number): RecordBody[] => {
    if (tripAt(person, atMs) !== null) return [];
    const level = rfOnly && !within(person.batteryScripts, atMs) ? tagBody([], ordinaryBattery(person, atMs)) : null;
    return [rfBody(tagId, 'PRESENT', level)];
  };
  const call = (atMs: number): void => {
    if (line.has(atMs)) return;
    const own =
      (atMs - run.startMs) % (4 * HOUR_MS) < CALL_MS ? heartbeatBody((atMs - run.startMs) / 1_000) : unitBody([], 100);
    line.add(atMs, own, ...present(atMs));
  };
  for (const trip of person.trips) {
    line.add(trip.leaveMs, rfBody(tagId, 'EXIT'));
    line.add(trip.returnMs, rfBody(tagId, 'ENTER'));
  }
  for (const { atMs, flags } of person.unitEvents) {
    line.add(atMs, unitBody(flags, flags.includes('MAINS_LOST') ? 88 : null));
    // installed anew, it looks for its tag at once
    if (flags.includes('RESET')) call(atMs + 2 * MINUTE_MS);
  }
  if (rfOnly) {
    for (const { atMs, flags, batteryPct } of person.tagEvents) {
      line.add(atMs, rfBody(tagId, 'PRESENT', tagBody(flags, batteryPct ?? null)));
    }
  }
  for (const { endMs } of person.unitQuiet) call(endMs);
  for (let at = person.firstUnitReportMs.value; at <= run.endMs; at += CALL_MS) call(at);
  return line;
}

/** A visit to another's home, as that home unit sees it. */
export function foreignReports(visit: { fromMs: number; toMs: number }, tagId: string, host: DeviceNames): Report[] {
  return [
    { deviceId: host.unitId, orderId: host.orderId, timeMs: visit.fromMs, bodies: [rfBody(tagId, 'ENTER')] },
    { deviceId: host.unitId, orderId: host.orderId, timeMs: visit.toMs + GRID_MS, bodies: [rfBody(tagId, 'EXIT')] },
  ];
}
