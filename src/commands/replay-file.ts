/** A file of upload lines: whose each is and when it came, so that one stream at a time can be read from it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parseUploadLine } from '../codec/upload-json.js';
import type { UploadEntry } from '../domain/entry.js';
import type { DeviceId, StreamKey } from '../domain/ids.js';
import type { AssignmentIndex } from '../rules/assignments.js';
import { CommandFailed } from './cli-run.js';

/** Where a line stands in the file. */
interface Line {
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
  readonly receivedMs: number;
}

const CHUNK_BYTES = 4 * 1_048_576;

export class RecordsFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #streams = new Map<StreamKey, Line[]>();
  #last: { readonly receivedMs: number; readonly streams: ReadonlyMap<StreamKey, readonly number[]> } | null = null;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Reads the file once. Throws `CommandFailed` for a file that cannot be read and for a line that is no upload. */
  static index(path: string, assignments: AssignmentIndex): RecordsFile {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
    const file = new RecordsFile(path, fd);
    for (const { line, text } of linesOf(fd)) file.#add(line, text, assignments);
    for (const lines of file.#streams.values())
      lines.sort((a, b) => a.receivedMs - b.receivedMs || a.number - b.number);
    return file;
  }

  get streams(): IterableIterator<StreamKey> {
    return this.#streams.keys();
  }

  /** The line that came last: its arrival, and the event times of its records by stream; null: there is none. */
  get last(): { readonly receivedMs: number; readonly streams: ReadonlyMap<StreamKey, readonly number[]> } | null {
    return this.#last;
  }

  /** What concerns a stream, in order of arrival, up to `untilMs`. */
  *uploads(stream: StreamKey, assignments: AssignmentIndex, untilMs: number): Generator<UploadEntry> {
    for (const line of this.#streams.get(stream) ?? []) {
      if (line.receivedMs > untilMs) return;
      const bytes = Buffer.allocUnsafe(line.bytes);
      readSync(this.#fd, bytes, 0, line.bytes, line.offset);
      const { deviceId, receivedMs, upload } = this.#parse(line.number, JSON.parse(bytes.toString('utf8')));
      const records = assignments.route(deviceId, upload.records).get(stream) ?? [];
      if (records.length === 0) continue;
      yield { kind: 'upload', stream, receivedMs, deviceId, sequence: upload.sequence, index: 0, digest: '', records };
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #add(line: Omit<Line, 'receivedMs'>, text: string, assignments: AssignmentIndex): void {
    const { deviceId, receivedMs, upload } = this.#parse(line.number, jsonOf(this.#path, line.number, text));
    const routed = assignments.route(deviceId as DeviceId, upload.records);
    for (const stream of routed.keys()) {
      const lines = this.#streams.get(stream);
      if (lines === undefined) this.#streams.set(stream, [{ ...line, receivedMs }]);
      else lines.push({ ...line, receivedMs });
    }
    if (this.#last !== null && receivedMs < this.#last.receivedMs) return;
    const times = [...routed].map(([stream, records]) => [stream, records.map(({ timeMs }) => timeMs)] as const);
    this.#last = { receivedMs, streams: new Map(times) };
  }

  #parse(number: number, json: unknown) {
    const parsed = parseUploadLine(json);
    if (!parsed.ok) throw new CommandFailed(`${this.#path}:${number}: ${parsed.fault}`);
    return parsed.value;
  }
}

function jsonOf(path: string, number: number, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailed(`${path}:${number}: is no JSON: expected one upload a line`);
  }
}

/** Lines that hold something, with their place in bytes; no more of the file than a chunk and a line is held. */
function* linesOf(fd: number): Generator<{ line: Omit<Line, 'receivedMs'>; text: string }> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  let number = 0;
  for (let read = 1; read > 0; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    read = readSync(fd, chunk, 0, CHUNK_BYTES, null);
    const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
    let from = 0;
    for (;;) {
      const newline = bytes.indexOf(10, from);
      const end = newline === -1 ? (read === 0 ? bytes.length : -1) : newline;
      if (end === -1 || from >= bytes.length) break;
      number += 1;
      const text = bytes.toString('utf8', from, end);
      if (text.trim() !== '') yield { line: { number, offset: offset + from, bytes: end - from }, text };
      from = end + 1;
    }
    rest = bytes.subarray(Math.min(from, bytes.length));
    offset += Math.min(from, bytes.length);
  }
}
