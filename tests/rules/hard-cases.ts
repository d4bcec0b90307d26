/** Rows of the table of hard cases: an order, what devices say, and what the replay must print, in words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { replayLines } from '../../src/commands/replay.js';

/** Part of an order in the contract's JSON; what a row does not say is as in `order`. */
export type OrderJson = Record<string, unknown>;

export interface HardCase {
  readonly name: string;
  readonly order?: OrderJson;
  /** `03-02 20:00 HU-1 EXIT`, a line a record; the year is 2026 where none is said. `<- 03-02 23:00`: its arrival. */
  readonly records: readonly string[];
  /** The time of the picture; else when the order has ended. */
  readonly until?: string;
  /** `curfew C1 03-02 19:00 – 03-03 07:00 window 720 AL08 AL12`; an alert: `type whose from – to code state`. */
  readonly want: readonly string[];
}

/** Where nothing else is said, a record is this long under way: behind the timers of its moment. */
const UNDER_WAY_MS = 20_000;

const iso = (text: string): string => {
  const [date = '', time = ''] = text.split(' ');
  return `${date.length === 5 ? `2026-${date}` : date}T${time.length === 5 ? `${time}:00` : time}Z`;
};
export const utc = (text: string): number => {
  const ms = Date.parse(iso(text));
  if (Number.isNaN(ms)) throw new Error(`no time: ${text}`);
  return ms;
};

/** Of one address, one tag, and a curfew on Mondays, 19:00 to 07:00. */
export const order = (more: OrderJson = {}): OrderJson => ({
  order_id: 'ORD-1',
  subject_id: 'SUB-1',
  revision: 1,
  type: 'COMMUNITY',
  supervisor: 'north',
  time_zone: 'Europe/London',
  start: '2026-03-01T00:00:00Z',
  end: '2026-03-09T00:00:00Z',
  devices: [unit('HU-1', 'home'), tag('TAG-1')],
  conditions: [curfew(row('MONDAY', '19:00-07:00'))],
  ...more,
});

const stay = (from?: string, to?: string): OrderJson => ({
  from: from === undefined ? '2020-01-01T00:00:00Z' : iso(from),
  ...(to !== undefined && { to: iso(to) }),
});
export const unit = (device_id: string, address: string, from?: string, to?: string): OrderJson => ({
  device_id,
  kind: 'home_unit',
  address,
  ...stay(from, to),
});
export const tag = (device_id: string, kind = 'tag', from?: string, to?: string): OrderJson => ({
  device_id,
  kind,
  ...stay(from, to),
});
export const lasts = (from: string, to: string): OrderJson => ({ start: iso(from), end: iso(to) });

/** `row('MONDAY TUESDAY', '19:00-07:00')`; a date in place of the days makes it a dated row. */
export const row = (days: string, times: string, ...addresses: string[]): OrderJson => {
  const [start, end] = times.split('-');
  const when = days.includes('-') ? { date: days } : { days: days.split(' ') };
  return { ...when, start, end, addresses: addresses.length === 0 ? ['home'] : addresses };
};
export const curfew = (...rows: OrderJson[]): OrderJson => ({
  condition_id: 'C1',
  kind: 'curfew',
  timetable: rows.filter((one) => one.days !== undefined),
  dated: rows.filter((one) => one.date !== undefined),
});
export const absence = (from: string, to: string): OrderJson => ({ from: iso(from), to: iso(to), reason: 'hospital' });

/** A call an hour from then on, the last no later than `to`. */
export function calls(unitId: string, from: string, to: string): string[] {
  const lines: string[] = [];
  for (let ms = utc(from); ms <= utc(to); ms += 3_600_000) lines.push(`${short(ms, true)} ${unitId} heartbeat`);
  return lines;
}

