/** Presence at an address as a function of time, found by looking through everything the home unit said (rules.md §3). */
import { type Assigned, type Case, isForeign, type Known, tagAt } from './evidence.js';

export type Presence = 'present' | 'absent' | 'unknown';

/** Of the person at any of the addresses, at a moment no later than `untilMs`; what is said at that moment counts. */
export function presenceAt(c: Case, addresses: readonly string[], atMs: number): Presence {
  const each = addresses.map((address) => presenceAtAddress(c, address, atMs));
  if (each.includes('present')) return 'present';
  return each.every((p) => p === 'absent') ? 'absent' : 'unknown';
}

function presenceAtAddress(c: Case, address: string, atMs: number): Presence {
  const unit = unitAt(c, address, atMs);
  const tag = tagAt(c, atMs);
  if (unit === undefined || tag === undefined) return 'unknown';
  return presenceAtUnit(c, unit, tag, atMs);
}

export const unitAt = (c: Case, address: string, atMs: number): Assigned | undefined =>
  c.assigned.find((a) => a.kind === 'home_unit' && a.address === address && a.fromMs <= atMs && atMs < a.toMs);

function presenceAtUnit(c: Case, unit: Assigned, tag: Assigned, atMs: number): Presence {
  const silenceMs = c.policy.silenceS * 1_000;
  // all that counts as hearing from the unit: what it says of itself, and of the tag that was the order's at the time
  const heard = c.records.filter(
    (r) => r.deviceId === unit.deviceId && r.timeMs >= unit.fromMs && r.timeMs <= atMs && !isForeign(c, r),
  );
  const last = findLastIndex(heard, (r) => isReading(r, tag) && r.timeMs >= tag.fromMs);
  const reading = heard[last];
  if (reading === undefined) return 'unknown';

  const moved = findLastIndex(heard, (r) => r.body.unit?.flags?.includes('MOVED') === true);
  if (moved !== -1) {
    const reset = heard.findIndex((r, i) => i > moved && r.body.unit?.flags?.includes('RESET') === true);
    if (reset === -1 || last < reset) return 'unknown';
  }

  for (let i = last + 1; i < heard.length; i++)
    if ((heard[i] as Known).timeMs - (heard[i - 1] as Known).timeMs > silenceMs) return 'unknown';
  // at that very moment nothing has come: whatever comes next is more than the silence away
  if (atMs - (heard.at(-1) as Known).timeMs >= silenceMs) return 'unknown';
  return reading.body.rf?.kind === 'EXIT' ? 'absent' : 'present';
}

const isReading = (r: Known, tag: Assigned): boolean => r.body.rf?.tag_id === tag.deviceId;

/** Every moment at which the presence can change. */
export function presenceMoments(c: Case): number[] {
  const silenceMs = c.policy.silenceS * 1_000;
  const moments = c.assigned.flatMap((a) => [a.fromMs, a.toMs]);
  for (const r of c.records) if (r.body.fix === undefined) moments.push(r.timeMs, r.timeMs + silenceMs);
  return [...new Set(moments)].filter((t) => t <= c.untilMs).sort((a, b) => a - b);
}

function findLastIndex<T>(items: readonly T[], test: (item: T) => boolean): number {
  for (let i = items.length - 1; i >= 0; i--) if (test(items[i] as T)) return i;
  return -1;
}
