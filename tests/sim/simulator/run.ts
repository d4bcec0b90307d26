/** Plays one plan: the gateway, its lives and deaths, the devices, the clock, and the subscriber, event by event. */
import { createHash } from 'node:crypto';
import { parseOrder } from '../../../src/codec/order-json.js';
import { parseZoneFeature } from '../../../src/codec/zone-json.js';
import { passwordHash } from '../../../src/crypto/password.js';
import type { PlacedEntry } from '../../../src/domain/entry.js';
import type { DeviceId } from '../../../src/domain/ids.js';
import type { Command } from '../../../src/ports/commands.js';
import { MINUTE_MS } from '../../../src/sim/civil-time.js';
import { Random } from '../../../src/sim/random.js';
import { MemoryCommandLog } from '../../support/memory-command-log.js';
import { guardingClock } from './clock-guard.js';
import { SimulatedDevice } from './device.js';
import type { Fault } from './faults.js';
import { Injected } from './gate.js';
import type { Acknowledged, History, LifeSpan } from './history.js';
import { Life } from './life.js';
import { chosen, type PlannedAct } from './officer.js';
import { type Plan, reportsIn } from './plan.js';
import { Scheduler } from './scheduler.js';
import { Subscriber } from './subscriber.js';
import { passwordOf, RECONNECT_GRACE_MS, World } from './world.js';

/** The orders are told this long before they begin. */
const AHEAD_MS = 50 * MINUTE_MS;
/** Far more than any plan needs. */
const EVENTS_MAX = 300_000;

export interface RunOptions {
  /** Where the picture is to be taken; else as soon as all that was to come has come. */
  readonly pictureMs?: number;
  readonly trace?: (line: string) => void;
}

export async function play(plan: Plan, options: RunOptions = {}): Promise<History> {
  const scheduler = new Scheduler(plan.run.startMs - AHEAD_MS);
  const run = new Run(plan, scheduler, options);
  return scheduler.holding(() => guardingClock(run.clockRead, () => run.play()));
}

class Run {
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #world: World;
  readonly #options: RunOptions;
  readonly #random: Random;
  readonly #subscriber: Subscriber;
  readonly #devices = new Map<string, SimulatedDevice>();
  readonly #spans: LifeSpan[] = [];
  readonly #acknowledged = new Map<string, Acknowledged>();
  readonly #contradictions: { stood: History['versions'][0]['version']; said: History['versions'][0]['version'] }[] =
    [];
  /** One stood still while it took the stores over: it may take the journal from its follower, which then starts anew. */
  #pausedAtStart = false;
  readonly #revisions = new Map<string, number>();
  #life: Life | null = null;
  #epoch = 0;
  /** Digests of the uploads in the journal, up to a position. */
  readonly #stored = new Set<string>();
  #comparedTo = 0;
  /** Things that are to happen yet, beside what the devices hold. */
  #ahead = 0;
  #finalMs: number | null = null;
  #finished = false;

