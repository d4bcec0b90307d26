/** The range of everything a record may say; outside of it an upload is poison. */
import { LIMITS } from '../domain/limits.js';
import type { DeviceRecord, RecordBody } from '../domain/record.js';
import { unreachable } from '../domain/result.js';

/** Why an upload is poison; thrown inside the codec only, and turned into a value at its edge. */
export class WireFault extends Error {
  constructor(
    readonly reason: 'malformed_upload' | 'out_of_bounds',
    detail: string,
  ) {
    super(detail);
  }
}

const uint32Max = 0xffff_ffff;
const int32Max = 0x7fff_ffff;

/** Throws `WireFault` naming the first field that is out of its range, or no whole number. */
export function checkBounds(record: Pick<DeviceRecord, 'timeMs' | 'body'>): void {
  within('time_ms', record.timeMs, LIMITS.timeMsMin, LIMITS.timeMsMax);
  checkBody(record.body);
}

function checkBody(body: RecordBody): void {
  switch (body.kind) {
    case 'fix':
      within('lat_e7', body.latE7, -900_000_000, 900_000_000);
      within('lon_e7', body.lonE7, -1_800_000_000, 1_800_000_000);
      within('accuracy_dm', body.accuracyDm, 0, uint32Max);
      within('speed_cm_s', body.speedCmS, 0, uint32Max);
      within('heading_cdeg', body.headingCdeg, 0, 35_999);
      within('satellites', body.satellites, 0, uint32Max);
      within('hdop_centi', body.hdopCenti, 0, uint32Max);
      within('altitude_dm', body.altitudeDm, -int32Max - 1, int32Max);
      return;
    case 'rf':
      within('rssi_dbm', body.rssiDbm, -int32Max - 1, int32Max);
      if (body.status !== null) checkBody(body.status);
      return;
    case 'tag':
    case 'unit':
      if (body.batteryPct !== null) within('battery_pct', body.batteryPct, 0, 100);
      return;
    case 'alcohol':
      within('tac_ug_l', body.tacUgL, 0, uint32Max);
      return;
    case 'heartbeat':
      within('uptime_s', body.uptimeS, 0, uint32Max);
      return;
    case 'unknown':
      return;
    default:
      unreachable(body);
  }
}

function within(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  // the value stays out of the text: it may be where somebody is
  throw new WireFault('out_of_bounds', `${name} is not a whole number within ${min} to ${max}`);
}
