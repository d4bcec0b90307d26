/** Every small wrong that is tried on a compiled file: where, and what stands there instead. */
import type {
  AnyNode,
  AssignmentExpression,
  BinaryExpression,
  CallExpression,
  Expression,
  LogicalExpression,
} from 'acorn';
import { isBoolean, isProse, methodOf, type Syntax, tokenBetween, walk } from './syntax.js';

export interface Mutation {
  readonly mutator: string;
  /** Offsets in the compiled text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

type Add = (mutator: string, at: { readonly start: number; readonly end: number }, replacement: string) => void;

/** In the order of the text. A place gets the same replacement once. */
export function mutationsOf({ text, program }: Syntax): Mutation[] {
  const found = new Map<string, Mutation>();
  const add: Add = (mutator, { start, end }, replacement) => {
    const key = `${start}-${end}:${replacement}`;
    if (text.slice(start, end) !== replacement && !found.has(key)) {
      found.set(key, { mutator, start, end, replacement });
    }
  };
  walk(program, (node, path) => {
    if (path.some(isImport)) return;
    mutate(text, node, path, add);
  });
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

const isImport = (node: AnyNode): boolean =>
  node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration' || node.type === 'ExportSpecifier';

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '&&': '||',
  '||': '&&',
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '??=': '=',
};

/** Methods that a slip puts for one another. */
const METHODS: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  sin: 'cos',
  cos: 'sin',
  some: 'every',
  every: 'some',
  find: 'findLast',
  findLast: 'find',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Methods whose result is of the same kind as what they are called on, so that one can forget the call. */
const PASSED_OVER: ReadonlySet<string> = new Set(['sort', 'reverse', 'filter', 'slice', 'trim']);

function mutate(text: string, node: AnyNode, path: readonly AnyNode[], add: Add): void {
  const parent = path.at(-1);
  switch (node.type) {
    case 'BinaryExpression':
      swap(text, node, add);
      return;
    case 'AssignmentExpression':
      exchange(text, 'assignment', node, add);
      return;
    case 'UpdateExpression': {
      const start = node.prefix ? node.start : node.end - 2;
      add('count', { start, end: start + 2 }, node.operator === '++' ? '--' : '++');
      return;
    }
    case 'LogicalExpression':
      logical(text, node, add);
      return;
    case 'UnaryExpression':
      if (node.operator !== '!' && node.operator !== '-') return;
      add(node.operator === '!' ? 'negation' : 'sign', node, `(${text.slice(node.start + 1, node.end)})`);
      return;
    case 'ConditionalExpression':
    case 'IfStatement':
      force(node.test, add);
      return;
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      // forced to go on for ever it would only show that the watchdog works
      if (node.test != null) add('loop', node.test, 'false');
      return;
    case 'ReturnStatement':
      if (node.argument != null) answer(node.argument, add);
      return;
    case 'ArrowFunctionExpression':
      if (node.body.type !== 'BlockStatement') answer(node.body, add);
      return;
    case 'ExpressionStatement':
      if (node.directive === undefined && !isSuper(node.expression)) add('statement', node, ';');
      return;
    case 'BreakStatement':
    case 'ContinueStatement':
      add('jump', node, ';');
      return;
    case 'Literal':
      literal(node, path, add);
      return;
    case 'TemplateLiteral':
      if (parent?.type !== 'TaggedTemplateExpression' && !isProse(node, path)) add('text', node, '``');
      return;
    case 'Identifier':
      if (node.name === 'Infinity' && parent?.type !== 'Property') add('number', node, '(-Infinity)');
      return;
    case 'ArrayExpression':
      if (node.elements.length > 0) add('list', node, '[]');
      return;
    case 'ObjectExpression':
      if (node.properties.length > 0) add('fields', node, '{}');
      return;
    case 'SpreadElement':
      if (parent?.type === 'ObjectExpression') add('fields', node, '...{}');
      return;
    case 'CallExpression':
      call(text, node, add);
      return;
    case 'MemberExpression':
      if (node.optional) unguard(text, node.object.end, node.property.start, node.computed ? '' : '.', add);
      return;
  }
}

function swap(text: string, node: BinaryExpression, add: Add): void {
  if (node.operator === '+' && [node.left, node.right].some(isText)) return;
  exchange(text, /[<>=]/.test(node.operator) ? 'comparison' : 'arithmetic', node, add);
}

/** Another operator in its place; it binds as strongly, or its sides stand in brackets already. */
function exchange(
  text: string,
  mutator: string,
  { operator, left, right }: BinaryExpression | AssignmentExpression | LogicalExpression,
  add: Add,
): void {
  const other = OPERATORS[operator];
  if (other === undefined) return;
  const start = tokenBetween(text, operator, left.end, right.start);
  add(mutator, { start, end: start + operator.length }, other);
}

const isText = (node: AnyNode): boolean =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');

function logical(text: string, node: LogicalExpression, add: Add): void {
  const { operator, left, right } = node;
  if (operator === '??') {
    const at = tokenBetween(text, '??', left.end, right.start);
    add('fallback', node, `(${text.slice(node.start, at).trim()})`);
    add('fallback', node, `(${text.slice(at + 2, node.end).trim()})`);
    return;
  }
  exchange(text, 'logic', node, add);
  for (const side of [left, right]) {
    if (side.type === 'LogicalExpression' && side.operator === operator) continue;
    if (isBoolean(side)) add('condition', side, operator === '&&' ? 'true' : 'false');
  }
}

function force(test: Expression, add: Add): void {
  add('condition', test, 'true');
  add('condition', test, 'false');
}

/** What a function gives back. Lists, objects and plain values have mutators of their own. */
function answer(node: Expression, add: Add): void {
  if (isBoolean(node)) {
    force(node, add);
    return;
  }
  switch (node.type) {
    case 'Identifier':
      if (node.name !== 'undefined') add('answer', node, 'null');
      return;
    case 'MemberExpression':
    case 'CallExpression':
    case 'BinaryExpression':
    case 'NewExpression':
    case 'ChainExpression':
      add('answer', node, 'null');
      return;
    case 'LogicalExpression':
      if (node.operator !== '??') add('answer', node, 'null');
      return;
  }
}

const isSuper = (node: Expression): boolean => node.type === 'CallExpression' && node.callee.type === 'Super';

function literal(node: Extract<AnyNode, { type: 'Literal' }>, path: readonly AnyNode[], add: Add): void {
  const parent = path.at(-1);
  if (parent !== undefined && isName(node, parent)) return;
  if (typeof node.value === 'number') {
    add('number', node, String(node.value + 1));
    add('number', node, node.value === 0 ? '(-1)' : String(node.value - 1));
  } else if (typeof node.value === 'boolean') {
    add('condition', node, String(!node.value));
  } else if (typeof node.value === 'string' && node.value !== '' && !isProse(node, path)) {
    // compared with '' a kind is never equal: the comparison's own mutants say the same
    const compared = parent?.type === 'SwitchCase' || (parent?.type === 'BinaryExpression' && parent.operator !== '+');
    if (!compared) add('text', node, "''");
  }
}

/** A key and not a value. */
function isName(node: AnyNode, parent: AnyNode): boolean {
  if (parent.type === 'Property' || parent.type === 'PropertyDefinition') return parent.key === node;
  return false;
}

function call(text: string, node: CallExpression, add: Add): void {
  if (node.optional) unguard(text, node.callee.end, node.arguments[0]?.start ?? node.end, '', add);
  const method = methodOf(node);
  if (method === null || node.callee.type !== 'MemberExpression') return;
  const other = Object.hasOwn(METHODS, method.name) ? METHODS[method.name] : undefined;
  if (other !== undefined) add('method', node.callee.property, other);
  if (PASSED_OVER.has(method.name)) {
    const dot = tokenBetween(text, '.', method.object.end, node.callee.property.start);
    add('method', node, `(${text.slice(node.start, text[dot - 1] === '?' ? dot - 1 : dot)})`);
  }
  if (method.name === 'abs' && node.arguments.length === 1) {
    add('method', node, `(${text.slice(node.arguments[0]?.start, node.arguments[0]?.end)})`);
  }
}

function unguard(text: string, from: number, to: number, replacement: string, add: Add): void {
  const start = tokenBetween(text, '?.', from, to);
  add('guard', { start, end: start + 2 }, replacement);
}
