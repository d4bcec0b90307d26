/** Plays a seed and judges it by every invariant. */

import type { History } from './history.js';
import { exactlyOnce } from './invariants/1-exactly-once.js';
import { inTime } from './invariants/2-in-time.js';
import { sameSet } from './invariants/3-same-set.js';
import { neverThrows } from './invariants/4-never-throws.js';
import { nothingLost } from './invariants/5-nothing-lost.js';
import { insideWindows } from './invariants/6-inside-windows.js';
import { decisionsStand } from './invariants/7-decisions-stand.js';
import { truthOf } from './invariants/telling.js';
import { type Plan, withoutFaults } from './plan.js';
import { play } from './run.js';

export interface Judgement {
  readonly history: History;
  /** Each names its invariant; empty: all hold. */
  readonly violations: readonly string[];
}

export async function judge(plan: Plan, trace?: (line: string) => void): Promise<Judgement> {
  const history = await play(plan, trace === undefined ? {} : { trace });
  const unsound = neverThrows(history);
  if (history.restless !== null) return { history, violations: unsound };
  const calm = await play(withoutFaults(plan), { pictureMs: history.atMs });
  const truth = truthOf(history);
  const violations = [
    ...exactlyOnce(history, truth),
    ...inTime(history, truth),
    ...sameSet(history, calm),
    ...unsound,
    ...nothingLost(history),
    ...insideWindows(history),
    ...decisionsStand(history),
  ];
  return { history, violations };
}
