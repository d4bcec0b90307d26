// The examples of the API document are what the app answers today, in the shape that the document says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import t from 'tap';
import type { OperationExample } from '../../src/api/document/examples.js';
import { repository } from '../house/repository.js';
import { NORTH_SEA } from './examples/north-sea.js';
import { record } from './examples/record.js';
import { harness, nowMs } from './harness.js';

interface Shown {
  readonly operationId?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** Answers that the scenario does not come to, with why. */
const UNSEEN: Readonly<Record<string, string>> = {
  'POST /v1/erasures 202': 'the engine is away for longer than the office waits for it, five seconds',
};
const regenerate = 'else: npm run build && node scripts/openapi.mjs, and commit';
/** Where an order or a zone says where it holds, and where a grant or the person concerned is told where they were. */
const PLACES = [
  'PUT /v1/orders/{order_id}',
  'GET /v1/orders/{order_id}',
  'PUT /v1/zones/{zone_id}',
  'GET /v1/zones/{zone_id}',
  'GET /v1/grants/{grant_id}/fixes',
  'GET /v1/grants/{grant_id}/records',
  'POST /v1/subjects/{subject_id}/export',
];

const committed = JSON.parse(readFileSync(join(repository, 'src/api/document/examples.json'), 'utf8')) as Record<
  string,
  OperationExample
>;
const document = JSON.parse(readFileSync(join(repository, 'src/api/openapi.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Shown>>>>;
  readonly components: object;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, shown]) => ({ name: `${method.toUpperCase()} ${path}`, shown })),
);

t.test('the committed examples are what the app answers', async (t) => {
  const recorded = await record();
  for (const name of new Set([...Object.keys(committed), ...Object.keys(recorded)])) {
    t.same(committed[name], recorded[name], `${name}; ${regenerate}`);
  }
});

t.test('every operation of the app shows what it is asked, what it answers, and each of its refusals', async (t) => {
  const h = await harness({ steppedClock: { nowMs: () => nowMs, advanceTo: async () => {} } });
  t.teardown(() => h.close());
  const served = (await h.app.inject('/documentation/json')).json() as typeof document;
  for (const [path, methods] of Object.entries(served.paths)) {
    for (const [method, shown] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      for (const media of Object.values(shown.requestBody?.content ?? {})) {
        t.ok(media.example !== undefined, `${name} shows a request: ask it in tests/api/examples/`);
      }
      for (const [status, { content }] of Object.entries(shown.responses)) {
        if (status === '304') continue;
        const has = Object.values(content ?? {}).some(
          ({ example, examples }) => example !== undefined || Object.keys(examples ?? {}).length > 0,
        );
        t.equal(has, UNSEEN[`${name} ${status}`] === undefined, `${name} shows its ${status}`);
      }
    }
  }
});

t.test('nothing is answered that the document does not name', (t) => {
  const byName = new Map(operations.map(({ name, shown }) => [name, shown]));
  for (const [name, { answers, refusals }] of Object.entries(committed)) {
    const named = Object.keys(byName.get(name)?.responses ?? {});
    for (const status of [...Object.keys(answers), ...Object.keys(refusals)]) {
      t.ok(named.includes(status), `${name} names ${status}`);
    }
  }
  t.end();
});

t.test('each example is of the shape that its operation says', (t) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'doc', components: document.components }, 'doc');
  const check = (schema: object | undefined, value: unknown, what: string) => {
    const text = JSON.stringify(schema ?? {}).replaceAll('#/components/', 'doc#/components/');
    const valid = ajv.compile(JSON.parse(text) as object);
    t.ok(valid(value), `${what} ${JSON.stringify(valid.errors ?? [])}`);
  };
  for (const { name, shown } of operations) {
    for (const { schema, example } of Object.values(shown.requestBody?.content ?? {})) {
      if (example !== undefined) check(schema, example, `${name} request`);
    }
    for (const [status, { content }] of Object.entries(shown.responses)) {
      for (const { schema, example, examples } of Object.values(content ?? {})) {
        if (example !== undefined) check(schema, example, `${name} ${status}`);
        for (const [code, { value }] of Object.entries(examples ?? {}))
          check(schema, value, `${name} ${status} ${code}`);
      }
    }
  }
  t.end();
});

t.test('no example shows where anybody was but those that are for it, and those lie in the North Sea', (t) => {
  const [west, south, east, north] = NORTH_SEA;
  let places = 0;
  for (const [name, example] of Object.entries(committed)) {
    const found = placesIn(example);
    places += found.length;
    if (!PLACES.includes(name)) t.same(found, [], `${name} shows no place`);
    const outside = found.filter(([x, y]) => x < west || x > east || y < south || y > north);
    t.same(outside, [], `${name} shows no place on land`);
  }
  t.ok(places >= 7, `it looks where they are, and finds ${places}`);
  t.end();
});

t.test('operations have names of their own', (t) => {
  const names = operations.map(({ shown }) => shown.operationId ?? '');
  t.equal(new Set(names).size, operations.length);
  t.ok(names.every((name) => /^[a-z][A-Za-z]+$/.test(name)));
  t.end();
});

/** Every pair of numbers that might be a place: of GeoJSON, of an address, or beside a name like `lat`. */
function placesIn(value: unknown): (readonly [number, number])[] {
  if (typeof value === 'string') return value.split('\n').flatMap((line) => (/^[[{]/.test(line) ? inside(line) : []));
  if (Array.isArray(value)) {
    const [x, y] = value;
    if (value.length >= 2 && typeof x === 'number' && typeof y === 'number') return [[x, y]];
    return value.flatMap(placesIn);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    if (typeof one === 'number' && /^(lat|lon|latitude|longitude)/i.test(name)) return [[0, 0] as const];
    // positions in the quarantine are places in a log
    return name === 'positions' ? [] : placesIn(one);
  });
}

function inside(line: string): (readonly [number, number])[] {
  try {
    return placesIn(JSON.parse(line));
  } catch {
    return [];
  }
}
