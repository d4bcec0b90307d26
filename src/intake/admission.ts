/**
 * Lets uploads in as far as the engine keeps up: what is live first, backlog in turns, everything else waits
 * un-acknowledged in its device's lane. So an alert is never further behind the journal's end than the bound, and what
 * waits lies with the devices, whose sockets are paused at their in-flight bound.
 */
import { LIMITS } from '../domain/limits.js';
import type { Verdict } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Commit, Item } from './commit-queue.js';
import { FairLanes, type LaneClass, type Waiting } from './fair-lanes.js';
import { LagRoom } from './lag-room.js';

export interface AdmissionLimits {
  readonly lagRecordsMax: number;
  readonly lagMsMax: number;
  readonly backlogLagRecordsMax: number;
  readonly backlogLagMsMax: number;
  readonly liveRecordsPerBacklogRecord: number;
  readonly laneTurnRecords: number;
  readonly turnRecordsMax: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = Object.freeze({
  lagRecordsMax: LIMITS.engineLagRecordsMax,
  lagMsMax: LIMITS.engineLagMsMax,
  backlogLagRecordsMax: LIMITS.backlogLagRecordsMax,
  backlogLagMsMax: LIMITS.backlogLagMsMax,
  liveRecordsPerBacklogRecord: LIMITS.liveRecordsPerBacklogRecord,
  laneTurnRecords: LIMITS.laneTurnRecords,
  turnRecordsMax: LIMITS.turnRecordsMax,
});

export interface Arrival extends Waiting, Item {
  /** The same bytes once more take no place of their own in a lane. */
  readonly payload: Uint8Array;
  /** Runs when it is let in, in the tick of its append. */
  prepare(): Commit;
  /** Another takes its place where the same bytes come again. */
  settle: (verdict: Verdict) => void;
  /** Called in the place of `settle` where the same bytes wait already: it is told what becomes of those. */
  again(verdict: Verdict): void;
  /** Its acknowledgement can reach nobody any more. */
  gone?: (() => boolean) | undefined;
  /** Somebody waits until it is let in. */
  fenced?: boolean;
}

export interface AdmissionOptions {
  readonly limits?: Partial<AdmissionLimits>;
  readonly enter: (item: Item) => void;
  /** Resolves when the engine has judged up to a position; rejects when it never will. */
  readonly whenJudged: (position: number) => Promise<void>;
  readonly telemetry: Pick<Telemetry, 'gauge'>;
  /** Monotonic ms. Absent: no time passes, and the bounds are in records alone. */
  readonly steadyMs?: (() => number) | undefined;
}

/** Whoever waits for what was live at some moment. */
interface Fence {
  readonly done: Promise<void>;
  readonly open: () => void;
  /** So many of those meant wait. */
  left: number;
  /** It waits for no more than this is let in with. */
  weightLeft: number;
}

export class Admission {
  readonly #o: AdmissionOptions;
  readonly #limits: AdmissionLimits;
  readonly #lanes: FairLanes<Arrival>;
  /** How far each may be ahead of the engine. */
  readonly #room: Readonly<Record<LaneClass, LagRoom>>;
  /** Let in and not judged. */
  #lag = 0;
  /** What may still be let in within this turn of the loop. */
  #turnLeft: number;
  #turnRuns = false;
  /** Weight of backlog that live traffic owes it. */
  #owed = 0;
  #fence: Fence | null = null;
  #closed = false;

  constructor(options: AdmissionOptions) {
    this.#o = options;
    this.#limits = { ...ADMISSION_LIMITS, ...options.limits };
    this.#lanes = new FairLanes(this.#limits.laneTurnRecords);
    this.#turnLeft = this.#limits.turnRecordsMax;
    const { lagRecordsMax, lagMsMax, backlogLagRecordsMax, backlogLagMsMax, laneTurnRecords } = this.#limits;
    const room = (recordsMax: number, least: number, most: number): LagRoom =>
      new LagRoom({ recordsMax, recordsMin: Math.min(least, recordsMax), lagMsMax: most });
    this.#room = {
      live: room(lagRecordsMax, 2 * laneTurnRecords, lagMsMax),
      backlog: room(backlogLagRecordsMax, laneTurnRecords, backlogLagMsMax),
    };
  }

  /** Let in and not judged, as records. */
  get lagRecords(): number {
    return this.#lag;
  }

  /** Something of this lane waits. */
  waits(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  put(arrival: Arrival): void {
    if (this.#closed) {
      arrival.settle('fail');
      return;
    }
    if (this.#lanes.waiting('live') + this.#lanes.waiting('backlog') === 0 && this.#hasRoom(arrival)) {
      this.#admit(arrival);
      return;
    }
    if (this.#joins(arrival)) return;
    const given = this.#lanes.put(arrival, ({ gone }) => gone?.() === true);
    // their device sends them again, over the connection that brought this one
    for (const one of given) {
      this.#passFence(one, 0);
      one.settle('fail');
    }
    this.#letIn();
  }

  /** What is sent again because no answer came in time shares the place, and the answer, of what waits. */
  #joins(arrival: Arrival): boolean {
    const { lane, payload, gone } = arrival;
    // over one connection nothing is sent again ([MQTT-4.4.0-1]); whoever does it all the same has a second place
    const waiting = this.#lanes.find(
      lane,
      (held) => (gone === undefined || held.gone !== gone) && Buffer.compare(held.payload, payload) === 0,
    );
    if (waiting === null) return false;
    const { settle } = waiting;
    waiting.settle = (verdict) => {
      settle(verdict);
      arrival.again(verdict);
    };
    // the newer connection hears the answer
    waiting.gone = gone;
    return true;
  }

