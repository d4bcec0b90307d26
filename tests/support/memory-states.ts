/** Hot states or checkpoints in memory; they can be emptied or set back behind their owner, as Redis can. */
import type { StreamKey } from '../../src/domain/ids.js';
import {
  type StateBatch,
  type StateBytes,
  StatesLost,
  type SubjectStates,
  Superseded,
} from '../../src/ports/subject-states.js';

interface Kept {
  readonly epoch: number;
  readonly position: number | null;
  readonly states: ReadonlyMap<StreamKey, StateBytes>;
}

const EMPTY: Kept = { epoch: 0, position: null, states: new Map() };

/** What outlives every client. */
export class StatesContent {
  kept: Kept = EMPTY;
  /** Former contents, oldest first: what a fail-over to a replica may come back with. */
  readonly former: Kept[] = [];

  change(change: Partial<Kept>): void {
    this.former.push(this.kept);
    if (this.former.length > 4) this.former.shift();
    this.kept = { ...this.kept, ...change };
  }

  /** Of a batch that takes several round trips only the first came: states without the position that they stand for. */
  takeHalf({ epoch, previousPosition, states }: StateBatch): void {
    if (this.kept.epoch !== epoch || this.kept.position !== previousPosition) return;
    const half = [...states].slice(0, Math.ceil(states.size / 2));
    this.change({ states: merged(this.kept.states, half) });
  }

  empty(): void {
    this.kept = EMPTY;
    this.former.length = 0;
  }

  /** The newest writes are gone, though they were acknowledged. */
  setBack(): void {
    const [oldest] = this.former.splice(0);
    if (oldest !== undefined) this.kept = oldest;
  }
}

export class MemoryStates implements SubjectStates {
  readonly #content: StatesContent;
  /** Where this client left the content; undefined: it has not looked yet. */
  #known: number | null | undefined;

  constructor(content: StatesContent) {
    this.#content = content;
  }

  async claim(epoch: number): Promise<void> {
    const { kept } = this.#content;
    if (kept.epoch >= epoch) throw new Superseded(`the states belong to epoch ${kept.epoch}`);
    this.#content.change({ epoch });
    this.#known = kept.position;
  }

  async position(): Promise<number | null> {
    const { position } = this.#content.kept;
    if (this.#known === undefined) this.#known = position;
    return position;
  }

  async *scan(): AsyncGenerator<readonly [StreamKey, StateBytes]> {
    const before = this.#content.kept;
    for (const [stream, state] of before.states) yield [stream, Uint8Array.from(state)];
    const { position } = this.#content.kept;
    if (position !== before.position) throw new StatesLost(`the states moved from ${before.position} to ${position}`);
  }

  async load(keys: readonly StreamKey[]): Promise<(StateBytes | null)[]> {
    const { position, states } = this.#content.kept;
    if (this.#known !== undefined && position !== this.#known) throw new StatesLost(`the states stand at ${position}`);
    return keys.map((key) => {
      const state = states.get(key);
      return state === undefined ? null : Uint8Array.from(state);
    });
  }

  async save({ epoch, position, previousPosition, states }: StateBatch): Promise<void> {
    const { kept } = this.#content;
    if (kept.epoch > epoch) throw new Superseded(`the states belong to epoch ${kept.epoch}`);
    if (kept.epoch < epoch || (kept.position !== previousPosition && kept.position !== position)) {
      throw new StatesLost(`the states stand at ${kept.position}, not at ${previousPosition}`);
    }
    this.#content.change({ position, states: merged(kept.states, states) });
    this.#known = position;
  }

  async replaceAll(epoch: number, position: number, states: Iterable<readonly [StreamKey, StateBytes]>): Promise<void> {
    if (this.#content.kept.epoch > epoch)
      throw new Superseded(`the states belong to epoch ${this.#content.kept.epoch}`);
    this.#content.change({ epoch, position, states: merged(new Map(), states) });
    this.#known = position;
  }

  async close(): Promise<void> {}
}

/** Null: removed. */
function merged(
  kept: ReadonlyMap<StreamKey, StateBytes>,
  changes: Iterable<readonly [StreamKey, StateBytes | null]>,
): Map<StreamKey, StateBytes> {
  const states = new Map(kept);
  for (const [stream, state] of changes) {
    if (state === null) states.delete(stream);
    else states.set(stream, Uint8Array.from(state));
  }
  return states;
}
