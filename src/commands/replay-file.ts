/** A file of upload lines: whose each is and when it came, so that one stream at a time can be read from it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parseUploadLine } from '../codec/upload-json.js';
import type { UploadEntry } from '../domain/entry.js';
import { type DeviceId, parseDeviceId, type StreamKey } from '../domain/ids.js';
import type { AssignmentIndex } from '../rules/assignments.js';
import { CommandFailed } from './cli-run.js';
import { LineIndex, linesOf } from './replay-lines.js';

/** The line that came last: its arrival, and the event times of its records by stream. */
export interface LastLine {
  readonly receivedMs: number;
  readonly streams: ReadonlyMap<StreamKey, readonly number[]>;
}

/** What routing reads of a record. */
interface Routed {
  readonly timeMs: number;
  readonly body: { readonly kind: 'rf'; readonly tagId: DeviceId } | { readonly kind: 'other' };
}

export class RecordsFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #assignments: AssignmentIndex;
  readonly #lines = new LineIndex();
  /** Lines of each stream, by arrival. */
  readonly #streams = new Map<StreamKey, number[]>();
  #last: LastLine | null = null;

  private constructor(path: string, fd: number, assignments: AssignmentIndex) {
    this.#path = path;
    this.#fd = fd;
    this.#assignments = assignments;
  }

  /** Reads the file once. Throws `CommandFailed` for one that cannot be read, and for a line that is no JSON object. */
  static index(path: string, assignments: AssignmentIndex): RecordsFile {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
    const file = new RecordsFile(path, fd, assignments);
    for (const { number, offset, bytes, text } of linesOf(fd)) file.#add(number, offset, bytes, text);
    for (const lines of file.#streams.values()) {
      lines.sort((a, b) => file.#lines.receivedMs(a) - file.#lines.receivedMs(b) || a - b);
    }
    return file;
  }

  get streams(): IterableIterator<StreamKey> {
    return this.#streams.keys();
  }

  /** Null: the file is empty. */
  get last(): LastLine | null {
    return this.#last;
  }

  /** What concerns a stream, in order of arrival, up to `untilMs`. Throws `CommandFailed` for a line that is no upload. */
  *uploads(stream: StreamKey, untilMs: number): Generator<UploadEntry> {
    for (const line of this.#streams.get(stream) ?? []) {
      const { offset, bytes, number } = this.#lines.at(line);
      const text = Buffer.allocUnsafe(bytes);
      readSync(this.#fd, text, 0, bytes, offset);
      const { deviceId, receivedMs, upload } = this.#parse(number, JSON.parse(text.toString('utf8')));
      // Read all the same: a line that says nothing right is told of, whenever it came.
      if (receivedMs > untilMs) continue;
      const records = this.#assignments.route(deviceId, upload.records).get(stream) ?? [];
      if (records.length === 0) continue;
      yield { kind: 'upload', stream, receivedMs, deviceId, sequence: upload.sequence, index: 0, digest: '', records };
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #add(number: number, offset: number, bytes: number, text: string): void {
    const json = this.#jsonOf(number, text);
    const sketch = sketchOf(json);
    if (sketch === null) {
      this.#parse(number, json);
      throw new CommandFailed(`${this.#path}:${number}: is no upload`);
    }
    const { deviceId, receivedMs, records } = sketch;
    const routed = this.#assignments.route(deviceId, records);
    const line = this.#lines.add(number, offset, bytes, receivedMs);
    for (const stream of routed.keys()) {
      const lines = this.#streams.get(stream);
      if (lines === undefined) this.#streams.set(stream, [line]);
      else lines.push(line);
    }
    if (this.#last !== null && receivedMs < this.#last.receivedMs) return;
    this.#last = {
      receivedMs,
      streams: new Map([...routed].map(([key, of]) => [key, of.map(({ timeMs }) => timeMs)])),
    };
  }

  #jsonOf(number: number, text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new CommandFailed(`${this.#path}:${number}: is no JSON: expected one upload a line`);
    }
  }

  #parse(number: number, json: unknown) {
    const parsed = parseUploadLine(json);
    if (!parsed.ok) throw new CommandFailed(`${this.#path}:${number}: ${parsed.fault}`);
    return parsed.value;
  }
}

/** Whose a line is and when it came, without the rest; null: it cannot be told, and the line is wrong. */
function sketchOf(json: unknown): { deviceId: DeviceId; receivedMs: number; records: Routed[] } | null {
  if (typeof json !== 'object' || json === null) return null;
  const { device_id, received_ms, records } = json as Record<string, unknown>;
  const deviceId = parseDeviceId(device_id);
  const receivedMs = Number(received_ms);
  if (!deviceId.ok || !Number.isFinite(receivedMs) || !Array.isArray(records)) return null;
  const routed: Routed[] = [];
  for (const record of records as unknown[]) {
    if (typeof record !== 'object' || record === null) return null;
    const { time_ms, rf } = record as Record<string, unknown>;
    const timeMs = Number(time_ms);
    if (!Number.isFinite(timeMs)) return null;
    if (rf === undefined || rf === null) {
      routed.push({ timeMs, body: OTHER });
      continue;
    }
    const tagId = parseDeviceId((rf as Record<string, unknown>).tag_id);
    if (!tagId.ok) return null;
    routed.push({ timeMs, body: { kind: 'rf', tagId: tagId.value } });
  }
  return { deviceId: deviceId.value, receivedMs, records: routed };
}

const OTHER = { kind: 'other' } as const;
