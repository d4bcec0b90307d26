/** What goes out through the broker: in order, so many at once as it takes, and kept until its PUBACK where that matters. */
import type { BrokerClient } from './broker-client.js';

interface Letter {
  readonly topic: string;
  readonly payload: Buffer;
  /** Sent again over the next connection when the broker has not answered for it. */
  readonly kept: boolean;
  readonly settle: (taken: boolean) => void;
}

export interface OutboxOptions {
  /** Unanswered at once, at most; the broker may allow fewer. */
  readonly windowMax: number;
  /** The broker refused a letter that is kept: it is tried again after so long, and what is behind it waits. */
  readonly refusedMs: number;
  readonly refused: () => void;
}

export class Outbox {
  readonly #o: OutboxOptions;
  #waiting: Letter[] = [];
  /** In the order of their sending. */
  readonly #sent = new Set<Letter>();
  #client: BrokerClient | null = null;
  #window = 0;
  #resting: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#o = options;
  }

  /** The broker has refused what it must take, and not taken it since. */
  get refused(): boolean {
    return this.#resting !== null;
  }

  /** True when the broker has it. False: it was refused, or (not `kept`) there is no connection or it ended before the answer. */
  send(topic: string, payload: Buffer, kept: boolean): Promise<boolean> {
    if (this.#closed || (!kept && this.#client === null)) return Promise.resolve(false);
    return new Promise((settle) => {
      this.#waiting.push({ topic, payload, kept, settle });
      this.#pump();
    });
  }

  connected(client: BrokerClient, receiveMaximum: number): void {
    this.#client = client;
    this.#window = Math.min(receiveMaximum, this.#o.windowMax);
    this.#pump();
  }

  /** The connection has ended: what is kept and unanswered comes before everything that waits, in its old order. */
  lost(): void {
    this.#client = null;
    const all = [...this.#sent, ...this.#waiting];
    this.#sent.clear();
    this.#waiting = all.filter(({ kept }) => kept);
    for (const { kept, settle } of all) if (!kept) settle(false);
  }

  /** Nothing more goes out; what has no answer yet has none. */
  close(): void {
    this.#closed = true;
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.lost();
    for (const { settle } of this.#waiting.splice(0)) settle(false);
  }

  #pump(): void {
    while (this.#client !== null && this.#resting === null && this.#sent.size < this.#window) {
      const letter = this.#waiting.shift();
      if (letter === undefined) return;
      this.#sent.add(letter);
      this.#client.publish(letter.topic, letter.payload, (answer) => this.#answered(letter, answer));
    }
  }

  #answered(letter: Letter, answer: 'taken' | 'no_subscriber' | 'refused'): void {
    // of a connection before: the letter is under way again
    if (!this.#sent.delete(letter)) return;
    if (answer === 'refused' && letter.kept) {
      this.#waiting.unshift(letter);
      this.#rest();
    } else {
      // nobody hears an alert: there is a ledger to read it from. Nobody hears a downlink: it is told again.
      letter.settle(answer === 'taken' || (answer === 'no_subscriber' && letter.kept));
    }
    this.#pump();
  }

  #rest(): void {
    this.#o.refused();
    this.#resting ??= setTimeout(() => {
      this.#resting = null;
      this.#pump();
    }, this.#o.refusedMs);
  }
}
