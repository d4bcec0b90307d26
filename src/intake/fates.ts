/** Counts what became of every message, and every refusal, for the metrics and for whoever asks. */
import type { QuarantineReason } from '../domain/entry.js';
import type { Telemetry } from '../ports/telemetry.js';

export type Fate = 'accepted' | 'repeated' | 'quarantined' | 'retried' | 'failed';

export class Fates {
  readonly #telemetry: Telemetry;
  readonly #counts = new Map<string, number>();
  /** Not told to telemetry yet: a labelled counter costs about a microsecond, so it is told once a turn. */
  #untold = new Map<string, number>();
  #records = 0;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** `records`: how many of them became the engine's. */
  message(fate: Fate, reason: QuarantineReason | '' = '', records = 0): void {
    if (fate === 'accepted' || fate === 'retried') this.#records += records;
    this.#add(reason === '' ? fate : `${fate}.${reason}`);
  }

  /** A connection or packet that never became a message. */
  refused(reason: string): void {
    this.#add(`refused.${reason}`);
  }

  /** `accepted`, `repeated`, `failed`, `quarantined.{reason}`, `refused.{reason}` → how many since the start. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (this.#untold.size === 0) setImmediate(() => this.#tell());
    this.#untold.set(name, (this.#untold.get(name) ?? 0) + 1);
  }

  #tell(): void {
    const untold = this.#untold;
    this.#untold = new Map();
    for (const [name, count] of untold) {
      const [fate = '', reason = ''] = name.split('.');
      if (fate === 'refused') this.#telemetry.count('fairwatch_connections_refused_total', { reason }, count);
      else this.#telemetry.count('fairwatch_messages_total', { fate, reason }, count);
    }
    if (this.#records > 0) this.#telemetry.count('fairwatch_records_total', {}, this.#records);
    this.#records = 0;
  }
}
