/** Curfew tests in lines: records as a person would note them down, and what was told of them. */
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import type { RecordBody, RfKind, UnitFlag } from '../../src/domain/record.js';
import { CurfewDriver, curfewOrder, heartbeat, rf, unitSays } from './curfew-driver.js';
import { dated, timetable, utc } from './timetables.js';

export const HOME = 'HU-1' as DeviceId;
export const MOTHER = 'HU-2' as DeviceId;
export const TAG = 'TAG-1' as DeviceId;

/** Times are of 5 January 2026, UTC. */
export const at = (time: string): number => utc(`2026-01-05T${time}Z`);
const clock = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(11, 19));

export const device = (
  deviceId: DeviceId,
  kind: Assignment['kind'],
  address: string | null,
  from = '00:00',
  to = '23:59',
) => ({
  deviceId,
  kind,
  address,
  fromMs: at(from),
  toMs: at(to),
});
export const unit = device(HOME, 'home_unit', 'home');
export const tag = device(TAG, 'tag', null);

/** Home from 19:00 to 22:00, unless the test says otherwise. */
export function order(
  o: { devices?: Assignment[]; table?: ReturnType<typeof timetable>; toleranceS?: number } = {},
): Order {
  const conditionId = 'C1' as ConditionId;
  const table = o.table ?? timetable(null, [dated('2026-01-05', '19:00-22:00')]);
  return curfewOrder({
    startMs: at('00:00'),
    endMs: at('23:59'),
    devices: o.devices ?? [unit, tag],
    conditions: [{ kind: 'curfew', conditionId, toleranceS: o.toleranceS ?? null, timetable: table }],
  });
}

/** `18:00 HU-1 ENTER`, `18:30 HU-1 heartbeat`, `18:30 HU-1 MOVED`, `18:30 HU-1 ENTER TAG-2`. */
export function says(driver: CurfewDriver, line: string): void {
  const [time = '', unitId = '', what = '', tagId = TAG] = line.split(' ');
  const body: RecordBody =
    what === 'heartbeat'
      ? heartbeat
      : ['ENTER', 'EXIT', 'PRESENT', 'UNSPECIFIED'].includes(what)
        ? rf(tagId as DeviceId, what as RfKind)
        : unitSays(...(what.split('+') as UnitFlag[]));
  driver.say({ unitId: unitId as DeviceId, timeMs: at(time), hash: `${time} ${what}`, body });
}

/** One version a line: when it was told, from, to, how it ended, its codes, the records it rests on. */
export const shown = (findings: readonly Finding[]): string[] =>
  findings.map(({ type, eventMs, startMs, endMs, endedBy, codes, records, cause }) =>
    [
      `${clock(eventMs)} ${type} ${clock(startMs)}–${clock(endMs) ?? ''}`,
      endedBy ?? '-',
      codes.join('+') || '-',
      records.map((r) => r.hash).join(', ') || '-',
      cause,
    ].join(' | '),
  );

export function watched(lines: readonly string[], o: Parameters<typeof order>[0] & { until?: string } = {}): string[] {
  const driver = new CurfewDriver(order(o));
  for (const line of lines) says(driver, line);
  driver.tick(at(o.until ?? '23:00'));
  return shown(driver.told);
}

export interface Line {
  readonly says: string;
  readonly records: readonly string[];
  readonly order?: Parameters<typeof order>[0];
  readonly until?: string;
  readonly told: readonly string[];
}

const hourly = ['19:05', '20:30', '21:50'];
const alive = (unitId = 'HU-1') => hourly.map((time) => `${time} ${unitId} heartbeat`);
export const mixed = (...lines: string[]) => [...lines, ...alive()].sort();

/** One test a line. */
export function holds(specification: readonly Line[]): void {
  for (const { says, records, order, until, told } of specification) {
    t.test(says, (t) => {
      t.same(watched(records, { ...order, ...(until === undefined ? {} : { until }) }), told);
      t.end();
    });
  }
}
