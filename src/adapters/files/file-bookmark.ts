/** A bookmark in a file of its own: replaced whole, so a crash leaves the old one or the new one. */
import { open, readFile, rename } from 'node:fs/promises';
import type { Bookmark } from '../../ports/bookmark.js';

export interface BookmarkOwner {
  readonly epoch: number;
  /** Throws once it was superseded. */
  check(): void;
}

export class FileBookmark implements Bookmark {
  readonly #path: string;
  readonly #owner: BookmarkOwner | null;

  /** With an owner, one that was superseded writes no more. */
  constructor(path: string, owner: BookmarkOwner | null = null) {
    this.#path = path;
    this.#owner = owner;
  }

  async read(): Promise<number> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    return /^\d{1,15}\n$/.test(text) ? Number(text) : 0;
  }

  async write(place: number): Promise<void> {
    // by its epoch: an owner that stood still in the midst of this must not write into its successor's file
    const next = this.#owner === null ? `${this.#path}.next` : `${this.#path}.${this.#owner.epoch}.next`;
    this.#owner?.check();
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${place}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    this.#owner?.check();
    await rename(next, this.#path);
  }
}
