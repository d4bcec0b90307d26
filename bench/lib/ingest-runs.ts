/** The runs of one shape of load: at given rates, or up to the highest rate that the gateway keeps up with. */
import { tmpdir } from 'node:os';
import { Random } from '../../src/sim/random.js';
import { type RunningGateway, startGateway } from './gateway.js';
import { isKeptUp, type Load, type Loaded, runLoad } from './loading.js';
import type { Context } from './main.js';
import { highestRate } from './search.js';

/** What is asked of the gateway, before a rate is chosen. */
export interface Shape extends Pick<Load, 'clients' | 'recordsPerUpload'> {
  /** Uploads a second that are to be kept up; null: none was set. */
  readonly aim: number | null;
}

/** Runs of one rate. */
export interface IngestRun {
  readonly which: string;
  readonly loads: readonly [Loaded, ...Loaded[]];
}

export const WARM_UP = { rate: 2_000, seconds: 8 } as const;
const SEARCH = { fromRate: 4_000, maxRate: 64_000, halvings: 2 } as const;
/** Something else on the machine may spoil one. */
const ATTEMPTS = 2;
/** Latencies are looked at below the highest rate: there every gateway is late. */
const EASY_SHARE = 0.7;
const EASY_RUNS = 5;

/** Has a gateway of its own, from the first run on. */
export class IngestRuns {
  readonly #context: Context;
  readonly #shape: Shape;
  readonly #seconds: number;
  #gateway: RunningGateway | null = null;
  #runs = 0;

  constructor(context: Context, shape: Shape, seconds: number) {
    this.#context = context;
    this.#shape = shape;
    this.#seconds = seconds;
  }

  async at(rates: readonly number[]): Promise<IngestRun[]> {
    const runs: IngestRun[] = [];
    for (const rate of rates) runs.push({ which: `${rate}/s`, loads: [await this.#run(rate)] });
    return runs;
  }

  /** Several runs below the aim, for latencies: at the highest rate every gateway is late; then the aim, for longer. */
  async aimed(aim: number, lastingSeconds: number): Promise<IngestRun[]> {
    const easy = Math.round(aim * EASY_SHARE);
    const first = await this.#run(easy);
    const loads: [Loaded, ...Loaded[]] = [first];
    while (loads.length < EASY_RUNS) loads.push(await this.#run(easy));
    return [
      { which: '70 % of the aim', loads },
      { which: `the aim, ${lastingSeconds} s`, loads: [await this.#run(aim, lastingSeconds)] },
    ];
  }

  async highest(): Promise<IngestRun[]> {
    const byRate = new Map<number, Loaded>();
    const rate = await highestRate(SEARCH, async (tried) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const loaded = await this.#run(tried);
        byRate.set(tried, loaded);
        if (isKeptUp(loaded)) return true;
      }
      return false;
    });
    const last = [...byRate.values()].at(-1);
    if (rate === null) return last === undefined ? [] : [{ which: 'not kept up', loads: [last] }];
    const easy = await this.#run(Math.round(rate * EASY_SHARE));
    return [
      { which: 'highest', loads: [byRate.get(rate) as Loaded] },
      { which: '70 % of it', loads: [easy] },
    ];
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = null;
  }

  async #run(rate: number, seconds = this.#seconds): Promise<Loaded> {
    const { clients, recordsPerUpload } = this.#shape;
    this.#gateway ??= await this.#start();
    const loaded = await this.#load(this.#gateway, rate, seconds);
    const { figures, serverCpuMs } = loaded;
    const kept = isKeptUp(loaded);
    const cpuUs = (1000 * serverCpuMs) / figures.acked;
    this.#context.say(
      `ingest: ${clients} connections, ${recordsPerUpload} records: ${rate}/s ${kept ? 'kept up' : 'NOT kept up'}, ` +
        `ack p99 ${figures.ack_ms.p99} ms, ${cpuUs.toFixed(1)} µs of CPU an upload`,
    );
    for (const line of loaded.wrong) this.#context.say(`  ${line}`);
    // what it still has to work off would be the next run's
    if (figures.acked < figures.sent || figures.alerts.missed > 0) await this.stop();
    return loaded;
  }

  async #start(): Promise<RunningGateway> {
    const gateway = await startGateway({
      folder: this.#context.text('dir') ?? tmpdir(),
      profileFolder: this.#context.text('profile'),
    });
    if (!this.#context.smallest) await this.#load(gateway, WARM_UP.rate, WARM_UP.seconds);
    return gateway;
  }

  #load(gateway: RunningGateway, rate: number, seconds: number): Promise<Loaded> {
    this.#runs += 1;
    return runLoad(gateway, {
      clients: this.#shape.clients,
      recordsPerUpload: this.#shape.recordsPerUpload,
      rate,
      seconds,
      seed: Random.of(this.#context.seed, this.#runs).whole(1, 1_000_000),
    });
  }
}
