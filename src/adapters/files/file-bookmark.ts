/** A bookmark in a file of its own: replaced whole, so a crash leaves the old one or the new one. */
import { open, readFile, rename } from 'node:fs/promises';
import type { Bookmark } from '../../ports/bookmark.js';

export class FileBookmark implements Bookmark {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<number> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    return /^\d{1,15}\n$/.test(text) ? Number(text) : 0;
  }

  async write(place: number): Promise<void> {
    const next = `${this.#path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${place}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(next, this.#path);
  }
}
