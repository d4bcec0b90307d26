/** Appends a tick when a stream's due time has come; the only thing in the gateway that makes time pass for a person. */
import type { PlacedEntry, TickEntry } from '../domain/entry.js';
import { orderOfStream, type StreamKey } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Due, DueTimes } from './due-times.js';
import type { LateTimes } from './late-times.js';

export interface TickerOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly dueTimes: DueTimes;
  /** What waits for its place is put there whether ticks wait or not; absent: it is by the due times alone. */
  readonly lateTimes?: LateTimes;
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  readonly whenReached: (position: number) => Promise<void>;
  /** Resolves when what arrived until now, and is no backlog, is on its way into the journal: no tick passes it. */
  readonly arrivedIn?: () => Promise<void>;
  readonly telemetry: Telemetry;
  /** How long ticks wait after an interruption, so that a backlog speaks first. */
  readonly reconnectGraceMs: number;
  /** When the gateway last showed itself before this start; null: never. */
  readonly lastAliveMs: number | null;
  /** A tick that could not be appended: the journal failed for good. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * One append at most: a million people's curfew edge is written in pieces, between which uploads are taken in and live ones
 * acknowledged. A tick that finds something costs some 100 µs, so a piece is a tenth of a second of the event loop.
 */
const ticksPerAppendMax = 1_024;
/**
 * Due times further back than this are of a backlog. They come behind those of now, and fewer at once: such a tick may run
 * hours of a person again (a millisecond or two), and what is live waits behind the piece.
 */
const PAST_MS = 60_000;
const pastTicksPerAppendMax = 512;
/** So many of a backlog are looked through for those who are due now. */
const LOOKED_THROUGH_MAX = 32_768;
/** It is looked 50 times a second. */
const INTERRUPTION_MS = 10_000;

export class Ticker {
  readonly #o: TickerOptions;
  /** Ticks wait after a start until the clock says this. */
  #holdUntilMs: number;
  #holding: boolean;
  /** When the gateway last showed itself before the interruption that is waited out, or was last. */
  #lastAliveMs: number | null;
  #looked: { readonly steadyMs: number; readonly clockMs: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #firing: Promise<void> = Promise.resolve();
  #idle = true;
  /** When all that were due were taken last. */
  #takenMs = Number.NEGATIVE_INFINITY;

  constructor(options: TickerOptions) {
    this.#o = options;
    this.#lastAliveMs = options.lastAliveMs;
    this.#holding = options.lastAliveMs !== null;
    this.#holdUntilMs = this.#holding ? options.clock.nowMs() + options.reconnectGraceMs : Number.NEGATIVE_INFINITY;
  }

  /** Looks at the due times every `everyMs` of the system's time. Not used with a stepped clock. */
  run(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.looks(performance.now());
      // what comes due meanwhile is met by the round that goes on
      if (!this.#idle) return;
      this.fire(this.#o.clock.nowMs()).catch(this.#o.onFatal);
    }, everyMs);
  }

