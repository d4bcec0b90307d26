/**
 * Uploads of the recent log that were opened or added lately. A device that empties a backlog asks for the same days with
 * each upload, and to open an upload costs more than to judge it (measured: 70 ms for 60 h of a fix a minute).
 */
import type { StreamKey } from '../domain/ids.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';

/** As a log has them apart: by the time of their last record, and their position. */
export const lastMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);
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
  weight: number;
}

const heldOf = (upload: LoggedUpload): Held => ({ lastMs: lastMs(upload), upload });
const byPosition = (a: Held, b: Held): number => a.upload.position - b.upload.position;
const weightOf = (held: readonly Held[]): number =>
  held.reduce((sum, { upload }) => sum + upload.entry.records.length + UPLOAD_WEIGHT, STREAM_WEIGHT);

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
      this.#put(stream, { askedMs: fromMs, fromMs, held, weight: weightOf(held) });
      return held.map(({ upload }) => upload);
    }
    const found = known.fromMs <= fromMs ? known : this.#earlier(stream, known, fromMs);
    this.#drop(stream);
    this.#put(stream, found);
    return found.held.flatMap((one) => (one.lastMs >= fromMs ? [one.upload] : []));
  }

  /** What arrived before this is forgotten by the log, and by whoever has read it. */
  forget(beforeMs: number): void {
    for (const known of this.#streams.values()) {
      known.held = known.held.filter(({ upload }) => upload.entry.receivedMs >= beforeMs);
      this.#weigh(known);
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
    for (const one of uploads.map(heldOf)) {
      if (one.lastMs < known.fromMs) continue;
      const newest = known.held.at(-1);
      if (newest === undefined || newest.upload.position < one.upload.position) known.held.push(one);
      else {
        const others = known.held.filter(
          (old) => old.upload.position !== one.upload.position || old.lastMs !== one.lastMs,
        );
        known.held = [...others, one].sort(byPosition);
      }
    }
    this.#weigh(known);
    this.#makeRoom();
  }

  #earlier(stream: StreamKey, known: Opened, fromMs: number): Opened {
    // an infinite span, where nothing was asked for first, would read all
    const spanMs = Number.isFinite(known.askedMs) ? Math.max(known.askedMs - fromMs, 0) : 0;
    const sinceMs = fromMs - spanMs;
    const more = this.#log.uploads(stream, sinceMs, known.fromMs).map(heldOf);
    const held = [...more.filter((one) => one.lastMs < known.fromMs), ...known.held].sort(byPosition);
    const askedMs = Number.isFinite(known.askedMs) ? known.askedMs : fromMs;
    return { askedMs, fromMs: sinceMs, held, weight: weightOf(held) };
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

  #weigh(known: Opened): void {
    this.#weight -= known.weight;
    known.weight = weightOf(known.held);
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
