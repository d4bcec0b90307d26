/** A simulated person while being planned: where they live, what they must do, where they go, what their devices do. */
import type { TagFlag, UnitFlag } from '../domain/record.js';
import type { Interval } from '../domain/timetable.js';
import { type Spot, signedDistance, type Town, toLonLat } from './ground.js';
import type { CurfewJson, ExclusionJson, Expectation, InclusionJson, ZoneShapeJson } from './order-plan.js';
import type { Random } from './random.js';
import { clip, effectiveWindows } from './truth-windows.js';

/** What they wear: a home unit and a GPS tag, a home unit and an RF-only tag, or a GPS tag alone. */
export type Kit = 'unit+tag' | 'unit+rf' | 'tag';

/** Away from home during `[leaveMs, returnMs)`; straight there, a stay, straight back. */
export interface Trip {
  readonly leaveMs: number;
  readonly returnMs: number;
  readonly to: Spot;
  /** A fix each minute rather than the tag's ordinary interval. */
  readonly dense: boolean;
}

/** A fix as planned to the metre, in place of what the tag would have sent at that moment. */
export interface PlannedFix {
  readonly atMs: number;
  readonly spot: Spot;
  readonly radiusM: number;
}

export interface TagEvent {
  readonly atMs: number;
  readonly flags: readonly TagFlag[];
  readonly batteryPct?: number;
}

export interface UnitEvent {
  readonly atMs: number;
  readonly flags: readonly UnitFlag[];
}

export interface PersonDraft {
  readonly number: number;
  readonly random: Random;
  readonly town: Town;
  readonly home: Spot;
  readonly work: Spot;
  /** The run: order, assignments and reports begin at its start. */
  readonly run: Interval;
  readonly timeZone: string;
  kit: Kit;
  curfew: Omit<CurfewJson, 'condition_id' | 'kind'> | null;
  readonly zones: Omit<ExclusionJson, 'condition_id' | 'kind'>[];
  /** Where the person must be at certain hours. */
  readonly stays: Omit<InclusionJson, 'condition_id' | 'kind'>[];
  /** Shapes of all exclusion zones the person must mind, shared ones resolved. */
  readonly shapes: ZoneShapeJson[];
  readonly trips: Trip[];
  /** When the plan wants them to do nothing else. */
  readonly reserved: Interval[];
  readonly unitQuiet: Interval[];
  readonly tagQuiet: Interval[];
  readonly unitEvents: UnitEvent[];
  readonly tagEvents: TagEvent[];
  readonly plannedFixes: PlannedFix[];
  /** Spans in which ordinary fixes give way to planned ones. */
  readonly fixScripts: Interval[];
  /** Spans in which ordinary battery readings give way to scripted ones. */
  readonly batteryScripts: Interval[];
  /** Home units of others that this person's tag passes. */
  readonly visitsTo: { readonly fromMs: number; readonly toMs: number }[];
  readonly firstUnitReportMs: { value: number };
  readonly expected: Expectation[];
  readonly incidents: string[];
}

export const hasUnit = (person: PersonDraft): boolean => person.kit !== 'tag';
export const hasGps = (person: PersonDraft): boolean => person.kit !== 'unit+rf';

/** Effective curfew windows that touch the run. */
export function curfewWindows(person: PersonDraft): Interval[] {
  if (person.curfew === null) return [];
  // the order ends a month after the run: its windows run past it, as in life
  const order = { startMs: person.run.startMs, endMs: person.run.endMs + 30 * 86_400_000 };
  return effectiveWindows(person.curfew, person.timeZone, order, person.run);
}

/** Times without curfew, within the run. */
export function freeTimes(person: PersonDraft): Interval[] {
  const free: Interval[] = [];
  let from = person.run.startMs;
  for (const window of curfewWindows(person)) {
    const until = Math.min(window.startMs, person.run.endMs);
    if (until > from) free.push({ startMs: from, endMs: until });
    from = Math.max(from, window.endMs);
  }
  if (person.run.endMs > from) free.push({ startMs: from, endMs: person.run.endMs });
  return free;
}

export function overlaps(a: Interval, b: Interval, marginMs = 0): boolean {
  return a.startMs < b.endMs + marginMs && b.startMs < a.endMs + marginMs;
}

/** Nothing else is planned there, nor near it. */
export function isFree(person: PersonDraft, span: Interval, marginMs: number): boolean {
  const inRun = clip(span, person.run);
  return (
    inRun.startMs === span.startMs &&
    inRun.endMs === span.endMs &&
    !person.reserved.some((other) => overlaps(span, other, marginMs))
  );
}

/** Metres from a spot to the nearest boundary of the person's zones, negative inside one; infinite without zones. */
export function nearestBoundary(person: PersonDraft, spot: Spot): number {
  const [lon, lat] = toLonLat(person.town, spot);
  return Math.min(...person.shapes.map((shape) => signedDistance(shape, lon, lat)), Number.POSITIVE_INFINITY);
}

/** Metres from a spot to every line on which what a fix there means turns: of zones, their buffers and stays. */
export function edgesAt(person: PersonDraft, spot: Spot): number[] {
  const [lon, lat] = toLonLat(person.town, spot);
  const buffers = person.zones.flatMap(({ zone, buffer_m }) =>
    zone === undefined || buffer_m === undefined ? [] : [signedDistance(zone, lon, lat) - buffer_m],
  );
  const stays = person.stays.flatMap(({ zone }) => (zone === undefined ? [] : [signedDistance(zone, lon, lat)]));
  return [...person.shapes.map((shape) => signedDistance(shape, lon, lat)), ...buffers, ...stays];
}
