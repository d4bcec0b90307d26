/** The engine: takes the journal's entries in order, runs the rules, commits what they found, then saves the states. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import { LIMITS } from '../domain/limits.js';
import { unreachable } from '../domain/result.js';
import type { Journal } from '../ports/journal.js';
import type { Ledger } from '../ports/ledger.js';
import type { Quarantine, Quarantined } from '../ports/quarantine.js';
import { opensFromMs, type RecentLog } from '../ports/recent-log.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { AssignmentIndex } from '../rules/assignments.js';
import { CalmPath } from './calm-path.js';
import type { DueTimes } from './due-times.js';
import { Inbox, recordsOf } from './inbox.js';
import { JournalTrimming } from './journal-trimming.js';
import { type Harvest, Judge, noHarvest } from './judge.js';
import { LateData } from './late-data.js';
import type { LateTimes } from './late-times.js';
import type { Policies } from './policies.js';
import { restorePolicies } from './restore-policies.js';
import type { StateKeeper } from './state-keeper.js';

export interface EngineOptions {
  readonly epoch: number;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly recentLog: RecentLog;
  readonly policies: Policies;
  readonly states: StateKeeper;
  readonly dueTimes: DueTimes;
  /** Told of what waits for its place; absent: nobody asks. */
  readonly lateTimes?: LateTimes;
  readonly telemetry: Telemetry;
  /** False: every upload goes the whole way, and leads to the same. */
  readonly calm?: boolean;
  /** Instead of `LIMITS`. */
  readonly limits?: {
    readonly inboxMax?: number;
    readonly batchEntriesMax?: number;
    readonly batchRecordsMax?: number;
  };
  /** Called once when the engine can do nothing more (a store failed for good, a newer owner is there). */
  readonly onFatal: (error: unknown) => void;
}

/** Rows of the recent log: one transaction that no batch waits long for. */
const SWEPT_AT_ONCE = 4_096;

/**
 * libuv (1.45 and later) accepts one connection a turn of the loop: after much was judged those who knock have a few, or a
 * storm of reconnecting devices would wait for minutes at the door of a gateway that is busy with what is inside.
 */
