/** Files that commands are given: JSON that people import (one value, an array, or one value a line), certificates. */
import { readFileSync } from 'node:fs';
import { CommandFailed } from './cli-run.js';

export interface Item {
  /** `file:line`, or `file[index]` in an array, for messages. */
  readonly where: string;
  readonly json: unknown;
}

/** Every item of every file. Throws `CommandFailed` for a file that cannot be read or a line that is no JSON. */
export function readItems(paths: readonly string[]): Item[] {
  return paths.flatMap((path) => itemsOf(path, readText(path)));
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function itemsOf(path: string, text: string): Item[] {
  const whole = tryParse(text);
  if (Array.isArray(whole)) return whole.map((json: unknown, i) => ({ where: `${path}[${i}]`, json }));
  if (whole !== undefined) return [{ where: path, json: whole }];
  const lines = text.split('\n').map((line, i) => ({ where: `${path}:${i + 1}`, line }));
  const items = lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ where, line }) => ({ where, json: tryParse(line) }));
  const broken = items.find(({ json }) => json === undefined);
  if (broken !== undefined) {
    throw new CommandFailed(`${broken.where}: is no JSON: expected one value a line, or one array in the whole file`);
  }
  if (items.length === 0) throw new CommandFailed(`${path} is empty`);
  return items;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What `--ca FILE` names; undefined without it. */
export const caOf = (path: string | undefined): Buffer | undefined =>
  path === undefined ? undefined : Buffer.from(readText(path));
