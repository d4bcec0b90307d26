/** What does not fit together: records out of their time or place, jumps, and a home unit that contradicts the fixes. */
import type { LonLat } from './contract.js';
import { metresBetween } from './earth.js';
import type { Case, Refused } from './evidence.js';
import type { Fix } from './fixes.js';
import type { FoundAlert } from './lines.js';
import { presenceAt, unitAt } from './presence.js';
import { mustDiffer } from './undecidable.js';
import { effectiveWindows, type Window } from './windows.js';

/** One open alert for each device, order and kind, since the earliest of its records. */
export function refusedFindings(refused: readonly Refused[]): (FoundAlert & { orderId: string | null })[] {
  const first = new Map<string, Refused>();
  for (const r of refused) {
    const key = `${r.deviceId} ${r.type} ${r.orderId}`;
    const before = first.get(key);
    if (before === undefined || r.timeMs < before.timeMs) first.set(key, r);
  }
  return [...first.values()].map(({ type, deviceId, orderId, timeMs }) => ({
    type,
    deviceId,
    orderId,
    fromMs: timeMs,
    toMs: null,
  }));
}

export function jumpFindings(implausible: readonly Fix[]): FoundAlert[] {
  return [...new Set(implausible.map(({ deviceId }) => deviceId))].map((deviceId) => ({
    type: 'integrity.location_jump',
    deviceId,
    fromMs: (implausible.find((fix) => fix.deviceId === deviceId) as Fix).timeMs,
    toMs: null,
  }));
}

/**
 * Within a curfew's window the unit of an address says present while two consecutive fixes are surely over 500 m from
 * it. It is over at the first fix at which that is not so, or with the window: of other times nothing may be told (§9).
 */
export function contradictionFindings(c: Case, fixes: readonly Fix[]): FoundAlert[] {
  const curfews = c.order.conditions.filter((condition) => condition.kind === 'curfew');
  return curfews.flatMap((curfew) =>
    effectiveWindows(c.order, curfew).flatMap((window) =>
      window.addresses.flatMap((address) => {
        const position = c.order.addresses?.[address]?.position;
        return position === undefined
          ? []
          : within(c, fixes, window, address, position).map((found) => ({
              ...found,
              conditionId: curfew.condition_id,
            }));
      }),
    ),
  );
}

function within(c: Case, fixes: readonly Fix[], window: Window, address: string, position: LonLat): FoundAlert[] {
  const contradicts = fixes.map(
    (fix) =>
      window.fromMs <= fix.timeMs &&
      fix.timeMs < window.toMs &&
      isFar(fix, position) &&
      presenceAt(c, [address], fix.timeMs) === 'present',
  );
  return fixes.flatMap((fix, i): FoundAlert[] => {
    if (!contradicts[i] || !contradicts[i + 1] || contradicts[i - 1] === true) return [];
    const over = fixes.find((_, j) => j > i && !contradicts[j])?.timeMs ?? null;
    const toMs = over !== null && over < window.toMs ? over : c.untilMs >= window.toMs ? window.toMs : over;
    const deviceId = unitAt(c, address, fix.timeMs)?.deviceId ?? '';
    return [{ type: 'integrity.contradiction', deviceId, fromMs: fix.timeMs, toMs }];
  });
}

function isFar(fix: Fix, position: LonLat): boolean {
  const metres = metresBetween(fix.at, position);
  mustDiffer(metres - fix.radiusM, 500, metres);
  return metres - fix.radiusM > 500;
}
