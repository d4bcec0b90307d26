/** One run: the house is built, people move in, the faults come one after the other, and at the end it is judged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../src/sim/gateway-api.js';
import { Random } from '../../src/sim/random.js';
import { compareTruth } from '../../src/sim/truth.js';
import { RunApi } from './api.js';
import { PLANTED } from './bugs.js';
import { BuildCopy } from './build-copy.js';
import { Crowd } from './crowd.js';
import { Delays } from './delays.js';
import { type Fault, type FaultContext, possible, Schedule } from './faults.js';
import { House } from './house.js';
import { lookAt } from './looks.js';
import type { TortureOptions } from './options.js';
import { orderOf, type Person, personOf, roleOf } from './people.js';
import { Probes, probePeople } from './probes.js';
import type { RecoveryOf, Report } from './report.js';
import { SmallDisk } from './small-disk.js';
import { BACKLOG_MS, Storm } from './storm.js';
import { DeadSubscriber, SseListener, TopicListener } from './streams.js';
import { judgeAlerts, judgeStored } from './verdict.js';

const IMPORT_AT_ONCE = 96;
const ORDER_BEFORE_MS = 10_000;
/** A recovery that takes longer is not waited for: the run ends there. */
const RECOVERY_BOUND_MS = 180_000;
const DRAIN_BOUND_MS = 300_000;
/** What comes without being due is waited for as well. */
const QUIET_MS = 3_000;
/** Of the time with faults, when the absent come back. */
const STORMS_AT = [0.25, 0.7] as const;
const DEAD_OF_A_KIND = 4;
/** Live people whose every record is looked up once more, under a grant. */
const LOOKED_AT = 16;

export class Run {
  readonly #findings: string[] = [];
  readonly #notDone: string[] = [];
  readonly #recoveries: RecoveryOf[] = [];
  readonly #storms: { devices: number; uploads: number; seconds: number | null }[] = [];
  readonly #delays = new Delays();
  readonly #folder: string;
  readonly #copy: BuildCopy;
  readonly #disk: SmallDisk;
  #house: House | null = null;
  #diskFull = false;
  #diskFreedMs = Number.NEGATIVE_INFINITY;
  #cleaned = false;

  constructor(
    private readonly o: TortureOptions,
    private readonly say: (line: string) => void,
  ) {
    this.#folder = mkdtempSync(join(tmpdir(), 'fairwatch-torture-'));
    this.#copy = new BuildCopy(`${process.pid}`);
    const bug = PLANTED.find(({ id }) => id === o.bug);
    if (o.bug !== null && bug === undefined) throw new Error(`no bug is called ${o.bug}`);
    if (bug !== undefined) this.#copy.plant(bug);
    this.#disk = new SmallDisk(join(this.#folder, 'disk'), o.diskMib);
    if (o.insteadOf !== null) this.#notDone.push(o.insteadOf);
    this.#notDone.push(
      'a second owner that gets in, for it cannot see the first (another PID namespace): tests/e2e/superseded.test.ts does that',
    );
    if (this.#disk.reason !== null) this.#notDone.push(`full disk: no tmpfs (${this.#disk.reason})`);
  }

  get folder(): string {
    return this.#folder;
  }

