/** What simulated devices send: reports of one moment, one upload each. */
import type { DeviceId } from '../domain/ids.js';
import type { RecordBody, TagFlag, UnitFlag, Upload } from '../domain/record.js';

export interface Report {
  readonly deviceId: string;
  /** Event time of every record in it, UTC milliseconds. */
  readonly timeMs: number;
  /** Whose order it concerns: reports of one person are sent one after the other. */
  readonly orderId: string;
  readonly bodies: readonly RecordBody[];
}

/** A report under the sequence its device gives it. */
export interface NumberedReport extends Report {
  readonly sequence: number;
}

export function uploadOf(report: NumberedReport, oldestHeld: number): Upload {
  return {
    sequence: BigInt(report.sequence),
    oldestHeld: BigInt(oldestHeld),
    // the hash is no part of the wire: the gateway computes it from the bytes
    records: report.bodies.map((body) => ({ timeMs: report.timeMs, hash: '', body })),
  };
}

export function fixBody(lon: number, lat: number, radiusM: number): RecordBody {
  return {
    kind: 'fix',
    latE7: Math.round(lat * 1e7),
    lonE7: Math.round(lon * 1e7),
    accuracyDm: Math.round(radiusM * 10),
    speedCmS: 0,
    headingCdeg: 0,
    satellites: 9,
    hdopCenti: 110,
    mechanism: 'GNSS',
    altitudeDm: 0,
  };
}

export const tagBody = (flags: readonly TagFlag[], batteryPct: number | null = null): RecordBody & { kind: 'tag' } => ({
  kind: 'tag',
  batteryPct,
  flags,
});

export const unitBody = (flags: readonly UnitFlag[], batteryPct: number | null = null): RecordBody => ({
  kind: 'unit',
  flags,
  batteryPct,
});

export function rfBody(
  tagId: string,
  event: 'ENTER' | 'EXIT' | 'PRESENT',
  status: (RecordBody & { kind: 'tag' }) | null = null,
): RecordBody {
  return { kind: 'rf', tagId: tagId as DeviceId, event, rssiDbm: event === 'EXIT' ? -93 : -61, status };
}

export const heartbeatBody = (uptimeS: number): RecordBody => ({ kind: 'heartbeat', firmware: 'sim-1.0', uptimeS });

/** Event order, as the wire's contract has it: time, then the order in which the reports were planned. */
export function inEventOrder<T extends Report>(reports: readonly T[]): T[] {
  return reports
    .map((report, at) => ({ report, at }))
    .sort((a, b) => a.report.timeMs - b.report.timeMs || a.at - b.at)
    .map(({ report }) => report);
}
