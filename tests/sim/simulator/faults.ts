/** What goes wrong in a run: every fault a value, so that a run can be tried again without it. */
import type { Interval } from '../../../src/domain/timetable.js';
import { MINUTE_MS, rfc3339 } from '../../../src/sim/civil-time.js';
import type { Random } from '../../../src/sim/random.js';
import { type PlannedAct, planAct } from './officer.js';
import type { PlannedUpload } from './plan.js';

/** The `calls`-th call to a store after `atMs` is the last of the gateway's life. */
interface Death {
  readonly atMs: number;
  readonly calls: number;
  readonly when: 'before' | 'after';
  readonly downMs: number;
}

export type Fault =
  /** `power`: the machine goes down with it, and what was not synced may be gone; else the process alone. */
  | (Death & { readonly kind: 'crash'; readonly power: boolean })
  /** The gateway stands still; another one takes over, and then it wakes up. */
  | (Death & { readonly kind: 'pause'; readonly pausedMs: number })
  /** A restart as an operator does it. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly downMs: number }
  | { readonly kind: 'disk full'; readonly atMs: number; readonly forMs: number }
  /** The gateway's clock is ahead (or behind) by this from then on. */
  | { readonly kind: 'clock'; readonly atMs: number; readonly byMs: number }
  | { readonly kind: 'redis emptied' | 'redis set back'; readonly atMs: number }
  | { readonly kind: 'redis away'; readonly atMs: number; readonly forMs: number }
  /** The message, or the acknowledgement, of this attempt to send an upload is lost. */
  | { readonly kind: 'lost' | 'ack lost'; readonly upload: number; readonly attempt: number }
  | { readonly kind: 'delayed'; readonly upload: number; readonly byMs: number }
  | { readonly kind: 'twice'; readonly upload: number; readonly afterMs: number }
  /** The same records once more under another sequence. */
  | { readonly kind: 'repeated'; readonly upload: number; readonly atMs: number }
  | { readonly kind: 'offline'; readonly deviceId: string; readonly atMs: number; readonly forMs: number }
  /** In which order the device sends what it has held back, all through the run. */
  | { readonly kind: 'backlog'; readonly deviceId: string; readonly order: 'newest first' | 'shuffled' }
  | { readonly kind: 'poison'; readonly deviceId: string; readonly atMs: number; readonly what: Poison }
  /** The order is told anew, and means what it meant. */
  | { readonly kind: 'revised'; readonly orderId: string; readonly atMs: number }
  /** Somebody does something about an alert. */
  | { readonly kind: 'act'; readonly atMs: number; readonly act: PlannedAct }
  /** The subscriber is cut off in the midst of a page. */
  | { readonly kind: 'reader cut off'; readonly atMs: number };

export type Poison = 'garbage' | 'bad seal' | 'malformed';
export type FaultKind = Fault['kind'];

export function makeFaults(
  random: Random,
  run: Interval,
  orderIds: readonly string[],
  uploads: readonly PlannedUpload[],
  redis: boolean,
): Fault[] {
  const moment = (): number => run.startMs + random.whole(-10 * MINUTE_MS, run.endMs - run.startMs);
  const devices = [...new Set(uploads.map(({ deviceId }) => deviceId))];
  const several = <T>(counts: readonly number[], make: () => T): T[] =>
    Array.from({ length: random.pick(counts) }, make);
  const ofUploads = uploads.flatMap(({ id, madeMs }) => uploadFaults(random, id, madeMs));
  return [
    ...deaths(random, moment, whenRepeated(uploads, ofUploads)),
    ...several([0, 0, 0, 1], (): Fault => ({ kind: 'stop', atMs: moment(), downMs: downMs(random) })),
    ...several([0, 0, 0, 1], (): Fault => ({ kind: 'disk full', atMs: moment(), forMs: random.whole(1, 600) * 1_000 })),
    ...several([0, 0, 1, 2], (): Fault => ({ kind: 'clock', atMs: moment(), byMs: clockStep(random) })),
    ...(redis ? several([0, 1, 2], (): Fault => ({ kind: 'redis emptied', atMs: moment() })) : []),
    ...(redis ? several([0, 0, 1], (): Fault => ({ kind: 'redis set back', atMs: moment() })) : []),
    ...(redis
      ? several([0, 0, 1], (): Fault => ({ kind: 'redis away', atMs: moment(), forMs: random.whole(1, 1_200) * 1_000 }))
      : []),
    ...ofUploads,
    ...devices.flatMap((deviceId) => deviceFaults(random, deviceId, moment)),
    ...several([0, 0, 1, 2], (): Fault => {
      const atMs = run.startMs + random.whole(MINUTE_MS, run.endMs - run.startMs);
      return { kind: 'revised', orderId: random.pick(orderIds), atMs };
    }),
    ...several([0, 1, 2, 3], (): Fault => ({ kind: 'reader cut off', atMs: moment() })),
  ];
}

