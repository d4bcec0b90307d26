/** People who were out of coverage for hours and come back all at once: their devices hold a backlog, some newest first. */
import type { RecordBody } from '../../src/domain/record.js';
import { Random } from '../../src/sim/random.js';
import type { TruthItem } from '../../src/sim/truth.js';
import type { Crowd } from './crowd.js';
import type { TimedBody, TortureDevice } from './device.js';
import { type Person, personOf, roleOf } from './people.js';
import { ordinaryBody, type StoryEvent, storyOf } from './stories.js';

/** Their devices are tags: of a home unit that is silent for so long presence would be unknown, and that be told. */
const STORM_ROLES = ['quiet-tag', 'strap', 'case', 'battery', 'exclusion'] as const;
export const BACKLOG_MS = 6 * 3_600_000;
const HOUR_MS = 3_600_000;
/** A fix each five minutes, an upload each half hour. */
const RECORD_EVERY_MS = 5 * 60_000;
const RECORDS_PER_UPLOAD = 6;
const NEWEST_FIRST_SHARE = 0.25;
const DRAIN_LOOK_MS = 100;

interface Absent {
  readonly person: Person;
  readonly random: Random;
  readonly device: TortureDevice;
  lastMs: number;
}

export class Storm {
  readonly people: readonly Person[];
  readonly #seed: number;
  #absent: Absent[] = [];

  constructor(seed: number, count: number) {
    this.#seed = seed;
    const random = Random.of(seed, 'storm');
    this.people = Array.from({ length: count }, (_, i) =>
      personOf(seed, `S${seed}-${i + 1}`, roleOf(random, STORM_ROLES)),
    );
  }

  /** They have been away since six hours before `nowMs`. */
  join(crowd: Crowd, nowMs: number): void {
    const sinceMs = nowMs - BACKLOG_MS;
    this.#absent = this.people.map((person) => {
      const random = Random.of(this.#seed, 'absent', person.orderId);
      const device = crowd.add(person);
      device.newestFirst = random.chance(NEWEST_FIRST_SHARE);
      return { person, random, device, lastMs: sinceMs };
    });
  }

  /** Gives each the backlog of the time since it was heard last, and its truth; then they come. Resolves when all is kept. */
  async come(crowd: Crowd, nowMs: number): Promise<void> {
    let made = 0;
    for (const one of this.#absent) {
      const { records, truth } = backlogOf(one.person, one.lastMs, nowMs, one.random);
      crowd.truth.push(...truth);
      one.lastMs = nowMs;
      for (let i = 0; i < records.length; i += RECORDS_PER_UPLOAD) {
        crowd.keep(one.device, records.slice(i, i + RECORDS_PER_UPLOAD));
      }
      // the live devices live in this process too
      if (++made % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    crowd.connectAll(this.#absent.map(({ device }) => device));
  }

  get held(): number {
    return this.#absent.reduce((sum, { device }) => sum + device.holds, 0);
  }

  /** Resolves when nobody holds anything any more (they go away again), or when `stopped` says so. */
  async drained(stopped: () => boolean): Promise<void> {
    let left = [...this.#absent];
    while (left.length > 0 && !stopped()) {
      left = left.filter(({ device }) => {
        if (device.holds > 0) return true;
        device.disconnect(true);
        return false;
      });
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    }
  }
}

/** Records in order of time; no two of one moment. */
export function backlogOf(
  person: Person,
  fromMs: number,
  toMs: number,
  random: Random,
): { records: TimedBody[]; truth: readonly TruthItem[] } {
  // one alert in two hours or so
  const times = { fromMs: fromMs + 10_000, toMs: toMs - 10_000, cycleMs: 2 * HOUR_MS, goesOn: true } as const;
  const story = storyOf(person, times, random);
  const records: TimedBody[] = [];
  const events: StoryEvent[] = [...story.events];
  for (let atMs = fromMs + 1_000 + Math.round(random.next() * 5_000); atMs < toMs - 1_000; ) {
    const event = events[0];
    if (event !== undefined && event.atMs <= atMs) {
      events.shift();
      for (const body of event.bodies) records.push({ timeMs: event.atMs, body });
      continue;
    }
    const body: RecordBody = ordinaryBody(person, true, random);
    if ((records.at(-1)?.timeMs ?? 0) < atMs) records.push({ timeMs: atMs, body });
    atMs += Math.round(RECORD_EVERY_MS * random.between(0.8, 1.2));
  }
  for (const event of events) for (const body of event.bodies) records.push({ timeMs: event.atMs, body });
  return { records, truth: story.truth };
}
