/** A compiled file as a syntax tree, and the few questions that are put to it. */
import { type AnyNode, type Expression, type Program, parse } from 'acorn';

export interface Syntax {
  readonly text: string;
  readonly program: Program;
}

export function syntaxOf(text: string): Syntax {
  return { text, program: parse(text, { ecmaVersion: 'latest', sourceType: 'module' }) };
}

/** Calls `visit` on every node, parents first; `path` holds a node's ancestors, the nearest last. */
export function walk(root: AnyNode, visit: (node: AnyNode, path: readonly AnyNode[]) => void): void {
  const path: AnyNode[] = [];
  const enter = (node: AnyNode): void => {
    visit(node, path);
    path.push(node);
    for (const child of childrenOf(node)) enter(child);
    path.pop();
  };
  enter(root);
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Where a token lies between two places, comments left out. Throws when it does not: the tree would be another's. */
export function tokenBetween(text: string, token: string, from: number, to: number): number {
  const blank = text
    .slice(from, to)
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length))
    .indexOf(token);
  if (blank < 0) throw new Error(`no ${token} between ${from} and ${to}`);
  return from + blank;
}

/** The name of `object.name(…)` or `object?.name(…)`; null for other calls. */
export function methodOf(node: Expression): { object: AnyNode; name: string } | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.computed) return null;
  const { object, property } = node.callee;
  return property.type === 'Identifier' ? { object, name: property.name } : null;
}

const COMPARES: ReadonlySet<string> = new Set(['===', '!==', '==', '!=', '<', '<=', '>', '>=', 'in', 'instanceof']);
const ASKS: ReadonlySet<string> = new Set(['some', 'every', 'includes', 'has', 'test', 'startsWith', 'endsWith']);

/** Surely a boolean, by its form. */
export function isBoolean(node: Expression): boolean {
  switch (node.type) {
    case 'BinaryExpression':
      return COMPARES.has(node.operator);
    case 'UnaryExpression':
      return node.operator === '!';
    case 'LogicalExpression':
      return node.operator !== '??' && isBoolean(node.left) && isBoolean(node.right);
    case 'ParenthesizedExpression':
      return isBoolean(node.expression);
    default:
      return ASKS.has(methodOf(node)?.name ?? '');
  }
}

/** What a person reads and no program: words with spaces between, and all that an error or a problem says. */
export function isProse(node: AnyNode, path: readonly AnyNode[]): boolean {
  const words =
    node.type === 'Literal'
      ? String(node.value)
      : node.type === 'TemplateLiteral'
        ? node.quasis.map((part) => part.value.cooked).join('')
        : '';
  if (words.includes(' ')) return true;
  return path.some((above, i) => {
    if (above.type === 'ThrowStatement') return true;
    if (above.type !== 'Property' || above.value !== (path[i + 1] ?? node)) return false;
    return above.key.type === 'Identifier' && PROSE_FIELDS.has(above.key.name);
  });
}

/** Fields of a `Problem` and of other values that carry a sentence. */
const PROSE_FIELDS: ReadonlySet<string> = new Set(['expected', 'got', 'message']);

/** Named functions, methods, classes and constants with where they stand. */
export function scopesOf({
  program,
}: Syntax): { readonly name: string; readonly start: number; readonly end: number }[] {
  const scopes: { name: string; start: number; end: number }[] = [];
  walk(program, (node) => {
    const named =
      node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration' || node.type === 'VariableDeclarator'
        ? node.id
        : node.type === 'MethodDefinition' || node.type === 'PropertyDefinition'
          ? node.key
          : null;
    const isFunction = node.type !== 'VariableDeclarator' || /Function/.test(node.init?.type ?? '');
    if (named != null && isFunction && (named.type === 'Identifier' || named.type === 'PrivateIdentifier')) {
      const name = named.type === 'PrivateIdentifier' ? `#${named.name}` : named.name;
      scopes.push({ name, start: node.start, end: node.end });
    }
  });
  return scopes;
}
