/** Counters and log lines of the running gateway. No subject id, position or payload in either, ever. */

export interface Telemetry {
  /** Adds to a counter named in `adapters/system/metrics` with its fixed labels. */
  count(metric: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Seconds, into a histogram. */
  observe(metric: string, seconds: number): void;
  gauge(metric: string, value: number, labels?: Readonly<Record<string, string>>): void;
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    code: string,
    fields?: Readonly<Record<string, string | number | boolean>>,
  ): void;
}
