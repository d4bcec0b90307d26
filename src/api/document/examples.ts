/** Joins what the gateway answered once (examples.json, recorded by `node scripts/openapi.mjs`) to the operations. */
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { problem } from '../schemas.js';

/** What was asked, and each answer that was got, of one operation. */
export interface OperationExample {
  /** Values of the path, query and header parameters of the request that succeeded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly request?: unknown;
  /** By status. */
  readonly answers: Readonly<Record<string, { readonly type: string; readonly body?: unknown }>>;
  /** By status, then by code. */
  readonly refusals: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
/** By `METHOD path`. */
export type Examples = Readonly<Record<string, OperationExample>>;

interface Content {
  schema?: unknown;
  example?: unknown;
  examples?: Record<string, { value: unknown } | { $ref: string }>;
}
interface Operation {
  parameters?: { name: string; example?: unknown }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}
export interface OpenApi {
  paths?: unknown;
  components?: unknown;
}

const PROBLEM = 'application/problem+json';

export function recordedExamples(): Examples {
  return JSON.parse(readFileSync(new URL('./examples.json', import.meta.url), 'utf8')) as Examples;
}

/** The document with its examples, and with the shape of a problem said once. */
export function withExamples<D extends OpenApi>(document: D, examples: Examples): D {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      fill(operation, examples[`${method.toUpperCase()} ${path}`]);
    }
  }
  const components = document.components as { schemas?: Record<string, unknown> };
  return { ...document, components: { ...components, schemas: { ...components.schemas, problem } } };
}

function fill(operation: Operation, found: OperationExample | undefined): void {
  for (const parameter of operation.parameters ?? []) {
    const value = found?.parameters[parameter.name];
    if (value !== undefined) parameter.example = value;
  }
  const { requestBody } = operation;
  if (requestBody !== undefined && found?.request !== undefined) {
    for (const content of Object.values(requestBody.content)) content.example = found.request;
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const refusals = response.content?.[PROBLEM];
    if (refusals !== undefined) {
      const codes = found?.refusals[status] ?? {};
      refusals.schema = { $ref: '#/components/schemas/problem' };
      refusals.examples = Object.fromEntries(Object.entries(codes).map(([code, value]) => [code, { value }]));
      response.description = [STATUS_CODES[status], ...Object.keys(codes)].join(', ');
      continue;
    }
    if (response.description === 'Default Response') response.description = STATUS_CODES[status] ?? 'done';
    const answer = found?.answers[status];
    if (answer?.body === undefined || response.content === undefined) continue;
    const content = response.content[answer.type];
    if (content !== undefined) content.example = answer.body;
  }
}
