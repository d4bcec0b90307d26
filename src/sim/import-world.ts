/** Tells a gateway about the people of a run over its API: shared zones, orders, devices. Doing it twice changes nothing. */
import { type EnrolRequest, type GatewayApi, inParallel } from './gateway-api.js';

const AT_ONCE = 32;

export interface Importable {
  readonly zones: readonly { readonly id: string }[];
  readonly orders: readonly { readonly order_id: string }[];
  readonly devices: readonly EnrolRequest[];
}

/** Zones first: orders name them. */
export async function importWorld(api: GatewayApi, world: Importable): Promise<void> {
  await inParallel(world.zones, AT_ONCE, (zone) => api.putZone(zone.id, zone));
  await inParallel(world.orders, AT_ONCE, (order) => api.putOrder(order.order_id, order));
  await inParallel(world.devices, AT_ONCE, (device) => api.enrol(device));
}
