// What every operation refuses in the same way: each is asked for it, and what it says is kept.
import type { Action } from '../../../src/api/access/actions.js';
import { rightOf } from '../../../src/api/access/policy.js';
import { PURPOSES } from '../../../src/domain/purpose.js';
import { type Asked, PEOPLE, type Recorder, type Who } from './recorder.js';

/** Of the document, what says how an operation is asked. */
export interface Documented {
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

const unknownId = 'X-404';
const large = ' '.repeat(4 * 1024 * 1024 + 1);
const names = Object.keys(PEOPLE) as (keyof typeof PEOPLE)[];

/** What is answered while nothing can be logged. */
export async function probeUnlogged(r: Recorder, operation: string, documented: Documented): Promise<void> {
  const first = r.asked.get(operation);
  if (first !== undefined && actionOf(documented) !== undefined) await r.ask(first.who, operation, first.asked);
}

export async function probe(r: Recorder, operation: string, documented: Documented): Promise<void> {
  const first = r.asked.get(operation);
  const action = actionOf(documented);
  if (first === undefined || action === undefined) return;
  const { who, asked } = first;
  const ask = (by: Who, changed: Partial<Asked>) => r.ask(by, operation, { ...asked, ...changed });

  await ask('nobody', {});
  await ask('nobody', { headers: { authorization: 'Bearer not.a.token' } });
  const refused = names.find((name) => rightOf(PEOPLE[name], action, true) === null);
  if (refused !== undefined) await ask(refused, {});
  const right = who === 'nobody' ? null : rightOf(PEOPLE[who], action, true);
  const wrong = PURPOSES.find((purpose) => right !== null && !right.purposes.includes(purpose));
  if (wrong !== undefined) await ask(who, { purpose: wrong });
  const takes = (place: string) => (documented.parameters ?? []).filter((one) => one.in === place);
  if (takes('header').length > 0 && '400' in documented.responses && asked.purpose !== undefined) {
    const { purpose: _, ...rest } = asked;
    await r.ask(who, operation, rest);
  }

  if ('404' in documented.responses) await ask(who, { ...elsewhere(asked) });
  if (takes('path').length > 0 && '422' in documented.responses) {
    await ask(who, { path: Object.fromEntries(takes('path').map(({ name }) => [name, 'no id at all'])) });
  }
  if (takes('query').length > 0) await ask(who, { query: { ...asked.query, nonsense: '1' } });
  if (documented.requestBody !== undefined) {
    await ask(who, { body: { ...(asked.body as object), nonsense: 1 } });
    await ask(who, { raw: { type: 'text/csv', text: 'a,b' } });
    await ask(who, { raw: { type: 'application/json', text: large } });
  }
  if ('400' in documented.responses) await ask(who, { raw: { type: 'application/json', text: '{' } });
}

const actionOf = ({ description = '' }: Documented): Action | undefined =>
  /Action `([\w.]+)`/.exec(description)?.[1] as Action | undefined;

/** The same about a thing that does not exist. */
function elsewhere({ path, query, body }: Asked): Partial<Asked> {
  const named = body as { readonly order_id?: string; readonly subject_id?: string } | undefined;
  if (path !== undefined) return { path: Object.fromEntries(Object.keys(path).map((name) => [name, unknownId])) };
  if (query?.order_id !== undefined) return { query: { ...query, order_id: unknownId } };
  if (named?.order_id !== undefined) return { body: { ...named, order_id: unknownId } };
  if (named?.subject_id !== undefined) return { body: { ...named, subject_id: unknownId } };
  return { query: { ...query, order_id: unknownId } };
}
