/** One life of the gateway: the real pipeline on the world's stores, behind a gate at which it can die. */
import { FileJournal } from '../../../src/adapters/files/file-journal.js';
import { openPipeline, type Pipeline } from '../../../src/compose/pipeline.js';
import type { JournalEntry, PlacedEntry } from '../../../src/domain/entry.js';
import type { Journal } from '../../../src/ports/journal.js';
import type { MqttEndpoint, MqttHandlers, Verdict } from '../../../src/ports/mqtt-endpoint.js';
import type { StateBatch, SubjectStates } from '../../../src/ports/subject-states.js';
import type { Telemetry } from '../../../src/ports/telemetry.js';
import { Random } from '../../../src/sim/random.js';
import { MemoryCommandLog } from '../../support/memory-command-log.js';
import { MemoryLedger } from '../../support/memory-ledger.js';
import { MemoryQuarantine } from '../../support/memory-quarantine.js';
import { memorySeals } from '../../support/memory-seals.js';
import { MemoryStates, type StatesContent } from '../../support/memory-states.js';
import { Gate, gated, gatedDisk } from './gate.js';
import type { LifeSpan } from './history.js';
import { POLICY, RECONNECT_GRACE_MS, unwrapSessionKey, type World } from './world.js';

const SAVES = ['claim', 'save', 'replaceAll'] as const;
const POLL_MS = 20;
/** Ticks are held back after a start; whether they are is looked at now and then only. */
const POLL_HELD_MS = 7_000;

/** Everybody's turn comes soon, and what is live goes before the rest whenever two wait. */
const tight = (lagRecordsMax: number) => ({
  lagRecordsMax,
  backlogLagRecordsMax: Math.ceil(lagRecordsMax / 2),
  liveRecordsPerBacklogRecord: 4,
  laneTurnRecords: 2,
  turnRecordsMax: 3,
});

export interface LifeOptions {
  readonly epoch: number;
  readonly connected: (deviceId: string) => boolean;
  readonly contradiction: ConstructorParameters<typeof MemoryLedger>[1];
  readonly onFatal: (life: Life, error: unknown) => void;
}

