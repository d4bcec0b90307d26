/**
 * Opens orders' own keys after a start, before an alert needs them: one takes a fifth of a millisecond, and at a curfew's
 * edge tens of thousands would be opened at once. Those of whom something will be found soon come first; in small pieces,
 * for everything else goes before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type OrderId, orderOfStream, type StreamKey } from '../domain/ids.js';

export interface KeysAheadOptions {
  /** When each stream wants to be looked at again. */
  readonly dueTimes: () => Iterable<readonly [StreamKey, number]>;
  readonly nowMs: () => number;
  /** Keeps the order's key at hand; cheap where it is. */
  readonly open: (orderId: OrderId) => void;
  /** Told of a key that cannot be read; the others are. */
  readonly onError: (error: unknown) => void;
  /** Monotonic ms. */
  readonly steadyMs?: () => number;
}

/** Rounds: everybody who is due within this. */
const WITHIN_MS = [5, 30, 120, 720].map((minutes) => minutes * 60_000);
/** Of the event loop, at a time; and how long the others have it then. */
const PIECE_MS = 4;
const PAUSE_MS = 16;

export class KeysAhead {
  readonly #o: KeysAheadOptions;
  readonly #stop = new AbortController();
  /** Told of once. */
  readonly #unreadable = new Set<OrderId>();
  #running: Promise<void> | null = null;

  constructor(options: KeysAheadOptions) {
    this.#o = options;
  }

  start(): void {
    this.#running ??= this.#rounds().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#o.onError(error);
    });
  }

  /** Resolves when everybody's is at hand, or it was stopped. */
  async done(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #rounds(): Promise<void> {
    const { nowMs } = this.#o;
    for (const withinMs of [...WITHIN_MS, Number.POSITIVE_INFINITY]) await this.#round(nowMs() + withinMs);
  }

  async #round(untilMs: number): Promise<void> {
    const { dueTimes, steadyMs = () => performance.now() } = this.#o;
    let sinceMs = steadyMs();
    for (const [stream, dueMs] of dueTimes()) {
      const orderId = dueMs <= untilMs ? orderOfStream(stream) : null;
      if (orderId !== null) this.#open(orderId);
      if (steadyMs() - sinceMs < PIECE_MS) continue;
      await sleep(PAUSE_MS, undefined, { signal: this.#stop.signal, ref: false });
      sinceMs = steadyMs();
    }
  }

  #open(orderId: OrderId): void {
    if (this.#unreadable.has(orderId)) return;
    try {
      this.#o.open(orderId);
    } catch (error) {
      this.#unreadable.add(orderId);
      this.#o.onError(error);
    }
  }
}
