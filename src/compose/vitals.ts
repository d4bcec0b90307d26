/** Is the pipeline alive? Looks once a second at what should move, and says in stable words what does not. */
import type { Telemetry } from '../ports/telemetry.js';
import { Stalls } from './stalls.js';

/** What is seen at one look. */
export interface Sight {
  readonly journalLast: number;
  readonly engineReached: number;
  /** How long the oldest append has been waiting; 0: none waits. */
  readonly journalWaitingMs: number;
  /** How long ago the earliest due time was; 0: none is due, or all wait on purpose. */
  readonly timersLateMs: number;
  readonly timersWait: boolean;
  /** What others have to say: reasons and degradations. */
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

export interface VitalsOptions {
  readonly look: () => Sight;
  /** Without a move for so long it counts as stuck. */
  readonly stallMs: number;
  readonly nowMs: () => number;
  /** Time that passes whatever the clock is set to. */
  readonly steadyMs: () => number;
  readonly telemetry: Pick<Telemetry, 'gauge' | 'log'>;
  /** The pipeline has stood still eight times as long: a new start is the only thing left to try. */
  readonly onDead: (reasons: readonly string[]) => void;
}

export interface Vitality {
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

export const LOOK_EVERY_MS = 1_000;
/** Looks that lie further apart: this process stood still itself (SIGSTOP, a starved machine), and judges nobody by that. */
export const PAUSE_MS = 5_000;
const DEAD_AFTER_STALLS = 8;
const BEHIND_MS = 60_000;
/** A timer fires within 20 ms; what it leads to is waited for before the next. */
const LATE_MS = 1_000;
/** An hour of looks; the oldest that stands for what is not judged is what counts. */
const MARKS_MAX = 3_600;

export class Vitals {
  readonly stalls: Stalls;
  readonly #o: VitalsOptions;
  #timer: NodeJS.Timeout | null = null;
  #vitality: Vitality = { reasons: [], degraded: [] };
  #lookedMs: number | null = null;
  #reached = 0;
  #movedMs = 0;
  /** The first of the looks in a row that found a timer late. */
  #lateSinceMs: number | null = null;
  #begunMs = 0;
  /** Since when each kind of standstill lasts, in time that this process ran. */
  #stuckSinceMs: number | null = null;
  /** What was not judged at a look, with its time: how far behind the engine is. */
  #marks: { readonly position: number; readonly atMs: number }[] = [];
  #deadTold = false;

  constructor(options: VitalsOptions) {
    this.#o = options;
    this.stalls = new Stalls(options.nowMs, options.telemetry);
  }

  /** As of the last look. */
  get vitality(): Vitality {
    return this.#vitality;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  look(): void {
    const now = this.#o.steadyMs();
    const sight = this.#o.look();
    const { stallMs } = this.#o;
    if (this.#lookedMs === null || now - this.#lookedMs > PAUSE_MS) this.#begin(now, sight);
    this.#lookedMs = now;
    if (sight.engineReached !== this.#reached || sight.engineReached >= sight.journalLast) {
      this.#reached = sight.engineReached;
      this.#movedMs = now;
    }
    // by this process's own time: a clock that is set makes every timer late in one moment
    this.#lateSinceMs = sight.timersLateMs <= LATE_MS ? null : (this.#lateSinceMs ?? now);
    const ranMs = now - this.#begunMs;
    const stuck = [
      ...(Math.min(sight.journalWaitingMs, ranMs) > stallMs ? ['journal_stuck'] : []),
      ...(now - this.#movedMs > stallMs ? ['engine_stuck'] : []),
      ...(this.#lateSinceMs !== null && now - this.#lateSinceMs > stallMs ? ['timers_late'] : []),
    ];
    const lagMs = this.#lag(now, sight);
    this.#dead(now, stuck);
    this.#tell(sight, lagMs);
    const reasons = [...new Set([...stuck, ...sight.reasons])];
    const degraded = [
      ...(lagMs > BEHIND_MS && !reasons.includes('engine_stuck') ? ['engine_behind'] : []),
      ...(sight.timersWait ? ['timers_waiting'] : []),
      ...sight.degraded,
    ];
    this.#vitality = { reasons, degraded };
    this.stalls.turn(reasons);
  }

  /** The first look, or the first after this process stood still: everything has its whole time before it. */
  #begin(now: number, { engineReached }: Sight): void {
    if (this.#lookedMs !== null) {
      const seconds = Math.round((now - this.#lookedMs) / 1_000);
      this.#o.telemetry.log('warn', 'process_stood_still', { seconds });
    }
    this.#begunMs = now;
    this.#movedMs = now;
    this.#reached = engineReached;
    this.#stuckSinceMs = null;
    this.#lateSinceMs = null;
    this.#marks = [];
  }

  /** How long the oldest entry that is not judged has been durable, to within a look. */
  #lag(now: number, { journalLast, engineReached }: Sight): number {
    const newest = this.#marks.at(-1);
    if (journalLast > (newest?.position ?? engineReached) && this.#marks.length < MARKS_MAX) {
      this.#marks.push({ position: journalLast, atMs: now });
    }
    const judged = this.#marks.findIndex(({ position }) => position > engineReached);
    this.#marks.splice(0, judged < 0 ? this.#marks.length : judged);
    const oldest = this.#marks[0];
    return oldest === undefined ? 0 : now - oldest.atMs;
  }

  #dead(now: number, stuck: readonly string[]): void {
    if (stuck.length === 0) this.#stuckSinceMs = null;
    else this.#stuckSinceMs ??= now - this.#o.stallMs;
    if (this.#stuckSinceMs === null || this.#deadTold) return;
    if (now - this.#stuckSinceMs < DEAD_AFTER_STALLS * this.#o.stallMs) return;
    this.#deadTold = true;
    this.#o.telemetry.log('error', 'pipeline_dead', { reasons: stuck.join(',') });
    this.#o.onDead(stuck);
  }

  #tell({ journalLast, engineReached, journalWaitingMs, timersLateMs }: Sight, lagMs: number): void {
    const { telemetry } = this.#o;
    telemetry.gauge('fairwatch_journal_last_position', journalLast);
    telemetry.gauge('fairwatch_engine_position', engineReached);
    telemetry.gauge('fairwatch_engine_lag_entries', Math.max(0, journalLast - engineReached));
    telemetry.gauge('fairwatch_engine_lag_seconds', lagMs / 1_000);
    telemetry.gauge('fairwatch_journal_waiting_seconds', journalWaitingMs / 1_000);
    telemetry.gauge('fairwatch_timers_late_seconds', timersLateMs / 1_000);
  }
}
