/**
 * What happens in a person's life, and what must be told of it: chosen so that it is the same however late, however often
 * and in whatever order it arrives.
 *
 * Judged: beginning and end of a strap cut, an opened case (tag and home unit), a power cut, battery levels, an absence in a
 * curfew that is always open, a visit to a zone whose fixes are certain, and that nothing else is told of anybody. Not judged
 * (they depend on when something arrives, and are avoided): silence of devices and unknown presence, whose thresholds (3,900,
 * 7,500 and 900 s) no device of a run comes near.
 */
import type { RecordBody } from '../../src/domain/record.js';
import type { Random } from '../../src/sim/random.js';
import { fixBody, heartbeatBody, rfBody, tagBody, unitBody } from '../../src/sim/report.js';
import type { TruthItem } from '../../src/sim/truth.js';
import { fromZone, nearHome, type Person } from './people.js';

export interface StoryEvent {
  /** Event time of its records, epoch ms, whole. */
  readonly atMs: number;
  readonly bodies: readonly RecordBody[];
  /** From here on they are at home, or not. */
  readonly home?: boolean;
}

export interface Story {
  /** In order of time, a second apart at least. */
  readonly events: readonly StoryEvent[];
  readonly truth: readonly TruthItem[];
}

export interface StoryTimes {
  readonly fromMs: number;
  readonly toMs: number;
  /** From the beginning of one alert to the beginning of the next, on average. */
  readonly cycleMs: number;
  /** Nothing is left open at the end: the story goes on later. */
  readonly goesOn?: true;
}

const RADIUS_M = 8;

/** `truth` is whole before anything of it is sent. What has begun near the end stays open. */
export function storyOf(person: Person, times: StoryTimes, random: Random): Story {
  const events: StoryEvent[] = [];
  const truth: TruthItem[] = [];
  for (let atMs = times.fromMs + random.next() * times.cycleMs; ; ) {
    const startMs = Math.round(atMs);
    const lengthMs = Math.round(lengthOf(person, times, random));
    if (startMs + lengthMs + 2_000 >= times.toMs) {
      // one that is still open at the end, where a story has such
      if (times.goesOn !== true && startMs + 2_000 < times.toMs) chapter(person, startMs, null, events, truth, random);
      return { events, truth };
    }
    chapter(person, startMs, startMs + lengthMs, events, truth, random);
    atMs = startMs + lengthMs + 2_000 + random.next() * times.cycleMs;
  }
}

function lengthOf({ role }: Person, { cycleMs }: StoryTimes, random: Random): number {
  if (role === 'exclusion') return 3_000;
  if (role === 'brief') return random.between(1_000, 3_000);
  // an absence must be longer than what is borne, with no doubt
  if (role === 'curfew') return random.between(8_000, 16_000);
  return random.between(1_500, Math.max(3_000, cycleMs / 2));
}

/** One beginning and, unless it stays open, its end. */
function chapter(
  person: Person,
  startMs: number,
  endMs: number | null,
  events: StoryEvent[],
  truth: TruthItem[],
  random: Random,
): void {
  const tell = (atMs: number, bodies: readonly RecordBody[], home?: boolean): void => {
    events.push(home === undefined ? { atMs, bodies } : { atMs, bodies, home });
  };
  const alert = (type: string, codes: readonly string[] = [], fromMs = startMs): void => {
    truth.push(itemOf(person, { type, codes, startMs: fromMs, endMs }));
  };
  const between = (type: string, start: RecordBody, end: RecordBody, codes: readonly string[] = []): void => {
    tell(startMs, [start]);
    if (endMs !== null) tell(endMs, [end]);
    alert(type, codes);
  };
  switch (person.role) {
    case 'strap':
      between('tamper.strap', tagBody(['STRAP_TAMPER_START']), tagBody(['STRAP_TAMPER_END']));
      return;
    case 'case':
      between('tamper.case', tagBody(['CASE_OPEN_START']), tagBody(['CASE_OPEN_END']));
      return;
    case 'unit-case':
      between('tamper.unit_case', unitBody(['CASE_OPEN_START']), unitBody(['CASE_OPEN_END']));
      return;
    case 'power':
      between('unit.power_off', unitBody(['MAINS_LOST'], 88), unitBody(['MAINS_RESTORED'], 90), ['AL04']);
      return;
    case 'battery': {
      const critical = random.chance(0.4);
      if (endMs === null) {
        tell(startMs, [tagBody([], 18)]);
        alert('battery.low', ['AL21']);
        return;
      }
      tell(startMs, [tagBody([], critical ? 9 : 18)]);
      // charged in between: what says that it is being charged does not fall low
      tell(endMs, [tagBody(['CHARGING_START'])]);
      tell(endMs + 1_000, [tagBody(['CHARGING_END'], 92)]);
      alert('battery.low', ['AL21']);
      if (critical) alert('battery.critical', ['AL21']);
      return;
    }
    case 'curfew':
      tell(startMs, [rfBody(person.tagId, 'EXIT')], false);
      if (endMs !== null) tell(endMs, [rfBody(person.tagId, 'ENTER')], true);
      truth.push(violation(person, 'curfew', startMs, endMs, ['AL10']));
      return;
    case 'brief':
      // always back: an absence that stays open would be told
      tell(startMs, [rfBody(person.tagId, 'EXIT')], false);
      tell(endMs ?? startMs + 1_000, [rfBody(person.tagId, 'ENTER')], true);
      return;
    case 'exclusion': {
      const fix = (distanceM: number): RecordBody => fixBody(...fromZone(person, distanceM), RADIUS_M);
      tell(startMs, [fix(60)]);
      tell(startMs + 1_500, [fix(-30)]);
      if (endMs !== null) tell(endMs, [fix(60)]);
      truth.push(violation(person, 'exclusion', startMs + 1_500, endMs, []));
      return;
    }
    case 'quiet-tag':
    case 'quiet-unit':
      return;
  }
}

/** An alert of the device itself. */
export function itemOf(
  person: Pick<Person, 'orderId' | 'device'>,
  o: { type: string; codes?: readonly string[]; startMs: number; endMs: number | null },
): TruthItem {
  return {
    orderId: person.orderId,
    kind: 'alert',
    type: o.type,
    conditionId: null,
    deviceId: person.device.device_id,
    startMs: o.startMs,
    endMs: o.endMs,
    codes: o.codes ?? [],
    endedBy: null,
    dueMs: o.startMs,
  };
}

function violation(
  { orderId }: Person,
  type: 'curfew' | 'exclusion',
  startMs: number,
  endMs: number | null,
  codes: readonly string[],
): TruthItem {
  const endedBy = endMs === null ? null : 'return';
  return {
    orderId,
    kind: 'violation',
    type,
    conditionId: 'C1',
    deviceId: null,
    startMs,
    endMs,
    codes,
    endedBy,
    dueMs: startMs,
  };
}

/** Nothing to report: they are where they should be (or, while `home` is false, nothing is said of that). */
export function ordinaryBody(person: Person, home: boolean, random: Random): RecordBody {
  const life = (): RecordBody => heartbeatBody(random.whole(1, 1_000_000));
  switch (person.role) {
    case 'quiet-unit':
    case 'power':
    case 'unit-case':
    case 'curfew':
    case 'brief':
      return home && random.chance(0.8) ? rfBody(person.tagId, 'PRESENT') : life();
    // their fixes are planned to the metre
    case 'exclusion':
      return life();
    case 'battery':
    case 'strap':
    case 'case':
    case 'quiet-tag':
      return random.chance(0.85) ? fixBody(...nearHome(person, random), RADIUS_M) : life();
  }
}
