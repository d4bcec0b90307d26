/** Small worlds written by hand, for cases whose answer a person has worked out. */
import type { BodyJson, ConditionJson, DeviceJson, OrderJson, RecordJson, UploadJson, World } from './contract.js';
import { expectedOf } from './oracle.js';

export const at = (text: string): number => Date.parse(text.length > 16 ? text : `${text}:00Z`);

export const anOrder = (more: Partial<OrderJson> & { conditions: readonly ConditionJson[] }): OrderJson => ({
  order_id: 'O',
  subject_id: 'P',
  revision: 1,
  type: 'COMMUNITY',
  supervisor: 'north',
  time_zone: 'Europe/London',
  start: '2026-03-01T00:00:00Z',
  end: '2026-04-30T00:00:00Z',
  devices: [unit('H', 'primary'), tag('T')],
  ...more,
});

export const unit = (device_id: string, address: string, more: Partial<DeviceJson> = {}): DeviceJson => ({
  device_id,
  kind: 'home_unit',
  address,
  from: '2026-03-01T00:00:00Z',
  ...more,
});
export const tag = (device_id: string, more: Partial<DeviceJson> = {}): DeviceJson => ({
  device_id,
  kind: 'tag',
  from: '2026-03-01T00:00:00Z',
  ...more,
});

export const record = (time: string | number, body: BodyJson): RecordJson => ({
  time_ms: typeof time === 'number' ? time : at(time),
  ...body,
});
export const rf = (time: string | number, kind: 'ENTER' | 'EXIT' | 'PRESENT', tag_id = 'T'): RecordJson =>
  record(time, { rf: { tag_id, kind } });
export const beat = (time: string | number): RecordJson => record(time, { heartbeat: { uptime_s: 1 } });

let sequence = 0;

/** One upload a record, received a second later. */
export const sent = (device_id: string, ...records: readonly RecordJson[]): UploadJson[] =>
  records.map((r) => ({ device_id, received_ms: r.time_ms + 1_000, sequence: ++sequence, records: [r] }));

/** A call each hour of the unit that keeps the presence alive. */
export const calls = (from: string, to: string, kind?: 'PRESENT'): RecordJson[] => {
  const found: RecordJson[] = [];
  for (let t = at(from); t <= at(to); t += 3_600_000) found.push(kind === undefined ? beat(t) : rf(t, kind));
  return found;
};

export const world = (order: OrderJson, uploads: readonly UploadJson[], until: string): World => ({
  orders: [order],
  zones: [],
  uploads,
  untilMs: at(until),
});

/** `start end ended_by codes`, of the violations. */
export const violations = (w: World): string[] =>
  expectedOf(w).violations.map(
    ({ start, end, ended_by, codes, confidence }) =>
      `${short(start)} ${short(end)} ${ended_by}${codes.length > 0 ? ` ${codes.join('+')}` : ''}${confidence === null ? '' : ` ${confidence}`}`,
  );

/** `start end`, of the alerts of one type. */
export const alerts = (w: World, type: string): string[] =>
  expectedOf(w)
    .alerts.filter((alert) => alert.type === type)
    .map(({ start, end }) => `${short(start)} ${short(end)}`);

const short = (time: string | null): string =>
  time === null
    ? 'null'
    : time
        .slice(5)
        .replace(/:00\.000Z$/, '')
        .replace(/\.000Z$/, '')
        .replace(/Z$/, '');
