/** What one save changes of the hot state: as bytes, which any thread can seal; then sealed; then as rows. */
import type { CompactReader } from '../../codec/compact-reader.js';
import type { CompactWriter } from '../../codec/compact-writer.js';
import type { StreamKey } from '../../domain/ids.js';
import { type StateBatch, type StateBytes, StatesLost } from '../../ports/subject-states.js';
import { type SealedState, type Sealing, sealState } from '../sealed-state.js';
import { type Db, type Environment, numberValue, readNumber } from './environment.js';

export const STATES_POSITION = 'states.position';

export const statesDb = (env: Environment): Db<string> => env.db('states');

export function writeStatesBatch(to: CompactWriter, { position, previousPosition, states }: StateBatch): void {
  to.number(position);
  to.number(previousPosition, position);
  writeStates(to, [...states]);
}

/** States alone, for `sealStates`. */
export function writeStates(to: CompactWriter, states: readonly (readonly [StreamKey, StateBytes | null])[]): void {
  to.whole(states.length);
  for (const [stream, bytes] of states) {
    to.name(stream);
    // no state is without bytes
    to.bytes(bytes ?? NOTHING);
  }
}

const NOTHING = Buffer.alloc(0);

export interface SealedStates {
  readonly position: number;
  readonly previousPosition: number;
  /** Null: it is removed. */
  readonly states: readonly (SealedState | { readonly field: string; readonly value: null })[];
}

export function sealStatesBatch(from: CompactReader, seals: Sealing): SealedStates {
  const position = from.figure();
  const previousPosition = from.figure(position);
  return { position, previousPosition, states: sealStates(from, seals) };
}

export function sealStates(from: CompactReader, seals: Sealing): SealedStates['states'] {
  const states: SealedStates['states'][number][] = [];
  for (let count = from.count(); count > 0; count--) {
    const stream = from.name();
    const bytes = from.bytes();
    states.push(bytes.length === 0 ? { field: seals.pseudonym(stream), value: null } : sealState(seals, stream, bytes));
  }
  return states;
}

/** Within a transaction. Throws `StatesLost` where the content is not what its owner left. */
export function putStates(env: Environment, meta: Db<string>, db: Db<string>, sealed: SealedStates): void {
  const { position, previousPosition, states } = sealed;
  const held = readNumber(meta.get(STATES_POSITION));
  // a save whose answer got lost may have been applied: the same batch once more is no contradiction
  if (held !== previousPosition && held !== position) {
    throw new StatesLost(`the hot state in ${env.folder} stands at ${held}, not at ${previousPosition}`);
  }
  for (const { field, value } of states) {
    if (value === null) db.remove(field);
    else db.put(field, value);
  }
  meta.put(STATES_POSITION, numberValue(position));
}
