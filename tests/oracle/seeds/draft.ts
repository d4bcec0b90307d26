/** A world in the making: orders that can still be added to, and what each device recorded. */
import type { ConditionJson, DeviceJson, OrderJson, RecordJson, ZoneFeatureJson } from '../contract.js';
import type { Chance } from './chance.js';
import { iso } from './rows.js';
import { DAY, HOUR, type Season } from './seasons.js';

export interface DraftOrder {
  readonly orderId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeZone: string;
  readonly devices: DeviceJson[];
  readonly conditions: ConditionJson[];
  addresses: Record<string, { position?: readonly [number, number] }>;
  policy: Record<string, number>;
  atvMin: number | null;
}

export interface Draft {
  /** Every id of the world begins with it. */
  readonly name: string;
  readonly season: Season;
  readonly orders: DraftOrder[];
  readonly zones: ZoneFeatureJson[];
  /** By device, in no order. */
  readonly said: Map<string, RecordJson[]>;
}

export function emptyOrder(chance: Chance, draft: Draft, letter: string): DraftOrder {
  const { anchorMs, timeZone } = draft.season;
  const around = () => chance.pick([0, 0, chance.int(0, HOUR), chance.int(0, 59) * 60_000]);
  const order: DraftOrder = {
    orderId: `${draft.name}-${letter}`,
    fromMs: anchorMs - chance.int(8, 80) * HOUR - around(),
    toMs: anchorMs + chance.int(2, 90) * HOUR + around(),
    timeZone,
    devices: [],
    conditions: [],
    addresses: {},
    policy: {},
    atvMin: null,
  };
  draft.orders.push(order);
  return order;
}

export const orderJson = (order: DraftOrder): OrderJson => ({
  order_id: order.orderId,
  subject_id: `P-${order.orderId}`,
  revision: 1,
  type: 'COMMUNITY',
  supervisor: 'probation-north',
  time_zone: order.timeZone,
  start: iso(order.fromMs),
  end: iso(order.toMs),
  ...(order.atvMin !== null && { atv_allowance_min: order.atvMin }),
  devices: order.devices.filter((device) => isAssigned(device, order.toMs)),
  addresses: order.addresses,
  conditions: order.conditions,
  ...(Object.keys(order.policy).length > 0 && { policy: order.policy }),
});

/** An assignment that would begin after it ends, or after its order, is refused at import. */
const isAssigned = ({ from, to }: DeviceJson, orderEndMs: number): boolean =>
  Date.parse(from) < orderEndMs && (to === undefined || Date.parse(from) < Date.parse(to));

export function say(draft: Draft, deviceId: string, ...records: readonly RecordJson[]): void {
  const before = draft.said.get(deviceId);
  if (before === undefined) draft.said.set(deviceId, [...records]);
  else before.push(...records);
}

/** When the devices of an order may talk: a little beyond it on either side at times. */
export function talkingTime(chance: Chance, order: DraftOrder): { fromMs: number; toMs: number } {
  const beyond = chance.is(0.3) ? chance.int(0, DAY / 4) : 0;
  return { fromMs: order.fromMs - beyond, toMs: order.toMs + beyond };
}
