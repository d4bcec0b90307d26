/** The rule of contradictions: plausible fixes, and what home units say of the same moments. */
import type { Cause } from '../domain/alert.js';
import type { ComparedFix } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import {
  contradictionDueMs,
  isFar,
  judgeContradiction,
  noteFix,
  reviseContradiction,
  witnesses,
} from './contradiction.js';
import { type Draft, isEmpty } from './draft.js';
import { hearUnit, initialUnit, unitPresence } from './presence.js';
import { NOTHING, type Rule, type Showing, type Sighting } from './rule.js';

export const contradictionRule: Rule = {
  show: showFix,
  dueMs: ({ state }) => contradictionDueMs(state.contradiction) ?? Infinity,
  fire: fireContradiction,
  revise: ({ state }, former, next, moment) => {
    state.contradiction = reviseContradiction(former, next, state.contradiction, moment);
  },
};

/** The rule of the zones has judged the fix before: what it took as the tag's last good one is plausible. */
function showFix(draft: Draft, policy: OrderPolicy, { sender, record, ref, moment }: Sighting): readonly Showing[] {
  const { state } = draft;
  if (sender.kind !== 'tag' || record.body.kind !== 'fix') return NOTHING;
  const last = state.equipment[sender.deviceId]?.lastFix ?? null;
  if (last === null || last.timeMs !== ref.timeMs || last.hash !== ref.hash) return NOTHING;
  const fix: ComparedFix = { ref, latE7: last.latE7, lonE7: last.lonE7, radiusM: last.radiusM };
  const { pending, runs } = state.contradiction;
  // The same fix again, under another sequence: it must not count as the second of two (§7).
  if (pending?.fixes.some((other) => other.ref.deviceId === ref.deviceId && other.ref.hash === ref.hash))
    return NOTHING;

  const far = witnesses(policy, ref.timeMs).filter((w) => isFar(w, fix, policy.numbers.contradictionM));
  const opensMs = draft.opensMs('contradiction');
  const changesNothing = far.length === 0 && pending === null && isEmpty(runs);
  if (changesNothing && ref.timeMs >= opensMs) return NOTHING;
  // What a unit said before its last word is not kept (¶19): a fix from before it needs a re-run to be compared.
  const heardMs = far.map(({ unitId }) => state.units[unitId]?.heardMs ?? 0);
  const take = (): void => {
    state.contradiction = noteFix(state.contradiction, fix, far.length > 0, moment);
  };
  return [{ part: 'contradiction', opensMs: Math.max(opensMs, ...heardMs), take }];
}

function fireContradiction(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const { state } = draft;
  if ((contradictionDueMs(state.contradiction) ?? Infinity) > atMs) return;
  state.contradiction = judgeContradiction(policy, state.contradiction, state.units, draft.moment(atMs, cause, null));
  draft.judged('contradiction', atMs, true);
}

/**
 * A unit's record from before fixes that were compared with it: late for that, if it would have said something else of
 * them. Ordinary races of unit and tag change nothing, and are none. `draft` is as it was before the record.
 */
export function unsettled(draft: Draft, { presence }: OrderPolicy, { sender, record }: Sighting): Showing[] {
  if (record.timeMs >= draft.opensMs('contradiction')) return [];
  const unitId = sender.deviceId;
  const before = draft.state.units[unitId] ?? initialUnit();
  const after = hearUnit(presence, unitId, before, record).unit;
  const says = [before, after].map((unit) => unitPresence(presence, unitId, { [unitId]: unit }, record.timeMs));
  // What changes later without a record (a silence, another tag) has been judged at home by then: it is late there.
  return says[0] === says[1] ? [] : [{ part: 'contradiction', take: () => undefined }];
}