  /**
   * It is looked at the time at `steadyMs` (which passes whatever the clock is set to). Where much has passed since the look
   * before, the gateway stood still (SIGSTOP, a starved or sleeping machine): what devices have sent meanwhile lies in sockets
   * that nobody read, and speaks first, as after a start.
   */
  looks(steadyMs: number): void {
    const clockMs = this.#o.clock.nowMs();
    const before = this.#looked;
    this.#looked = { steadyMs, clockMs };
    if (before === null) return;
    const gapMs = Math.max(steadyMs - before.steadyMs, clockMs - before.clockMs);
    if (gapMs < INTERRUPTION_MS) return;
    this.#o.telemetry.log('warn', 'timers_wait_after_interruption', { seconds: Math.round(gapMs / 1_000) });
    if (!this.#holding) this.#lastAliveMs = before.clockMs;
    this.#holding = true;
    this.#holdUntilMs = clockMs + this.#o.reconnectGraceMs;
  }

  /** Due times wait after an interruption. */
  get holding(): boolean {
    return this.#holding;
  }

  /**
   * For how long the earliest due time has waited that no tick stands for; 0: none is due, or all wait on purpose. A backlog
   * brings due times that lie hours back: they wait since the last round at the earliest, which took all that were due.
   */
  lateMs(nowMs: number): number {
    const next = this.#holding ? null : this.#o.dueTimes.next();
    return next === null ? 0 : Math.max(0, nowMs - Math.max(next, Math.min(this.#takenMs, nowMs)));
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#firing;
  }

  /**
   * Fires everything due at or before `nowMs`, again and again until nothing is, and resolves when what it led to is
   * committed. Ticks stand in the journal behind every entry that was waiting when they came due; of the uploads that wait
   * before the journal, behind those that are live, unless that would take longer than the engine's lag may be.
   */
  fire(nowMs: number): Promise<void> {
    this.#firing = this.#firing.then(async () => {
      this.#idle = false;
      try {
        await this.#fireAll(nowMs);
      } finally {
        this.#idle = true;
      }
    });
    return this.#firing;
  }

  /**
   * Time goes on while it fires: a backlog brings due times that lie hours back, one round after the other, and those who come
   * due meanwhile must not wait for its end.
   */
  async #fireAll(fromMs: number): Promise<void> {
    for (;;) {
      const nowMs = Math.max(fromMs, this.#o.clock.nowMs());
      if (this.#holds(nowMs)) return this.#putInLate(nowMs);
      const next = this.#o.dueTimes.next();
      if (next === null || next > nowMs) {
        this.#takenMs = nowMs;
        return;
      }
      await this.#o.arrivedIn?.();
      const due = this.#take(nowMs);
      if (due.length === 0) return;
      const nowToldMs = this.#o.clock.nowMs();
      // A stepped clock says the time it comes from until all is judged: nothing is derived before it came due.
      await this.#append(due.map(({ stream, dueMs }) => this.#tick(stream, dueMs, Math.max(nowToldMs, dueMs))));
    }
  }

  /**
   * While ticks wait for a backlog: what has come of it, and waits for more, is put in when its time has come, or what it
   * tells would wait for the end of the grace. By such a tick no timer is met.
   */
  async #putInLate(nowMs: number): Promise<void> {
    for (;;) {
      const due = this.#o.lateTimes?.take(nowMs, pastTicksPerAppendMax) ?? [];
      if (due.length === 0) return;
      await this.#o.arrivedIn?.();
      const nowToldMs = this.#o.clock.nowMs();
      await this.#append(
        due.map(({ stream, dueMs }) => {
          return { kind: 'tick', stream, receivedMs: Math.max(nowToldMs, dueMs), atMs: dueMs, cause: 'late_data' };
        }),
      );
    }
  }

  /** Resolves when what they led to is committed. */
  async #append(ticks: readonly TickEntry[]): Promise<void> {
    const first = await this.#o.journal.append(ticks);
    this.#o.deliver(ticks.map((entry, i) => ({ position: first + i, entry })));
    this.#o.telemetry.count('fairwatch_ticks_total', {}, ticks.length);
    await this.#o.whenReached(first + ticks.length - 1);
  }

  #take(nowMs: number): Due[] {
    const { dueTimes } = this.#o;
    const first = dueTimes.take(nowMs, ticksPerAppendMax);
    const isFull = first.length === ticksPerAppendMax;
    const isPast = ({ dueMs }: Due): boolean => dueMs < nowMs - PAST_MS;
    if (!isFull) this.#takenMs = nowMs;
    if (!first.some(isPast)) return first;
    // the earliest come first: those of now lie behind all of the past
    const all = isFull ? [...first, ...dueTimes.take(nowMs, LOOKED_THROUGH_MAX)] : first;
    const now = all.filter((due) => !isPast(due));
    const past = all.filter(isPast);
    if (now.length <= ticksPerAppendMax) this.#takenMs = nowMs;
    const left = [...now.slice(ticksPerAppendMax), ...past.slice(pastTicksPerAppendMax)];
    for (const { stream, dueMs } of left) dueTimes.set(stream, dueMs);
    return [...now.slice(0, ticksPerAppendMax), ...past.slice(0, pastTicksPerAppendMax)];
  }

  /** Once over it is over, and a clock that was set back makes nobody wait longer: their alerts would be as late. */
  #holds(nowMs: number): boolean {
    if (!this.#holding) return false;
    this.#holdUntilMs = Math.min(this.#holdUntilMs, nowMs + this.#o.reconnectGraceMs);
    this.#holding = nowMs < this.#holdUntilMs;
    return this.#holding;
  }

  #tick(stream: StreamKey, dueMs: number, receivedMs: number): TickEntry {
    if (orderOfStream(stream) === null) throw new Error(`a stream without an order has a due time: ${dueMs}`);
    const lastAliveMs = this.#lastAliveMs;
    // An alert that comes of the gateway's own silence must not read like the wearer's (rules §7, architecture: time).
    const duringOutage = lastAliveMs !== null && dueMs >= lastAliveMs && dueMs <= this.#holdUntilMs;
    return { kind: 'tick', stream, receivedMs, atMs: dueMs, cause: duringOutage ? 'gateway_outage' : 'timer' };
  }
}
