/** The states of all streams in memory, and their way into the hot store and the checkpoints. */
import type { StreamKey } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import { StatesLost, type SubjectStates, Superseded } from '../ports/subject-states.js';
import type { Telemetry } from '../ports/telemetry.js';

export interface StateKeeperOptions {
  readonly epoch: number;
  /** What a restart continues from. */
  readonly hot: SubjectStates;
  /** Written now and then where the hot store may forget (Redis); null where the hot store is itself on disk. */
  readonly checkpoints: SubjectStates | null;
  readonly telemetry: Telemetry;
}

export class StateKeeper {
  readonly #o: StateKeeperOptions;
  readonly #states = new Map<StreamKey, SubjectState>();
  /** Changed since the last save that the hot store confirmed. */
  #unsaved = new Map<StreamKey, SubjectState>();
  #unchecked = new Map<StreamKey, SubjectState>();
  #savedPosition = 0;
  #checkedPosition = 0;

  constructor(options: StateKeeperOptions) {
    this.#o = options;
  }

  get(stream: StreamKey): SubjectState | null {
    return this.#states.get(stream) ?? null;
  }

  set(stream: StreamKey, state: SubjectState): void {
    this.#states.set(stream, state);
    this.#unsaved.set(stream, state);
    if (this.#o.checkpoints !== null) this.#unchecked.set(stream, state);
  }

  entries(): IterableIterator<[StreamKey, SubjectState]> {
    return this.#states.entries();
  }

  get size(): number {
    return this.#states.size;
  }

  /**
   * Loads what the stores hold. Gives the journal position that it stands for (0: nothing is held); the journal from
   * there on must be taken in again. The hot store is not believed beyond the journal, nor when it is older than the
   * last checkpoint or cannot be read: then the checkpoint speaks.
   */
  async restore(journalLast: number): Promise<number> {
    const hot = await usablePosition(this.#o.hot, journalLast);
    const checked = this.#o.checkpoints === null ? null : await usablePosition(this.#o.checkpoints, journalLast);
    const source = hot !== null && hot >= (checked ?? 0) ? this.#o.hot : checked !== null ? this.#o.checkpoints : null;
    const position = source === this.#o.hot ? (hot as number) : (checked ?? 0);
    if (source !== null) for await (const [stream, state] of source.scan()) this.#states.set(stream, state);
    await this.#o.hot.claim(this.#o.epoch);
    await this.#o.checkpoints?.claim(this.#o.epoch);
    if (source !== this.#o.hot) await this.#rewriteHot(position);
    if (this.#o.checkpoints !== null && source !== this.#o.checkpoints) {
      await this.#o.checkpoints.replaceAll(this.#o.epoch, position, this.#states);
    }
    this.#savedPosition = position;
    this.#checkedPosition = position;
    return position;
  }

  /**
   * Saves what has changed, with the position that all streams have reached. A hot store that is away or was emptied
   * never holds up an alert: what it lacks stays here, and goes with the next save or as a whole.
   */
  async save(position: number): Promise<void> {
    const batch = { epoch: this.#o.epoch, position, previousPosition: this.#savedPosition, states: this.#unsaved };
    try {
      await this.#o.hot.save(batch);
      this.#savedPosition = position;
      this.#unsaved = new Map();
    } catch (error) {
      if (error instanceof Superseded) throw error;
      if (error instanceof StatesLost) await this.#rewriteHot(position);
      else {
        this.#o.telemetry.count('fairwatch_state_save_failures_total');
        this.#o.telemetry.log('warn', 'state_save_failed', { unsaved: this.#unsaved.size });
      }
    }
  }

  async #rewriteHot(position: number): Promise<void> {
    try {
      await this.#o.hot.replaceAll(this.#o.epoch, position, this.#states);
      this.#savedPosition = position;
      this.#unsaved = new Map();
      if (this.#states.size > 0) this.#o.telemetry.log('warn', 'hot_state_rewritten', { states: this.#states.size });
    } catch (error) {
      if (error instanceof Superseded) throw error;
      this.#o.telemetry.count('fairwatch_state_save_failures_total');
      this.#o.telemetry.log('warn', 'hot_state_rewrite_failed', { states: this.#states.size });
    }
  }

  /** Writes a checkpoint of what has changed since the last one; the journal is needed from here on only. */
  async checkpoint(position: number): Promise<void> {
    if (this.#o.checkpoints === null || position === this.#checkedPosition) return;
    const states = this.#unchecked;
    this.#unchecked = new Map();
    await this.#o.checkpoints.save({
      epoch: this.#o.epoch,
      position,
      previousPosition: this.#checkedPosition,
      states,
    });
    this.#checkedPosition = position;
  }
}

/** The position a store stands for; null when it is empty, away, or ahead of the journal (it is another journal's). */
async function usablePosition(states: SubjectStates, journalLast: number): Promise<number | null> {
  try {
    const position = await states.position();
    return position !== null && position <= journalLast ? position : null;
  } catch {
    return null;
  }
}
