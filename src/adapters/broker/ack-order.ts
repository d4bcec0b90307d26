/**
 * PUBACKs in the order in which the messages came ([MQTT-4.6.0-2]), though what is live is durable before a backlog that came
 * earlier. Mosquitto 2.0.11 looks for each from the head of what it has sent, and beside tens of thousands in flight it does
 * nothing else where they come in another order; over 65,535 in flight it gives a packet id twice.
 */
import type { Verdict } from '../../ports/mqtt-endpoint.js';

interface Waiting {
  /** Null once it is settled and will never be acknowledged. */
  acknowledge: (() => void) | null;
  settled: boolean;
}

export class AckOrder {
  #waiting: (Waiting | undefined)[] = [];
  #first = 0;

  /** Takes its place behind all that came before; gives what is to be called with its verdict. One that fails is passed over. */
  await(acknowledge: () => void): (verdict: Verdict) => void {
    const waiting: Waiting = { acknowledge, settled: false };
    this.#waiting.push(waiting);
    return (verdict) => {
      waiting.settled = true;
      if (verdict === 'fail') waiting.acknowledge = null;
      if (this.#waiting[this.#first] === waiting) this.#release();
    };
  }

  #release(): void {
    for (let head = this.#waiting[this.#first]; head?.settled === true; head = this.#waiting[this.#first]) {
      this.#waiting[this.#first] = undefined;
      this.#first += 1;
      head.acknowledge?.();
    }
    // an array's own `shift` moves all that is behind
    if (this.#first * 2 <= this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
