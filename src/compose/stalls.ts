/** Whether the pipeline stands still, told to whoever tells others: once when it begins, when its reasons change, and when it is over. */
import { isStall, type Stall } from '../domain/health.js';
import type { StallWatch } from '../ports/health.js';
import type { Telemetry } from '../ports/telemetry.js';

export class Stalls implements StallWatch {
  readonly #listeners = new Set<(stall: Stall | null) => void>();
  #stall: Stall | null = null;

  constructor(
    private readonly nowMs: () => number,
    private readonly telemetry: Pick<Telemetry, 'gauge' | 'log'>,
  ) {}

  get stall(): Stall | null {
    return this.#stall;
  }

  onChange(listener: (stall: Stall | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The reasons as they are now; those that are no standstill count for nothing. */
  turn(reasons: readonly string[]): void {
    const stalled = reasons.filter(isStall);
    this.telemetry.gauge('fairwatch_pipeline_stalled', stalled.length === 0 ? 0 : 1);
    if ((this.#stall?.reasons ?? []).join() === stalled.join()) return;
    const sinceMs = this.#stall?.sinceMs ?? this.nowMs();
    this.#stall = stalled.length === 0 ? null : { sinceMs, reasons: stalled };
    if (this.#stall !== null) this.telemetry.log('error', 'pipeline_stalled', { reasons: stalled.join(',') });
    else this.telemetry.log('info', 'pipeline_recovered', { seconds: Math.round((this.nowMs() - sinceMs) / 1_000) });
    for (const listener of [...this.#listeners]) listener(this.#stall);
  }
}
