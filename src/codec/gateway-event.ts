/** What the gateway tells of itself where alerts are told: that nothing comes for it stands still, and that it is over. No alert, of nobody. */
import type { Stall } from '../domain/health.js';

export interface GatewayEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: 'uk.fairwatch.gateway.stalled' | 'uk.fairwatch.gateway.recovered';
  readonly subject: 'gateway';
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: { readonly since: string; readonly reasons: readonly string[] };
}

/** `stall` null: it is over, and `before` is what was. Without a cursor: it stands at no place of the ledger. */
export function gatewayEvent(stall: Stall | null, before: Stall, nowMs: number, source: string): GatewayEvent {
  const { sinceMs } = before;
  const reasons = stall?.reasons ?? [];
  return {
    specversion: '1.0',
    id: `gateway.${sinceMs}.${stall === null ? 'recovered' : reasons.join('+')}`,
    source,
    type: `uk.fairwatch.gateway.${stall === null ? 'recovered' : 'stalled'}`,
    subject: 'gateway',
    time: new Date(nowMs).toISOString(),
    datacontenttype: 'application/json',
    data: { since: new Date(sinceMs).toISOString(), reasons },
  };
}
