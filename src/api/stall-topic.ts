/** Tells the monitoring centre on its own topic that the pipeline stands still: silence there would look like calm. */
import { gatewayEvent } from '../codec/gateway-event.js';
import type { Stall } from '../domain/health.js';
import type { AgencyId } from '../domain/ids.js';
import type { StallWatch } from '../ports/health.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';
import type { Telemetry } from '../ports/telemetry.js';

export interface StallTopicOptions {
  readonly stalls: StallWatch;
  readonly endpoint: Pick<MqttEndpoint, 'publish'>;
  readonly monitoringAgency: AgencyId;
  readonly source: string;
  readonly telemetry: Pick<Telemetry, 'log'>;
  /** Told again that often while it lasts, for whoever has come since. */
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;

/** Returns the way to stop. */
export function tellStalls(o: StallTopicOptions): () => void {
  let last: Stall | null = o.stalls.stall;
  /** Through a broker that is gone nothing is taken: what has not left is not said again. */
  let underWay = 0;
  const tell = (stall: Stall | null): void => {
    const before = stall ?? last;
    last = stall;
    if (before === null) return;
    const event = gatewayEvent(stall, before, Date.now(), o.source);
    // a topic that takes nothing is a part of what stands still
    underWay += 1;
    o.endpoint
      .publish(`em/v1/alerts/${o.monitoringAgency}`, Buffer.from(JSON.stringify(event)), 1)
      .catch(() => o.telemetry.log('warn', 'stall_not_told'))
      .finally(() => {
        underWay -= 1;
      });
  };
  const stop = o.stalls.onChange(tell);
  const again = setInterval(() => last !== null && underWay === 0 && tell(last), o.everyMs ?? EVERY_MS).unref();
  return () => {
    clearInterval(again);
    stop();
  };
}
