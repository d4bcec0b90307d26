/** What one commit adds to the recent log: as bytes, which any thread can seal; then sealed; then as rows. */
import type { CompactReader } from '../../codec/compact-reader.js';
import type { CompactWriter } from '../../codec/compact-writer.js';
import { encodeEntries } from '../../codec/entry-record.js';
import { encodeState } from '../../codec/state-record.js';
import type { LoggedUpload, RecentChange } from '../../ports/recent-log.js';
import type { Sealing } from '../sealed-state.js';
import { type Db, type Environment, numberValue } from './environment.js';
import {
  hourOf,
  keptKey,
  latestMs,
  snapshotHourKey,
  snapshotName,
  snapshotPlace,
  snapshotValue,
  type UploadPlace,
  uploadKey,
  uploadName,
} from './recent-rows.js';

export const UPLOADS = 'recent-uploads';
export const KEPT = 'recent-kept';
export const SNAPSHOTS = 'recent-snapshots';
const SNAPSHOT_HOURS = 'recent-snapshot-hours';

export interface RecentDbs {
  /** Hour · stream's pseudonym · time of the last record · position → since when, and the sealed entry, bound to both. */
  readonly uploads: Db<string>;
  /** Hour · stream's pseudonym · position → as above. */
  readonly kept: Db<string>;
  /** (stream's pseudonym, event time) → hour, what it covers, and the sealed state, bound to all. */
  readonly snapshots: Db<[string, number]>;
  /** Hour · stream's pseudonym · event time, of each snapshot. */
  readonly snapshotHours: Db<string>;
}

export const recentDbs = (env: Environment): RecentDbs => ({
  uploads: env.db(UPLOADS),
  kept: env.db(KEPT),
  snapshots: env.db(SNAPSHOTS),
  snapshotHours: env.db(SNAPSHOT_HOURS),
});

export function writeRecentBatch(to: CompactWriter, changes: readonly RecentChange[]): void {
  to.whole(changes.length);
  for (const change of changes) {
    const hour = Math.max(hourOf(change.arrivedMs), 0);
    to.name(change.stream);
    to.whole(change.dropped.length);
    for (const atMs of change.dropped) to.number(snapshotPlace(atMs));
    to.whole(change.uploads.length);
    for (const upload of change.uploads) {
      if (upload.entry.records.length > 0) writeUpload(to, upload);
      else throw new Error('an upload entry without records has no place in the recent log');
    }
    to.whole(change.kept.length);
    for (const upload of change.kept) writeUpload(to, upload);
    to.whole(change.snapshots.length);
    for (const { state, coversMs } of change.snapshots) {
      to.number(hour);
      to.number(snapshotPlace(state.atMs));
      to.number(coversMs);
      to.bytes(encodeState(state));
    }
  }
}

function writeUpload(to: CompactWriter, upload: LoggedUpload): void {
  const { position, since, entry } = upload;
  to.number(position);
  to.number(since ?? position, position);
  to.number(hourOf(entry.receivedMs));
  to.number(latestMs(upload));
  to.bytes(encodeEntries([entry]));
}

interface Row {
  readonly key: string;
  readonly value: Buffer;
}

/** Everything sealed: nothing may fail half way in the transaction. */
export interface SealedChange {
  readonly name: string;
  readonly dropped: readonly number[];
  readonly uploads: readonly Row[];
  readonly kept: readonly Row[];
  readonly snapshots: readonly { readonly place: number; readonly hourKey: string; readonly value: Buffer }[];
}

export function sealRecentBatch(from: CompactReader, seals: Sealing): SealedChange[] {
  return listed(from, () => {
    const name = seals.pseudonym(from.name());
    return {
      name,
      dropped: listed(from, () => from.figure()),
      uploads: listed(from, () => sealedUpload(from, seals, UPLOADS, (place) => uploadKey(name, place))),
      kept: listed(from, () => sealedUpload(from, seals, KEPT, (place) => keptKey(name, place))),
      snapshots: listed(from, () => {
        const [hour, place, coversMs] = [from.figure(), from.figure(), from.figure()];
        const sealed = seals.seal(SNAPSHOTS, snapshotName(name, place, hour, coversMs), from.bytes());
        return { place, hourKey: snapshotHourKey(hour, name, place), value: snapshotValue(hour, coversMs, sealed) };
      }),
    };
  });
}

function sealedUpload(from: CompactReader, seals: Sealing, store: string, keyOf: (place: UploadPlace) => string): Row {
  const position = from.figure();
  const since = from.figure(position);
  const key = keyOf({ hour: from.figure(), lastMs: from.figure(), position });
  const sealed = seals.seal(store, uploadName(key, since), from.bytes());
  return { key, value: Buffer.concat([numberValue(since), sealed]) };
}

function listed<T>(from: CompactReader, read: () => T): T[] {
  const values: T[] = [];
  for (let count = from.count(); count > 0; count--) values.push(read());
  return values;
}

/** Within a transaction. */
export function putRecent(dbs: RecentDbs, { name, dropped, uploads, kept, snapshots }: SealedChange): void {
  // first what goes: a state that replaces a useless one may stand at its time
  for (const place of dropped) dbs.snapshots.remove([name, place]);
  for (const { key, value } of uploads) dbs.uploads.put(key, value);
  for (const { key, value } of kept) dbs.kept.put(key, value);
  for (const { place, hourKey, value } of snapshots) {
    dbs.snapshots.put([name, place], value);
    dbs.snapshotHours.put(hourKey, NOTHING);
  }
}

const NOTHING = Buffer.alloc(0);
