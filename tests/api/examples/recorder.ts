// Asks the app, by operation, and keeps one answer of each status and one problem of each code.
import type { InjectOptions } from 'fastify';
import type { Examples, OperationExample } from '../../../src/api/document/examples.js';
import type { Purpose } from '../../../src/domain/purpose.js';
import type { Role } from '../../../src/domain/role.js';
import { centre, type Harness, north } from '../harness.js';

export const PEOPLE = {
  controller: 'data_controller',
  officer: 'monitoring_officer',
  probation: 'supervising_officer',
  police: 'police_liaison',
  auditor: 'auditor',
  engineer: 'device_engineer',
  administrator: 'administrator',
} as const satisfies Readonly<Record<string, Role>>;
export const USERS = {
  controller: 'cat@monitoring-centre',
  officer: 'ben@monitoring-centre',
  probation: 'ann@probation-north',
  police: 'pam@probation-north',
  auditor: 'amy@monitoring-centre',
  engineer: 'eve@monitoring-centre',
  administrator: 'sam@monitoring-centre',
} as const;
/** `nobody`: without a token. */
export type Who = keyof typeof PEOPLE | 'nobody';

export interface Asked {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly purpose?: Purpose;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: { readonly type: string; readonly text: string };
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status: number;
  readonly json: ReturnType<typeof JSON.parse>;
}
type Made = { -readonly [K in keyof OperationExample]: OperationExample[K] } & {
  answers: Record<string, { type: string; body?: unknown }>;
  refusals: Record<string, Record<string, unknown>>;
};

/** Longer lists are cut: an example shows what an item is, not how many there were. */
const itemsMax = 2;
const linesMax = 3;

export class Recorder {
  readonly #made = new Map<string, Made>();
  /** Of each operation, the first that succeeded: who asked, and how. */
  readonly asked = new Map<string, { readonly who: Who; readonly asked: Asked }>();

  constructor(readonly h: Harness) {}

  /** `operation`: `METHOD path`, as the document writes it. Throws for another status than the one expected. */
  async ask(who: Who, operation: string, asked: Asked = {}, expected?: number): Promise<Answer> {
    const answer = await this.h.app.inject(await this.request(who, operation, asked));
    if (expected !== undefined && answer.statusCode !== expected) {
      throw new Error(`${operation}: ${answer.statusCode}, not ${expected}: ${answer.body}`);
    }
    const type = String(answer.headers['content-type'] ?? '').replace(/;.*/, '');
    const json = /json$/.test(type) && type !== 'application/x-ndjson' ? JSON.parse(answer.body) : null;
    this.keep(who, operation, asked, { status: answer.statusCode, type, body: json ?? text(type, answer.body) });
    return { status: answer.statusCode, json };
  }

  /** What was answered otherwise than to `ask` (a stream). */
  keep(who: Who, operation: string, asked: Asked, answer: { status: number; type: string; body: unknown }): void {
    const made = this.#of(operation);
    const { status, type, body } = answer;
    if (type === 'application/problem+json') {
      const { code } = body as { code: string };
      made.refusals[status] = { ...made.refusals[status], [code]: made.refusals[status]?.[code] ?? body };
      return;
    }
    if (status >= 200 && status < 300 && !this.asked.has(operation)) {
      this.asked.set(operation, { who, asked });
      const purpose = asked.purpose === undefined ? {} : { 'Fairwatch-Purpose': asked.purpose };
      made.parameters = { ...asked.path, ...asked.query, ...purpose };
      if (asked.body !== undefined) made.request = asked.body;
    }
    made.answers[status] ??= { type, ...(body === '' || body === null ? {} : { body: cut(body) }) };
  }

  async request(who: Who, operation: string, asked: Asked): Promise<InjectOptions & { url: string }> {
    const [method, template = ''] = operation.split(' ');
    const url = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(asked.path?.[name] ?? name));
    const query = new URLSearchParams(asked.query).toString();
    const agency = who === 'probation' || who === 'police' ? north : centre;
    const token = who === 'nobody' ? {} : await this.h.as(PEOPLE[who], agency, USERS[who], asked.purpose);
    const sent = asked.raw?.text ?? (asked.body as object | undefined);
    return {
      method: method as 'GET',
      url: query === '' ? url : `${url}?${query}`,
      headers: {
        ...token,
        ...(asked.raw === undefined ? {} : { 'content-type': asked.raw.type }),
        ...asked.headers,
      },
      ...(sent === undefined ? {} : { payload: sent }),
    };
  }

  examples(): Examples {
    return Object.fromEntries([...this.#made].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #of(operation: string): Made {
    const before = this.#made.get(operation);
    if (before !== undefined) return before;
    const made: Made = { parameters: {}, answers: {}, refusals: {} };
    this.#made.set(operation, made);
    return made;
  }
}

function cut(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isOfObjects = value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
    return (isOfObjects ? value.slice(0, itemsMax) : value).map(cut);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one)]));
}

/** Of lines, the first few; of metrics, those that time does not change. */
function text(type: string, body: string): string {
  if (type === 'application/x-ndjson') return `${body.trim().split('\n').slice(0, linesMax).join('\n')}\n`;
  if (!body.startsWith('# HELP')) return body;
  const steady = /fairwatch_(alert_streams|incidents_near_deadline|api_audit_failures_total)\b/;
  return `${body
    .split('\n')
    .filter((line) => steady.test(line))
    .join('\n')}\n`;
}
