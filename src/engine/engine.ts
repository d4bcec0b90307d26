/** The engine: takes the journal's entries in order, runs the rules, commits what they found, then saves the states. */
import type { AlertVersion } from '../domain/alert.js';
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import type { OrderId, StreamKey, ZoneId } from '../domain/ids.js';
import { orderOfStream, streamOfOrder } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import { unreachable } from '../domain/result.js';
import { initialState } from '../rules/step.js';
import type { Journal } from '../ports/journal.js';
import type { Ledger, OrderRevision, ZoneChange } from '../ports/ledger.js';
import type { Quarantine, Quarantined } from '../ports/quarantine.js';
import type { Telemetry } from '../ports/telemetry.js';
import { applyEntry, effectiveMs, type SteppedEntry } from './apply.js';
import type { DueTimes } from './due-times.js';
import { Inbox } from './inbox.js';
import type { Policies } from './policies.js';
import type { StateKeeper } from './state-keeper.js';

export interface EngineOptions {
  readonly epoch: number;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly policies: Policies;
  readonly states: StateKeeper;
  readonly dueTimes: DueTimes;
  readonly telemetry: Telemetry;
  /** Called once when the engine can do nothing more (a store failed for good, a newer owner is there). */
  readonly onFatal: (error: unknown) => void;
}

/** What one batch has gathered for its commit. */
interface Harvest {
  readonly versions: AlertVersion[];
  readonly orders: OrderRevision[];
  readonly zones: ZoneChange[];
  readonly quarantined: Quarantined[];
  readonly touched: Set<StreamKey>;
}

export class Engine {
  readonly #o: EngineOptions;
  readonly #inbox: Inbox;
  #reached = 0;
  #running: Promise<void> | null = null;
  #stopped = false;
  #waiters: { readonly position: number; readonly resolve: () => void; readonly reject: (e: unknown) => void }[] = [];
  #failure: unknown = null;

  constructor(options: EngineOptions) {
    this.#o = options;
    this.#inbox = new Inbox(options.journal, LIMITS.engineQueueMax);
  }

  /** Position up to which outcomes are committed. */
  get reached(): number {
    return this.#reached;
  }

  /** Null while the engine works; otherwise what stopped it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Loads the states, then takes in the journal from where they stand. Nothing else may run meanwhile. */
  async recover(): Promise<void> {
    const position = await this.#o.states.restore(this.#o.journal.last);
    this.#loadPolicies(position);
    this.#reached = position;
    this.#inbox.startAfter(position);
    for (const [stream, state] of this.#o.states.entries()) this.#o.dueTimes.set(stream, state.dueMs);
    while (this.#reached < this.#o.journal.last) await this.#batch();
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
    if (this.#failure === null) await this.#o.states.checkpoint(this.#reached);
  }

  /** Writes a checkpoint between two batches. */
  async checkpoint(): Promise<void> {
    await this.#running;
    if (this.#failure === null && !this.#stopped) await this.#o.states.checkpoint(this.#reached);
  }

  #wake(): void {
    if (this.#running !== null || this.#stopped || this.#failure !== null) return;
    this.#running = this.#drain().finally(() => {
      this.#running = null;
      // What was delivered between the last look and now.
      if (this.#failure === null && !this.#stopped && this.#inbox.ready) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#batch())) {}
    } catch (error) {
      this.#failure = error;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
      this.#o.onFatal(error);
    }
  }

  /** One batch: step, commit, save. False when nothing waits. */
  async #batch(): Promise<boolean> {
    const entries = await this.#inbox.take(LIMITS.batchEntriesMax);
    const last = entries.at(-1);
    if (last === undefined) return false;
    const harvest: Harvest = { versions: [], orders: [], zones: [], quarantined: [], touched: new Set() };
    for (const { position, entry } of entries) this.#takeIn(position, entry, harvest);
    await this.#commit(harvest);
    await this.#o.states.save(last.position);
    // Due times count from here: a stream whose outcome is not committed is not looked at again.
    for (const stream of harvest.touched) this.#o.dueTimes.set(stream, this.#o.states.get(stream)?.dueMs ?? null);
    this.#reached = last.position;
    this.#settle();
    return true;
  }

  #takeIn(position: number, entry: JournalEntry, harvest: Harvest): void {
    switch (entry.kind) {
      case 'upload':
      case 'tick':
      case 'integrity':
        this.#step(position, entry, harvest);
        return;
      case 'order': {
        const known = this.#o.policies.get(entry.order.orderId);
        // The command log may say a thing twice (a crash between its entry and its outcome).
        if (known !== null && known.order.revision >= entry.order.revision) {
          harvest.touched.add(entry.stream);
          return;
        }
        this.#o.policies.putOrder(entry.order);
        harvest.orders.push({ position, order: entry.order, receivedMs: entry.receivedMs, effectiveMs: effectiveMs(entry) });
        this.#step(position, entry, harvest);
        return;
      }
      case 'zone':
        this.#takeInZone(position, entry.zoneId, entry, harvest);
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

  #takeInZone(position: number, zoneId: ZoneId, entry: Extract<JournalEntry, { kind: 'zone' }>, harvest: Harvest): void {
    for (const policy of this.#o.policies.putZone(zoneId, entry.zone)) {
      const stream = streamOfOrder(policy.order.orderId);
      this.#step(position, { kind: 'order', stream, receivedMs: entry.receivedMs, order: policy.order }, harvest);
    }
    harvest.zones.push({ position, zoneId, zone: entry.zone, receivedMs: entry.receivedMs });
  }

  #step(position: number, entry: SteppedEntry, harvest: Harvest): void {
    const orderId: OrderId | null = orderOfStream(entry.stream);
    const policy = orderId === null ? null : this.#o.policies.get(orderId);
    const before = this.#o.states.get(entry.stream) ?? initialState();
    const applied = applyEntry(policy, before, position, entry);
    harvest.touched.add(entry.stream);
    if (applied.state !== before) this.#o.states.set(entry.stream, applied.state);
    harvest.versions.push(...applied.versions);
    if (applied.lateRecords > 0) this.#o.telemetry.count('fairwatch_records_late_total', {}, applied.lateRecords);
  }

  /** Outcomes are durable before anybody is told: streams and topics read the ledger, and only the ledger. */
  async #commit(harvest: Harvest): Promise<void> {
    const { versions, orders, zones, quarantined } = harvest;
    if (quarantined.length > 0) await this.#o.quarantine.keep(quarantined);
    if (versions.length + orders.length + zones.length === 0) return;
    await this.#o.ledger.commit({ epoch: this.#o.epoch, versions, orders, zones });
    for (const version of versions) this.#o.telemetry.count('fairwatch_alert_versions_total', { type: version.type });
  }

  #settle(): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => waiter.position > this.#reached);
    for (const waiter of waiting) if (waiter.position <= this.#reached) waiter.resolve();
  }

  /** Orders and zones as they stood at the states' position: what came after it is still to be taken in. */
  #loadPolicies(position: number): void {
    for (const zone of this.#o.ledger.zones(position)) this.#o.policies.putZone(zone.zoneId, zone);
    for (const { order } of this.#o.ledger.orders(position)) this.#o.policies.putOrder(order);
  }
}
