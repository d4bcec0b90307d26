/** People at the API of the office, each with a role and an agency, and an order to work on. */
import type { Test } from 'tap';
import type { Purpose } from '../../src/domain/purpose.js';
import { centre, type Harness, harness, north, nowMs, orderJson, south } from './harness.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: ReturnType<typeof JSON.parse>;
}

const PEOPLE = {
  controller: ['data_controller', centre],
  officer: ['monitoring_officer', centre],
  probation: ['supervising_officer', north],
  stranger: ['supervising_officer', south],
  auditor: ['auditor', centre],
  administrator: ['administrator', centre],
} as const;
export type Name = keyof typeof PEOPLE;

export interface OfficePeople {
  readonly h: Harness;
  readonly clock: { atMs: number };
  ask(who: Name, method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, purpose?: Purpose): Promise<Answer>;
}

/** Order `ORD-1` of `SUB-1`, supervised in the north, runs until September 2026; the clock stands in March. */
export async function officePeople(t: Test, over: Record<string, unknown> = {}): Promise<OfficePeople> {
  const clock = { atMs: nowMs, nowMs: () => clock.atMs };
  const h = await harness({ clock });
  t.teardown(() => h.close());
  const people: OfficePeople = {
    h,
    clock,
    async ask(who, method, url, body, purpose) {
      const [role, agency] = PEOPLE[who];
      const headers = await h.as(role, agency, `${who}-1`, purpose);
      const payload = body === undefined ? {} : { payload: body as object };
      const answer = await h.app.inject({ method, url, headers, ...payload });
      const isJson =
        /^application\/(problem\+)?json/.test(String(answer.headers['content-type'])) && answer.body !== '';
      return { status: answer.statusCode, text: answer.body, json: isJson ? JSON.parse(answer.body) : null };
    },
  };
  const put = await people.ask('administrator', 'PUT', '/v1/orders/ORD-1', orderJson(over));
  if (put.status !== 201) throw new Error(put.text);
  return people;
}
