/** A copy of the build that is tortured: a build during the run changes nothing in it, and bugs may be planted in it. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../house/repository.js';
import { type PlantedBug, planted } from '../planted/bug.js';

export class BuildCopy {
  readonly #folder: string;

  constructor(name: string) {
    // below node_modules: that is where its packages are found
    this.#folder = join(repository, 'node_modules', '.torture', name);
    mkdirSync(join(this.#folder, 'dist'), { recursive: true });
    cpSync(join(repository, 'dist', 'src'), join(this.#folder, 'dist', 'src'), { recursive: true });
    for (const entry of ['package.json', 'proto', 'src'])
      symlinkSync(join(repository, entry), join(this.#folder, entry));
  }

  get main(): string {
    return join(this.#folder, 'dist', 'src', 'main.js');
  }

  /** Throws when what it changes is not there exactly once. */
  plant(bug: PlantedBug): void {
    const path = join(this.#folder, 'dist', bug.file);
    writeFileSync(path, planted(bug, readFileSync(path, 'utf8')));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
