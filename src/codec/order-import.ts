/** The orders of an import file: one order a line, or a JSON array, or one order by itself. */
import type { Problem } from '../domain/problem.js';

/** `line` counts from 1: the line of the file, or the place in the array. */
export type OrderText =
  | { readonly line: number; readonly json: unknown }
  | { readonly line: number; readonly problem: Problem };

/** Empty lines are passed over; a line that is no JSON is a problem of its own and the others are still read. */
export function* ordersFromText(text: string): Generator<OrderText> {
  const body = text.replace(/^\uFEFF/, '');
  const whole = parseJson(body);
  if (whole.ok) {
    const items: readonly unknown[] = Array.isArray(whole.json) ? whole.json : [whole.json];
    for (const [i, json] of items.entries()) yield { line: i + 1, json };
    return;
  }
  // an array with a fault is not lines: tell the one fault, not one for each line
  if (/^\s*\[/.test(body)) {
    yield { line: 1, problem: whole.problem };
    return;
  }
  for (const [i, line] of body.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line);
    yield parsed.ok ? { line: i + 1, json: parsed.json } : { line: i + 1, problem: parsed.problem };
  }
}

function parseJson(text: string): { ok: true; json: unknown } | { ok: false; problem: Problem } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    // V8 says where; what it quotes of the text stays short
    const got = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 80) : 'something else';
    return { ok: false, problem: { path: '', expected: 'JSON', got } };
  }
}
