/** Where a home unit's complete record puts its person: intervals of present, absent and unknown, read at once. */
import type { Interval } from '../domain/timetable.js';
import type { Report } from './report.js';

export type PresenceValue = 'present' | 'absent' | 'unknown';

export interface PresenceStretch extends Interval {
  readonly value: PresenceValue;
}

interface Reading {
  readonly atMs: number;
  readonly value: 'present' | 'absent';
}

/**
 * Presence of one tag at one unit over `[fromMs, toMs]`. Defined moment by moment: the newest reading that counts,
 * unless something after it (silence, a move) made it unknown.
 */
export function presenceStretches(
  unitReports: readonly Report[],
  tagId: string,
  silenceMs: number,
  fromMs: number,
  toMs: number,
): PresenceStretch[] {
  const heard = unitReports.filter((report) => speaksOf(report, tagId)).map((report) => report.timeMs);
  const readings = unitReports.flatMap((report) => readingsIn(report, tagId));
  const moves = flagTimes(unitReports, 'MOVED');
  const resets = flagTimes(unitReports, 'RESET');
  const moved = moves.map((startMs) => ({
    startMs,
    endMs: Math.min(...resets.filter((at) => at > startMs), Number.POSITIVE_INFINITY),
  }));
  const counting = readings.filter(({ atMs }) => !moved.some((m) => m.startMs <= atMs && atMs < m.endMs));
  const doubts = [
    ...moves,
    ...heard.filter((at, i) => (heard[i + 1] ?? Number.POSITIVE_INFINITY) - at > silenceMs).map((at) => at + silenceMs),
  ];
  const valueAt = (atMs: number): PresenceValue => {
    const reading = counting.filter((r) => r.atMs <= atMs).at(-1);
    if (reading === undefined) return 'unknown';
    return doubts.some((doubt) => doubt > reading.atMs && doubt <= atMs) ? 'unknown' : reading.value;
  };
  const edges = [...new Set([fromMs, ...counting.map((r) => r.atMs), ...doubts])]
    .filter((at) => at >= fromMs && at <= toMs)
    .sort((a, b) => a - b);
  const out: PresenceStretch[] = [];
  edges.forEach((startMs, i) => {
    const value = valueAt(startMs);
    const last = out.at(-1);
    const endMs = edges[i + 1] ?? Number.POSITIVE_INFINITY;
    if (last !== undefined && last.value === value) out[out.length - 1] = { ...last, endMs };
    else out.push({ startMs, endMs, value });
  });
  return out;
}

/** A record of the unit itself or of this tag at it; what it says of others' tags changes nothing. */
function speaksOf(report: Report, tagId: string): boolean {
  return report.bodies.some((body) => body.kind !== 'rf' || body.tagId === tagId);
}

function readingsIn(report: Report, tagId: string): Reading[] {
  return report.bodies.flatMap((body) =>
    body.kind === 'rf' && body.tagId === tagId
      ? [{ atMs: report.timeMs, value: body.event === 'EXIT' ? ('absent' as const) : ('present' as const) }]
      : [],
  );
}

function flagTimes(reports: readonly Report[], flag: 'MOVED' | 'RESET'): number[] {
  return reports
    .filter((report) => report.bodies.some((body) => body.kind === 'unit' && body.flags.includes(flag)))
    .map((report) => report.timeMs);
}
