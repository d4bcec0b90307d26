/** Telemetry for tests: keeps the codes that were logged, writes nothing. */
import type { Telemetry } from '../../src/ports/telemetry.js';

export class RecordingTelemetry implements Telemetry {
  readonly codes: string[] = [];
  readonly lines: { readonly code: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  readonly counts = new Map<string, number>();
  readonly gauges = new Map<string, number>();

  count(metric: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    const name = [metric, ...Object.values(labels)].join(' ');
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
  observe(): void {}
  gauge(metric: string, value: number): void {
    this.gauges.set(metric, value);
  }
  log(_level: 'debug' | 'info' | 'warn' | 'error', code: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.codes.push(code);
    this.lines.push({ code, fields });
  }
}