export class Life {
  readonly span: LifeSpan;
  readonly gate: Gate;
  readonly ledger: MemoryLedger;
  journal: FileJournal | null = null;
  /** Whether it has stood still: another owner may have taken its stores. */
  wasPaused = false;
  /** It has found that it can do nothing more that is right. */
  gaveUp = false;
  #doorsClosed = false;
  #pipeline: Pipeline | null = null;
  #handlers: MqttHandlers | null = null;
  #polledMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly world: World,
    private readonly options: LifeOptions,
  ) {
    const { scheduler, plan } = world;
    this.gate = new Gate(scheduler, Random.of(plan.seed, 'gate', options.epoch));
    this.span = { epoch: options.epoch, startedMs: scheduler.nowMs, openedMs: null, endedMs: null, holdUntilMs: null };
    this.ledger = new MemoryLedger(world.ledger, options.contradiction);
  }

  get pipeline(): Pipeline | null {
    return this.#pipeline;
  }

  /** Devices reach it. */
  get reachable(): boolean {
    return this.#pipeline !== null && !this.#doorsClosed && !this.gate.over && !this.gate.paused;
  }

  /** It works: open to devices, not standing still, and not giving up. */
  get up(): boolean {
    return this.reachable && this.span.endedMs === null;
  }

  /** Resolves when it is open; never, if it dies meanwhile. */
  async open(): Promise<void> {
    const { world, gate } = this;
    const { plan, scheduler } = world;
    const { epoch } = this.options;
    const telemetry = this.#telemetry();
    const journal = await FileJournal.open({
      folder: '/journal',
      seals: memorySeals,
      epoch,
      telemetry,
      segmentBytesMax: plan.segmentBytesMax,
      disk: gatedDisk(world.disk, gate),
    });
    this.journal = journal;
    const full = world.refuseWhenFull;
    const lasting = this.#states(world.lastingStates, 'states', full);
    const hadPast = journal.last > 0;
    const pipeline = await openPipeline({
      epoch,
      journal: this.#watched(journal),
      ledger: gated(this.ledger, gate, 'ledger', ['claim', 'commit'], full),
      quarantine: gated(new MemoryQuarantine(world.quarantine), gate, 'quarantine', ['keep'], full),
      recentLog: gated(world.recentLog, gate, 'recent log', ['claim', 'commit', 'expire'], full),
      hot: plan.redis ? this.#states(world.redis, 'redis', world.refuseWhenAway) : lasting,
      checkpoints: plan.redis ? lasting : null,
      // hardly any: what is read back is what lies in records
      readyMax: 2,
      commands: gated(new MemoryCommandLog(world.commands), gate, 'commands', ['settle'], full),
      registry: world.registry,
      clock: () => world.clock,
      erase: async (orderId) => void (await this.ledger.removeOrder(orderId)),
      policy: POLICY,
      reconnectGraceMs: RECONNECT_GRACE_MS,
      endpoint: (handlers) => this.#endpoint(handlers),
      verifyAgencyToken: async () => null,
      noteSignIn: async () => {},
      unwrap: unwrapSessionKey,
      telemetry,
      ...(plan.lagRecordsMax === null ? {} : { admission: tight(plan.lagRecordsMax) }),
      onFatal: (error) => this.options.onFatal(this, error),
    });
    if (gate.over) return;
    this.#pipeline = pipeline;
    this.span.openedMs = scheduler.nowMs;
    this.span.holdUntilMs = hadPast ? scheduler.nowMs + RECONNECT_GRACE_MS : null;
    pipeline.follower.start();
    world.tell(`gateway ${epoch} is open; its journal holds ${journal.last} entries`);
  }

  async authenticate(deviceId: string, password: Buffer): Promise<boolean> {
    return (await this.#handlers?.authenticate(deviceId, deviceId, password, '192.0.2.1')) ?? false;
  }

  async message(deviceId: string, payload: Buffer, gone?: () => boolean): Promise<Verdict> {
    if (this.#doorsClosed) return 'fail';
    const topic = `em/v1/d/${deviceId}/up`;
    const handlers = this.#handlers;
    if (handlers?.mayPublish(deviceId, topic) !== true) return 'fail';
    const message = { clientId: deviceId, topic, qos: 1, payload, ...(gone === undefined ? {} : { gone }) } as const;
    return new Promise((settle) => handlers.message(message, settle));
  }

  /** When the due times are to be looked at next, true time; null: nothing is due. */
  nextPollMs(): number | null {
    if (!this.up) return null;
    const { scheduler, offsetMs } = this.world;
    // so that a clock that is set back meanwhile is seen, as a timer sees it that looks fifty times a second
    const held = this.span.holdUntilMs !== null && scheduler.nowMs < this.span.holdUntilMs;
    if (held) return Math.max(scheduler.nowMs, this.#polledMs + POLL_HELD_MS);
    const dueMs = this.#pipeline?.dueTimes.next() ?? null;
    return dueMs === null ? null : Math.max(dueMs - offsetMs, this.#polledMs + POLL_MS);
  }

  /** Looks at the due times, as a timer does. */
  poll(): Promise<void> {
    this.#polledMs = this.world.scheduler.nowMs;
    if (this.#doorsClosed) return Promise.resolve();
    const fired = this.#pipeline?.ticker.fire(this.world.clock.nowMs()) ?? Promise.resolve();
    return fired.catch((error: unknown) => this.options.onFatal(this, error));
  }

  /** What the gateway does now and then by itself: it says that it is alive, writes a checkpoint, forgets, judges gaps. */
  async beat(): Promise<void> {
    if (this.#pipeline === null || this.#doorsClosed) return;
    const { pulse, engine, intake } = this.#pipeline;
    try {
      await pulse.mark(this.world.clock.nowMs());
      await engine.checkpoint();
      // what is over goes: hours of the recent log, and the journal that no restart needs
      await engine.sweep(this.world.clock.nowMs());
    } catch (error) {
      this.options.onFatal(this, error);
      return;
    }
    await intake.onTime(this.world.clock.nowMs());
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    this.span.endedMs ??= this.world.scheduler.nowMs;
    await this.#pipeline?.stop();
    await this.journal?.close();
  }

  /** What its journal holds after a position, or has held: it may be trimmed while it is read. */
  async *entriesAfter(position: number): AsyncGenerator<PlacedEntry> {
    const { journal } = this;
    let reached = position;
    while (journal !== null && journal.last > reached) {
      for (
        let gone = this.world.trimmed.get(reached + 1);
        gone !== undefined;
        gone = this.world.trimmed.get(reached + 1)
      ) {
        reached = gone.position;
        yield gone;
      }
      try {
        for await (const placed of journal.read(Math.max(reached + 1, journal.first))) {
          reached = placed.position;
          yield placed;
        }
        return;
      } catch (error) {
        if (!this.world.trimmed.has(reached + 1)) throw error;
      }
    }
  }

  get settled(): boolean {
    const { journal } = this;
    return this.up && journal !== null && this.#pipeline?.engine.reached === journal.last;
  }

  /** It is no more: nothing that it has begun goes any further. */
  end(atMs: number): void {
    this.world.counts.calls += this.gate.calls;
    this.gate.end();
    this.span.endedMs ??= atMs;
  }

  /** Notes every tick on its way into the journal. */
  #watched(journal: FileJournal): Journal {
    const { world } = this;
    const { epoch } = this.options;
    const append = (entries: readonly JournalEntry[]): Promise<number> => {
      for (const entry of entries) {
        if (entry.kind !== 'tick') continue;
        world.ticks.push({ epoch, atMs: world.scheduler.nowMs, dueMs: entry.atMs, cause: entry.cause });
      }
      return journal.append(entries);
    };
    return {
      append,
      read: (position) => journal.read(position),
      get last() {
        return journal.last;
      },
      get first() {
        return journal.first;
      },
      async trim(position) {
        if (journal.first < position) {
          for await (const placed of journal.read(journal.first)) {
            if (placed.position >= position) break;
            world.trimmed.set(placed.position, placed);
          }
        }
        return journal.trim(position);
      },
      close: () => journal.close(),
    };
  }

  #states(content: StatesContent, name: string, refuse: () => void): SubjectStates {
    const states = new MemoryStates(content);
    if (name !== 'redis') return gated<SubjectStates>(states, this.gate, name, SAVES, refuse);
    const partly = { save: (batch: StateBatch) => content.takeHalf(batch) };
    return gated<SubjectStates>(states, this.gate, name, [...SAVES, 'position', 'load'], refuse, partly);
  }

  #endpoint(handlers: MqttHandlers): MqttEndpoint {
    this.#handlers = handlers;
    return {
      listen: async () => 0,
      publish: async () => true,
      deliver: async () => false,
      disconnect: () => {},
      connections: () => 0,
      connected: this.options.connected,
      reads: this.options.connected,
      close: async () => {
        this.#doorsClosed = true;
      },
    };
  }

  #telemetry(): Telemetry {
    return {
      count: (metric, labels, by = 1) => {
        if (metric === 'fairwatch_records_late_total' && labels?.fate === 'unused') {
          this.world.tell(`${by} late records were not used`);
        }
      },
      observe: () => {},
      gauge: () => {},
      log: (level, code, fields) => {
        this.world.tell(`gateway ${this.options.epoch} logs ${level} ${code} ${JSON.stringify(fields ?? {})}`);
        if (code === 'upload_not_routed' || code === 'session_key_unwrap_failed') this.world.surprise(code);
      },
    };
  }
}
