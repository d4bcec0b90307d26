/** How late alerts of live people were on the stream: told apart by what was going on; figures, and no judgement. */
import type { AlertEvent } from '../../src/sim/alert-subscriber.js';
import { percentiles } from '../../src/sim/percentiles.js';

export type Situation = 'peace' | 'storm' | 'fault';

/** After a recovery the devices are still coming back. */
const FAULT_ECHO_MS = 5_000;
const SITUATIONS: readonly Situation[] = ['peace', 'storm', 'fault'];

export class Delays {
  readonly #ms: Record<Situation, number[]> = { peace: [], storm: [], fault: [] };
  #faults = 0;
  #storms = 0;
  #calmSinceMs = 0;

  /** From here until the function that it gives is called. */
  begin(what: 'storm' | 'fault'): () => void {
    if (what === 'fault') this.#faults += 1;
    else this.#storms += 1;
    return () => {
      if (what === 'storm') this.#storms -= 1;
      else {
        this.#faults -= 1;
        this.#calmSinceMs = Date.now() + FAULT_ECHO_MS;
      }
    };
  }

  /** An event of somebody who was live when it happened; what people or clocks did to an alert later says nothing. */
  take({ data }: AlertEvent & { readonly data: { readonly handling?: unknown } }): void {
    if (data.handling !== null && data.handling !== undefined) return;
    const nowMs = Date.now();
    const lateMs = nowMs - Date.parse(data.event_time);
    const disturbed = this.#faults > 0 || nowMs < this.#calmSinceMs;
    this.#ms[disturbed ? 'fault' : this.#storms > 0 ? 'storm' : 'peace'].push(lateMs);
  }

  /** A row a situation: how many alerts, p50, p99 and the latest, in seconds. */
  rows(): string[][] {
    return SITUATIONS.filter((situation) => this.#ms[situation].length > 0).map((situation) => {
      const ms = this.#ms[situation];
      const { p50, p99 } = percentiles(ms);
      const worst = ms.reduce((most, one) => Math.max(most, one), 0);
      return [situation, String(ms.length), ...[p50 ?? 0, p99 ?? 0, worst].map((one) => (one / 1_000).toFixed(2))];
    });
  }
}
