/** All that a run is made of: people and orders, what their devices report, in which uploads, and every fault. */
import type { Interval } from '../../../src/domain/timetable.js';
import { MINUTE_MS } from '../../../src/sim/civil-time.js';
import type { OrderPlan, ZoneFeature } from '../../../src/sim/order-plan.js';
import { Random } from '../../../src/sim/random.js';
import type { Report } from '../../../src/sim/report.js';
import { type Fault, makeActs, makeFaults } from './faults.js';
import { makePeople, type People } from './people.js';
import { reportsOf } from './reports.js';

/** What a device sends in one message; made, and held from then on, at `madeMs`. */
export interface PlannedUpload {
  readonly id: number;
  readonly deviceId: string;
  readonly madeMs: number;
  readonly reports: readonly Report[];
}

export interface Plan {
  readonly seed: number;
  readonly run: Interval;
  readonly orders: readonly OrderPlan[];
  readonly zones: readonly ZoneFeature[];
  readonly uploads: readonly PlannedUpload[];
  readonly faults: readonly Fault[];
  /** Hot states in a store that may forget, with checkpoints beside it; else on disk. */
  readonly redis: boolean;
  readonly segmentBytesMax: number;
  /** Records that may be let in and not judged: so few that uploads wait in their lanes; null: as many as in earnest. */
  readonly lagRecordsMax: number | null;
}

/** Reports of one seed, beyond which it would cost more than it can find. */
const REPORTS_MAX = 180;

export function makePlan(seed: number): Plan {
  const { people, reports } = livesOf(seed);
  const random = Random.of(seed, 'uploads');
  const uploads = inUploads(random, reports);
  const redis = random.chance(0.5);
  const segmentBytesMax = random.pick([64 * 1_048_576, 8_192, 1_500]);
  const lagRecordsMax = Random.of(seed, 'lag').pick([null, 1, 2, 6]);
  const allowances = Random.of(seed, 'allowances');
  const orders = people.people.map(({ order }): OrderPlan => {
    const atvAllowanceMin = allowances.pick([null, 0, 10, 45]);
    return atvAllowanceMin === null ? order : { ...order, atv_allowance_min: atvAllowanceMin };
  });
  const orderIds = orders.map(({ order_id }) => order_id);
  const faults = [
    ...makeFaults(Random.of(seed, 'faults'), people.run, orderIds, uploads, redis),
    ...makeActs(Random.of(seed, 'acts'), people.run),
  ];
  return { seed, run: people.run, orders, zones: people.zones, uploads, faults, redis, segmentBytesMax, lagRecordsMax };
}

/** As many of the people as there is room for. */
function livesOf(seed: number): { readonly people: People; readonly reports: readonly Report[] } {
  const all = makePeople(Random.of(seed, 'people'));
  for (let count = all.people.length; ; count -= 1) {
    const people = { ...all, people: all.people.slice(0, count) };
    const reports = reportsOf(Random.of(seed, 'reports'), people);
    if (reports.length <= REPORTS_MAX || count === 1) return { people, reports: reports.slice(0, REPORTS_MAX) };
  }
}

export const reportsIn = (plan: Plan): Report[] => plan.uploads.flatMap(({ reports }) => [...reports]);

/** The same lives, told at once and in order to a gateway that nothing happens to. */
export function withoutFaults(plan: Plan): Plan {
  const one = plan.uploads.flatMap(({ deviceId, reports }) =>
    reports.map((report) => ({ deviceId, madeMs: report.timeMs, reports: [report] })),
  );
  const uploads = one.sort((a, b) => a.madeMs - b.madeMs).map((upload, id) => ({ id, ...upload }));
  return { ...plan, uploads, faults: [], redis: false, segmentBytesMax: 64 * 1_048_576, lagRecordsMax: null };
}

/** A device sends at once, or gathers for a while; a few firmwares put the newest first. */
function inUploads(random: Random, reports: readonly Report[]): PlannedUpload[] {
  const uploads: Omit<PlannedUpload, 'id'>[] = [];
  for (const deviceId of new Set(reports.map((report) => report.deviceId))) {
    const own = reports.filter((report) => report.deviceId === deviceId);
    const together = random.pick([1, 1, 2, 5]);
    const waitMs = random.pick([0, 5, 45]) * MINUTE_MS;
    const upsideDown = random.chance(0.15);
    for (let from = 0; from < own.length; ) {
      const first = own[from] as Report;
      const count = random.whole(1, together);
      const taken = own.slice(from, from + count).filter(({ timeMs }) => timeMs <= first.timeMs + waitMs);
      const madeMs = (taken.at(-1) ?? first).timeMs + (random.chance(0.3) ? random.whole(0, 20_000) : 0);
      uploads.push({ deviceId, madeMs, reports: upsideDown ? taken.reverse() : taken });
      from += taken.length;
    }
  }
  return uploads.sort((a, b) => a.madeMs - b.madeMs).map((upload, id) => ({ id, ...upload }));
}
