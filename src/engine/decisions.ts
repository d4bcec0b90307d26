/** What people do about alerts on its way into the journal, one after the other, each against what stands by then. */
import type { AlertAct, AlertVersion, AskedAct } from '../domain/alert.js';
import type { DecisionEntry, PlacedEntry } from '../domain/entry.js';
import { type AlertId, type StreamKey, streamOfDevice, streamOfOrder } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { CommandOutcome } from '../ports/commands.js';
import type { Journal } from '../ports/journal.js';
import type { LedgerReader } from '../ports/ledger.js';
import { actRefused, standsAlready } from '../rules/acts.js';
import { pictureOf } from '../rules/handling.js';

export interface DecisionsOptions {
  readonly clock: Clock;
  readonly ledger: Pick<LedgerReader, 'alert'>;
  readonly journal: Journal;
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  readonly whenReached: (position: number) => Promise<void>;
}

export class Decisions {
  readonly #o: DecisionsOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DecisionsOptions) {
    this.#o = options;
  }

  /** Resolves when the alert's next version is committed, or with why there is none. */
  handle(alertId: AlertId, seenVersion: number, act: AskedAct): Promise<CommandOutcome> {
    return this.#inTurn(async () => {
      const versions = this.#versionsOf(alertId);
      const newest = versions.at(-1);
      if (newest === undefined) return refused('not_found', 'alert_id', 'an alert that exists', alertId);
      const seen = versions.find(({ version }) => version === seenVersion);
      if (seen === undefined) return refused('invalid', 'version', 'a version of the alert', String(seenVersion));
      if (standsAlready(newest, seenVersion, act)) return { ok: true, created: false };
      const refusal = actRefused(versions, seenVersion, act);
      if (refusal !== null) return { ok: false, code: 'conflict', problems: refusal.problems };
      await this.#enter(newest, asSeen(act, seen));
      return { ok: true, created: true };
    });
  }

  /** Nobody has acknowledged it in time. False: somebody has by now, or it was told already. */
  escalate(alertId: AlertId, level: number): Promise<boolean> {
    return this.#inTurn(async () => {
      const newest = this.#versionsOf(alertId).at(-1);
      if (newest?.state !== 'open' || (newest.handling?.escalation?.level ?? 0) >= level) return false;
      await this.#enter(newest, { action: 'escalate', level });
      return true;
    });
  }

  async settled(): Promise<void> {
    await this.#turn;
  }

  /** The ledger has every version that led to the next act: each is awaited before. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #versionsOf(alertId: AlertId): AlertVersion[] {
    return this.#o.ledger.alert(alertId).map(({ version }) => version);
  }

  async #enter(alert: AlertVersion, act: AlertAct): Promise<void> {
    const receivedMs = this.#o.clock.nowMs();
    const entry: DecisionEntry = { kind: 'decision', stream: streamOf(alert), receivedMs, act, alert };
    const position = await this.#o.journal.append([entry]);
    this.#o.deliver([{ position, entry }]);
    await this.#o.whenReached(position);
  }
}

function asSeen(act: AskedAct, seen: AlertVersion): AlertAct {
  return 'kind' in act ? { ...act, seen: pictureOf(seen) } : act;
}

function streamOf({ alertId, orderId, deviceId }: AlertVersion): StreamKey {
  if (orderId !== null) return streamOfOrder(orderId);
  if (deviceId === null) throw new Error(`alert ${alertId} is neither of an order nor of a device`);
  return streamOfDevice(deviceId);
}

function refused(code: 'not_found' | 'invalid', path: string, expected: string, got: string): CommandOutcome {
  return { ok: false, code, problems: [{ path, expected, got }] };
}