/** What people do about what they are told, here and there all through the run. */
export function makeActs(random: Random, run: Interval): Fault[] {
  return Array.from({ length: random.pick([0, 2, 4, 8]) }, (_, id): Fault => {
    const atMs = run.startMs + random.whole(MINUTE_MS, run.endMs - run.startMs);
    return { kind: 'act', atMs, act: planAct(random, id) };
  });
}

/** When an upload and its repetition are on their way together. */
function whenRepeated(uploads: readonly PlannedUpload[], faults: readonly Fault[]): number[] {
  const close = new Set(
    faults.flatMap((fault) => (fault.kind === 'twice' && fault.afterMs <= 20 ? [fault.upload] : [])),
  );
  return uploads.filter(({ id }) => close.has(id)).map(({ madeMs }) => madeMs);
}

/** Some come right after another: while the gateway recovers. Some come while a repetition is under way. */
function deaths(random: Random, moment: () => number, delicate: readonly number[]): Fault[] {
  const found: Fault[] = [];
  for (let left = random.pick([5, 6, 6, 7, 8]); left > 0; left -= 1) {
    const delicately = delicate.length > 0 && random.chance(0.3);
    const atMs = delicately ? random.pick(delicate) : moment();
    found.push(death(random, atMs, random.whole(1, delicately ? 3 : 14), downMs(random)));
    if (left > 1 && random.chance(0.35)) {
      left -= 1;
      found.push(death(random, atMs + 1, random.whole(1, 30), downMs(random)));
    }
  }
  return found;
}

function death(random: Random, atMs: number, calls: number, downMs: number): Fault {
  const fate: Death = { atMs, calls, when: random.pick(['before', 'after'] as const), downMs };
  if (!random.chance(0.2)) return { kind: 'crash', ...fate, power: random.chance(0.6) };
  // short enough for devices to wait for it, or long
  const most = random.chance(0.5) ? [6, 14] : [60, 900];
  return {
    kind: 'pause',
    ...fate,
    downMs: random.whole(1_000, (most[0] ?? 0) * 1_000),
    pausedMs: random.whole(2_000, (most[1] ?? 0) * 1_000),
  };
}

const downMs = (random: Random): number =>
  random.chance(0.7) ? random.whole(1, 60) * 1_000 : random.whole(1, 40) * MINUTE_MS;

/** Never so far back that records seem to come from the future. */
const clockStep = (random: Random): number =>
  random.chance(0.5) ? random.whole(-90, 90) * 1_000 : random.whole(1, 25) * MINUTE_MS;

function uploadFaults(random: Random, upload: number, madeMs: number): Fault[] {
  const found: Fault[] = [];
  for (let attempt = 0; random.chance(0.06); attempt += 1) found.push({ kind: 'lost', upload, attempt });
  if (random.chance(0.06)) found.push({ kind: 'ack lost', upload, attempt: found.length });
  if (random.chance(0.06)) found.push({ kind: 'delayed', upload, byMs: random.whole(1, 1_800) * 1_000 });
  // at once, while the first is on its way into the journal, or by a broker that has kept it
  const afterMs = random.chance(0.5) ? random.whole(0, 20) : random.whole(1, 7_200) * 1_000;
  if (random.chance(0.05)) found.push({ kind: 'twice', upload, afterMs });
  if (random.chance(0.04)) found.push({ kind: 'repeated', upload, atMs: madeMs + random.whole(0, 14_400) * 1_000 });
  return found;
}

function deviceFaults(random: Random, deviceId: string, moment: () => number): Fault[] {
  const found: Fault[] = [];
  while (random.chance(0.5)) {
    found.push({ kind: 'offline', deviceId, atMs: moment(), forMs: random.whole(1, 240) * MINUTE_MS });
  }
  if (random.chance(0.5))
    found.push({ kind: 'backlog', deviceId, order: random.pick(['newest first', 'shuffled'] as const) });
  if (random.chance(0.1)) {
    const what = random.pick(['garbage', 'bad seal', 'malformed'] as const);
    found.push({ kind: 'poison', deviceId, atMs: moment(), what });
  }
  return found;
}

/** `crash at 2026-06-05T18:00:00.000Z: calls 3, when before, …` */
export function describeFault(fault: Fault): string {
  const { kind, ...facts } = fault;
  const at = 'atMs' in fault ? ` at ${rfc3339(fault.atMs)}` : '';
  const said = Object.entries(facts).filter(([name]) => name !== 'atMs');
  if (kind === 'act') return `act${at}: ${JSON.stringify(facts)}`;
  return `${kind}${at}: ${said.map(([name, value]) => `${name} ${value}`).join(', ')}`.replace(/: $/, '');
}

/** How often each kind, in a fixed order. */
export function countFaults(faults: readonly Fault[]): Map<FaultKind, number> {
  const counts = new Map<FaultKind, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
