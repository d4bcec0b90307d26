/** Whether a socket is read, and what was read of it and has to wait: counted over all connections. */
import type { Socket } from 'node:net';
import type { ByteBudget } from './byte-budget.js';

export class Flow {
  readonly #socket: Socket;
  readonly #held: ByteBudget;
  #heldBytes = 0;
  paused = false;
  /** Since when it has been read again, monotonic ms; 0: it was read all the time. */
  resumedMs = 0;

  constructor(socket: Socket, held: ByteBudget) {
    this.#socket = socket;
    this.#held = held;
  }

  /** Reads no more; `bytes` are kept. False: there is no memory for them. */
  pause(bytes: number): boolean {
    if (this.paused) return true;
    this.paused = true;
    this.#socket.pause();
    if (!this.#held.take(bytes)) return false;
    this.#heldBytes = bytes;
    return true;
  }

  /** False: it was read all the time. */
  resume(): boolean {
    if (!this.paused) return false;
    this.paused = false;
    this.resumedMs = performance.now();
    this.forget();
    this.#socket.resume();
    return true;
  }

  /** Nothing is kept any more. */
  forget(): void {
    this.#held.give(this.#heldBytes);
    this.#heldBytes = 0;
  }
}
