/** The lines of a large file: read one after the other, and found again by their place. */
import { readSync } from 'node:fs';

const CHUNK_BYTES = 1_048_576;

/** Numbers of a line each, side by side: a million lines as objects would be a tenth of the memory there is. */
export class LineIndex {
  #count = 0;
  #number = new Uint32Array(1_024);
  #bytes = new Uint32Array(1_024);
  #offset = new Float64Array(1_024);
  #receivedMs = new Float64Array(1_024);

  /** Gives the line's place in the index. */
  add(number: number, offset: number, bytes: number, receivedMs: number): number {
    const at = this.#count;
    if (at === this.#number.length) this.#grow();
    this.#number[at] = number;
    this.#bytes[at] = bytes;
    this.#offset[at] = offset;
    this.#receivedMs[at] = receivedMs;
    this.#count += 1;
    return at;
  }

  receivedMs(at: number): number {
    return this.#receivedMs[at] ?? 0;
  }

  /** Line number from 1, and where it stands in the file. */
  at(at: number): { readonly number: number; readonly offset: number; readonly bytes: number } {
    return { number: this.#number[at] ?? 0, offset: this.#offset[at] ?? 0, bytes: this.#bytes[at] ?? 0 };
  }

  #grow(): void {
    const grown = <A extends Uint32Array | Float64Array>(old: A, next: A): A => {
      next.set(old);
      return next;
    };
    const length = this.#count * 2;
    this.#number = grown(this.#number, new Uint32Array(length));
    this.#bytes = grown(this.#bytes, new Uint32Array(length));
    this.#offset = grown(this.#offset, new Float64Array(length));
    this.#receivedMs = grown(this.#receivedMs, new Float64Array(length));
  }
}

export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
  readonly text: string;
}

/** Lines that hold something; no more of the file than a chunk and a line is held. */
export function* linesOf(fd: number): Generator<FileLine> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  /** What of the buffer is filled, and where it begins in the file. */
  let filled = 0;
  let offset = 0;
  let number = 0;
  for (;;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const read = readSync(fd, buffer, filled, buffer.length - filled, null);
    filled += read;
    let from = 0;
    while (from < filled) {
      const newline = buffer.subarray(from, filled).indexOf(10);
      if (newline === -1 && read > 0) break;
      const end = newline === -1 ? filled : from + newline;
      number += 1;
      const text = buffer.toString('utf8', from, end);
      if (text.trim() !== '') yield { number, offset: offset + from, bytes: end - from, text };
      from = end + 1;
    }
    if (read === 0) return;
    const used = Math.min(from, filled);
    buffer.copyWithin(0, used, filled);
    filled -= used;
    offset += used;
  }
}
