/** What is compiled, read once: the tests, all they import, and where each place stands in the TypeScript. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { syntaxOf } from './syntax.js';

/** The folder of the repository, seen from `dist/tests/mutation`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
const DIST = join(ROOT, 'dist');

export interface Source {
  readonly text: string;
  /** Specifiers as they are written. */
  readonly imports: readonly string[];
}

/** By absolute path. Plain data: it goes to the workers, so that a build in the meantime changes nothing. */
export type Sources = ReadonlyMap<string, Source>;

/** `entries` and all that they import, but for packages. */
export function readSources(entries: readonly string[]): Sources {
  const sources = new Map<string, Source>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sources.has(path)) continue;
    const text = readFileSync(path, 'utf8');
    const imports = importsOf(text);
    sources.set(path, { text, imports });
    for (const specifier of imports) if (specifier.startsWith('.')) waiting.push(join(dirname(path), specifier));
  }
  return sources;
}

function importsOf(text: string): string[] {
  return syntaxOf(text).program.body.flatMap((node) =>
    'source' in node && typeof node.source?.value === 'string' ? [node.source.value] : [],
  );
}

/** Those of the sources from which one of `changed` can be reached, themselves among them. */
export function importersOf(sources: Sources, changed: (path: string) => boolean): ReadonlySet<string> {
  const found = new Set([...sources.keys()].filter(changed));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const [path, { imports }] of sources) {
      if (imports.some((i) => i.startsWith('.') && found.has(join(dirname(path), i)))) found.add(path);
    }
  }
  return found;
}

/** The compiled files of a folder of the repository whose names end so, sorted. */
export function compiledIn(folder: string, ending: string): string[] {
  const path = join(DIST, folder);
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(ending)) : [];
  return names.sort().map((name) => join(path, name));
}

/** `dist/src/rules/step.js` is shown as `src/rules/step.ts`. */
export function shownPath(path: string): string {
  return relative(DIST, path).replace(/\.js$/, '.ts');
}

export interface Place {
  readonly line: number;
  readonly column: number;
  /** The line itself, without the space around it. */
  readonly code: string;
}

/** Where offsets of a compiled file stand in its TypeScript. */
export function placesOf(path: string, text: string): (offset: number) => Place {
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
  const lines = readFileSync(join(ROOT, shownPath(path)), 'utf8').split('\n');
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (offset) => {
    const row = starts.findLastIndex((start) => start <= offset);
    const entry = map.findEntry(row, offset - (starts[row] ?? 0));
    if (!('originalLine' in entry)) throw new Error(`${shownPath(path)}: offset ${offset} is in no TypeScript`);
    const code = lines[entry.originalLine]?.trim() ?? '';
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1, code };
  };
}
