/** The states of all streams, and their way into the hot store and the checkpoints. */
import type { StreamKey } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import { type StateBytes, StatesLost, type SubjectStates, Superseded } from '../ports/subject-states.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Move } from '../rules/calm-move.js';
import { ResidentStates } from './resident-states.js';

export interface StateKeeperOptions {
  readonly epoch: number;
  /** What a restart continues from. */
  readonly hot: SubjectStates;
  /** Written now and then where the hot store may forget (Redis); null where the hot store is itself on disk. */
  readonly checkpoints: SubjectStates | null;
  /** By this clock records forget where tags were; absent: they do not. */
  readonly nowMs?: () => number;
  /** Instead of `resident-states`' own: how many states are kept ready. */
  readonly readyMax?: number;
  readonly telemetry: Telemetry;
}

export class StateKeeper {
  readonly #o: StateKeeperOptions;
  readonly #states: ResidentStates;
  /** Committed, and not in the hot store yet. What it is to get of them is read when it is sent. */
  #outgoing = new Set<StreamKey>();
  #outgoingPosition = 0;
  #sending: Promise<void> | null = null;
  /** The hot store has lost its content: the next save brings every state. */
  #whole = false;
  #superseded: Superseded | null = null;
  /** Committed, and not in the last checkpoint. */
  #unchecked = new Set<StreamKey>();
  #savedPosition = 0;
  #checkedPosition = 0;
  #failing = false;

  constructor(options: StateKeeperOptions) {
    this.#o = options;
    this.#states = new ResidentStates(options.nowMs ?? null, options.readyMax);
  }

  get(stream: StreamKey): SubjectState | null {
    return this.#states.get(stream);
  }

  set(stream: StreamKey, state: SubjectState): void {
    this.#states.set(stream, state);
  }

  /** A calm fix changes it, and nobody reads it. */
  move(stream: StreamKey, position: number, move: Move): void {
    this.#states.move(stream, position, move);
  }

  has(stream: StreamKey): boolean {
    return this.#states.has(stream);
  }

  /** As is committed: when the stream wants to be looked at again; null: never. */
  dueMs(stream: StreamKey): number | null {
    return this.#states.dueMs(stream);
  }

  /** The order is erased: its state goes from every store with the next save. */
  remove(stream: StreamKey): void {
    this.#states.remove(stream);
  }

  /** The state as it stands is saved again with the next save, sealed anew. */
  renew(stream: StreamKey): void {
    this.#changed(stream);
  }

  keys(): IterableIterator<StreamKey> {
    return this.#states.keys();
  }

  *entries(): Generator<readonly [StreamKey, SubjectState]> {
    for (const stream of this.#states.keys()) {
      const state = this.#states.get(stream);
      if (state !== null) yield [stream, state];
    }
  }

