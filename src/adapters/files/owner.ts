/** Says which owner a journal folder belongs to, cheaply enough to ask before and after every commit. */
import { JournalFailed } from '../../ports/journal.js';
import { type Disk, type OpenFile, readText, replaceFile } from './disk.js';

const NAME = 'OWNER';

/** The highest epoch that has owned the folder; 0 = none yet. */
async function ownerEpoch(disk: Disk, folder: string): Promise<number> {
  const text = (await readText(disk, `${folder}/${NAME}`)) ?? '0';
  const epoch = Number(text.trim() || Number.NaN);
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new Error(`${folder}/${NAME} holds no epoch; it should hold one whole number: restore it from a backup`);
  }
  return epoch;
}

export class Owner {
  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly file: OpenFile,
    private readonly inode: number,
    private readonly epoch: number,
  ) {}

  /** Takes the folder over, durably. Throws `JournalFailed` when an owner of the same or a higher epoch has had it. */
  static async take(disk: Disk, folder: string, epoch: number): Promise<Owner> {
    if (!Number.isSafeInteger(epoch) || epoch < 1) throw new RangeError(`epoch ${epoch}: expected a whole number ≥ 1`);
    const held = await ownerEpoch(disk, folder);
    if (held >= epoch) {
      throw new JournalFailed(`${folder} belongs to epoch ${held}, so epoch ${epoch} may not write there`);
    }
    // by its epoch: two gateways in containers may both be process 1, and one would take the other's file away
    await replaceFile(disk, folder, NAME, `${epoch}\n`, epoch);
    const path = `${folder}/${NAME}`;
    // kept open: while it is, no later owner's file can be given the same inode number
    const file = await disk.openToRead(path);
    const { ino } = await file.stat();
    return new Owner(disk, path, file, ino, epoch);
  }

  /**
   * Throws `JournalFailed` once a newer owner has put its file in place, or the folder is gone. One stat, ~2 µs.
   *
   * Asked before a write, so that a superseded owner writes nothing, and again after the sync, so that a pause between
   * the question and the write cannot acknowledge: a newer owner puts its file in place before it reads the segments,
   * hence whatever is still ours after the sync was there for it to read.
   */
  check(): void {
    if (this.disk.inodeAt(this.path) !== this.inode) {
      throw new JournalFailed(
        `epoch ${this.epoch} was superseded: another process has opened the journal; stop this one`,
      );
    }
  }

  release(): Promise<void> {
    return this.file.close();
  }
}
