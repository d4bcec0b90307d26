/** The API: every operation of the document's own story, asked otherwise, by people with valid tokens. */
import { existsSync } from 'node:fs';
import type { InjectOptions } from 'fastify';
import { PURPOSES } from '../../../src/domain/purpose.js';
import { oversee, putRight, share } from '../../api/examples/duties.js';
import { type Asked, PEOPLE, Recorder, USERS, type Who } from '../../api/examples/recorder.js';
import { look, setUp, watch } from '../../api/examples/scenario.js';
import { centre, type Harness, harness, north, nowMs } from '../../api/harness.js';
import type { Chance } from '../chance.js';
import { mutateJson } from '../mutate-json.js';
import { Broken, must } from '../target.js';

interface Question extends Asked {
  readonly who: Who;
  readonly op: string;
}

/** Ids that the gateway draws: an input names the newest of its kind. */
const DRAWN = {
  grants: 'grant_id',
  holds: 'hold_id',
  disclosures: 'disclosure_id',
  rectifications: 'rectification_id',
  erasures: 'erasure_id',
  certificates: 'certificate_id',
  incidents: 'incident_id',
} as const;
const drawnNames = new Set<string>(Object.values(DRAWN));
/** What is stored is forgotten after so many: what is asked for is the API, not how much a disk holds. */
const RUNS_A_LIFE = 20_000;
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const;
const STREAM = 'GET /v1/alerts/stream';
const ANSWERS_MAX_BYTES = 16 * 2 ** 20;

const asked: Question[] = [];
const known = new Map<string, string>();
const tokens = new Map<Who, Record<string, string>>();
let h: Harness | null = null;
let runs = 0;
let told = false;

/** Keeps what the story asks, for inputs to begin with. */
class Listening extends Recorder {
  override request(who: Who, op: string, question: Asked): Promise<InjectOptions & { url: string }> {
    if (!told) asked.push({ who, op, ...question });
    return super.request(who, op, question);
  }
}

/** The story expects answers of the engine; on a busy machine they may come after the short time that is waited here. */
async function begin(): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await tell();
    } catch (error) {
      await end();
      asked.length = told ? asked.length : 0;
      if (tries === 10) throw error;
    }
  }
}

async function tell(): Promise<void> {
  // thousands of commits a minute: what they cost on a disk is no matter here
  if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm';
  const clock = { atMs: nowMs, nowMs: () => clock.atMs };
  const steppedClock = {
    nowMs: clock.nowMs,
    advanceTo: async (toMs: number) => {
      clock.atMs = Math.max(clock.atMs, toMs);
    },
  };
  // an engine that never answers is another test's; here nobody waits for it
  h = await harness({ clock, steppedClock, limits: { settleMs: 50, refusedReadsMax: 1e9, strangersPerMinuteMax: 10 } });
  const r = new Listening(h);
  const stage = { r, h, clock };
  for (const part of [setUp, watch, look, share, putRight, oversee]) await part(stage);
  for (const path of ['livez', 'readyz', 'metrics', 'documentation', 'documentation/json', 'v1/dev/clock']) {
    if (!told) asked.push({ who: 'administrator', op: `GET /${path}` });
  }
  if (!told) asked.push({ who: 'officer', op: STREAM });
  told = true;
  h.refuse = undefined;
  tokens.clear();
  for (const [who, role] of Object.entries(PEOPLE) as [
    Exclude<Who, 'nobody'>,
    (typeof PEOPLE)[keyof typeof PEOPLE],
  ][]) {
    const agency = who === 'probation' || who === 'police' ? north : centre;
    tokens.set(who, { authorization: `Bearer ${await h.token(role, agency, 3_600, USERS[who])}` });
  }
}

async function end(): Promise<void> {
  await h?.close();
  h = null;
}

/** As the story asked, but for the ids that are drawn anew each time. */
function seedOf(question: Question): Buffer {
  const path = Object.fromEntries(
    Object.entries(question.path ?? {}).map(([name, value]) => [name, drawnNames.has(name) ? `$${name}` : value]),
  );
  return Buffer.from(JSON.stringify({ ...question, ...(question.path === undefined ? {} : { path }) }));
}

function questionOf(input: Buffer): Question | null {
  try {
    const read = JSON.parse(input.toString('utf8')) as Partial<Question> | null;
    return typeof read === 'object' && typeof read?.op === 'string' ? (read as Question) : null;
  } catch {
    return null;
  }
}

const members = (value: unknown): [string, string][] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).map(([name, one]) => [
        name,
        typeof one === 'string' ? (known.get(one) ?? one) : (JSON.stringify(one) ?? ''),
      ]);

