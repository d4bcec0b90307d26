/**
 * What the process that takes in and judges says of itself, in a file that the API's process reads: a record of one length,
 * written in place, so that it can be written on a full disk too. It holds words and counts, nothing of anybody.
 */

import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export interface PipelineStatus {
  /** Differs at every beat of every process. */
  readonly beat: string;
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

/** Whose status it is (`FolderLock`). */
export interface StatusOwner {
  readonly epoch: number;
  check(): void;
}

const BYTES = 1_024;

export class PipelineStatusFile {
  #beats = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly owner: StatusOwner,
  ) {}

  static async open(path: string, owner: StatusOwner): Promise<PipelineStatusFile> {
    const file = await open(path, 'a+', 0o600).then(async (made) => {
      await made.close();
      return open(path, 'r+');
    });
    return new PipelineStatusFile(file, owner);
  }

  /** Throws once the owner was superseded: it would speak for its successor. */
  async write({ reasons, degraded }: Omit<PipelineStatus, 'beat'>): Promise<void> {
    this.owner.check();
    this.#beats += 1;
    const status: PipelineStatus = { beat: `${this.owner.epoch}.${this.#beats}`, reasons, degraded };
    const record = Buffer.alloc(BYTES, ' ');
    record.write(JSON.stringify(status));
    await this.file.write(record, 0, BYTES, 0);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Null: there is none, or it is being written just now. */
export function readPipelineStatus(path: string): PipelineStatus | null {
  try {
    const status = JSON.parse(readFileSync(path, 'utf8')) as Partial<PipelineStatus>;
    const { beat, reasons, degraded } = status;
    return typeof beat === 'string' && Array.isArray(reasons) && Array.isArray(degraded)
      ? { beat, reasons: reasons.filter(isWord), degraded: degraded.filter(isWord) }
      : null;
  } catch {
    return null;
  }
}

const isWord = (word: unknown): word is string => typeof word === 'string' && /^[a-z_]{1,40}$/.test(word);
