/** §9.4: `step` never throws on any decodable record, and never reads a clock; no fault but an injected one ends a gateway. */
import type { History } from '../history.js';

export function neverThrows({ surprises, restless }: History): string[] {
  return [
    ...surprises.map((what) => `invariant 4: ${what}`),
    ...(restless === null ? [] : [`invariant 4: the gateway does not come to rest, ${restless}`]),
  ];
}
