/** Counters in a compiled file, so that a run of a test shows which stretches of it the test reaches. */
import type { AnyNode } from 'acorn';
import { type Syntax, walk } from './syntax.js';

/** A stretch of text that runs as one: offsets in the compiled text. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

export interface Counted {
  readonly text: string;
  /** By number; region 0 is the file itself, reached by whoever imports it. */
  readonly regions: readonly Region[];
}

/** Where the counters of all files lie: `globalThis[REACHED]`, one byte a region. */
export const REACHED = '__fairwatchReached';

const reachedOnce = (region: number): string => `${REACHED}[${region}]=1`;

/**
 * The text with a counter at each statement and each branch; `offset`: the number of the file's first region. `count` is
 * the expression that counts a region.
 */
export function counted({ text, program }: Syntax, offset: number, countOf = reachedOnce): Counted {
  const regions: Region[] = [{ start: 0, end: text.length }];
  const inserts: { at: number; text: string; closes: boolean }[] = [];
  const add = (node: AnyNode, before: (count: string) => string, after: string): void => {
    const count = countOf(offset + regions.length);
    regions.push({ start: node.start, end: node.end });
    inserts.push({ at: node.start, text: before(count), closes: false });
    if (after !== '') inserts.push({ at: node.end, text: after, closes: true });
  };
  const statement = (node: AnyNode): void => add(node, (count) => `${count};`, '');
  const branch = (node: AnyNode | null | undefined): void => {
    if (node != null && node.type !== 'BlockStatement') add(node, (count) => `{${count};`, '}');
  };
  const value = (node: AnyNode | null | undefined): void => {
    if (node != null) add(node, (count) => `(${count},`, ')');
  };

  walk(program, (node) => {
    switch (node.type) {
      case 'BlockStatement':
      case 'StaticBlock':
        return node.body.forEach(statement);
      case 'SwitchCase':
        return node.consequent.forEach(statement);
      case 'IfStatement':
        branch(node.consequent);
        return node.alternate?.type === 'IfStatement' ? undefined : branch(node.alternate);
      case 'ForStatement':
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        return branch(node.body);
      case 'ArrowFunctionExpression':
        return node.body.type === 'BlockStatement' ? undefined : value(node.body);
      case 'ConditionalExpression':
        value(node.consequent);
        return value(node.alternate);
      case 'LogicalExpression':
        return value(node.right);
      case 'PropertyDefinition':
        return value(node.value);
    }
  });
  const head = `const ${REACHED}=globalThis.${REACHED};${REACHED}[${offset}]=1;`;
  return { text: head + withInserts(text, inserts), regions };
}

/** What closes comes before what opens; of those that open at one place the outer is first, and closes last. */
function withInserts(text: string, inserts: readonly { at: number; text: string; closes: boolean }[]): string {
  const at = new Map<number, { closing: string; opening: string }>();
  for (const insert of inserts) {
    const here = at.get(insert.at) ?? { closing: '', opening: '' };
    at.set(insert.at, here);
    if (insert.closes) here.closing = insert.text + here.closing;
    else here.opening += insert.text;
  }
  let out = '';
  let from = 0;
  for (const [place, { closing, opening }] of [...at].sort(([a], [b]) => a - b)) {
    out += text.slice(from, place) + closing + opening;
    from = place;
  }
  return out + text.slice(from);
}

/** The number of the smallest region around a place. */
export function regionAt(regions: readonly Region[], start: number, end: number): number {
  let best = 0;
  for (const [i, region] of regions.entries()) {
    const smallest = regions[best] as Region;
    if (region.start <= start && end <= region.end && region.end - region.start <= smallest.end - smallest.start) {
      best = i;
    }
  }
  return best;
}
