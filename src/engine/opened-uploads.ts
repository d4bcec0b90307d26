/**
 * Uploads of the recent log that were opened lately. A device that empties a backlog asks for the same days with each
 * upload, and to open an upload costs more than to judge it (measured: 70 ms for 60 h of a fix a minute).
 */
import type { StreamKey } from '../domain/ids.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../ports/recent-log.js';

/** As a log has them apart: by the time of their last record, and their position. */
export const lastMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);
export const samePlace = (a: LoggedUpload, b: LoggedUpload): boolean =>
  a.position === b.position && lastMs(a) === lastMs(b);

/** Few devices come back at one moment; a stream's three days of a fix a minute are about 3 MB. */
const STREAMS_MAX = 8;
/** Fewer are opened again sooner than looked after. */
const WORTH_KEEPING = 64;

interface Opened {
  /** All uploads with a record at or after this are here. */
  readonly fromMs: number;
  /** By position. */
  uploads: readonly LoggedUpload[];
}

export class OpenedUploads {
  readonly #log: RecentLog;
  /** Least recently asked for first. */
  readonly #streams = new Map<StreamKey, Opened>();

  constructor(log: RecentLog) {
    this.#log = log;
  }

  /**
   * With a record at or after `fromMs`, by position. Who asks for ever earlier ones is given twice as far back: `nowMs` is
   * about where the stream has come to.
   */
  from(stream: StreamKey, fromMs: number, nowMs: number): readonly LoggedUpload[] {
    const known = this.#streams.get(stream);
    if (known !== undefined && known.fromMs <= fromMs) {
      this.#streams.delete(stream);
      this.#streams.set(stream, known);
      return known.uploads.filter((upload) => lastMs(upload) >= fromMs);
    }
    const sinceMs = fromMs - Math.max(nowMs - fromMs, 0);
    const uploads = this.#log.uploads(stream, sinceMs);
    if (uploads.length >= WORTH_KEEPING) {
      this.#streams.delete(stream);
      this.#streams.set(stream, { fromMs: sinceMs, uploads });
      const [first] = this.#streams.keys();
      if (this.#streams.size > STREAMS_MAX && first !== undefined) this.#streams.delete(first);
    }
    return uploads.filter((upload) => lastMs(upload) >= fromMs);
  }

  /** What arrived before this is forgotten by the log, and by whoever has read it. */
  forget(beforeMs: number): void {
    for (const known of this.#streams.values()) {
      known.uploads = known.uploads.filter(({ entry }) => entry.receivedMs >= beforeMs);
    }
  }

  /** What the log is about to have. */
  changed({ stream, uploads }: RecentChange): void {
    const known = this.#streams.get(stream);
    if (known === undefined) return;
    const more = uploads.filter((upload) => lastMs(upload) >= known.fromMs);
    if (more.length > 0) {
      const places = new Set(more.map(({ position }) => position));
      const others = known.uploads.filter(
        (old) => !places.has(old.position) || !more.some((one) => samePlace(old, one)),
      );
      known.uploads = [...others, ...more].sort((a, b) => a.position - b.position);
    }
  }
}
