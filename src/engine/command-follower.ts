/** Takes commands from the log, one after the other, checks them against what stands, and puts them into the journal. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import { GATEWAY_STREAM, type OrderId, streamOfOrder, type ZoneId } from '../domain/ids.js';
import type { Assignment, Order } from '../domain/order.js';
import { unreachable } from '../domain/result.js';
import type { SharedZone } from '../domain/zone.js';
import type { Clock } from '../ports/clock.js';
import type { Command, CommandLog, CommandOutcome, PlacedCommand } from '../ports/commands.js';
import type { Journal } from '../ports/journal.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { AssignmentIndex } from '../rules/assignments.js';
import { checkOrder } from '../rules/order-checks.js';
import type { Decisions } from './decisions.js';
import { effectiveFrom, type Policies } from './policies.js';
import type { QuarantineRetry } from './quarantine-retry.js';

export interface CommandFollowerOptions {
  readonly clock: Clock;
  readonly commands: CommandLog;
  readonly journal: Journal;
  readonly policies: Policies;
  readonly decisions: Decisions;
  /** Which order a record speaks for; intake reads it, this writes it. */
  readonly assignments: AssignmentIndex;
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  readonly whenReached: (position: number) => Promise<void>;
  /** Tries again what is in quarantine. */
  readonly quarantineRetry: Pick<QuarantineRetry, 'carryOut'>;
  /** Removes what the engine has stored of an order that nobody is watched under any more. */
  readonly erase: (orderId: OrderId) => Promise<void>;
  readonly telemetry: Telemetry;
  readonly onFatal: (error: unknown) => void;
}

export class CommandFollower {
  readonly #o: CommandFollowerOptions;
  #stopListening: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(options: CommandFollowerOptions) {
    this.#o = options;
  }

  start(): void {
    this.#stopListening = this.#o.commands.onAppend(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    await this.#running;
  }

  #wake(): void {
    this.#again = true;
    if (this.#running !== null || this.#stopped) return;
    this.#running = this.#follow()
      .catch(this.#o.onFatal)
      .finally(() => {
        this.#running = null;
        if (this.#again) this.#wake();
      });
  }

  async #follow(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      for (const placed of this.#o.commands.after(this.#o.commands.done())) {
        if (this.#stopped) return;
        await this.#passOver(placed.place);
        const outcome = await this.#carryOut(placed);
        await this.#o.commands.settle(placed.place, outcome);
        this.#o.telemetry.count('fairwatch_commands_total', {
          kind: placed.command.kind,
          outcome: outcome.ok ? 'done' : outcome.code,
        });
      }
    }
  }

  /** What an erased order was still to be told is told to nobody: its commands cannot be read any more. */
  async #passOver(place: number): Promise<void> {
    for (let gone = this.#o.commands.done() + 1; gone < place; gone++) {
      await this.#o.commands.settle(gone, { ok: false, code: 'not_found', problems: [] });
    }
  }

  #carryOut({ command }: PlacedCommand): Promise<CommandOutcome> {
    switch (command.kind) {
      case 'put_order':
        return this.#putOrder(command.order);
      case 'put_zone':
        return this.#putZone(command.zone.zoneId, command.zone);
      case 'delete_zone':
        return this.#deleteZone(command);
      case 'handle_alert':
        return this.#o.decisions.handle(command.alertId, command.seenVersion, command.act);
      case 'retry_quarantine':
        return this.#o.quarantineRetry.carryOut(command);
      case 'erase_order':
        return this.#eraseOrder(command.orderId);
      default:
        return unreachable(command);
    }
  }

  async #putOrder(order: Order): Promise<CommandOutcome> {
    const known = this.#o.policies.newest(order.orderId);
    if (known !== null && known.revision >= order.revision) {
      // Carried out before a crash kept its outcome from being written, or said twice.
      if (JSON.stringify(known) === JSON.stringify(order)) return { ok: true, created: false };
      return conflict('revision', `a revision above ${known.revision}, the newest there is`, String(order.revision));
    }
    const problems = checkOrder(order, {
      zoneExists: (zoneId: ZoneId) => this.#o.policies.zone(zoneId) !== null,
      overlapping: (orderId: OrderId, assignment: Assignment) => this.#o.assignments.overlapping(orderId, assignment),
    });
    if (problems.length > 0) return { ok: false, code: 'invalid', problems };
    // In one breath: uploads routed by the new assignments stand behind the order in the journal.
    const receivedMs = this.#o.clock.nowMs();
    const effectiveMs = effectiveFrom(order, receivedMs, known === null);
    const next = { position: Infinity, order, receivedMs, effectiveMs };
    this.#o.assignments.put(this.#o.policies.spokenForBy(order.orderId, next) ?? order);
    await this.#enter({ kind: 'order', stream: streamOfOrder(order.orderId), receivedMs, order });
    return { ok: true, created: known === null };
  }

  /** Each step changes nothing when it is done again: the command is settled when all are, and taken up anew after a crash. */
  async #eraseOrder(orderId: OrderId): Promise<CommandOutcome> {
    const known = this.#o.policies.newest(orderId) !== null;
    this.#o.assignments.remove(orderId);
    const receivedMs = this.#o.clock.nowMs();
    await this.#enter({ kind: 'erase', stream: streamOfOrder(orderId), receivedMs, orderId });
    await this.#o.erase(orderId);
    return { ok: true, created: known };
  }

  async #putZone(zoneId: ZoneId, zone: SharedZone): Promise<CommandOutcome> {
    const created = this.#o.policies.zone(zoneId) === null;
    await this.#enter({ kind: 'zone', stream: GATEWAY_STREAM, receivedMs: this.#o.clock.nowMs(), zoneId, zone });
    return { ok: true, created };
  }

  async #deleteZone({ zoneId }: Extract<Command, { kind: 'delete_zone' }>): Promise<CommandOutcome> {
    if (this.#o.policies.zone(zoneId) === null) {
      return { ok: false, code: 'not_found', problems: [{ path: 'id', expected: 'a zone that exists', got: zoneId }] };
    }
    const [user] = this.#o.policies.usersOf(zoneId, this.#o.clock.nowMs());
    if (user !== undefined) return conflict('id', 'a zone that no order names', `${zoneId}, which order ${user} names`);
    await this.#enter({ kind: 'zone', stream: GATEWAY_STREAM, receivedMs: this.#o.clock.nowMs(), zoneId, zone: null });
    return { ok: true, created: false };
  }

  async #enter(entry: JournalEntry): Promise<void> {
    const position = await this.#o.journal.append([entry]);
    this.#o.deliver([{ position, entry }]);
    await this.#o.whenReached(position);
  }
}

function conflict(path: string, expected: string, got: string): CommandOutcome {
  return { ok: false, code: 'conflict', problems: [{ path, expected, got }] };
}
