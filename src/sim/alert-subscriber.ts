/** An outside subscriber: follows the alert stream over HTTP (server-sent events) and resumes by its cursor without loss. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GatewayAddress, requester } from './gateway-api.js';
import type { HeardAlert } from './truth.js';

export interface AlertEvent {
  readonly id: string;
  readonly type: string;
  readonly cursor: string;
  readonly data: HeardAlert & { readonly event_time: string };
}

export interface SubscriberOptions {
  readonly address: GatewayAddress;
  /** Each event once, in the order of the stream; `atMs`: wall clock when it was read. */
  readonly onEvent: (event: AlertEvent, atMs: number) => void;
  readonly onConnection?: (up: boolean) => void;
  /** Where to begin: with the oldest that is kept, or with what comes from now on. */
  readonly from?: 'start' | 'now';
}

const RETRY_MS = 150;

export class AlertSubscriber {
  /** Newest version by alert. */
  readonly heard = new Map<string, HeardAlert>();
  private readonly seen = new Set<string>();
  private readonly stopping = new AbortController();
  private lastId: string | null = null;
  private running: Promise<void> | null = null;
  /** Events that came more than once: delivery is at least once. */
  repeats = 0;

  constructor(private readonly options: SubscriberOptions) {}

  /** Resolves when the stream is open for the first time; it is kept open until `stop`. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.running = this.follow(resolve).catch(reject);
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async follow(onOpen: () => void): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.read(onOpen);
      } catch (error) {
        if (error instanceof StreamLost) throw error;
        // refused, cut off or not there: it is asked again
      }
      this.options.onConnection?.(false);
      await sleep(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async read(onOpen: () => void): Promise<void> {
    const { url, token } = this.options.address;
    const query = this.lastId === null && this.options.from !== 'now' ? '?from=start' : '';
    const response = await this.open(`${url}/v1/alerts/stream${query}`, {
      accept: 'text/event-stream',
      authorization: `Bearer ${await token()}`,
      ...(this.lastId === null ? {} : { 'last-event-id': this.lastId }),
    });
    if (response.statusCode === 410) {
      response.destroy();
      throw new StreamLost(`the gateway no longer knows the cursor ${this.lastId}`);
    }
    if (response.statusCode !== 200) {
      response.destroy();
      return;
    }
    this.options.onConnection?.(true);
    onOpen();
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      const atMs = performance.timeOrigin + performance.now();
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.take(block, atMs);
    }
  }

  /** A connection of its own each time: a stream is never shared with other requests, nor left over by one. */
  private open(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { ca } = this.options.address;
      requester(this.options.address)(url, {
        headers,
        agent: false,
        signal: this.stopping.signal,
        ...(ca === undefined ? {} : { ca }),
      })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });
  }

  private take(block: string, atMs: number): void {
    let id: string | null = null;
    let data = '';
    for (const line of block.split('\n')) {
      // what the gateway says of itself is no alert
      if (line.startsWith('event:')) return;
      if (line.startsWith('id:')) id = line.slice(3).trim();
      else if (line.startsWith('data:')) data += line.slice(5).trim();
    }
    if (id !== null) this.lastId = id;
    if (data === '') return;
    const event = JSON.parse(data) as AlertEvent;
    if (this.seen.has(event.id)) {
      this.repeats++;
      return;
    }
    this.seen.add(event.id);
    const known = this.heard.get(event.data.alert_id);
    if (known === undefined || known.version < event.data.version) this.heard.set(event.data.alert_id, event.data);
    this.options.onEvent(event, atMs);
  }
}

/** The cursor is gone: alerts may have been lost, and nothing that is counted afterwards could be trusted. */
export class StreamLost extends Error {
  override readonly name = 'StreamLost';
}
