/** Watches over the alerts that nobody has acknowledged: past its type's limit an alert is told again, to somebody else. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertVersion } from '../domain/alert.js';
import type { AlertId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { LedgerPlace, LedgerReader } from '../ports/ledger.js';
import type { Telemetry } from '../ports/telemetry.js';
import { escalationLevel, LEVEL_MAX } from '../rules/acknowledge-limits.js';

export interface EscalationOptions {
  readonly ledger: Pick<LedgerReader, 'head' | 'alerts' | 'alert' | 'versionsAfter'>;
  readonly clock: Clock;
  /** Enters the journal, once a level: what stands in the ledger by then decides. False: nothing was to be told. */
  readonly escalate: (alertId: AlertId, level: number) => Promise<boolean>;
  readonly telemetry: Telemetry;
  readonly onError: (error: unknown) => void;
}

/** An alert that nobody has acknowledged: a note of what to ask the ledger for, and no more than that. */
interface Waiting {
  readonly type: AlertVersion['type'];
  /** When its first version was derived. */
  readonly raisedMs: number;
  level: number;
}

const PAGE = 256;
const SWEEP_EVERY_MS = 5_000;

export class Escalation {
  readonly #o: EscalationOptions;
  readonly #waiting = new Map<AlertId, Waiting>();
  /** All versions up to here are known of; null: before the first sweep. */
  #place: LedgerPlace | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: EscalationOptions) {
    this.#o = options;
  }

  start(everyMs: number = SWEEP_EVERY_MS): void {
    this.#timer = setInterval(() => void this.sweep().catch(this.#o.onError), everyMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#sweeping.catch(() => undefined);
  }

  /** Escalates what is past its limit by the clock; resolves when that is committed. */
  sweep(): Promise<void> {
    const sweeping = this.#sweeping.then(() => this.#sweep());
    this.#sweeping = sweeping.catch(() => undefined);
    return sweeping;
  }

  async #sweep(): Promise<void> {
    await this.#follow();
    const nowMs = this.#o.clock.nowMs();
    let oldestMs = nowMs;
    for (const [alertId, waiting] of this.#waiting) {
      if (this.#stopped) return;
      oldestMs = Math.min(oldestMs, waiting.raisedMs);
      if (waiting.level === LEVEL_MAX) continue;
      const level = escalationLevel(waiting.type, waiting.raisedMs, nowMs);
      if (level <= waiting.level) continue;
      // Of several levels that have passed since the last look only the last is told.
      if (await this.#o.escalate(alertId, level)) {
        this.#o.telemetry.count('fairwatch_alerts_escalated_total', { level: String(level) });
      }
      waiting.level = level;
    }
    this.#o.telemetry.gauge('fairwatch_alert_unacknowledged_oldest_seconds', (nowMs - oldestMs) / 1_000);
  }

  /** First the alerts that are open, then whatever is told of any. */
  async #follow(): Promise<void> {
    const { ledger } = this.#o;
    if (this.#place === null) {
      // The place first: what is told while we read is read twice, and never missed.
      const head = ledger.head();
      for (let place = 0; !this.#stopped; ) {
        const page = ledger.alerts({ state: 'open' }, place, PAGE);
        for (const { version } of page) this.#note(version);
        const last = page.at(-1);
        if (last === undefined) break;
        place = last.place;
        await nextTurn();
      }
      this.#place = head;
    }
    while (!this.#stopped) {
      const page = ledger.versionsAfter(this.#place, PAGE);
      for (const { version } of page) this.#note(version);
      const last = page.at(-1);
      if (last === undefined) return;
      this.#place = last.place;
      await nextTurn();
    }
  }

  #note(version: AlertVersion): void {
    const { alertId, type, state, handling } = version;
    if (state !== 'open') {
      this.#waiting.delete(alertId);
      return;
    }
    const known = this.#waiting.get(alertId);
    const level = handling?.escalation?.level ?? 0;
    // An alert that is amended again and again does not wait longer for it.
    const raisedMs = known?.raisedMs ?? this.#raisedMs(version);
    this.#waiting.set(alertId, { type, raisedMs, level: Math.max(level, known?.level ?? 0) });
  }

  #raisedMs({ alertId, version, derivedMs }: AlertVersion): number {
    return version === 1 ? derivedMs : (this.#o.ledger.alert(alertId)[0]?.version.derivedMs ?? derivedMs);
  }
}
