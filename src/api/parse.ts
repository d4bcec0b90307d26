/** From what a caller sent to a typed value, or to a refusal that names every problem. */
import type { z } from 'zod';
import type { Problem } from '../domain/problem.js';
import type { Result } from '../domain/result.js';
import { Fault } from './problems.js';

/** Never echoed, not even to the one who sent it: answers end up in logs of proxies. */
const secretFields = new Set(['session_key', 'password', 'd']);
const gotMax = 80;

/** The value as the schema types it. Throws `invalid` with one problem for each thing that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value, { reportInput: false });
  if (parsed.success) return parsed.data;
  throw new Fault('invalid', `The ${what} is refused; see problems.`, parsed.error.issues.flatMap(problemsOf(value)));
}

/** An id of a path. Throws `invalid` where it is none. */
export function parseId<T>(parse: (raw: unknown) => Result<T, string>, raw: unknown, path: string): T {
  const parsed = parse(raw);
  if (parsed.ok) return parsed.value;
  throw new Fault('invalid', 'The id in the path is refused; see problems.', [
    { path, expected: parsed.fault.replace(/^expected /, ''), got: shown(raw) },
  ]);
}

/** Throws `invalid` when there is a problem. */
export function refuseProblems(problems: readonly Problem[], what: string): void {
  if (problems.length > 0) throw new Fault('invalid', `The ${what} is refused; see problems.`, problems);
}

const problemsOf =
  (root: unknown) =>
  (issue: z.core.$ZodIssue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...issue.path, key].map(String).join('.'),
        expected: 'no field of this name',
        got: shown(key),
      }));
    }
    const path = issue.path.map(String);
    const secret = path.some((part) => secretFields.has(part));
    return [{ path: path.join('.'), expected: issue.message, got: secret ? '(not shown)' : shown(at(root, path)) }];
  };

function at(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= gotMax ? text : `${text.slice(0, gotMax - 1)}…`;
}