  /** For an end that cannot wait. */
  abandon(keep: boolean): void {
    for (const one of this.#house?.processes.values() ?? []) one.abandon();
    this.#clean(keep);
  }

  async all(): Promise<Report> {
    const beganMs = performance.now();
    const { o } = this;
    const random = Random.of(o.seed, 'people');
    const live = Array.from({ length: o.devices }, (_, i) => personOf(o.seed, `L${o.seed}-${i + 1}`, roleOf(random)));
    const storm = new Storm(o.seed, o.stormDevices);
    const probing = probePeople(o.seed);
    const people = [...live, ...probing, ...storm.people];
    const house = await House.prepare({
      options: o,
      main: this.#copy.main,
      disk: this.#disk.path,
      logs: join(this.#folder, 'logs'),
      devices: new Map(people.map(({ device }) => [device.device_id, device.password])),
      // what a full disk did to it may show a moment later
      mayDie: () => this.#diskFull || performance.now() - this.#diskFreedMs < 20_000,
      onUnexpected: (what) => this.#found(what),
    });
    this.#house = house;
    this.say(`seed ${o.seed}, ${o.mode}, folder ${this.#folder}`);
    await house.start();
    const crowd = new Crowd({
      seed: o.seed,
      everyS: o.everyS,
      ackedFile: join(this.#folder, 'acked.ndjson'),
      broker: o.mode === 'broker',
      address: () => ({ host: '127.0.0.1', port: house.mqttPort }),
      onStrange: (what) => this.#found(what),
    });
    const sse = new SseListener(house);
    const topic = new TopicListener(house);
    const probes = new Probes(probing, sse);
    await this.#import(house, [...live, ...probing], storm.people);
    await sse.start();
    await topic.start();
    const dead = (['sse', 'topic'] as const).flatMap((kind) =>
      Array.from({ length: DEAD_OF_A_KIND }, (_, i) => new DeadSubscriber(house, kind, i)),
    );
    for (const one of dead) await one.hang();
    const hanging = setInterval(() => {
      for (const one of dead) one.hang().catch(() => undefined);
    }, 5_000);

    // tags only: what a home unit hears outside a curfew is not for these eyes
    const looked = [
      ...live.filter(({ device }) => device.kind === 'tag').slice(0, LOOKED_AT),
      ...storm.people.slice(0, LOOKED_AT / 2),
      ...probing,
    ];
    for (const { device } of looked) crowd.note(device.device_id);
    const fromMs = Date.now() + 500;
    const toMs = fromMs + o.minutes * 60_000;
    const cycleMs = Math.max(4_000, o.everyS * 5_000);
    for (const person of live) crowd.addLife(person, { fromMs, toMs, cycleMs });
    const mine = new Set(live.map(({ orderId }) => orderId));
    sse.on((event) => {
      if (mine.has(event.data.order_id ?? '')) this.#delays.take(event);
    });
    probes.join(crowd);
    storm.join(crowd, fromMs);
    crowd.connectAll();
    crowd.endAt(toMs);
    crowd.start();
    if (!(await probes.pass(crowd, RECOVERY_BOUND_MS)))
      throw new Error('not one upload became an alert before any fault');
    this.say(`${people.length} people; ${crowd.truth.length} alerts are due; faults for ${o.minutes} minutes`);

    const faults = possible(house, this.#disk, o.only);
    const schedule = new Schedule(faults, Random.of(o.seed, 'faults'), o.faults);
    const storms = this.#stormsBeside(house, storm, crowd, schedule, fromMs, toMs);
    await this.#faults(house, crowd, probes, schedule, toMs);
    await storms;
    if (schedule.untried.length > 0)
      this.#notDone.push(`in this time the seed did not come to: ${schedule.untried.join(', ')}`);
    const settled = await this.#settle(crowd, sse);
    const alerts = await judgeAlerts(house, crowd.truth, sse, topic, o.patienceS * 1_000);

    const api = new RunApi(house);
    const looks = await lookAt(house, api, looked, crowd.kept, fromMs - BACKLOG_MS - 60_000);
    api.close();

    const listeners = `${sse.connections} connections over SSE, ${topic.connections} at the topic (${topic.heard.size} events, ${topic.twice} again, ${topic.ofGateway} of the gateway itself), ${dead.reduce((sum, one) => sum + one.opened, 0)} of subscribers that read nothing`;
    clearInterval(hanging);
    for (const one of dead) one.stop();
    await sse.stop();
    await topic.stop();
    await crowd.stop();
    const kills = [...house.processes.values()].reduce((sum, one) => sum + one.kills, 0);
    const gaveUp = [...house.processes.values()].reduce((sum, one) => sum + one.gaveUp, 0);
    await this.#stop(house);
    const stored = judgeStored(house, join(this.#folder, 'acked.ndjson'), crowd.acked);
    const found = [...this.#findings, ...settled, ...alerts.faults, ...stored.faults, ...looks.faults, ...this.#slow()];
    this.#clean((found.length > 0 && o.bug === null) || o.keep);
    return {
      options: o,
      people: people.length,
      seconds: (performance.now() - beganMs) / 1_000,
      recoveries: this.#recoveries,
      kills,
      gaveUp,
      made: crowd.made,
      stored,
      alerts,
      storms: this.#storms,
      listeners,
      ended: crowd.ended,
      looks,
      delays: this.#delays.rows(),
      notDone: this.#notDone,
      faults: found,
    };
  }

  async #import(house: House, present: readonly Person[], absent: readonly Person[]): Promise<void> {
    const api = new RunApi(house);
    const nowMs = Date.now();
    const told = async (person: Person, startMs: number): Promise<void> => {
      await api.putOrder(orderOf(person, startMs));
      await api.enrol({ ...person.device });
    };
    await inParallel(present, IMPORT_AT_ONCE, (person) => told(person, nowMs - ORDER_BEFORE_MS));
    await inParallel(absent, IMPORT_AT_ONCE, (person) => told(person, nowMs - BACKLOG_MS - 3_600_000));
    api.close();
    this.say(`imported ${present.length + absent.length} people in ${((Date.now() - nowMs) / 1_000).toFixed(1)} s`);
  }

  async #faults(house: House, crowd: Crowd, probes: Probes, schedule: Schedule, toMs: number): Promise<void> {
    const random = Random.of(this.o.seed, 'fault details');
    const context: FaultContext = {
      house,
      main: this.#copy.main,
      disk: this.#disk,
      random,
      stopS: this.o.stopS,
      diskFull: (full) => {
        this.#diskFull = full;
        if (!full) this.#diskFreedMs = performance.now();
      },
      onFinding: (what) => this.#found(what),
    };
    for (;;) {
      const peaceToMs = Date.now() + random.between(0.3, 1.7) * this.o.peaceS * 1_000;
      while (Date.now() < peaceToMs && !schedule.urgent) await sleep(50);
      const fault = schedule.next((toMs - Date.now()) / 1_000);
      if (fault === null || (Date.now() >= toMs && !schedule.listed)) return;
      if (!(await this.#one(fault, context, crowd, probes))) return;
    }
  }

  /** False: it did not recover, and there is no use in going on. */
  async #one(fault: Fault, context: FaultContext, crowd: Crowd, probes: Probes): Promise<boolean> {
    const acked = crowd.acked;
    const over = this.#delays.begin('fault');
    const fromMs = await fault.run(context);
    const recovered = await probes.pass(crowd, RECOVERY_BOUND_MS);
    over();
    const seconds = recovered ? (performance.now() - fromMs) / 1_000 : null;
    this.#recoveries.push({ fault: fault.name, seconds });
    const took = seconds === null ? 'NOT RECOVERED' : `recovered in ${seconds.toFixed(1)} s`;
    const endings = [...crowd.ended].map(([why, count]) => `${count} ${why}`).join(', ');
    const state = `${crowd.online} online, ${crowd.held} held, ${crowd.acked - acked} acknowledged meanwhile, load ${loadavg()[0]?.toFixed(1)}; ended: ${endings}`;
    this.say(`${fault.name}: ${took} (${state})`);
    return recovered;
  }

  async #stormsBeside(
    house: House,
    storm: Storm,
    crowd: Crowd,
    schedule: Schedule,
    fromMs: number,
    toMs: number,
  ): Promise<void> {
    if (storm.people.length === 0) return;
    for (const at of STORMS_AT) {
      await sleep(Math.max(0, fromMs + at * (toMs - fromMs) - Date.now()));
      const nowMs = Date.now();
      const over = this.#delays.begin('storm');
      await storm.come(crowd, nowMs);
      const uploads = storm.held;
      this.say(`${storm.people.length} devices come back with ${uploads} uploads`);
      // killed while it takes the backlog in: then most of what it has is not yet acknowledged
      const kill = `kill ${house.taker.name}`;
      if (this.o.only.length === 0) setTimeout(() => schedule.urge(kill), 400 + (uploads / 1_000) * 50);
      let late = false;
      const patience = setTimeout(() => {
        late = true;
      }, DRAIN_BOUND_MS);
      await storm.drained(() => late);
      clearTimeout(patience);
      over();
      const seconds = late ? null : (Date.now() - nowMs) / 1_000;
      this.#storms.push({ devices: storm.people.length, uploads, seconds });
      this.say(`the backlog is ${seconds === null ? 'NOT ' : ''}in, after ${(Date.now() - nowMs) / 1_000} s`);
    }
  }

  /** Everything that was made is acknowledged, and everything that is due is told. */
  async #settle(crowd: Crowd, sse: SseListener): Promise<string[]> {
    this.say(`no more faults; ${crowd.held} uploads are held`);
    const faults: string[] = [];
    let untilMs = Date.now() + DRAIN_BOUND_MS;
    while (crowd.held > 0 && Date.now() < untilMs) await sleep(200);
    if (crowd.held > 0)
      faults.push(`${crowd.held} uploads are not acknowledged, ${DRAIN_BOUND_MS / 1_000} s after the last fault`);
    await sleep(this.o.graceS * 1_000 + QUIET_MS);
    untilMs = Date.now() + this.o.patienceS * 1_000;
    while (Date.now() < untilMs && compareTruth(crowd.truth, sse.heard).missed.length > 0) await sleep(500);
    await sleep(QUIET_MS);
    return faults;
  }

  /** In order: the roles first, then what they rest on. */
  async #stop(house: House): Promise<void> {
    for (const one of [...house.processes.values()].reverse()) {
      const { code, ms } = await one.stop(Math.max(60_000, this.o.stopS * 1_000));
      if (one === house.taker || one === house.answerer) {
        if (code !== 0) this.#found(`SIGTERM at the end: ${one.name} ended with ${code} and not with 0`);
        if (ms > this.o.stopS * 1_000) this.#found(`SIGTERM at the end: ${one.name} took ${(ms / 1_000).toFixed(1)} s`);
      }
    }
  }

  #slow(): string[] {
    return this.#recoveries
      .filter(({ seconds }) => seconds === null || seconds > this.o.recoveryS)
      .map(({ fault, seconds }) =>
        seconds === null
          ? `no recovery after ${fault} within ${RECOVERY_BOUND_MS / 1_000} s`
          : `recovery after ${fault} took ${seconds.toFixed(1)} s`,
      );
  }

  #found(what: string): void {
    // one cause may show itself thousands of times
    if (this.#findings.length < 40) this.#findings.push(what);
    this.say(`FOUND ${what}`);
  }

  #clean(keep: boolean): void {
    if (this.#cleaned) return;
    this.#cleaned = true;
    if (keep) {
      this.say(`kept: ${this.#folder}, and the build in ${this.#copy.main}`);
      return;
    }
    this.#disk.remove();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#copy.remove();
  }
}