function requestOf({
  who,
  op,
  path,
  query,
  headers,
  purpose,
  body,
  raw,
}: Question): InjectOptions & { readonly url: string } {
  const [method = '', template = ''] = op.split(' ');
  const parts = new Map(members(path));
  const url = template.replace(/\{(\w+)\}/g, (_, name: string) => encoded(parts.get(name) ?? name));
  const search = members(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  const text = typeof raw === 'object' && raw !== null ? raw : null;
  const payload = text !== null ? String(text.text) : body === undefined ? undefined : JSON.stringify(body);
  return {
    method: METHODS.find((one) => one === method) ?? 'GET',
    url: `/${url.replace(/^\/+/, '')}${search === '' ? '' : `?${search}`}`,
    headers: {
      ...(payload === undefined
        ? {}
        : { 'content-type': text === null ? 'application/json' : clean(String(text.type)) }),
      ...tokens.get(who),
      ...(purpose == null ? {} : { 'fairwatch-purpose': clean(String(purpose)) }),
      ...Object.fromEntries(members(headers).map(([name, value]) => [clean(name).toLowerCase() || 'x', clean(value)])),
    },
    ...(payload === undefined ? {} : { payload }),
  };
}

/** Node refuses to send other characters in a header. */
const clean = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').replace(/[\s"(),/:;<=>?@[\\\]{}]+$/g, '');
/** Halves of surrogate pairs, which no address can hold, become replacement characters. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

function remember(op: string, text: string): void {
  const collection = /^POST \/v1\/(\w+)$/.exec(op)?.[1];
  const name = DRAWN[collection as keyof typeof DRAWN];
  const id = /"id":"([^"]+)"/.exec(text)?.[1];
  if (name !== undefined && id !== undefined) known.set(`$${name}`, id);
}

/** RFC 9457 and nothing of our insides. */
function checkAnswer(
  op: string,
  answer: { readonly statusCode: number; readonly headers: Record<string, unknown>; readonly body: string },
): void {
  const { statusCode, headers, body } = answer;
  must(
    statusCode < 500,
    `${op.split(' ')[0]} ${op.split(' ')[1]?.split('?')[0]} is answered ${statusCode}: ${body.slice(0, 300)}`,
  );
  must(body.length < ANSWERS_MAX_BYTES, 'an answer is not larger than what is stored');
  must(
    !/node_modules|\.js:\d+|\bat Object\./.test(body) || op.includes('documentation'),
    'no answer shows our insides',
  );
  const type = String(headers['content-type'] ?? '');
  if (statusCode < 400) {
    if (type.startsWith('application/json')) parse(body);
    return;
  }
  must(
    type.startsWith('application/problem+json'),
    `a refusal is a problem (${statusCode}, ${type}): ${body.slice(0, 200)}`,
  );
  const problem = parse(body) as { readonly status?: unknown; readonly code?: unknown; readonly title?: unknown };
  must(
    problem.status === statusCode && typeof problem.code === 'string' && typeof problem.title === 'string',
    'a problem has its members',
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Broken(`an answer that says it is JSON is none: ${body.slice(0, 200)}`);
  }
}

const words = {
  names: [
    'order_id',
    'subject_id',
    'alert_id',
    'reason',
    'limit',
    'after',
    'cursor',
    'from',
    'to',
    'state',
    'type',
    'agency',
    'format',
    'revision',
    'version',
    'purpose',
    'query',
    'headers',
    'raw',
    'x-forwarded-for',
    'last-event-id',
    'if-none-match',
    'if-match',
    'content-type',
    'range',
  ],
  texts: [
    'ORD-1',
    'ORD-2',
    'SUB-1',
    'ALERT-1',
    'HU-1',
    'Z-1',
    'open',
    'closed',
    'withdrawn',
    'start',
    'html',
    'json',
    'confirmed',
    'false_alert',
    '-1',
    '0',
    '1e9',
    '9007199254740993',
    '*',
    '../../x',
    'application/geo+json',
    'text/plain',
    'multipart/form-data',
    ...Object.values(DRAWN).map((name) => `$${name}`),
    ...Object.keys(PEOPLE),
    ...PURPOSES,
  ],
};

export const target = {
  bytesMax: 16_384,
  seeds: () => [...new Set(asked.map((question) => seedOf(question).toString()))].map((text) => Buffer.from(text)),
  mutate: (input: Buffer, other: Buffer, chance: Chance) => mutateJson(input, other, chance, words),
  open: begin,
  close: end,
  async run(input: Buffer): Promise<void> {
    runs += 1;
    if (runs % RUNS_A_LIFE === 0) {
      await end();
      await begin();
    }
    const question = questionOf(input);
    if (question === null || h === null) return;
    const request = requestOf(question);
    // as the app will see it: line ends within an address are passed over
    const { pathname } = new URL(request.url, 'http://host');
    if (pathname.startsWith('/v1/alerts/stream') && request.method === 'GET') return stream(h, request);
    const answer = await h.app.inject(request);
    checkAnswer(`${request.method} ${request.url}`, answer);
    remember(question.op, answer.body);
  },
};

/** It has no end: its head is looked at, and it is hung up. */
async function stream({ app }: Harness, request: InjectOptions & { readonly url: string }): Promise<void> {
  const answer = await app.inject({ ...request, payloadAsStream: true });
  must(answer.statusCode < 500, `${request.url} is answered ${answer.statusCode}`);
  answer.stream().destroy();
}
