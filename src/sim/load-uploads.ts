/** The uploads of a load run, made and sealed before the first leaves, and the truth that they amount to. */
import type { RecordBody, Upload } from '../domain/record.js';
import { metresPerDegree } from './ground.js';
import { type LoadPerson, loadOrder } from './load-people.js';
import type { LoadSchedule } from './load-schedule.js';
import { Random } from './random.js';
import { fixBody, heartbeatBody, type Report, rfBody, tagBody } from './report.js';
import { Sealer } from './sealer.js';
import type { TruthItem } from './truth.js';
import { truthOfOrder } from './truth-of-order.js';

export interface LoadUploads {
  readonly payloads: readonly Buffer[];
  /** By upload. */
  readonly sequences: Int32Array;
}

/** Shortest time before a person's first upload that its records may speak of. */
const FIRST_SPAN_MS = 1_000;

/**
 * Makes upload `from` and those after it until `until` (exclusive) of the schedule. The caller keeps the maker between
 * calls, so that a long run can be made in pieces without holding up everything else.
 */
export class UploadMaker {
  private readonly sealers: (Sealer | null)[];
  private readonly lastMs: Float64Array;
  private readonly counts: Int32Array;
  private readonly randoms: Random[];

  constructor(
    private readonly schedule: LoadSchedule,
    private readonly startMs: number,
    private readonly recordsPerUpload: number,
    seed: number,
  ) {
    const { people } = schedule;
    this.sealers = people.map(() => null);
    this.lastMs = new Float64Array(people.length).fill(startMs - FIRST_SPAN_MS);
    this.counts = new Int32Array(people.length);
    this.randoms = people.map((_, index) => Random.of(seed, 'noise', index));
  }

  make(index: number): { payload: Buffer; sequence: number } {
    const sender = this.schedule.senders[index] as number;
    const person = this.schedule.people[sender] as LoadPerson;
    const atMs = Math.floor(this.startMs + (this.schedule.timesMs[index] as number));
    const sequence = (this.counts[sender] as number) + 1;
    this.counts[sender] = sequence;
    const planned = this.schedule.events.get(index);
    const records =
      planned === undefined
        ? this.ordinary(person, sender, atMs)
        : planned.map((body) => ({ timeMs: atMs, hash: '', body }));
    this.lastMs[sender] = atMs;
    const upload: Upload = { sequence: BigInt(sequence), oldestHeld: 0n, records };
    const sealer = this.sealers[sender] ?? new Sealer(person.device);
    this.sealers[sender] = sealer;
    return { payload: sealer.seal(upload), sequence };
  }

  /** Records spread over the time since the device's last upload, oldest first. */
  private ordinary(person: LoadPerson, sender: number, atMs: number): Upload['records'] {
    const many = this.recordsPerUpload;
    const lastMs = this.lastMs[sender] as number;
    return Array.from({ length: many }, (_, i) => ({
      timeMs: Math.floor(lastMs + ((atMs - lastMs) * (i + 1)) / many),
      hash: '',
      body: ordinaryBody(person, this.randoms[sender] as Random),
    }));
  }
}

/** Nothing to report: a fix where they always are, the tag at home, a healthy battery, a sign of life. */
function ordinaryBody(person: LoadPerson, random: Random): RecordBody {
  const uptime = (): RecordBody => heartbeatBody(random.whole(1, 1_000_000));
  switch (person.role) {
    case 'unit':
    case 'power':
      return random.chance(0.8) ? rfBody(person.tagId, 'PRESENT') : uptime();
    // its fixes are planned to the metre
    case 'exclusion':
      return uptime();
    // its battery readings are planned
    case 'battery':
      return random.chance(0.9) ? fixNear(person, random) : uptime();
    case 'tag':
    case 'strap':
      return random.chance(0.9) ? fixNear(person, random) : tagBody([], random.whole(60, 90));
    case 'curfew':
    case 'idle':
      throw new Error(`a person with the role ${person.role} says nothing out of turn`);
  }
}

function fixNear(person: LoadPerson, random: Random): RecordBody {
  const [lon, lat] = person.at;
  const per = metresPerDegree(lat);
  return fixBody(lon + random.between(-5, 5) / per.lon, lat + random.between(-5, 5) / per.lat, 10);
}

/** What the planned reports amount to; everything else was chosen to amount to nothing. */
export function loadTruth(schedule: LoadSchedule, startMs: number, orderStartMs: number, seconds: number): TruthItem[] {
  const reports = new Map<LoadPerson, Report[]>();
  for (const [index, bodies] of schedule.events) {
    const person = schedule.people[schedule.senders[index] as number] as LoadPerson;
    const timeMs = Math.floor(startMs + (schedule.timesMs[index] as number));
    const known = reports.get(person) ?? [];
    reports.set(person, known);
    known.push({ deviceId: person.device.device_id, orderId: person.orderId, timeMs, bodies });
  }
  const atMs = startMs + seconds * 1_000;
  return [...reports].flatMap(([person, theirs]) => {
    const begins = schedule.curfewMs.get(person);
    const order = loadOrder(person, orderStartMs, begins === undefined ? null : startMs + begins);
    if (person.role === 'power') {
      // presence is kept up by ordinary readings, which the planned ones leave out
      return truthOfOrder({ ...order, conditions: [] }, new Map(), theirs, atMs);
    }
    return truthOfOrder(order, new Map(), theirs, atMs);
  });
}
