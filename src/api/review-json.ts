/** Records under review as clients see them: positions as GeoJSON, the rest by the wire's field names. */
import { membersOf } from '../codec/record-json.js';
import { rfc3339 } from '../codec/rfc3339.js';
import type { LocationFix } from '../domain/record.js';
import type { Reviewed } from '../ports/evidence.js';

/** RFC 7946: longitude first, WGS84. Units are SI; what the device did not say is left out. */
export function fixFeature({ deviceId, receivedS, record }: Reviewed) {
  const fix = record.body as LocationFix;
  const at = [fix.lonE7 / 1e7, fix.latE7 / 1e7];
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: fix.altitudeDm === 0 ? at : [...at, fix.altitudeDm / 10] },
    properties: {
      time: rfc3339(record.timeMs),
      received: rfc3339(receivedS * 1_000),
      device_id: deviceId,
      mechanism: fix.mechanism,
      ...(fix.accuracyDm === 0 ? {} : { accuracy_m: fix.accuracyDm / 10 }),
      ...(fix.speedCmS === 0 ? {} : { speed_m_s: fix.speedCmS / 100 }),
      ...(fix.headingCdeg === 0 ? {} : { heading_deg: fix.headingCdeg / 100 }),
      ...(fix.satellites === 0 ? {} : { satellites: fix.satellites }),
      ...(fix.hdopCenti === 0 ? {} : { hdop: fix.hdopCenti / 100 }),
      hash: record.hash,
    },
  };
}

export function recordJson({ deviceId, receivedS, record }: Reviewed) {
  return {
    time: rfc3339(record.timeMs),
    received: rfc3339(receivedS * 1_000),
    device_id: deviceId,
    ...membersOf(record.body),
    hash: record.hash,
  };
}
