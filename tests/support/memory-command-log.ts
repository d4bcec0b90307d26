/** A command log in memory: every client of one content hears of every append at once. */
import type { OrderId } from '../../src/domain/ids.js';
import type { Command, CommandLog, CommandOutcome, PlacedCommand } from '../../src/ports/commands.js';

/** What outlives every client. */
export class CommandLogContent {
  readonly commands: PlacedCommand[] = [];
  readonly outcomes: CommandOutcome[] = [];
  readonly removed = new Set<number>();
  readonly appended = new Set<() => void>();
  readonly settled = new Set<() => void>();
}

export class MemoryCommandLog implements CommandLog {
  readonly #content: CommandLogContent;
  readonly #stops: (() => void)[] = [];

  constructor(content: CommandLogContent) {
    this.#content = content;
  }

  async append(command: Command, receivedMs: number): Promise<number> {
    const place = this.#content.commands.length + 1;
    this.#content.commands.push({ place, receivedMs, command });
    for (const listener of [...this.#content.appended]) listener();
    return place;
  }

  after(place: number): PlacedCommand[] {
    return this.#content.commands.slice(place).filter(({ place: at }) => !this.#content.removed.has(at));
  }

  done(): number {
    return this.#content.outcomes.length;
  }

  async settle(place: number, outcome: CommandOutcome): Promise<void> {
    const { outcomes, commands, settled } = this.#content;
    if (place <= outcomes.length) return;
    if (place !== outcomes.length + 1 || place > commands.length) throw new RangeError(`command ${place}`);
    outcomes.push(outcome);
    for (const listener of [...settled]) listener();
  }

  outcome(place: number): CommandOutcome | null {
    return this.#content.removed.has(place) ? null : (this.#content.outcomes[place - 1] ?? null);
  }

  awaitOutcome(place: number, withinMs: number): Promise<CommandOutcome | null> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(patience);
        this.#content.settled.delete(look);
        resolve(this.outcome(place));
      };
      const look = (): void => {
        if (this.outcome(place) !== null) finish();
      };
      const patience = setTimeout(finish, withinMs);
      this.#content.settled.add(look);
      look();
    });
  }

  onAppend(listener: () => void): () => void {
    this.#content.appended.add(listener);
    const stop = (): void => void this.#content.appended.delete(listener);
    this.#stops.push(stop);
    return stop;
  }

  async removeOrder(orderId: OrderId): Promise<number> {
    return this.#remove(({ command }) => command.kind === 'put_order' && command.order.orderId === orderId);
  }

  async expire(beforeMs: number): Promise<number> {
    return this.#remove(({ receivedMs }) => receivedMs < beforeMs);
  }

  #remove(which: (placed: PlacedCommand) => boolean): number {
    const gone = this.after(0).filter((placed) => placed.place <= this.done() && which(placed));
    for (const { place } of gone) this.#content.removed.add(place);
    return gone.length;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
  }
}
