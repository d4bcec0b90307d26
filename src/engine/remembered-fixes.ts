/** Where a tag was last, for as long as the recent log has its record: a state that is sealed anew forgets it sooner. */
import type { DeviceId, StreamKey } from '../domain/ids.js';
import type { DeviceRecord, LocationFix } from '../domain/record.js';
import type { EquipmentState, SubjectState } from '../domain/subject-state.js';
import { FIX_REMEMBERED_MS, withForgottenFixes } from '../rules/plausibility.js';
import type { RecentRecords } from './recent-records.js';

type Ref = NonNullable<EquipmentState['forgottenFix']>;
interface Said {
  readonly deviceId: DeviceId;
  readonly record: DeviceRecord;
}

/**
 * Gives states of a stream the positions that `news` are to be compared with, and that the states have forgotten. Nothing is
 * opened for a tag that says nothing of where it is.
 */
export function fixesFor(
  records: RecentRecords,
  stream: StreamKey,
  news: readonly Said[],
): (state: SubjectState) => SubjectState {
  const known = new Map<string, LocationFix | null>();
  const isAsked = (deviceId: DeviceId, { timeMs }: Ref): boolean =>
    news.some(
      (one) =>
        one.deviceId === deviceId && one.record.body.kind === 'fix' && one.record.timeMs - timeMs < FIX_REMEMBERED_MS,
    );
  const fixOf = (deviceId: DeviceId, ref: Ref): LocationFix | null => {
    const name = `${deviceId} ${ref.timeMs} ${ref.hash}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const fix = isAsked(deviceId, ref) ? logged(records, stream, deviceId, ref) : null;
    known.set(name, fix);
    return fix;
  };
  return (state) => withForgottenFixes(state, fixOf);
}

function logged(records: RecentRecords, stream: StreamKey, deviceId: DeviceId, ref: Ref): LocationFix | null {
  for (const { entry } of records.uploads(stream, ref.timeMs, Infinity)) {
    if (entry.deviceId !== deviceId) continue;
    const said = entry.records.find(({ timeMs, hash }) => timeMs === ref.timeMs && hash === ref.hash);
    if (said?.body.kind === 'fix') return said.body;
  }
  return null;
}
