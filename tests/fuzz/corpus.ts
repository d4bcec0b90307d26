/** The inputs that are kept: one file a target, one input a line, in base64. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the repository, seen from `dist/tests/fuzz`. */
export const CORPUS = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'fuzz');

export function readCorpus(folder: string, target: string): Buffer[] {
  const path = join(folder, `${target}.txt`);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line, i) => line !== '' || i < lines.length - 1).map((line) => Buffer.from(line, 'base64'));
}

/** Shortest first, so that a change shows as lines that came or went. */
export function writeCorpus(folder: string, target: string, inputs: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true });
  const lines = inputs.toSorted((a, b) => a.length - b.length || a.compare(b)).map((input) => input.toString('base64'));
  writeFileSync(join(folder, `${target}.txt`), lines.map((line) => `${line}\n`).join(''));
}
