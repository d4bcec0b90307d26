// Reads server-sent events over a real socket as an EventSource does (WHATWG HTML §9.2.6), and remembers the last id.
import { type ClientRequest, get, type IncomingMessage } from 'node:http';

export interface ReadEvent {
  readonly id: string;
  readonly data: { readonly id: string; readonly cursor: string; readonly data: Record<string, unknown> };
}

export class EventReader {
  readonly events: ReadEvent[] = [];
  /** Those with a name of their own. */
  readonly named: { readonly name: string; readonly data: { readonly type: string; readonly data: unknown } }[] = [];
  comments = 0;
  lastId = '';
  ended = false;
  #rest = '';
  #waiting: (() => void)[] = [];

  private constructor(
    readonly response: IncomingMessage,
    private readonly request: ClientRequest,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    const end = () => {
      this.ended = true;
      this.#wake();
    };
    response.on('close', end);
    response.on('error', end);
  }

  /** Resolves when the response's head is there, whatever its status. */
  static open(url: string, token: string, lastEventId?: string): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      };
      const request = get(url, { headers, agent: false }, (response) => resolve(new EventReader(response, request)));
      request.on('error', reject);
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  /** Waits until something holds; rejects when the stream ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended) throw new Error(`the stream ended after ${this.events.length} events`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  async untilEnded(): Promise<void> {
    while (!this.ended) await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  close(): void {
    this.request.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#dispatch(block.split('\n'));
    this.#wake();
  }

  #dispatch(lines: readonly string[]): void {
    const data: string[] = [];
    let named = '';
    for (const line of lines) {
      if (line.startsWith('event: ')) named = line.slice(7);
      if (line.startsWith(':')) this.comments++;
      if (line.startsWith('id: ')) this.lastId = line.slice(4);
      if (line.startsWith('data: ')) data.push(line.slice(6));
    }
    if (named !== '') this.named.push({ name: named, data: JSON.parse(data.join('\n')) });
    else if (data.length > 0) this.events.push({ id: this.lastId, data: JSON.parse(data.join('\n')) });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
