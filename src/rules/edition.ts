/** An order's policy changes in the course of time: which edition is in force, and what a change does to what runs. */
import type { DeviceId } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { initialCurfew } from './curfew.js';
import type { Draft } from './draft.js';
import { WHOLE } from './part.js';
import { reviseAll } from './rules.js';

const NONE: readonly OrderPolicy[] = [];

/** Null: none has begun. Throws when the edition that the state was made under is not among those given. */
export function policyInForce(editions: readonly OrderPolicy[], state: SubjectState): OrderPolicy | null {
  if (state.edition === '') return null;
  if (editions[0]?.edition === state.edition) return editions[0];
  const policy = editions.find(({ edition }) => edition === state.edition);
  if (policy === undefined) throw new Error(`edition ${state.edition} of an order in force is not at hand`);
  return policy;
}

/** The editions that have yet to take over, in the order of their time. */
export function coming(editions: readonly OrderPolicy[], state: SubjectState): readonly OrderPolicy[] {
  // Several times a record, and most often there is none.
  if (editions[editions.length - 1]?.edition === state.edition) return NONE;
  return editions.slice(editions.findIndex(({ edition }) => edition === state.edition) + 1);
}

/**
 * `next` takes over at `atMs`. What means the same in both editions goes on untouched; what does not is closed with its
 * reason, never silently, and judged anew.
 */
export function switchEdition(draft: Draft, next: OrderPolicy, atMs: number): void {
  const former = draft.policy;
  const moment = draft.moment(atMs, 'order_revised', null);
  if (former !== null) reviseAll(draft, former, next, moment);
  const { state } = draft;
  const curfews = next.curfews.map(({ conditionId }) => [conditionId, state.curfews[conditionId] ?? initialCurfew()]);
  state.curfews = Object.fromEntries(curfews);
  state.units = Object.fromEntries(
    Object.entries(state.units).filter(([unitId]) => next.presence.units.has(unitId as DeviceId)),
  );
  state.policyRevision = next.order.revision;
  state.edition = next.edition;
  draft.passTo(atMs, false);
  draft.judged(WHOLE, atMs, false);
  draft.policy = next;
}