  /** When each stream wants to be looked at again, without those that never do. */
  dueTimes(): Iterable<readonly [StreamKey, number]> {
    return this.#states.dueTimes();
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
    const { epoch, hot, checkpoints } = this.#o;
    const found = await Promise.all(
      [hot, checkpoints].map(async (states) => {
        const position = states === null ? null : await usablePosition(states, journalLast);
        return states === null || position === null ? [] : [{ states, position }];
      }),
    );
    // The newest first; of equals the hot one.
    let source: { readonly states: SubjectStates | null; readonly position: number } = { states: null, position: 0 };
    for (const candidate of found.flat().sort((a, b) => b.position - a.position)) {
      if (!(await this.#load(candidate.states))) continue;
      source = candidate;
      break;
    }
    const { position } = source;
    if (checkpoints === null) await hot.claim(epoch);
    else await claimIfThere(hot, epoch);
    await checkpoints?.claim(epoch);
    if (source.states !== hot) await this.#rewriteHot(position);
    if (checkpoints !== null && source.states !== checkpoints) {
      await checkpoints.replaceAll(epoch, position, this.#states.all());
    }
    this.#savedPosition = position;
    this.#outgoingPosition = position;
    this.#checkedPosition = position;
    return position;
  }

  /** False when it cannot be read as a whole (away, sealed with another key, changed meanwhile): nothing is loaded then. */
  async #load(states: SubjectStates): Promise<boolean> {
    try {
      for await (const [stream, bytes] of states.scan()) this.#states.load(stream, bytes);
      return true;
    } catch (error) {
      this.#states.clear();
      this.#o.telemetry.log('warn', 'states_unreadable', { error: error instanceof Error ? error.name : 'unknown' });
      return false;
    }
  }

  /**
   * Saves what has changed, with the position that all streams have reached; called when that is committed, and before
   * anything beyond it is judged. A hot store that may forget is not waited for: one that is away, hangs or was emptied
   * holds up no alert. What it lacks stays here, and goes with the next save or as a whole. Throws `Superseded`, then or
   * at the next save.
   */
  async save(position: number): Promise<void> {
    if (this.#superseded !== null) throw this.#superseded;
    for (const stream of this.#states.commit()) this.#changed(stream);
    this.#outgoingPosition = position;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    if (this.#o.checkpoints !== null) return;
    await this.#sending;
    if (this.#superseded !== null) throw this.#superseded;
  }

  /** The hot store did not take the last save; what it lacks is kept here. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Resolves when no save is under way. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  #changed(stream: StreamKey): void {
    this.#outgoing.add(stream);
    if (this.#o.checkpoints !== null) this.#unchecked.add(stream);
  }

  /** Until the hot store has all that is committed, or cannot take it now. */
  async #sendAll(): Promise<void> {
    while (this.#savedPosition < this.#outgoingPosition) {
      const [streams, position] = [this.#outgoing, this.#outgoingPosition];
      this.#outgoing = new Set();
      try {
        await this.#send(streams, position);
        this.#savedPosition = position;
        this.#failing = false;
      } catch (error) {
        for (const stream of streams) this.#outgoing.add(stream);
        if (!this.#failed(error)) return;
      }
    }
  }

  async #send(streams: ReadonlySet<StreamKey>, position: number): Promise<void> {
    const { epoch, hot, telemetry } = this.#o;
    if (!this.#whole) {
      await hot.save({ epoch, position, previousPosition: this.#savedPosition, states: this.#bytesOf(streams) });
      return;
    }
    // What is committed while it is written is in it, or comes with the next save; the position goes on from there.
    await hot.replaceAll(epoch, position, this.#states.all());
    this.#whole = false;
    telemetry.log('warn', 'hot_state_rewritten', { states: this.#states.size });
  }

  #bytesOf(streams: Iterable<StreamKey>): Map<StreamKey, StateBytes | null> {
    const states = new Map<StreamKey, StateBytes | null>();
    for (const stream of streams) states.set(stream, this.#states.bytesOf(stream));
    return states;
  }

  /** Whether to try again at once. */
  #failed(error: unknown): boolean {
    const { checkpoints, telemetry } = this.#o;
    if (error instanceof Superseded) {
      this.#superseded = error;
      return false;
    }
    if (error instanceof StatesLost) {
      this.#whole = true;
      // One that may forget is not written anew beside a batch: the next save brings the whole.
      return checkpoints === null;
    }
    this.#failing = true;
    telemetry.count('fairwatch_state_save_failures_total');
    telemetry.log('warn', 'state_save_failed', { unsaved: this.#outgoing.size });
    return false;
  }

  async #rewriteHot(position: number): Promise<void> {
    const { epoch, hot, telemetry } = this.#o;
    try {
      await hot.replaceAll(epoch, position, this.#states.all());
      if (this.#states.size > 0) telemetry.log('warn', 'hot_state_rewritten', { states: this.#states.size });
    } catch (error) {
      if (error instanceof Superseded) throw error;
      this.#whole = true;
      this.#failing = true;
      telemetry.count('fairwatch_state_save_failures_total');
      telemetry.log('warn', 'hot_state_rewrite_failed', { states: this.#states.size });
    }
  }

  /** A restart takes in again what came after this position, however it ended. */
  get lastingPosition(): number {
    return this.#o.checkpoints === null ? this.#savedPosition : this.#checkedPosition;
  }

  /** Writes a checkpoint of what has changed since the last one; the journal is needed from here on only. */
  async checkpoint(position: number): Promise<void> {
    if (this.#o.checkpoints === null || position === this.#checkedPosition) return;
    const states = this.#bytesOf(this.#unchecked);
    this.#unchecked = new Set();
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

/** A hot store that is away just now is claimed by the first save that it takes. A newer owner stops this one. */
async function claimIfThere(hot: SubjectStates, epoch: number): Promise<void> {
  try {
    await hot.claim(epoch);
  } catch (error) {
    if (error instanceof Superseded) throw error;
  }
}
