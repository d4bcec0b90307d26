/** Orders' keys as the tier that takes in needs them: whose there are, at a start; and at hand before an alert asks. */
import { FileOrderKeyRing } from '../adapters/files/order-key-ring.js';
import type { TierKeys } from '../adapters/files/tier-keys.js';
import { KeysAhead } from '../engine/keys-ahead.js';
import type { StateKeeper } from '../engine/state-keeper.js';
import type { Telemetry } from '../ports/telemetry.js';

/** With the list of who has keys, until `forgetList`: a start asks of everybody. */
export async function openOrderKeys(tier: TierKeys, telemetry: Telemetry) {
  const ring = new FileOrderKeyRing(tier);
  await ring.list();
  const leftOut = (): void => telemetry.log('warn', 'order_without_keys');
  const holds = ring.holds.bind(ring);
  return { ring, rows: { shared: tier.shared, orders: ring, leftOut, holds } };
}

/** Nobody is watched under them: an erasure that is taken up again, or a vault that is not this folder's. */
export function sayKeyless(names: Iterable<string>, ring: FileOrderKeyRing, telemetry: Telemetry): void {
  let keyless = 0;
  for (const name of names) if (!ring.holds(name)) keyless++;
  if (keyless > 0) telemetry.log('error', 'orders_without_keys', { orders: keyless });
}

export function keysAhead(
  ring: FileOrderKeyRing,
  states: Pick<StateKeeper, 'dueTimes'>,
  nowMs: () => number,
  telemetry: Telemetry,
): KeysAhead {
  return new KeysAhead({
    dueTimes: () => states.dueTimes(),
    nowMs,
    open: (orderId) => void ring.sealsOf(orderId),
    onError: (error) =>
      telemetry.log('error', 'order_key_unreadable', { error: error instanceof Error ? error.name : 'unknown' }),
  });
}
