/** The hot state of one stream as stores keep it, before it is sealed: one byte of format, then MessagePack. */
import type { SubjectState } from '../domain/subject-state.js';
import { FormatRefused, pack, unpack } from './packed.js';

/** Raised whenever the meaning of a field changes; a store with another format is rebuilt from the journal. */
const FORMAT = 3;
const WHAT = 'hot state';

export const encodeState = (state: SubjectState): Buffer => pack(FORMAT, state);

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeState(bytes: Uint8Array): SubjectState {
  const state = unpack(WHAT, FORMAT, bytes);
  if (typeof state !== 'object' || state === null) throw new FormatRefused(`${WHAT}: damaged (no state)`);
  return state as SubjectState;
}
