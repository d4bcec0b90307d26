// Finds the root of the repository from compiled and from plain test files alike.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const repository = above(import.meta.dirname);

function above(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : above(dirname(folder));
}
