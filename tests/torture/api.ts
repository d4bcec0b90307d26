/** The gateway's HTTP interface for a run: every question is asked again until a gateway that is killed meanwhile answers it. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertEvent } from '../../src/sim/alert-subscriber.js';
import type { House } from './house.js';

/** A gateway that does not answer for so long does not come back. */
const AWAY_MAX_MS = 120_000;
const PATIENCE_MS = 30_000;
const AGAIN_MS = 250;

export class RunApi {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 96 });

  constructor(private readonly house: Pick<House, 'url' | 'token'>) {}

  async putOrder(order: { readonly order_id: string }): Promise<void> {
    await this.ask('PUT', `/v1/orders/${order.order_id}`, order);
  }

  async enrol(device: Record<string, unknown>): Promise<void> {
    await this.ask('POST', '/v1/devices', device);
  }

  /** The newest version of each alert that changed after the cursor. */
  async alertsAfter(cursor: string | null): Promise<{ events: AlertEvent[]; cursor: string }> {
    const events: AlertEvent[] = [];
    for (let place = cursor; ; ) {
      const query: string = place === null ? '' : `&cursor=${encodeURIComponent(place)}`;
      const page = (await this.ask('GET', `/v1/alerts?limit=500${query}`)) as {
        events: AlertEvent[];
        cursor: string;
        more: boolean;
      };
      events.push(...page.events);
      place = page.cursor;
      if (!page.more) return { events, cursor: place };
    }
  }

  /** Whether `/readyz` says so now. */
  async ready(): Promise<boolean> {
    try {
      return (await this.#once('GET', '/readyz', null)).status === 200;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Rejects with what it refuses, and when it is away for too long. */
  async ask(method: string, path: string, body?: unknown, as: As = {}): Promise<unknown> {
    const text = await this.text(method, path, as, body);
    return text === '' ? null : JSON.parse(text);
  }

  /** The same, as it comes. */
  async text(method: string, path: string, as: As = {}, body?: unknown): Promise<string> {
    const text = body === undefined ? null : JSON.stringify(body);
    for (const untilMs = performance.now() + AWAY_MAX_MS; ; ) {
      let fault: string;
      try {
        const answer = await this.#once(method, path, text, as);
        if (answer.status < 300) return answer.text;
        fault = `${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`;
        // a cursor that is no longer known, a request that is wrong: asking again changes nothing
        if (answer.status < 500 && answer.status !== 401 && answer.status !== 429) throw new Refused(fault);
      } catch (error) {
        if (error instanceof Refused) throw error;
        fault = error instanceof Error ? error.message : String(error);
      }
      if (performance.now() > untilMs)
        throw new Error(`${method} ${path}: no answer for ${AWAY_MAX_MS / 1_000} s (${fault})`);
      await sleep(AGAIN_MS);
    }
  }

  async #once(
    method: string,
    path: string,
    text: string | null,
    as: As = {},
  ): Promise<{ status: number; text: string }> {
    const token = as.token ?? (await this.house.token());
    return new Promise((resolve, reject) => {
      const json =
        text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const headers = { authorization: `Bearer ${token}`, ...as.headers, ...json };
      const sending = request(`${this.house.url}${path}`, {
        method,
        agent: this.#agent,
        timeout: PATIENCE_MS,
        headers,
      });
      sending.on('timeout', () => sending.destroy(new Error('no answer')));
      sending.on('error', reject);
      sending.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      sending.end(text ?? undefined);
    });
  }
}

/** Somebody else than the administrator. */
export interface As {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The gateway answered, and said no. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