  constructor(plan: Plan, scheduler: Scheduler, options: RunOptions) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.#options = options;
    this.#world = new World(plan, scheduler, options.trace ?? null);
    this.#random = this.#world.random;
    this.#subscriber = new Subscriber(scheduler, Random.of(plan.seed, 'subscriber'));
  }

  readonly clockRead = (place: string): void =>
    this.#world.surprise(`the machine's clock or chance was read: ${place}`);

  async play(): Promise<History> {
    await this.#prepare();
    this.#start();
    for (const fault of this.#plan.faults) this.#schedule(fault);
    for (const { id, madeMs, deviceId, reports } of this.#plan.uploads) {
      this.#expect(madeMs, () => this.#device(deviceId).make(id, reports));
    }
    this.#scheduler.at(this.#plan.run.endMs, () => this.#lookForEnd());
    this.#beatLater();
    let events = 0;
    for (; events < EVENTS_MAX; events += 1) {
      await this.#scheduler.settle();
      if (this.#finished) break;
      const pollMs = this.#life?.nextPollMs() ?? Number.POSITIVE_INFINITY;
      const eventMs = this.#scheduler.nextMs() ?? Number.POSITIVE_INFINITY;
      if (pollMs < eventMs && (this.#finalMs === null || pollMs < this.#finalMs)) {
        this.#scheduler.passTo(pollMs);
        void this.#life?.poll();
      } else if (eventMs < Number.POSITIVE_INFINITY) this.#scheduler.next();
      else break;
    }
    return this.#history(events);
  }

  /** Enrols the devices; zones and orders wait in the command log. */
  async #prepare(): Promise<void> {
    const { orders, zones, uploads, faults } = this.#plan;
    const commands = new MemoryCommandLog(this.#world.commands);
    for (const command of commandsOf(orders, zones)) await commands.append(command, this.#scheduler.nowMs);
    for (const deviceId of new Set(uploads.map((upload) => upload.deviceId))) {
      await this.#world.registry.put({
        deviceId: deviceId as DeviceId,
        kind: deviceId.startsWith('HU') ? 'home_unit' : 'tag',
        passwordHash: passwordHash(passwordOf(deviceId).toString()),
        identityJwk: null,
        wrappingJwe: null,
        keys: [{ keyId: 1, cipher: 'C20P', jwe: deviceId, notBeforeMs: 0, notAfterMs: null }],
        enrolledMs: this.#scheduler.nowMs,
        disabledMs: null,
      });
      const device = new SimulatedDevice({
        world: this.#world,
        random: Random.of(this.#plan.seed, 'device', deviceId),
        deviceId,
        faults,
        gateway: () => (this.#life?.reachable ? this.#life : null),
        acknowledged: (...what) => this.#acknowledge(...what),
      });
      this.#devices.set(deviceId, device);
    }
  }

  #device(deviceId: string): SimulatedDevice {
    const device = this.#devices.get(deviceId);
    if (device === undefined) throw new Error(`no device ${deviceId}`);
    return device;
  }

  #acknowledge(deviceId: string, upload: number | null, poison: boolean, payload: Buffer): void {
    const key = payload.toString('base64');
    if (this.#acknowledged.has(key)) return;
    const digest = createHash('sha256').update(payload).digest().subarray(0, 16).toString('base64url');
    const known = { deviceId, upload, poison, payload, digest, atMs: this.#scheduler.nowMs };
    this.#acknowledged.set(key, known);
  }

  #expect(atMs: number, run: () => void): void {
    this.#ahead += 1;
    this.#scheduler.at(atMs, () => {
      this.#ahead -= 1;
      run();
    });
  }

  // The gateway's lives.

  #start(): void {
    this.#epoch += 1;
    const life = new Life(this.#world, {
      epoch: this.#epoch,
      connected: (deviceId) => this.#devices.get(deviceId)?.connected ?? false,
      contradiction: { again: (stood, said) => this.#saidAgain(stood, said) },
      onFatal: (failed, error) => this.#fatal(failed, error),
    });
    this.#life = life;
    this.#spans.push(life.span);
    life.ledger.onCommit(() => this.#told());
    this.#world.tell(`gateway ${life.span.epoch} starts`);
    life.open().then(
      () => {
        if (!life.up) return;
        this.#subscriber.connect(life.ledger);
        void this.#compareWithAcknowledged(life);
      },
      (error: unknown) => this.#fatal(life, error),
    );
  }

  /** After every start: what was acknowledged until then is in the journal, whatever the crash before it lost. */
  async #compareWithAcknowledged(life: Life): Promise<void> {
    const acknowledged = [...this.#acknowledged.values()].filter(({ poison }) => !poison);
    for await (const { position, entry } of life.entriesAfter(this.#comparedTo)) {
      this.#comparedTo = position;
      if (entry.kind === 'upload') this.#stored.add(entry.digest);
    }
    for (const { deviceId, upload, digest, atMs } of acknowledged) {
      if (this.#stored.has(digest)) continue;
      this.#world.lost.push(
        `upload ${upload} of ${deviceId}, acknowledged ${iso(atMs)}, not there at the start of gateway ${life.span.epoch}`,
      );
    }
  }

  #told(): void {
    const { ledger, toldMs } = this.#world;
    while (toldMs.length < ledger.versions.length) {
      const version = ledger.versions[toldMs.length]?.version;
      this.#world.tell(
        `told ${version?.type} v${version?.version} ${version?.state} ${version?.orderId} ${version?.conditionId ?? version?.deviceId} ` +
          `${iso(version?.startMs)}–${iso(version?.endMs)} ${version?.endedBy ?? ''} ${version?.codes} (${version?.cause})`,
      );
      toldMs.push(this.#scheduler.nowMs);
    }
  }

  #saidAgain(stood: History['versions'][0]['version'], said: History['versions'][0]['version']): void {
    if (JSON.stringify(stood) !== JSON.stringify(said)) this.#contradictions.push({ stood, said });
  }

  /** The life ends, and another begins after a while. */
  #end(life: Life, why: string, downMs: number): void {
    if (life.gate.over) return;
    life.end(this.#scheduler.nowMs);
    this.#world.tell(`gateway ${life.span.epoch} ends: ${why}`);
    if (life !== this.#life) return;
    this.#life = null;
    this.#subscriber.disconnect();
    this.#expect(this.#scheduler.nowMs + downMs, () => this.#start());
  }

  #fatal(life: Life, error: unknown): void {
    if (life.gate.over) return;
    if (!expected(error, life.wasPaused || this.#pausedAtStart)) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#world.surprise(`the gateway gave up: ${text}`);
      this.#world.tell(error instanceof Error ? (error.stack ?? '') : '');
    }
    if (life.gaveUp) return;
    life.gaveUp = true;
    this.#world.tell(`gateway ${life.span.epoch} gives up: ${error instanceof Error ? error.message : String(error)}`);
    const downMs = this.#random.whole(1, this.#world.disk.full ? 120 : 10) * 1_000;
    // as the process does, it closes its doors; until they are closed, and it is gone, devices still reach it
    life.span.endedMs ??= this.#scheduler.nowMs;
    const closingMs = this.#scheduler.nowMs + this.#random.pick([0, 200, 1_500]);
    this.#expect(closingMs, () => void life.stop().catch(() => undefined));
    this.#expect(closingMs + this.#random.pick([0, 100, 3_000]), () => this.#end(life, 'it gave up', downMs));
  }

  /** Stands still; another takes over, and then it wakes up. */
  #pause(life: Life, pausedMs: number, downMs: number): void {
    const nowMs = this.#scheduler.nowMs;
    life.gate.pause(nowMs + downMs + pausedMs);
    life.wasPaused = true;
    this.#pausedAtStart ||= life.span.openedMs === null;
    life.span.endedMs = nowMs;
    this.#world.counts.takeOvers += 1;
    this.#world.tell(`gateway ${life.span.epoch} stands still`);
    this.#life = null;
    this.#subscriber.disconnect();
    this.#expect(nowMs + downMs, () => this.#start());
    // awake again it does what a gateway does, until it finds out; an operator ends it at last
    this.#expect(nowMs + downMs + pausedMs + this.#random.whole(0, 20_000), () => {
      void life.poll();
      void life.beat();
    });
    this.#expect(nowMs + downMs + pausedMs + 60_000, () => this.#end(life, 'it was replaced', 0));
  }

  // What goes wrong.

  #schedule(fault: Fault): void {
    const world = this.#world;
    switch (fault.kind) {
      case 'crash':
      case 'pause':
        this.#expect(fault.atMs, () => this.#strike(fault));
        return;
      case 'stop':
        this.#expect(fault.atMs, () => this.#stop(fault.downMs));
        return;
      case 'disk full':
        this.#expect(fault.atMs, () => this.#fill(true));
        this.#expect(fault.atMs + fault.forMs, () => this.#fill(false));
        return;
      case 'clock':
        this.#expect(fault.atMs, () => {
          world.counts.clockSteps += 1;
          world.stepClock(fault.byMs);
        });
        return;
      case 'redis emptied':
      case 'redis set back':
        this.#expect(fault.atMs, () => {
          world.counts.redisLosses += 1;
          world.tell(fault.kind);
          if (fault.kind === 'redis emptied') world.redis.empty();
          else world.redis.setBack();
        });
        return;
      case 'redis away':
        this.#expect(fault.atMs, () => {
          world.redisAwayUntilMs = fault.atMs + fault.forMs;
          world.tell('redis away');
        });
        return;
      case 'repeated':
        this.#expect(fault.atMs, () => this.#repeat(fault.upload));
        return;
      case 'poison':
        this.#expect(fault.atMs, () => {
          world.counts.poison += 1;
          this.#devices.get(fault.deviceId)?.makePoison(fault.what);
        });
        return;
      case 'offline':
        this.#expect(fault.atMs, () => this.#devices.get(fault.deviceId)?.goOffline(fault.atMs + fault.forMs));
        return;
      case 'revised':
        this.#expect(fault.atMs, () => this.#revise(fault.orderId));
        return;
      case 'act':
        this.#expect(fault.atMs, () => this.#act(fault.act));
        return;
      case 'reader cut off':
        this.#expect(fault.atMs, () => {
          world.counts.readerCuts += 1;
          this.#subscriber.cutOff();
        });
        return;
      default:
      // of one upload, or of a device all through the run: the device itself looks them up
    }
  }

  #strike(fault: Extract<Fault, { kind: 'crash' | 'pause' }>): void {
    const life = this.#life;
    if (life === null) {
      // down already: it strikes while the next one recovers
      this.#expect(this.#scheduler.nowMs + 1_000, () => this.#strike(fault));
      return;
    }
    life.gate.strikeAt({
      calls: fault.calls,
      when: fault.when,
      strike: (call) => {
        if (this.#finalMs !== null || life !== this.#life) return;
        this.#world.tell(`${fault.kind} ${call}`);
        if (fault.kind === 'pause') this.#pause(life, fault.pausedMs, fault.downMs);
        else this.#crash(life, fault.power, fault.downMs);
      },
    });
  }

  #crash(life: Life, power: boolean, downMs: number): void {
    this.#world.counts.crashes += 1;
    if (power) {
      this.#world.counts.powerCuts += 1;
      this.#world.disk.cutPower(this.#random);
    }
    this.#end(life, power ? 'the power is cut' : 'it is killed', downMs);
  }

  #stop(downMs: number): void {
    const life = this.#life;
    if (life === null || !life.up) return;
    this.#world.counts.restarts += 1;
    this.#world.tell(`gateway ${life.span.epoch} is being stopped`);
    void life.stop().then(
      () => this.#end(life, 'it was stopped', downMs),
      (error: unknown) => this.#fatal(life, error),
    );
  }

  #fill(full: boolean): void {
    this.#world.disk.full = full;
    this.#world.counts.diskFull += full ? 1 : 0;
    this.#world.tell(full ? 'the disk is full' : 'the disk has room again');
  }

  #repeat(id: number): void {
    const upload = this.#plan.uploads.find((one) => one.id === id);
    if (upload === undefined) return;
    this.#world.counts.repeated += 1;
    this.#device(upload.deviceId).make(null, upload.reports);
  }

  #revise(orderId: string): void {
    const order = this.#plan.orders.find(({ order_id }) => order_id === orderId);
    if (order === undefined) return;
    const revision = (this.#revisions.get(orderId) ?? order.revision) + 1;
    this.#revisions.set(orderId, revision);
    this.#world.counts.revised += 1;
    this.#world.tell(`${orderId} is told anew, as revision ${revision}`);
    for (const command of commandsOf([{ ...order, revision }], [])) {
      void new MemoryCommandLog(this.#world.commands).append(command, this.#scheduler.nowMs);
    }
  }

  #act(planned: PlannedAct): void {
    const about = chosen(this.#world.ledger.versions, planned);
    if (about === null) return;
    const { alert, seenVersion, act } = about;
    const { alertId, orderId } = alert;
    this.#world.counts.acts += 1;
    this.#world.tell(`${planned.action} ${alertId}.${seenVersion} ${act !== null && 'kind' in act ? act.kind : ''}`);
    if (act === null) {
      const level = (alert.handling?.escalation?.level ?? 0) + 1;
      void this.#life?.pipeline?.decisions.escalate(alertId, level).catch(() => undefined);
      return;
    }
    const command = { kind: 'handle_alert', alertId, orderId, seenVersion, act, by: act.by.user } as const;
    void new MemoryCommandLog(this.#world.commands).append(command, this.#scheduler.nowMs);
  }

  #answered(): History['acts'] {
    const log = new MemoryCommandLog(this.#world.commands);
    return log.after(0).flatMap(({ place, command }) => {
      if (command.kind !== 'handle_alert') return [];
      return [{ alertId: command.alertId, reason: command.act.reason ?? '', outcome: log.outcome(place) }];
    });
  }

  #beatLater(): void {
    this.#scheduler.after(this.#random.whole(200, 1_800) * 1_000, () => {
      if (this.#finalMs !== null) return;
      if (this.#life?.up) void this.#life.beat();
      this.#beatLater();
    });
  }

  // The end.

  /** When everything has been sent, and nothing more goes wrong, time passes until every timer of it has fired. */
  #lookForEnd(): void {
    const quiet = this.#ahead === 0 && [...this.#devices.values()].every((device) => device.idle);
    if (!quiet || this.#life === null || !this.#life.up) {
      this.#scheduler.after(20_000, () => this.#lookForEnd());
      return;
    }
    this.#world.stepClock(0);
    const { latestSaidMs } = this.#world;
    const heldMs = this.#life.span.holdUntilMs ?? 0;
    const nowMs = this.#scheduler.nowMs;
    const finalMs = this.#options.pictureMs ?? Math.max(nowMs, latestSaidMs, heldMs) + RECONNECT_GRACE_MS;
    this.#finalMs = finalMs;
    this.#scheduler.at(finalMs, () => {
      const life = this.#life;
      void life?.poll().then(() => this.#finishWhenSettled());
    });
  }

  #finishWhenSettled(): void {
    if (this.#life?.settled === true && this.#subscriber.upToDate) this.#finished = true;
    else this.#scheduler.after(100, () => this.#finishWhenSettled());
  }

  async #history(events: number): Promise<History> {
    const world = this.#world;
    const journal: PlacedEntry[] = [];
    const life = this.#life;
    if (this.#finished) for await (const placed of life?.entriesAfter(0) ?? []) journal.push(placed);
    life?.end(this.#scheduler.nowMs);
    const versions = [...world.ledger.versions];
    const acts = this.#answered();
    const counts = {
      ...world.counts,
      actsRefused: acts.filter(({ outcome }) => outcome?.ok === false).length,
      records: reportsIn(this.#plan).reduce((sum, { bodies }) => sum + bodies.length, 0),
      uploads: this.#plan.uploads.length,
      versions: versions.length,
      lateVersions: versions.filter(({ version }) => version.cause === 'late_data').length,
    };
    return {
      plan: this.#plan,
      atMs: this.#finalMs ?? this.#scheduler.nowMs,
      versions,
      toldMs: world.toldMs,
      heard: this.#subscriber.heard,
      acknowledged: [...this.#acknowledged.values()],
      journal,
      acts,
      quarantine: [...world.quarantine.values()],
      ticks: world.ticks,
      lives: this.#spans,
      lost: world.lost,
      clock: world.clockOffsets,
      contradictions: this.#contradictions,
      surprises: world.surprises,
      counts,
      restless: this.#finished ? null : `after ${events} events at ${iso(this.#scheduler.nowMs)}`,
    };
  }
}

/** What an injected fault leads to, and what an owner that was replaced is told. */
function expected(error: unknown, wasPaused: boolean): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Injected || ('code' in cause && cause.code === 'ENOSPC')) return true;
    if (wasPaused && (cause.name === 'Superseded' || /was superseded/.test(cause.message))) return true;
  }
  return false;
}

function commandsOf(orders: Plan['orders'], zones: Plan['zones']): Command[] {
  const by = 'simulator';
  return [
    ...zones.map((zone): Command => {
      const read = parseZoneFeature(zone);
      if (!read.ok) throw new Error(JSON.stringify(read.fault));
      return { kind: 'put_zone', zone: read.value, by };
    }),
    ...orders.map((json): Command => {
      const order = parseOrder(json);
      if (!order.ok) throw new Error(JSON.stringify(order.fault));
      return { kind: 'put_order', order: order.value, by };
    }),
  ];
}

const iso = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '' : new Date(ms).toISOString();