const LONG_BATCH = 128;
const TURNS_BETWEEN = 8;
async function othersTurns(): Promise<void> {
  for (let n = 0; n < TURNS_BETWEEN; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What one batch has gathered for its commit. */
interface Batch extends Harvest {
  readonly quarantined: Quarantined[];
}

export class Engine {
  readonly #o: EngineOptions;
  readonly #inbox: Inbox;
  readonly #batchEntriesMax: number;
  readonly #batchRecordsMax: number;
  readonly #late: LateData;
  readonly #judge: Judge;
  #reached = 0;
  #running: Promise<void> | null = null;
  #stopped = false;
  #waiters: { readonly position: number; readonly resolve: () => void; readonly reject: (e: unknown) => void }[] = [];
  #failure: unknown = null;
  #checkpoints: (() => void)[] = [];
  readonly #trimming = new JournalTrimming();

  constructor(options: EngineOptions) {
    this.#o = options;
    this.#late = new LateData(options.recentLog);
    const { policies, states } = options;
    const calm = (options.calm ?? true) ? new CalmPath(states, this.#late.records) : null;
    this.#judge = new Judge({ policies, states, late: this.#late, calm });
    this.#inbox = new Inbox(options.journal, options.limits?.inboxMax ?? LIMITS.engineQueueMax);
    this.#batchEntriesMax = options.limits?.batchEntriesMax ?? LIMITS.batchEntriesMax;
    this.#batchRecordsMax = options.limits?.batchRecordsMax ?? LIMITS.batchRecordsMax;
  }

  /** Position up to which outcomes are committed. */
  get reached(): number {
    return this.#reached;
  }

  /** Null while the engine works; otherwise what stopped it. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Loads the states, then takes in the journal from where they stand; tells whose records are whose. Nothing else may run
   * meanwhile.
   */
  async recover(assignments: Pick<AssignmentIndex, 'put' | 'remove'>): Promise<void> {
    this.#checkJournal();
    const position = await this.#o.states.restore(this.#o.journal.last);
    restorePolicies(this.#o.policies, this.#o.ledger, position, (order) => assignments.put(order));
    this.#reached = position;
    this.#inbox.startAfter(position);
    for (const [stream, dueMs] of this.#o.states.dueTimes()) this.#o.dueTimes.set(stream, dueMs);
    while (this.#reached < this.#o.journal.last) await this.#batch();
    for (const [orderId, order] of this.#o.policies.restored()) {
      if (order === null) assignments.remove(orderId);
      else assignments.put(order);
    }
    this.#o.telemetry.gauge('fairwatch_quarantine_items', this.#o.quarantine.size());
    this.#o.telemetry.log('info', 'engine_recovered', { from: position, to: this.#reached });
  }

  /** Durable entries, handed over in memory; in any order, for the inbox restores the journal's. */
  deliver(entries: readonly PlacedEntry[]): void {
    this.#inbox.put(entries);
    this.#wake();
  }

  /** Resolves when everything up to `position` is committed; rejects if the engine fails before. */
  whenReached(position: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#reached >= position) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ position, resolve, reject });
      this.#wake();
    });
  }

  /** Finishes the batch under way and writes a checkpoint. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    // before the hot store is waited for: one that hangs must not make the next start a long one
    if (this.#failure === null) await this.#o.states.checkpoint(this.#reached);
    await this.#o.states.settled();
  }

  /**
   * Writes a checkpoint. Between two batches, never beside one: the states of a batch under way are ahead of what is
   * committed, and a checkpoint with them in it would lose their alerts.
   */
  checkpoint(): Promise<void> {
    if (this.#failure !== null || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#checkpoints.push(resolve);
      this.#wake();
    });
  }

  /**
   * What arrived in hours whose keys are destroyed goes from the recent log, a piece at a time, whether its streams speak
   * or not; and from the journal what is older than two hours, and needed by no restart. Cheap when nothing is due.
   */
  async sweep(nowMs: number): Promise<void> {
    const { recentLog, journal, states, epoch } = this.#o;
    const beforeMs = opensFromMs(nowMs);
    while ((await recentLog.expire(epoch, beforeMs, SWEPT_AT_ONCE)) > 0) this.#late.forget(recentLog.keptFromMs);
    const trimTo = this.#trimming.upTo(nowMs, journal.last);
    if (trimTo > 0) await journal.trim(Math.min(trimTo, states.lastingPosition + 1, journal.last));
  }

  #wake(): void {
    if (this.#running !== null || this.#stopped || this.#failure !== null) return;
    this.#running = this.#drain().finally(() => {
      this.#running = null;
      // What was delivered between the last look and now.
      if (this.#inbox.ready || this.#checkpoints.length > 0) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    try {
      do await this.#checkpointWanted();
      while (!this.#stopped && (await this.#batch()));
    } catch (error) {
      this.#failure = error;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
      this.#o.onFatal(error);
    }
    // Whoever waits for one is told at the end, too: `stop` writes the last.
    if (this.#stopped || this.#failure !== null) for (const resolve of this.#checkpoints.splice(0)) resolve();
  }

  async #checkpointWanted(): Promise<void> {
    const wanted = this.#checkpoints.splice(0);
    if (wanted.length === 0) return;
    try {
      await this.#o.states.checkpoint(this.#reached);
    } finally {
      for (const resolve of wanted) resolve();
    }
  }

  /** One batch: step, commit, save. False when nothing waits. */
  async #batch(): Promise<boolean> {
    const entries = await this.#inbox.take(this.#batchEntriesMax, this.#batchRecordsMax);
    const last = entries.at(-1);
    if (last === undefined) return false;
    const harvest: Batch = { ...noHarvest(), quarantined: [] };
    let records = 0;
    for (const { position, entry } of entries) {
      // while it is judged nothing else happens in the process
      if (records >= LIMITS.turnRecordsMax) {
        records = 0;
        await othersTurns();
      }
      records += recordsOf(entry);
      this.#takeIn(position, entry, harvest);
    }
    const recent = this.#late.takeChanges();
    if (recent.length > 0) await this.#o.recentLog.commit(this.#o.epoch, recent);
    await this.#commit(harvest);
    await this.#o.states.save(last.position);
    // Due times count from here: a stream whose outcome is not committed is not looked at again.
    for (const stream of harvest.touched) this.#o.dueTimes.set(stream, this.#o.states.dueMs(stream));
    for (const [stream, waiting] of harvest.waits) this.#o.lateTimes?.set(stream, waiting);
    this.#reached = last.position;
    this.#settle();
    if (entries.length >= LONG_BATCH) await othersTurns();
    return true;
  }

  #takeIn(position: number, entry: JournalEntry, harvest: Batch): void {
    switch (entry.kind) {
      case 'tick':
        // of an order that was erased meanwhile: it comes due for nobody
        if (!this.#o.states.has(entry.stream)) return;
        this.#judge.takeIn(position, entry, harvest);
        return;
      case 'upload':
      case 'integrity':
        this.#judge.takeIn(position, entry, harvest);
        return;
      case 'decision':
        this.#judge.takeInDecision(position, entry, harvest);
        return;
      case 'erase':
        this.#judge.takeInErase(entry, harvest);
        return;
      case 'order':
        this.#judge.takeInOrder(position, entry, harvest);
        return;
      case 'zone':
        this.#judge.takeInZone(position, entry, harvest);
        return;
      case 'quarantined':
        harvest.quarantined.push({ position, ...entry });
        return;
      case 'alive':
        return;
      default:
        unreachable(entry);
    }
  }

  /** Outcomes are durable before anybody is told: streams and topics read the ledger, and only the ledger. */
  async #commit(harvest: Batch): Promise<void> {
    const { versions, orders, zones, quarantined, unused, rerun, calm } = harvest;
    const { telemetry } = this.#o;
    if (unused > 0) telemetry.count('fairwatch_records_late_total', { fate: 'unused' }, unused);
    if (calm > 0) telemetry.count('fairwatch_records_calm_total', {}, calm);
    if (rerun > 0) telemetry.count('fairwatch_records_late_total', { fate: 'rerun' }, rerun);
    if (quarantined.length > 0) {
      await this.#o.quarantine.keep(quarantined);
      this.#o.telemetry.gauge('fairwatch_quarantine_items', this.#o.quarantine.size());
    }
    if (versions.length + orders.length + zones.length === 0) return;
    await this.#o.ledger.commit({ epoch: this.#o.epoch, versions, orders, zones });
    for (const version of versions) this.#o.telemetry.count('fairwatch_alert_versions_total', { type: version.type });
  }

  #settle(): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => waiter.position > this.#reached);
    for (const waiter of waiting) if (waiter.position <= this.#reached) waiter.resolve();
  }

  /** The ledger's orders came out of the journal: one that ends before them is another's, or a part of it is gone. */
  #checkJournal(): void {
    const { ledger, journal } = this.#o;
    const position = ledger.lastOrderPosition();
    if (position <= journal.last) return;
    throw new Error(
      `the journal ends at entry ${journal.last}, but an order in the ledger came from entry ${position}: ` +
        'the journal folder was lost or replaced, and nobody would be watched; restore the data folder as a whole',
    );
  }
}
