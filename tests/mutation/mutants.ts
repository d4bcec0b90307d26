/** The mutants of a compiled file, each with its place in the TypeScript and the stretch of text that it lies in. */
import { type Mutation, mutationsOf } from './mutators.js';
import { type Counted, counted, regionAt } from './regions.js';
import { placesOf, shownPath } from './sources.js';
import { type Syntax, scopesOf, syntaxOf } from './syntax.js';

export interface Mutant {
  /** The compiled file. */
  readonly path: string;
  /** As it is shown: `src/rules/step.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function, method or class around it; empty at the top. */
  readonly scope: string;
  /** The line of TypeScript. */
  readonly code: string;
  readonly mutator: string;
  /** What stood there and what stands there now, on one line. */
  readonly change: string;
  /** The number of its region among those of all files. */
  readonly region: number;
  readonly mutation: Mutation;
}

export interface MutatedFile {
  readonly path: string;
  readonly text: string;
  readonly counted: Counted;
  /** In the order of the text. */
  readonly mutants: readonly Mutant[];
}

/** `offset`: the number of the file's first region. */
export function mutantsOf(path: string, text: string, offset: number): MutatedFile {
  const syntax = syntaxOf(text);
  const placeOf = placesOf(path, text);
  const file = shownPath(path);
  const regions = counted(syntax, offset);
  const scopes = scopesOf(syntax);
  const mutants = mutationsOf(syntax).map((mutation) => {
    const { line, column, code } = placeOf(mutation.start);
    const region = offset + regionAt(regions.regions, mutation.start, mutation.end);
    const scope = scopes.findLast(({ start, end }) => start <= mutation.start && mutation.end <= end)?.name ?? '';
    const { mutator } = mutation;
    return { path, file, line, column, scope, code, mutator, change: changeOf(syntax, mutation), region, mutation };
  });
  return { path, text, counted: regions, mutants };
}

export function changed(text: string, { start, end, replacement }: Mutation): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

const SHOWN_MAX = 90;

function changeOf({ text }: Syntax, { start, end, replacement }: Mutation): string {
  return `${shown(text.slice(start, end))} → ${replacement === ';' ? 'nothing' : shown(replacement)}`;
}

function shown(code: string): string {
  const line = code
    .replace(/\/\/[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}

/** A changed text that is no program says nothing about the tests. */
export function parses(text: string): boolean {
  try {
    syntaxOf(text);
    return true;
  } catch {
    return false;
  }
}
