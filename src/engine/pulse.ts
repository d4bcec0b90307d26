/** The gateway's pulse: says now and then that it is alive, so that an interruption can be dated, and checkpoints. */

import type { AliveEntry, PlacedEntry } from '../domain/entry.js';
import { GATEWAY_STREAM } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Engine } from './engine.js';

export interface PulseOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly engine: Pick<Engine, 'checkpoint'>;
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  readonly onFatal: (error: unknown) => void;
}

/** An interruption is dated to within this; a restart takes in again what came after the last checkpoint. */
const BEAT_MS = 10_000;

export class Pulse {
  readonly #o: PulseOptions;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();

  constructor(options: PulseOptions) {
    this.#o = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat()).catch(this.#o.onFatal);
    }, BEAT_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#beating;
  }

  /** The gateway is alive at `atMs`. */
  async mark(atMs: number): Promise<void> {
    const alive: AliveEntry = { kind: 'alive', stream: GATEWAY_STREAM, receivedMs: atMs };
    const position = await this.#o.journal.append([alive]);
    this.#o.deliver([{ position, entry: alive }]);
  }

  async #beat(): Promise<void> {
    await this.mark(this.#o.clock.nowMs());
    await this.#o.engine.checkpoint();
  }
}
