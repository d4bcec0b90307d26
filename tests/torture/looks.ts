/**
 * A second way to see what is stored, that shares nothing with `journal check`: an officer looks under a grant at everything
 * that a few people's devices said, over the API, and it is compared with what those devices were told is durable.
 */
import type { RunApi } from './api.js';
import { CENTRE, type House } from './house.js';
import type { Person } from './people.js';

export interface Looked {
  readonly people: number;
  readonly records: number;
  readonly faults: readonly string[];
}

const PURPOSE = 'safeguarding';
const NDJSON = 'application/x-ndjson';

/** `kept`: by device, the times of all records that were acknowledged, in any order. */
export async function lookAt(
  house: House,
  api: RunApi,
  people: readonly Person[],
  kept: ReadonlyMap<string, readonly number[]>,
  fromMs: number,
): Promise<Looked> {
  const faults: string[] = [];
  const { password: token } = await house.signed('monitoring_officer', CENTRE);
  const as = { token, headers: { 'fairwatch-purpose': PURPOSE, accept: NDJSON } };
  let records = 0;
  for (const { orderId, device } of people) {
    const asked = {
      subject_id: orderId.replace(/O$/, 'S'),
      from: new Date(fromMs).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
      purpose: PURPOSE,
      legal_basis: 'DPA 2018 s.35(2)(b)',
      trigger: 'safeguarding_life',
    };
    const grant = (await api.ask('POST', '/v1/grants', asked, as)) as { grant_id: string };
    const found = new Map<number, number>();
    for (const part of ['fixes', 'records']) {
      const text = await api.text('GET', `/v1/grants/${grant.grant_id}/${part}`, as);
      for (const line of text.split('\n')) {
        if (line.trim() === '') continue;
        const one = JSON.parse(line) as {
          time?: string;
          device_id?: string;
          properties?: { time: string; device_id: string };
        };
        const { time, device_id } = one.properties ?? one;
        if (device_id !== device.device_id || time === undefined) continue;
        found.set(Date.parse(time), (found.get(Date.parse(time)) ?? 0) + 1);
      }
    }
    const due = kept.get(device.device_id) ?? [];
    const missing = due.filter((timeMs) => !found.has(timeMs));
    const twice = [...found].filter(([, count]) => count > 1);
    records += due.length;
    if (missing.length > 0)
      faults.push(
        `${device.device_id}: ${missing.length} of ${due.length} acknowledged records are not there under a grant, the first of ${new Date(missing[0] ?? 0).toISOString()}`,
      );
    if (twice.length > 0) faults.push(`${device.device_id}: ${twice.length} records are there twice under a grant`);
    if (found.size > due.length)
      faults.push(`${device.device_id}: ${found.size - due.length} records more than were acknowledged`);
  }
  return { people: people.length, records, faults };
}
