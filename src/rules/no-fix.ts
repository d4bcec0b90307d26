/** Does a tag move about without finding where it is (§6)? */
import type { DeviceId } from '../domain/ids.js';
import type { Policy } from '../domain/policy.js';
import type { RecordBody } from '../domain/record.js';
import type { MotionState } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import { UNHEARD } from './equipment.js';
import { close, type Moment, open } from './machine.js';
import { radiusM } from './plausibility.js';

export type NoFixNumbers = Pick<
  Policy,
  'noFixMotionS' | 'tagSilenceS' | 'noFixWithinS' | 'noFixRadiusM' | 'gnssRadiusM' | 'wifiRadiusM' | 'otherRadiusM'
>;

/** No motion is known of. */
const STILL: MotionState = UNHEARD.motion;

/** A tag that begins to move more often than every 15 s of an hour: what it did first of all is forgotten. */
const SPANS_MAX = 240;

/**
 * Takes a record of the tag itself, in event-time order. The tag is known to move from MOTION_START to MOTION_END, a
 * repeated START changing nothing, as far as its records reach; of a silent tag nothing is known, so a silence since
 * `lastMs`, its last record, forgets what motion there was. As soon as a record later than the moment at which the
 * motion without a good fix was enough has come, the alert is raised, from that moment on; the next good fix, plausible
 * or not, ends it. So a good fix that comes at that very moment is in time.
 */
export function stepMotion(
  deviceId: DeviceId,
  before: MotionState,
  body: RecordBody,
  lastMs: number | null,
  numbers: NoFixNumbers,
  moment: Moment,
): MotionState {
  const { atMs } = moment;
  const withinMs = numbers.noFixWithinS * 1000;
  const silent = lastMs !== null && atMs > lastMs + numbers.tagSilenceS * 1000;
  let running = moment.running('device.no_fix', null, deviceId);
  const knownMs = silent ? lastMs : atMs;
  const startMs = running === null ? enoughMs(before, knownMs, withinMs, numbers.noFixMotionS * 1000) : null;
  if (startMs !== null && startMs < atMs) {
    open(moment, { kind: 'alert', type: 'device.no_fix', deviceId, startMs });
    running = moment.running('device.no_fix', null, deviceId);
  }
  let state = silent ? STILL : before;
  if (body.kind === 'fix' && radiusM(body, numbers) <= numbers.noFixRadiusM) {
    if (running !== null) close(moment, running, atMs, null);
    return still(state) ? STILL : { sinceMs: state.sinceMs === null ? null : atMs, spans: [] };
  }
  if (body.kind === 'tag') for (const flag of body.flags) state = turned(state, flag, atMs);
  const spans = running === null ? recent(state.spans, atMs - withinMs) : [];
  return spans.length === state.spans.length ? state : { ...state, spans };
}

/** The first moment by which the motion of the last `withinMs` came to `neededMs`; null: none as yet. */
function enoughMs({ sinceMs, spans }: MotionState, nowMs: number, withinMs: number, neededMs: number): number | null {
  const all = sinceMs === null ? spans : [...spans, { startMs: sinceMs, endMs: nowMs }];
  const last = all.at(-1);
  if (last === undefined) return null;
  const isEnough = (atMs: number): boolean => motionMs(all, atMs - withinMs, atMs) >= neededMs;
  if (!isEnough(last.endMs)) return null;
  // While the tag moves the sum never falls, for what leaves it at one end comes in at the other.
  let [lowMs, highMs] = [last.startMs, last.endMs];
  while (lowMs < highMs) {
    const midMs = Math.floor((lowMs + highMs) / 2);
    if (isEnough(midMs)) highMs = midMs;
    else lowMs = midMs + 1;
  }
  return highMs;
}

function motionMs(spans: readonly Interval[], fromMs: number, toMs: number): number {
  let sumMs = 0;
  for (const { startMs, endMs } of spans) sumMs += Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs));
  return sumMs;
}

function turned(state: MotionState, flag: string, atMs: number): MotionState {
  const { sinceMs, spans } = state;
  if (flag === 'MOTION_START' && sinceMs === null) return { sinceMs: atMs, spans };
  if (flag !== 'MOTION_END' || sinceMs === null) return state;
  return { sinceMs: null, spans: sinceMs < atMs ? [...spans, { startMs: sinceMs, endMs: atMs }] : spans };
}

/** What can still count with motion to come. */
function recent(spans: readonly Interval[], fromMs: number): readonly Interval[] {
  const inTime = spans.filter(({ endMs }) => endMs > fromMs);
  return inTime.length > SPANS_MAX ? inTime.slice(-SPANS_MAX) : inTime;
}

const still = ({ sinceMs, spans }: MotionState): boolean => sinceMs === null && spans.length === 0;
