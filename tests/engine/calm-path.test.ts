// The short way leads where the whole way leads: the same alerts, states, recent log and due times, crashes included.
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import { makeRecord } from '../../src/codec/record.js';
import { decodeState } from '../../src/codec/state-record.js';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { JournalEntry, PlacedEntry } from '../../src/domain/entry.js';
import type { ConditionId, DeviceId, OrderId, StreamKey, ZoneId } from '../../src/domain/ids.js';
import { streamOfOrder } from '../../src/domain/ids.js';
import type { Condition, Order } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { RecordBody } from '../../src/domain/record.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { CalmPath } from '../../src/engine/calm-path.js';
import { Judge, noHarvest } from '../../src/engine/judge.js';
import { LateData } from '../../src/engine/late-data.js';
import { Policies } from '../../src/engine/policies.js';
import { ResidentStates } from '../../src/engine/resident-states.js';
import type { StateBytes } from '../../src/ports/subject-states.js';
import { Random } from '../../src/sim/random.js';
import { seedOfRun } from '../rules/seeded.js';
import { assigned, at, curfew, DAY, exclusion, heartbeat, orderOf, rf, tagSays } from '../rules/step-driver.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

type Dies = 'before the log' | 'before the states' | null;

/** The engine's memory and what lasts of it, batch by batch. */
class Life {
  readonly log = new MemoryRecentLog();
  readonly versions = new Map<string, AlertVersion>();
  readonly #journal: PlacedEntry[] = [];
  readonly #isCalm: boolean;
  #store = new Map<StreamKey, StateBytes>();
  #position = 0;
  calm = 0;
  #late!: LateData;
  #judge!: Judge;
  states!: ResidentStates;

  constructor(isCalm: boolean) {
    this.#isCalm = isCalm;
    this.#start();
  }

  /** One batch; where the gateway dies in it, the next start does it again. */
  take(entries: readonly JournalEntry[], dies: Dies): void {
    for (const entry of entries) this.#journal.push({ position: this.#journal.length + 1, entry });
    this.#batch(dies);
    if (dies === null) return;
    this.#start();
    this.#batch(null);
  }

  due(nowMs: number): (readonly [StreamKey, number])[] {
    const due = [...this.states.dueTimes()].filter(([, dueMs]) => dueMs <= nowMs);
    return due.sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1));
  }

  /** All that can be seen of it. */
  seen(): unknown {
    const streams = [...this.states.keys()].sort();
    return {
      states: streams.map((stream) => [stream, this.states.get(stream)]),
      stored: [...this.#store]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([stream, bytes]) => [stream, decodeState(bytes)]),
      due: [...this.states.dueTimes()].sort(([a], [b]) => (a < b ? -1 : 1)),
      uploads: streams.map((stream) => this.log.uploads(stream, 0)),
      snapshots: streams.map((stream) => [...this.log.snapshots(stream)]),
      versions: [...this.versions.values()],
    };
  }

  #start(): void {
    // hardly any are kept ready: what is read is what lies in records
    this.states = new ResidentStates(null, 1);
    for (const [stream, bytes] of this.#store) this.states.load(stream, bytes);
    const policies = new Policies(DEFAULT_POLICY);
    for (const { position, entry } of this.#journal) {
      if (position > this.#position) continue;
      if (entry.kind === 'zone' && entry.zone !== null) {
        policies.putZone(entry.zoneId, { position, atMs: entry.receivedMs, zone: entry.zone });
      }
      if (entry.kind !== 'order') continue;
      const { order, receivedMs } = entry;
      policies.putOrder({
        position,
        order,
        receivedMs,
        effectiveMs: order.revision === 1 ? order.startMs : receivedMs,
      });
    }
    this.#late = new LateData(this.log);
    const calm = this.#isCalm ? new CalmPath(this.states, this.#late.records) : null;
    this.#judge = new Judge({ policies, states: this.states, late: this.#late, calm });
  }

  #batch(dies: Dies): void {
    const harvest = noHarvest();
    for (const { position, entry } of this.#journal.slice(this.#position)) {
      if (entry.kind === 'order') this.#judge.takeInOrder(position, entry, harvest);
      else if (entry.kind === 'zone') this.#judge.takeInZone(position, entry, harvest);
      else if (entry.kind === 'upload' || entry.kind === 'tick') this.#judge.takeIn(position, entry, harvest);
    }
    this.calm += harvest.calm;
    if (dies === 'before the log') return;
    this.log.commitNow(this.#late.takeChanges());
    for (const version of harvest.versions) this.#tell(version);
    if (dies === 'before the states') return;
    for (const stream of this.states.commit()) {
      const bytes = this.states.bytesOf(stream);
      if (bytes === null) this.#store.delete(stream);
      else this.#store.set(stream, bytes);
    }
    this.#position = this.#journal.length;
  }

  /** As the ledger: the first write of a version stays, and another write of it says the same. */
  #tell(version: AlertVersion): void {
    const name = `${version.alertId} ${version.version}`;
    const known = this.versions.get(name);
    if (known !== undefined && !isDeepStrictEqual(known, version)) throw new Error(`${name} is told in two ways`);
    this.versions.set(name, version);
  }
}

