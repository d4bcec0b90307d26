/** What an outside subscriber hears of an edge, held against who was absent. */
import { readFile } from 'node:fs/promises';
import type { StreamKey } from '../../src/domain/ids.js';
import { type AlertEvent, AlertSubscriber } from '../../src/sim/alert-subscriber.js';
import { GatewayApi } from '../../src/sim/gateway-api.js';
import { EDGE_MS, TOLD_MS } from './edge-people.js';
import type { RunningGateway } from './gateway.js';

/** Until the first alert, and between two of one edge. */
const PATIENCE_MS = 600_000;
const QUIET_MS = 30_000;

export class EdgeListener {
  readonly missing: Set<string>;
  wrong = 0;
  firstMs = 0;
  lastMs = 0;
  /** Resolves when nothing is missing any more, or for so long nothing has come that nothing will. */
  readonly all: Promise<void>;
  #over: () => void = () => {};
  #patience: NodeJS.Timeout;

  constructor(absent: ReadonlySet<StreamKey>) {
    this.missing = new Set(absent);
    this.all = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.#patience = setTimeout(() => this.#over(), PATIENCE_MS);
  }

  hear({ data }: AlertEvent, atMs: number): void {
    const { order_id, type, version, state, codes, start, end } = data;
    const isTrue =
      type === 'curfew' &&
      version === 1 &&
      state === 'open' &&
      codes.join() === 'AL08' &&
      end === null &&
      Date.parse(start) === EDGE_MS &&
      Date.parse(data.event_time) === TOLD_MS;
    if (!isTrue || order_id === null || !this.missing.delete(order_id)) this.wrong += 1;
    if (this.firstMs === 0) this.firstMs = atMs;
    this.lastMs = atMs;
    clearTimeout(this.#patience);
    if (this.missing.size === 0) this.#over();
    else this.#patience = setTimeout(() => this.#over(), QUIET_MS);
  }
}

/** A listener at a gateway's stream, to be started, and its API. */
export function listenTo(gateway: RunningGateway, absent: ReadonlySet<StreamKey>) {
  const token = async () => (await readFile(gateway.tokenFile, 'utf8')).trim();
  const address = { url: gateway.apiUrl, token };
  const listener = new EdgeListener(absent);
  const onEvent = (event: AlertEvent, atMs: number): void => listener.hear(event, atMs);
  return { api: new GatewayApi(address), listener, subscriber: new AlertSubscriber({ address, from: 'now', onEvent }) };
}
