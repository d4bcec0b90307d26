/**
 * Uploads of the recent log that were opened or added lately. A device that empties a backlog asks for the same days with
 * each upload, and to open an upload costs more than to judge it (measured: 70 ms for 60 h of a fix a minute).
 */
import type { StreamKey } from '../domain/ids.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';

/** As a log has them apart: by the time of their last record, and their position. */
export function lastMs({ entry }: LoggedUpload): number {
  let latest = 0;
  for (const { timeMs } of entry.records) if (timeMs > latest) latest = timeMs;
  return latest;
}
export const samePlace = (a: LoggedUpload, b: LoggedUpload): boolean =>
  a.position === b.position && lastMs(a) === lastMs(b);

/** Of all streams together, about 30 MB: what ten thousand devices that come back say within seconds. */
const RECORDS_MAX = 65_536;
/** What an upload, and a stream, takes besides its records, in records. */
const UPLOAD_WEIGHT = 2;
const STREAM_WEIGHT = 4;

interface Held {
  readonly lastMs: number;
  readonly upload: LoggedUpload;
}

interface Opened {
  /** What was asked for first. */
  readonly askedMs: number;
  /** All uploads with a record at or after this are here. */
  fromMs: number;
  /** By position. */
  held: Held[];
  /** None was last heard of earlier than the one before it: a device in order. */
  ascends: boolean;
  weight: number;
}

const heldOf = (upload: LoggedUpload): Held => ({ lastMs: lastMs(upload), upload });
const byPosition = (a: Held, b: Held): number => a.upload.position - b.upload.position;
const weightOfOne = ({ upload }: Held): number => upload.entry.records.length + UPLOAD_WEIGHT;
const weightOf = (held: readonly Held[]): number => held.reduce((sum, one) => sum + weightOfOne(one), STREAM_WEIGHT);
const ascending = (held: readonly Held[]): boolean =>
  held.every((one, i) => i === 0 || one.lastMs >= (held[i - 1] as Held).lastMs);
const openedOf = (askedMs: number, fromMs: number, held: Held[]): Opened => ({
  askedMs,
  fromMs,
  held,
  ascends: ascending(held),
  weight: weightOf(held),
});

export class OpenedUploads {
  readonly #log: RecentLog;
  readonly #weightMax: number;
  /** Least recently asked for first. */
  readonly #streams = new Map<StreamKey, Opened>();
  #weight = 0;

  constructor(log: RecentLog, recordsMax = RECORDS_MAX) {
    this.#log = log;
    this.#weightMax = recordsMax;
  }

  /**
   * With a record at or after `fromMs`, by position. Who asks for ever earlier ones is given twice as far back, and what is
   * here is not opened again.
   */
  from(stream: StreamKey, fromMs: number): LoggedUpload[] {
    const known = this.#streams.get(stream);
    if (known === undefined) {
      const held = this.#log.uploads(stream, fromMs).map(heldOf);
      this.#put(stream, openedOf(fromMs, fromMs, held));
      return held.map(({ upload }) => upload);
    }
    const found = known.fromMs <= fromMs ? known : this.#earlier(stream, known, fromMs);
    this.#drop(stream);
    this.#put(stream, found);
    return since(found, fromMs);
  }

  /** What arrived before this is forgotten by the log, and by whoever has read it. */
  forget(beforeMs: number): void {
    for (const known of this.#streams.values()) {
      const held = known.held.filter(({ upload }) => upload.entry.receivedMs >= beforeMs);
      if (held.length < known.held.length) this.#hold(known, held);
    }
  }

  /** The stream is erased. */
  erase(stream: StreamKey): void {
    this.#drop(stream);
  }

  /** What the log is about to have. */
  changed({ stream, uploads }: RecentChange): void {
    const known = this.#streams.get(stream);
    if (known === undefined) return;
    for (const upload of uploads) {
      const one = heldOf(upload);
      if (one.lastMs < known.fromMs) continue;
      const newest = known.held.at(-1);
      if (newest === undefined || newest.upload.position < upload.position) {
        known.ascends &&= newest === undefined || newest.lastMs <= one.lastMs;
        known.held.push(one);
        known.weight += weightOfOne(one);
        this.#weight += weightOfOne(one);
        continue;
      }
      const others = known.held.filter((old) => old.upload.position !== upload.position || old.lastMs !== one.lastMs);
      this.#hold(known, [...others, one].sort(byPosition));
    }
    this.#makeRoom();
  }

  #earlier(stream: StreamKey, known: Opened, fromMs: number): Opened {
    // an infinite span, where nothing was asked for first, would read all
    const spanMs = Number.isFinite(known.askedMs) ? Math.max(known.askedMs - fromMs, 0) : 0;
    const sinceMs = fromMs - spanMs;
    const more = this.#log.uploads(stream, sinceMs, known.fromMs).map(heldOf);
    const held = [...more.filter((one) => one.lastMs < known.fromMs), ...known.held].sort(byPosition);
    const askedMs = Number.isFinite(known.askedMs) ? known.askedMs : fromMs;
    return openedOf(askedMs, sinceMs, held);
  }

  #put(stream: StreamKey, opened: Opened): void {
    this.#streams.set(stream, opened);
    this.#weight += opened.weight;
    this.#makeRoom();
  }

  #drop(stream: StreamKey): void {
    this.#weight -= this.#streams.get(stream)?.weight ?? 0;
    this.#streams.delete(stream);
  }

  #hold(known: Opened, held: Held[]): void {
    known.held = held;
    known.ascends = ascending(held);
    this.#weight -= known.weight;
    known.weight = weightOf(held);
    this.#weight += known.weight;
  }

  /** The one asked for last stays, however much it is. */
  #makeRoom(): void {
    for (const [stream] of this.#streams) {
      if (this.#weight <= this.#weightMax || this.#streams.size === 1) return;
      this.#drop(stream);
    }
  }
}

/** Of a device in order only the end is looked at: it asks for what was a moment ago, and thousands may be here. */
function since({ held, ascends }: Opened, fromMs: number): LoggedUpload[] {
  let first = 0;
  if (ascends) {
    first = held.length;
    while (first > 0 && (held[first - 1] as Held).lastMs >= fromMs) first -= 1;
  }
  const found: LoggedUpload[] = [];
  for (let at = first; at < held.length; at += 1) {
    const { lastMs: last, upload } = held[at] as Held;
    if (last >= fromMs) found.push(upload);
  }
  return found;
}
