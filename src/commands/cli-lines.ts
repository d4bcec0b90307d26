/** Lines of a file of any length, or of standard input, a bounded batch at a time. */
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { CommandFailed } from './cli-run.js';

export interface LineBatch {
  /** Number of the first line, from 1. */
  readonly first: number;
  readonly lines: readonly string[];
}

const CHUNK_BYTES = 1 << 18;
/** No line that a person or program means is longer; a file without line ends would fill the memory. */
const LINE_CHARS_MAX = 1 << 24;

/** `-` is standard input. Lines are without their ends. Throws `CommandFailed` for a file that cannot be read. */
export async function* lineBatches(path: string): AsyncGenerator<LineBatch> {
  const input = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const decoder = new StringDecoder('utf8');
  let [first, rest] = [1, ''];
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      const text = rest + decoder.write(chunk);
      const lines = (first === 1 && text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_CHARS_MAX) {
        throw new CommandFailed(`${path}:${first + lines.length}: a line of over ${LINE_CHARS_MAX} characters`);
      }
      if (lines.length > 0) yield { first, lines };
      first += lines.length;
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  if (rest !== '') yield { first, lines: [first === 1 ? rest.replace(/^\ufeff/, '') : rest] };
}
