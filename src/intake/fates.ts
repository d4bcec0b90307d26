/** Counts what became of every message, and every refusal, for the metrics and for whoever asks. */
import type { QuarantineReason } from '../domain/entry.js';
import type { Telemetry } from '../ports/telemetry.js';

export type Fate = 'accepted' | 'repeated' | 'quarantined' | 'failed';

export class Fates {
  readonly #telemetry: Telemetry;
  readonly #counts = new Map<string, number>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  message(fate: Fate, reason: QuarantineReason | '' = ''): void {
    this.#add(reason === '' ? fate : `${fate}.${reason}`);
    this.#telemetry.count('fairwatch_messages_total', { fate, reason });
  }

  /** A connection or packet that never became a message. */
  refused(reason: string): void {
    this.#add(`refused.${reason}`);
    this.#telemetry.count('fairwatch_mqtt_refusals_total', { reason });
  }

  /** `accepted`, `repeated`, `failed`, `quarantined.{reason}`, `refused.{reason}` → how many since the start. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