const SHARED = 'ZONE-1' as ZoneId;
const PEOPLE = 3;
const tagOf = (n: number): DeviceId => `TAG-${n}` as DeviceId;
const unitOf = (n: number): DeviceId => `HU-${n}` as DeviceId;
const streamOf = (n: number): StreamKey => streamOfOrder(`ORD-${n}` as OrderId);

/** Half a day of three people, the same into both lives; gives how much of it was calm. */
function live(seedOfLife: string): { readonly calm: number; readonly fixes: number; readonly versions: number } {
  const random = Random.of(seedOfLife);
  const pick = <T>(from: readonly T[]): T => from[random.whole(0, from.length - 1)] as T;
  const lives = [new Life(true), new Life(false)] as const;
  const [calmly, wholly] = lives;
  let waiting: JournalEntry[] = [];
  const commit = (): void => {
    const dies = random.chance(0.05) ? pick(['before the log', 'before the states'] as const) : null;
    for (const life of lives) life.take(waiting, dies);
    waiting = [];
  };
  const compare = (): void => {
    const [a, b] = [calmly.seen(), wholly.seen()];
    if (!isDeepStrictEqual(a, b)) throw new Error(`seed ${seedOfLife}: ${JSON.stringify([a, b], null, 1)}`);
  };
  const spread = (m: number): number => random.between(-m, m);
  const place = (northM: number, eastM: number): [number, number] => [-1.54 + eastM / 65_900, 53.81 + northM / 111_250];
  const shape = (): ZoneShape => ({ kind: 'circle', center: place(spread(6_000), spread(6_000)), radiusM: 100 });
  const conditions = (): Condition[] => [
    curfew(pick(['19:00', '12:30']), '23:00'),
    exclusion(shape(), 'Z1', pick([0, 100])),
    exclusion(shape(), 'Z2'),
    { ...exclusion(SHARED, 'Z4'), conditionId: 'Z4' as ConditionId },
  ];
  const orderFor = (n: number, revision: number): Order =>
    orderOf({
      orderId: `ORD-${n}` as OrderId,
      revision,
      addresses: { home: place(0, 0) },
      devices: [assigned(unitOf(n), 'home_unit'), assigned(tagOf(n), 'tag')],
      conditions: conditions(),
    });
  const zone = (receivedMs: number, revision: number): JournalEntry => ({
    kind: 'zone',
    stream: '~~' as StreamKey,
    receivedMs,
    zoneId: SHARED,
    zone: { zoneId: SHARED, revision, shape: shape() },
  });
  const order = (n: number, receivedMs: number, revision: number): JournalEntry => ({
    kind: 'order',
    stream: streamOf(n),
    receivedMs,
    order: orderFor(n, revision),
  });
  waiting = [zone(DAY, 1), ...Array.from({ length: PEOPLE }, (_, n) => order(n, DAY, 1))];
  commit();

  let sequence = 0n;
  let revision = 10;
  let fixes = 0;
  const upload = (
    n: number,
    deviceId: DeviceId,
    receivedMs: number,
    said: readonly (readonly [number, RecordBody])[],
  ) => {
    sequence += 1n;
    const records = said.map(([timeMs, body]) => makeRecord(timeMs, body));
    fixes += records.filter(({ body }) => body.kind === 'fix').length;
    const name = { stream: streamOf(n), deviceId, sequence, index: 0, digest: `${sequence}` };
    waiting.push({ kind: 'upload', receivedMs, records, ...name });
  };
  const people = Array.from({ length: PEOPLE }, () => ({ north: spread(100), east: spread(100), byMinute: 0 }));
  const fixAt = (northM: number, eastM: number): RecordBody => {
    const [lon, lat] = place(northM + spread(5), eastM + spread(5));
    return {
      kind: 'fix',
      latE7: Math.round(lat * 1e7),
      lonE7: Math.round(lon * 1e7),
      accuracyDm: pick([0, 50, 120]),
      speedCmS: 0,
      headingCdeg: 0,
      satellites: 9,
      hdopCenti: 100,
      mechanism: random.chance(0.9) ? 'GNSS' : 'WIFI',
      altitudeDm: 0,
    };
  };
  const wordOf = (one: typeof pick): RecordBody =>
    one([heartbeat, { kind: 'tag', flags: [], batteryPct: one([null, 15, 60, 80, 90, 100]) }]);
  const startMs = at('11:00');
  for (let minute = 0; minute < 720; minute += 1) {
    const nowMs = startMs + minute * 60_000;
    commit();
    const [due, other] = lives.map((life) => life.due(nowMs - 1));
    if (!isDeepStrictEqual(due, other)) throw new Error(`seed ${seedOfLife}: ${due} and ${other} are due`);
    for (const [stream, dueMs] of due ?? []) {
      waiting.push({ kind: 'tick', stream, receivedMs: Math.max(nowMs - 1, dueMs), atMs: dueMs, cause: 'timer' });
    }
    for (const [n, who] of people.entries()) {
      if (random.chance(0.02)) who.byMinute = pick([0, 0, 60, 300]);
      who.north += who.byMinute;
      if (random.chance(0.01)) [who.north, who.east] = [spread(5_000), spread(5_000)];
      if (random.chance(0.004)) who.byMinute = 0;
      if (random.chance(0.02))
        upload(n, unitOf(n), nowMs, [[nowMs - 9_000, pick([heartbeat, rf('EXIT', tagOf(n)), rf('ENTER', tagOf(n))])]]);
      if (random.chance(0.01))
        upload(n, tagOf(n), nowMs, [
          [nowMs - 8_000, tagSays(pick(['MOTION_START', 'STRAP_TAMPER_START', 'STRAP_TAMPER_END']))],
        ]);
      if (random.chance(0.03)) continue;
      const lateMs = random.chance(0.02) ? pick([90_000, 600_000]) : 0;
      const timeMs = nowMs - 5_000 - lateMs;
      const several = random.chance(0.1) ? 4 : 1;
      const said = Array.from({ length: several }, (_, i): [number, RecordBody] => [
        timeMs - (several - 1 - i) * 10_000,
        random.chance(0.1) ? wordOf(pick) : fixAt(who.north, who.east),
      ]);
      upload(n, tagOf(n), nowMs + (random.chance(0.02) ? pick([-400_000, 3_600_000]) : 0), said);
      if (random.chance(0.02)) upload(n, tagOf(n), nowMs, said);
      if (random.chance(0.3)) commit();
    }
    revision += 1;
    if (random.chance(0.003)) waiting.push(zone(nowMs, revision));
    if (random.chance(0.004)) waiting.push(order(random.whole(0, PEOPLE - 1), nowMs, revision + 1));
    if (minute % 60 === 0) compare();
  }
  commit();
  compare();
  return { calm: calmly.calm, fixes, versions: calmly.versions.size };
}

t.test('with the short way and without, in the same batches and over the same crashes', async (t) => {
  let [calm, fixes, versions] = [0, 0, 0];
  for (let n = 0; n < 6; n += 1) {
    const life = live(`${seed} ${n}`);
    calm += life.calm;
    fixes += life.fixes;
    versions += life.versions;
  }
  t.ok(calm > fixes / 4, `${calm} of ${fixes} fixes were calm`);
  t.ok(versions > 100, `${versions} versions were told`);
});
