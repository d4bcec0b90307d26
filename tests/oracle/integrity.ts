/** What does not fit together: records out of their time or place, jumps, and a home unit that contradicts the fixes. */
import type { LonLat } from './contract.js';
import { metresBetween } from './earth.js';
import type { Case, Refused } from './evidence.js';
import type { Fix } from './fixes.js';
import type { FoundAlert } from './lines.js';
import { presenceAt } from './presence.js';
import { mustDiffer } from './undecidable.js';

/** One open alert for each device, order and kind, since the earliest of its records. */
export function refusedFindings(refused: readonly Refused[]): (FoundAlert & { orderId: string | null })[] {
  const first = new Map<string, Refused>();
  for (const r of refused) {
    const key = `${r.deviceId} ${r.type}`;
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

/** Present by radio while two consecutive fixes are surely over 500 m from that address. */
export function contradictionFindings(c: Case, fixes: readonly Fix[]): FoundAlert[] {
  const alerts: FoundAlert[] = [];
  for (const [address, { position }] of Object.entries(c.order.addresses ?? {})) {
    if (position === undefined) continue;
    const far = fixes.map((fix) => isFar(fix, position) && presenceAt(c, [address], fix.timeMs) === 'present');
    for (let i = 1; i < fixes.length; i++) {
      if (!far[i] || !far[i - 1] || (i > 1 && far[i - 2])) continue;
      const end = fixes.slice(i).find((fix) => !isFar(fix, position));
      const deviceId = (fixes[i] as Fix).deviceId;
      const fromMs = (fixes[i - 1] as Fix).timeMs;
      alerts.push({ type: 'integrity.contradiction', deviceId, fromMs, toMs: end?.timeMs ?? null });
    }
  }
  return alerts;
}

function isFar(fix: Fix, position: LonLat): boolean {
  const metres = metresBetween(fix.at, position);
  mustDiffer(metres - fix.radiusM, 500, metres);
  return metres - fix.radiusM > 500;
}