  /** What is durable already, or on its way there, waits for nothing, and counts. */
  pass(item: Omit<Item, 'weight'>): void {
    this.#lag += 1;
    this.#o.enter({ prepare: () => item.prepare(), settle: (verdict) => item.settle(verdict), weight: 1 });
  }

  /** What the gateway itself has to say waits for nothing, and counts. */
  straight(prepare: () => Commit): Promise<Verdict> {
    return new Promise((settle) => this.pass({ prepare, settle }));
  }

  /** What `enter` was called with is settled: judged from `position` on, or (null) never to be. */
  entered(weight: number, position: number | null): void {
    if (weight === 0) return;
    const sinceMs = this.#nowMs();
    const judged = (): void => {
      const nowMs = this.#nowMs();
      for (const room of [this.#room.live, this.#room.backlog]) room.judged(weight, sinceMs, nowMs);
      this.#lag -= weight;
      this.#letIn();
    };
    if (position === null) judged();
    else this.#o.whenJudged(position).then(judged, () => this.close());
  }

  /**
   * Resolves when what is live and waits now is let in, or as much as the engine's whole lag has been: no timer passes what
   * came before it was due, and none waits for a flood.
   */
  async liveLetIn(): Promise<void> {
    while (this.#fence !== null) await this.#fence.done;
    const meant = this.#lanes.liveInFront();
    if (meant.length === 0) return;
    for (const held of meant) held.fenced = true;
    let open = (): void => {};
    const done = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#fence = { done, open, left: meant.length, weightLeft: this.#limits.lagRecordsMax };
    await done;
    // its append is asked for at the end of the turn
    await nextTurn();
  }

  /** Lets nothing more in: what waits is not acknowledged, its connections close, its devices send again. */
  close(): void {
    this.#closed = true;
    for (const { settle } of this.#lanes.takeAll()) settle('fail');
    this.#openFence();
    this.#tell();
  }

  #letIn(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const held = this.#lanes.take(next);
      if (held === null) throw new Error('the lanes show what they do not give');
      this.#settleDebt(next, held.weight);
      this.#admit(held);
    }
  }

  #admit(held: Arrival): void {
    this.#lag += held.weight;
    this.#turnLeft -= held.weight;
    this.#lanes.note(held);
    this.#passFence(held, held.weight);
    // its append is asked for before the next turn is, so that a turn is one append
    this.#o.enter(held);
    this.#nextTurn();
  }

  /** The class of what is to be let in now; null: nothing may be. */
  #next(): LaneClass | null {
    if (this.#closed) return null;
    const [live, backlog] = [this.#lanes.peek('live'), this.#lanes.peek('backlog')];
    if (backlog !== null && this.#owed >= backlog.weight) {
      return this.#hasRoom(backlog, this.#room.live.records) ? 'backlog' : null;
    }
    const next = live ?? backlog;
    return next !== null && this.#hasRoom(next) ? (live === null ? 'backlog' : 'live') : null;
  }

  /** What is alone heavier than the bound still has to go. */
  #hasRoom({ live, weight }: Arrival, max = this.#room[live ? 'live' : 'backlog'].records): boolean {
    return this.#turnLeft > 0 && (this.#lag === 0 || this.#lag + weight <= max);
  }

  #nowMs(): number {
    return this.#o.steadyMs?.() ?? 0;
  }

  #settleDebt(of: LaneClass, weight: number): void {
    if (of === 'backlog') this.#owed = Math.max(0, this.#owed - weight);
    else if (this.#lanes.waiting('backlog') === 0) this.#owed = 0;
    else this.#owed += weight / this.#limits.liveRecordsPerBacklogRecord;
  }

  #passFence(held: Arrival, weight: number): void {
    const fence = this.#fence;
    if (fence === null) return;
    if (held.fenced === true) fence.left -= 1;
    fence.weightLeft -= weight;
    if (fence.left <= 0 || fence.weightLeft <= 0) this.#openFence();
  }

  #openFence(): void {
    const fence = this.#fence;
    if (fence === null) return;
    for (const held of this.#lanes.liveInFront()) held.fenced = false;
    this.#fence = null;
    fence.open();
  }

  /** One sweep at the end of each turn that let something in: what was held back by the turn goes on in the next. */
  #nextTurn(): void {
    if (this.#turnRuns) return;
    this.#turnRuns = true;
    setImmediate(() => {
      this.#turnRuns = false;
      this.#turnLeft = this.#limits.turnRecordsMax;
      this.#tell();
      this.#letIn();
    });
  }

  #tell(): void {
    const { telemetry } = this.#o;
    telemetry.gauge('fairwatch_engine_lag_records', this.#lag);
    telemetry.gauge('fairwatch_live_uploads_waiting', this.#lanes.waiting('live'));
    telemetry.gauge('fairwatch_backlog_uploads_waiting', this.#lanes.waiting('backlog'));
  }
}

/** The global one: a simulator that has it in hand decides what runs when. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
