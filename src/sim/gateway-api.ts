/** The gateway's HTTP interface as an outsider uses it: imports, the stepped clock, the list of alerts. */
import { Agent, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeardAlert } from './truth.js';

export interface GatewayAddress {
  /** `http://host:port`, or `https://host:port` */
  readonly url: string;
  /** What the server's certificate must be signed by, PEM, instead of what Node trusts. */
  readonly ca?: Buffer | undefined;
  /** Asked for each request: a gateway that starts anew may issue a new token. */
  readonly token: () => Promise<string>;
}

export interface EnrolRequest {
  readonly device_id: string;
  readonly kind: string;
  readonly cipher: string;
  readonly session_key: string;
  readonly password: string;
}

/** The gateway answered, and said no. */
export class GatewayRefused extends Error {
  override readonly name = 'GatewayRefused';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const PATIENCE_MS = 120_000;
/** A gateway that does not come back for this long is not waited for. */
const AWAY_MAX_MS = 60_000;
const RETRY_MS = 200;

export class GatewayApi {
  private readonly agent: Agent;

  constructor(private readonly address: GatewayAddress) {
    const pool = { keepAlive: true, maxSockets: 64 };
    this.agent = isSecured(address) ? new TlsAgent({ ...pool, ca: address.ca }) : new Agent(pool);
  }

  async putZone(id: string, feature: unknown): Promise<void> {
    await this.request('PUT', `/v1/zones/${id}`, feature);
  }

  async putOrder(id: string, order: unknown): Promise<void> {
    await this.request('PUT', `/v1/orders/${id}`, order);
  }

  async enrol(device: EnrolRequest): Promise<void> {
    await this.request('POST', '/v1/devices', device);
  }

  /** Rejects when it is not there or does not take the token. */
  async reachable(): Promise<void> {
    await this.request('GET', '/v1/alerts?limit=1');
  }

  async clockMs(): Promise<number> {
    const { now_ms } = (await this.request('GET', '/v1/dev/clock')) as { now_ms: number };
    return now_ms;
  }

  /** Resolves when everything that fell due before `toMs` is committed. */
  async moveClock(toMs: number): Promise<void> {
    await this.request('POST', '/v1/dev/clock', { to_ms: toMs });
  }

  /** The newest version of every alert there is. */
  async allAlerts(): Promise<HeardAlert[]> {
    const found: HeardAlert[] = [];
    let cursor: string | null = null;
    for (;;) {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await this.request('GET', `/v1/alerts?limit=500${query}`)) as {
        events: { data: HeardAlert }[];
        cursor: string;
        more: boolean;
      };
      found.push(...page.events.map((event) => event.data));
      if (!page.more) return found;
      cursor = page.cursor;
    }
  }

  /** Closes the connections that it keeps. */
  close(): void {
    this.agent.destroy();
  }

  private async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? null : JSON.stringify(body);
    const token = await this.address.token();
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sending = requester(this.address)(`${this.address.url}${path}`, {
        method,
        agent: this.agent,
        timeout: PATIENCE_MS,
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      });
      sending.on('timeout', () => sending.destroy(new Error(`${method} ${path}: no answer`)));
      sending.on('error', reject);
      sending.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      sending.end(text);
    });
    if (answer.status >= 300) {
      throw new GatewayRefused(answer.status, `${method} ${path}: ${answer.status} ${answer.text}`);
    }
    return answer.text === '' ? null : JSON.parse(answer.text);
  }
}

const isSecured = ({ url }: GatewayAddress): boolean => url.startsWith('https:');

export const requester = (address: GatewayAddress): typeof request => (isSecured(address) ? requestTls : request);

/** Asks again while the gateway is away, starting or asked too much; what it refuses is refused. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + AWAY_MAX_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const passing = !(error instanceof GatewayRefused) || [401, 429].includes(error.status) || error.status >= 500;
      if (!passing || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Runs `work` over the items, so many at a time; the first failure ends it. */
export async function inParallel<T>(
  items: readonly T[],
  many: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: Math.min(many, items.length) }, async () => {
    while (next < items.length) await work(items[next++] as T);
  });
  await Promise.all(lanes);
}
