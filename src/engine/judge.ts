/**
 * Takes journal entries one by one, in order, and says what they lead to: the live engine commits that, a replay prints
 * it. What it keeps (states, orders, recent records) it is given; nothing here waits or writes.
 */
import type { AlertVersion } from '../domain/alert.js';
import type { DecisionEntry, EraseEntry, OrderEntry, ZoneEntry } from '../domain/entry.js';
import { orderOfStream, type StreamKey, streamOfDevice, streamOfOrder } from '../domain/ids.js';
import type { Assignment } from '../domain/order.js';
import type { LateWaiting, SubjectState } from '../domain/subject-state.js';
import type { OrderRevision, ZoneChange } from '../ports/ledger.js';
import type { LoggedUpload } from '../ports/recent-log.js';
import { decide } from '../rules/decide.js';
import { initialState } from '../rules/step.js';
import { alertIdOf } from './alert-id.js';
import { type Applied, applyEntry, applyInputs, metaUnder, orderIn, type SteppedEntry, unchanged } from './apply.js';
import type { CalmPath } from './calm-path.js';
import type { LateData } from './late-data.js';
import { changedHands } from './new-assignments.js';
import { effectiveFrom, type Policies } from './policies.js';
import { HORIZON_MS } from './recent-records.js';

export interface States {
  get(stream: StreamKey): SubjectState | null;
  set(stream: StreamKey, state: SubjectState): void;
  remove(stream: StreamKey): void;
}

/** What entries have led to. */
export interface Harvest {
  readonly versions: AlertVersion[];
  readonly orders: OrderRevision[];
  readonly zones: ZoneChange[];
  readonly touched: Set<StreamKey>;
  /** Of streams of which something waits for its place, or did before: what waits now. */
  readonly waits: Map<StreamKey, LateWaiting | null>;
  /** Records that no rule could use, records that a re-run has put in their place, and all that were stepped. */
  unused: number;
  rerun: number;
  steps: number;
  /** Of these, records that were calm. */
  calm: number;
}

export const noHarvest = (): Harvest => ({
  versions: [],
  orders: [],
  zones: [],
  touched: new Set(),
  waits: new Map(),
  unused: 0,
  rerun: 0,
  steps: 0,
  calm: 0,
});

export interface JudgeOptions {
  readonly policies: Policies;
  readonly states: States;
  readonly late: LateData;
  /** Null: every upload goes the whole way. */
  readonly calm?: CalmPath | null;
}

