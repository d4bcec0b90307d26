/** The fixes of an order's tags that zones may use (rules.md §4: one that would have been too fast is used by none). */
import type { LonLat } from './contract.js';
import { metresBetween, positionOf } from './earth.js';
import type { Case, Known } from './evidence.js';
import { mustDiffer } from './undecidable.js';
import { radiusOf } from './zones.js';

const METRES_A_SECOND = 100;

export interface Fix {
  readonly deviceId: string;
  readonly timeMs: number;
  readonly at: LonLat;
  readonly radiusM: number;
}

export interface Fixes {
  readonly good: readonly Fix[];
  readonly implausible: readonly Fix[];
}

export function fixesOf(c: Case): Fixes {
  const good: Fix[] = [];
  const implausible: Fix[] = [];
  for (const record of c.records) {
    const fix = fixOf(record);
    if (fix === null || !isTag(c, record)) continue;
    const last = good.findLast((one) => one.deviceId === fix.deviceId);
    if (last !== undefined && tooFast(last, fix)) implausible.push(fix);
    else good.push(fix);
  }
  return { good, implausible };
}

function fixOf({ deviceId, timeMs, body }: Known): Fix | null {
  return body.fix === undefined ? null : { deviceId, timeMs, at: positionOf(body.fix), radiusM: radiusOf(body.fix) };
}

const isTag = (c: Case, record: Known): boolean =>
  c.assigned.some(
    (a) => a.kind === 'tag' && a.deviceId === record.deviceId && a.fromMs <= record.timeMs && record.timeMs < a.toMs,
  );

function tooFast(from: Fix, to: Fix): boolean {
  const metres = metresBetween(from.at, to.at);
  const allowed = (METRES_A_SECOND * (to.timeMs - from.timeMs)) / 1_000;
  const radii = from.radiusM + to.radiusM;
  mustDiffer(metres - radii, allowed, metres);
  return metres - radii > allowed;
}
