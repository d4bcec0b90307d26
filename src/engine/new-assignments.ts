/** What a revision says anew of who wore what. */
import type { Assignment } from '../domain/order.js';

/** The parts of `after` within `[sinceMs, untilMs)` that `before` does not cover with the same device in the same place. */
export function changedHands(
  before: readonly Assignment[],
  after: readonly Assignment[],
  sinceMs: number,
  untilMs: number,
): Assignment[] {
  return after.flatMap((device) => {
    let rest = [{ fromMs: Math.max(device.fromMs, sinceMs), toMs: Math.min(device.toMs, untilMs) }];
    for (const known of before) {
      if (known.deviceId !== device.deviceId || known.kind !== device.kind || known.address !== device.address)
        continue;
      rest = rest.flatMap(({ fromMs, toMs }) => [
        { fromMs, toMs: Math.min(toMs, known.fromMs) },
        { fromMs: Math.max(fromMs, known.toMs), toMs },
      ]);
    }
    return rest.filter(({ fromMs, toMs }) => fromMs < toMs).map((span) => ({ ...device, ...span }));
  });
}
