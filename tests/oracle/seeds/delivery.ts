/** How records reach the gateway: in order, late by up to 60 h, newest first or last, repeated, batched differently. */
import type { RecordJson, UploadJson } from '../contract.js';
import type { Chance } from './chance.js';
import { HOUR } from './seasons.js';

/** What an upload may be behind its oldest record, so that no record is beyond the horizon of 72 h. */
const OLDEST = 71 * HOUR;
/** From the first to the last record of an upload. */
const LONGEST = 10 * HOUR;

/** `records`: of one device, in the order in which it recorded them. */
export function deliver(
  chance: Chance,
  deviceId: string,
  records: readonly RecordJson[],
  repeats: boolean,
): UploadJson[] {
  const sorted = [...records].sort((a, b) => a.time_ms - b.time_ms);
  const sequences = reserve(chance);
  const batches = chance.is(0.5) ? cut(chance, sorted, 1) : cut(chance, sorted, chance.pick([3, 10, 60]));
  const receive = chance.pick([live, live, outages, outages, anyhow])(chance, batches);
  const uploads = batches.map((batch, i): UploadJson => {
    const oldest = (batch[0] as RecordJson).time_ms;
    const received_ms = Math.min(receive(batch, i), oldest + OLDEST);
    return { device_id: deviceId, received_ms, sequence: sequences(), records: batch };
  });
  if (!repeats) return uploads;
  const again = chance.some(uploads, chance.pick([0, 0.1, 0.5])).map((upload) => ({
    ...upload,
    received_ms: Math.min(
      upload.received_ms + chance.int(0, 12 * HOUR),
      Math.max(upload.received_ms, (upload.records[0] as RecordJson).time_ms + OLDEST),
    ),
  }));
  return [...uploads, ...again, ...resent(chance, deviceId, sorted, uploads, sequences)];
}

type Receive = (batch: readonly RecordJson[], index: number) => number;
const lastOf = (batch: readonly RecordJson[]): number => (batch.at(-1) as RecordJson).time_ms;

/** Seconds after, or a little before: clocks differ. */
function live(chance: Chance): Receive {
  return (batch) => lastOf(batch) + (chance.is(0.03) ? -chance.int(0, 119_000) : chance.int(300, 60_000));
}

/** Out of coverage for hours, then all of it at once, the newest first or last. */
function outages(chance: Chance, batches: readonly (readonly RecordJson[])[]): Receive {
  const times = batches.map(lastOf);
  const breaks = Array.from({ length: chance.int(1, 3) }, () => {
    const from = chance.pick(times);
    return { from, to: from + chance.int(1, 60) * HOUR, newestFirst: chance.is(0.5) };
  });
  const otherwise = live(chance);
  return (batch, i) => {
    const out = breaks.find(({ from, to }) => from <= lastOf(batch) && lastOf(batch) < to);
    if (out === undefined) return otherwise(batch, i);
    return out.to + (out.newestFirst ? batches.length - i : i) * 10;
  };
}

function anyhow(chance: Chance): Receive {
  return (batch) => lastOf(batch) + chance.int(0, 60 * HOUR);
}

function cut(chance: Chance, records: readonly RecordJson[], most: number): RecordJson[][] {
  const batches: RecordJson[][] = [];
  let room = 0;
  for (const record of records) {
    const batch = batches.at(-1);
    const first = batch?.[0];
    if (batch === undefined || first === undefined || room === 0 || record.time_ms - first.time_ms > LONGEST) {
      batches.push([record]);
      room = chance.int(1, most) - 1;
    } else {
      batch.push(record);
      room--;
    }
  }
  return batches;
}

/** Firmware reserves ranges ahead, so that a reboot never repeats a sequence: the rest of a range is lost with it. */
function reserve(chance: Chance): () => number {
  let next = chance.int(1, 1_000_000);
  return () => {
    next += chance.is(0.05) ? chance.int(2, 1_024) : 1;
    return next;
  };
}

/** Some of the same records under new sequences, in batches of their own. */
function resent(
  chance: Chance,
  deviceId: string,
  records: readonly RecordJson[],
  uploads: readonly UploadJson[],
  sequences: () => number,
): UploadJson[] {
  if (records.length === 0 || chance.is(0.6)) return [];
  const from = chance.int(0, records.length - 1);
  const part = records.slice(from, from + chance.int(1, 40));
  const latest = Math.max(...uploads.map(({ received_ms }) => received_ms));
  return cut(chance, part, chance.pick([1, 5, 40])).map((batch) => {
    const oldest = (batch[0] as RecordJson).time_ms;
    const received_ms = Math.min(chance.int(lastOf(batch), Math.max(lastOf(batch), latest)), oldest + OLDEST);
    return { device_id: deviceId, received_ms, sequence: sequences(), records: batch };
  });
}

/** The same records in another order of arrival: every upload within the horizon of all it holds. */
export function redelivered(chance: Chance, uploads: readonly UploadJson[], untilMs: number): UploadJson[] {
  return chance.shuffled(uploads).map((upload) => {
    const oldest = (upload.records[0] as RecordJson).time_ms;
    const newest = lastOf(upload.records);
    const latest = Math.min(untilMs, oldest + OLDEST);
    return latest < newest || upload.received_ms > untilMs
      ? upload
      : { ...upload, received_ms: chance.int(newest, latest) };
  });
}
