/** What was sent to one client at QoS 1 and waits for its PUBACK (MQTT 3.1.1 §4.3.2, §4.4). */
import { publishPacket } from './answers.js';

interface Outgoing {
  readonly settle: ((arrived: boolean) => void) | null;
  readonly sinceMs: number;
}

export class Deliveries {
  readonly #max: number;
  readonly #write: (packet: Buffer) => void;
  readonly #outgoing = new Map<number, Outgoing>();
  #lastId = 0;
  /** When the client last acknowledged anything, monotonic ms. */
  #progressMs = 0;

  constructor(max: number, write: (packet: Buffer) => void) {
    this.#max = max;
    this.#write = write;
  }

  /**
   * `settle` hears true with the PUBACK (at QoS 0 at once), false when it cannot come any more. False, and nothing sent:
   * the client has too much un-acknowledged.
   */
  send(topic: string, payload: Uint8Array, qos: 0 | 1, nowMs: number, settle: Outgoing['settle']): boolean {
    if (qos === 0) {
      this.#write(publishPacket(topic, payload, null));
      settle?.(true);
      return true;
    }
    if (this.#outgoing.size >= this.#max) return false;
    // [MQTT-2.3.1-4]: an id that is not in use; there are more ids than may wait
    do this.#lastId = (this.#lastId % 65_535) + 1;
    while (this.#outgoing.has(this.#lastId));
    this.#outgoing.set(this.#lastId, { settle, sinceMs: nowMs });
    this.#write(publishPacket(topic, payload, this.#lastId));
    return true;
  }

  /** A PUBACK for an id that was never sent, or twice for one, means nothing. */
  acknowledged(id: number, nowMs: number): void {
    const outgoing = this.#outgoing.get(id);
    if (outgoing === undefined) return;
    this.#outgoing.delete(id);
    this.#progressMs = nowMs;
    outgoing.settle?.(true);
  }

  /** Whether the client has acknowledged nothing for so long, though something waits. */
  stuck(nowMs: number, patienceMs: number): boolean {
    for (const { sinceMs } of this.#outgoing.values()) {
      return nowMs - Math.max(sinceMs, this.#progressMs) > patienceMs; // the oldest comes first
    }
    return false;
  }

  /** The connection has ended. */
  forget(): void {
    const outgoing = [...this.#outgoing.values()];
    this.#outgoing.clear();
    for (const { settle } of outgoing) settle?.(false);
  }
}