function body(deviceId: string, words: readonly string[]): OrderJson {
  const [what = '', ...rest] = words;
  if (what === 'heartbeat') return { heartbeat: { firmware: '1' } };
  if (what === 'fix') {
    const [northM = 0, accuracyM = 10] = (rest[0] ?? '').split('/').map(Number);
    const latE7 = Math.round((53.81 + northM / 111_250) * 1e7);
    return { fix: { lat_e7: latE7, lon_e7: -15_400_000, accuracy_dm: accuracyM * 10, mechanism: 'GNSS' } };
  }
  const status = (all: readonly string[]): OrderJson => {
    const pct = all.find((word) => word.endsWith('%'));
    const flags = all.filter((word) => !word.endsWith('%'));
    return { ...(flags.length > 0 && { flags }), ...(pct !== undefined && { battery_pct: Number.parseInt(pct, 10) }) };
  };
  if (['ENTER', 'EXIT', 'PRESENT'].includes(what)) {
    const [tagId = 'TAG-1', ...said] = rest;
    return { rf: { tag_id: tagId, kind: what, rssi_dbm: -60, ...(said.length > 0 && { status: status(said) }) } };
  }
  return { [deviceId.startsWith('HU') ? 'unit' : 'tag']: status(words) };
}

interface UploadJson {
  readonly device_id: string;
  readonly received_ms: number;
  readonly sequence: number;
  readonly records: readonly OrderJson[];
}

/** Each record in an upload of its own, numbered by event time, in the order of arrival. */
function uploads(lines: readonly string[]): UploadJson[] {
  const said = lines.map((line) => {
    const [what = '', arrival] = line.split(' <- ');
    const [date = '', time = '', deviceId = '', ...words] = what.split(' ');
    const timeMs = utc(`${date} ${time}`);
    const receivedMs = arrival === undefined ? timeMs + UNDER_WAY_MS : utc(arrival);
    return { deviceId, timeMs, receivedMs, body: body(deviceId, words) };
  });
  return said
    .sort((a, b) => a.timeMs - b.timeMs)
    .map(({ deviceId, timeMs, receivedMs, body }, i) => ({
      device_id: deviceId,
      received_ms: receivedMs,
      sequence: i + 1,
      records: [{ time_ms: timeMs, ...body }],
    }))
    .sort((a, b) => a.received_ms - b.received_ms);
}

const short = (ms: number, full = false): string => {
  const text = new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/(:00)?\.000Z$/, '')
    .replace('Z', '');
  return !full && text.startsWith('2026-') ? text.slice(5) : text;
};

/** A printed line, in words; lines of other streams and of other kinds are left out. */
function inWords(line: Record<string, unknown>): string {
  const { type, condition_id, device_id, start, end, ended_by, minutes, codes, code, state } = line;
  const time = (text: unknown): string => (text === null ? '' : short(Date.parse(text as string)));
  const whose = condition_id ?? device_id ?? '';
  const length = minutes === null ? null : Math.round((minutes as number) * 1e6) / 1e6;
  const rest = line.kind === 'violation' ? [ended_by, length, ...(codes as string[])] : [code, state];
  return [type, whose, `${time(start)} – ${time(end)}`.trim(), ...rest]
    .filter((word) => word !== null && word !== '')
    .join(' ');
}

/** What the replay prints of the row. */
export function replayed({ order: more, records, until }: HardCase): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-hard-'));
  try {
    const said = Object.entries(more ?? {}).filter(([, value]) => value !== undefined);
    const whole = order(Object.fromEntries(said));
    const write = (name: string, items: readonly unknown[]): string => {
      writeFileSync(join(folder, name), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
      return join(folder, name);
    };
    const lines = replayLines({
      orders: write('orders.ndjson', [whole]),
      records: write('records.ndjson', uploads(records)),
      until: until === undefined ? (whole.end as string) : iso(until),
    });
    return lines.filter((line) => line.order_id === 'ORD-1').map(inWords);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One assertion a row. `leaveOut`: alerts that are no matter of this table. */
export function holds(cases: readonly HardCase[], leaveOut: RegExp): void {
  for (const one of cases) {
    t.strictSame(
      replayed(one).filter((line) => !leaveOut.test(line)),
      one.want,
      one.name,
    );
  }
}
