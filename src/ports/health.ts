/** Hearing of a standstill of the pipeline as it begins and ends, for those who tell others. */
import type { Stall } from '../domain/health.js';

export interface StallWatch {
  /** Null: all is well, as far as can be seen from here. */
  readonly stall: Stall | null;
  /** Called when a stall begins, when its reasons change, and (null) when it is over. Returns the way to stop. */
  onChange(listener: (stall: Stall | null) => void): () => void;
}