export class Judge {
  readonly #o: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#o = options;
  }

  /** An upload, a tick, or what the gateway itself saw. */
  takeIn(position: number, entry: SteppedEntry, harvest: Harvest): void {
    const { stream } = entry;
    const { calm } = this.#o;
    if (entry.kind === 'upload' && calm?.takes(position, entry)) {
      harvest.touched.add(stream);
      harvest.steps += entry.records.length;
      harvest.calm += entry.records.length;
      return;
    }
    const editions = this.#editions(stream);
    const after = this.#settle(stream, harvest, (before) => this.#o.late.apply(editions, before, position, entry));
    if (entry.kind === 'upload') calm?.begin(stream, editions, after);
  }

  /** What of a stream waits for its place is put there now; the journal has nothing more to say. */
  flush(position: number, origin: Pick<SteppedEntry, 'stream' | 'receivedMs'>, harvest: Harvest): void {
    const { stream } = origin;
    this.#settle(stream, harvest, (before) => this.#o.late.flush(this.#editions(stream), before, position, origin));
  }

  /** What somebody did about an alert. */
  takeInDecision(position: number, entry: DecisionEntry, harvest: Harvest): void {
    const { stream, receivedMs, act, alert } = entry;
    this.#settle(stream, harvest, (before) => {
      if (position <= before.position) return unchanged(before);
      const editions = this.#editions(stream);
      const decided = decide({
        editions,
        state: before,
        act,
        alert,
        atMs: receivedMs,
        metaOf: (order) => metaUnder(order ?? orderIn(editions, before), entry),
        newAlertId: (finding) => alertIdOf(stream, position, finding),
      });
      // The sum of the order may be due at another time than it was.
      const applied = applyInputs(editions, decided.state, position, entry, [{ kind: 'revised' }]);
      return { ...applied, versions: [...decided.versions, ...applied.versions] };
    });
  }

  /** Nobody is watched under the order from here on; its due time goes with its state (`touched`). */
  takeInErase({ orderId, stream }: EraseEntry, harvest: Harvest): void {
    this.#o.policies.removeOrder(orderId);
    this.#o.states.remove(stream);
    this.#o.late.erase(stream);
    this.#o.calm?.leave(stream);
    harvest.touched.add(stream);
  }

  takeInOrder(position: number, entry: OrderEntry, harvest: Harvest): void {
    const { order, receivedMs, stream } = entry;
    const { policies } = this.#o;
    const known = policies.newest(order.orderId);
    // The command log may say a thing twice: a crash came between its entry and its outcome.
    if (known !== null && known.revision >= order.revision) return;
    const wornBefore = policies.spokenForBy(order.orderId)?.devices ?? [];
    const effectiveMs = effectiveFrom(order, receivedMs, known === null);
    const revision = { position, order, receivedMs, effectiveMs };
    policies.putOrder(revision);
    harvest.orders.push(revision);
    const wornAfter = policies.spokenForBy(order.orderId)?.devices ?? [];
    this.#revise(position, { stream, receivedMs }, effectiveMs, wornBefore, wornAfter, harvest);
  }

  takeInZone(position: number, { zoneId, zone, receivedMs }: ZoneEntry, harvest: Harvest): void {
    harvest.zones.push({ position, zoneId, zone, receivedMs });
    if (zone === null) {
      this.#o.policies.deleteZone(zoneId);
      return;
    }
    for (const orderId of this.#o.policies.putZone(zoneId, { position, atMs: receivedMs, zone })) {
      this.#revise(position, { stream: streamOfOrder(orderId), receivedMs }, receivedMs, [], [], harvest);
    }
  }

  /**
   * There is a new edition. Where it reaches into what has been judged, or somebody else is now said to have worn a
   * device, or what was heard and passed over may be of concern, the stream is run again from there; otherwise its time
   * becomes a due time.
   */
  #revise(
    position: number,
    origin: { readonly stream: StreamKey; readonly receivedMs: number },
    effectiveMs: number,
    wornBefore: readonly Assignment[],
    wornAfter: readonly Assignment[],
    harvest: Harvest,
  ): void {
    const { stream, receivedMs } = origin;
    const sinceMs = receivedMs - HORIZON_MS;
    const gained = changedHands(wornBefore, wornAfter, sinceMs, receivedMs);
    const lost = changedHands(wornAfter, wornBefore, sinceMs, receivedMs);
    this.#release(stream, position, lost);
    const news = this.#claim(position, gained);
    this.#settle(stream, harvest, (before) => {
      const editions = this.#editions(stream);
      const pastMs = before.atMs ?? -1;
      // Told at the very moment from which it holds, it leaves what was judged at that moment as it is.
      const reachesBack = effectiveMs < receivedMs;
      // What was in force at that moment may never have come into force, as is said now.
      const stillKnown = before.edition === '' || editions.some(({ edition }) => edition === before.edition);
      const isPast = effectiveMs < pastMs || (effectiveMs === pastMs && reachesBack) || !stillKnown;
      const handsMs = Math.min(...[...gained, ...lost].map((span) => span.fromMs));
      const fromMs = Math.min(isPast ? effectiveMs : Infinity, handsMs);
      const revise = (sinceMs: number) =>
        this.#o.late.revise(editions, before, position, origin, { news, fromMs: sinceMs });
      if (news.length > 0 || fromMs <= pastMs) return revise(fromMs);
      // What was of no concern let no time pass: it lies ahead of what was judged, and may be of some now.
      const aheadMs = Math.max(pastMs + 1, Math.min(effectiveMs, handsMs));
      const ahead = this.#o.late.records.uploads(stream, aheadMs, position);
      return ahead.length > 0
        ? revise(aheadMs)
        : applyEntry(editions, before, position, { kind: 'revised', ...origin });
    });
  }

  /** What devices said while nobody was known to wear them. */
  #claim(position: number, gained: readonly Assignment[]): LoggedUpload[] {
    return gained.flatMap(({ deviceId, fromMs, toMs }) =>
      this.#o.late.records.uploads(streamOfDevice(deviceId), fromMs, position).flatMap(({ position: at, entry }) => {
        const records = entry.records.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
        return records.length === 0 ? [] : [{ position: at, entry: { ...entry, records } }];
      }),
    );
  }

  /** What a device said while it was thought to be this person's is nobody's now: another may claim it. */
  #release(stream: StreamKey, position: number, lost: readonly Assignment[]): void {
    for (const { deviceId, fromMs, toMs } of lost) {
      for (const { position: at, entry } of this.#o.late.records.uploads(stream, fromMs, position)) {
        const records = entry.records.filter(
          ({ timeMs, body }) =>
            timeMs >= fromMs && timeMs < toMs && (body.kind === 'rf' ? body.tagId : entry.deviceId) === deviceId,
        );
        if (records.length === 0) continue;
        const own = streamOfDevice(deviceId);
        this.#o.late.records.addPart(own, { position: at, entry: { ...entry, stream: own, records } }, position);
      }
    }
  }

  #editions(stream: StreamKey) {
    const orderId = orderOfStream(stream);
    return orderId === null ? [] : this.#o.policies.of(orderId);
  }

  #settle(stream: StreamKey, harvest: Harvest, apply: (before: SubjectState) => Applied): SubjectState {
    this.#o.calm?.leave(stream);
    const known = this.#o.states.get(stream);
    const before = known ?? initialState();
    const applied = apply(before);
    harvest.touched.add(stream);
    if (applied.state !== before) this.#o.states.set(stream, applied.state);
    const waiting = applied.state.late?.waiting ?? null;
    if (waiting !== null || (before.late?.waiting ?? null) !== null) harvest.waits.set(stream, waiting);
    harvest.versions.push(...applied.versions);
    harvest.unused += applied.late.length;
    harvest.rerun += applied.rerunRecords;
    harvest.steps += applied.steps;
    return applied.state;
  }
}
