/** A process that asks the API as many callers do, each with a token of their own (autocannon), and tells how it went. */
import autocannon, { type Result } from 'autocannon';
import { BySecond, percentiles, type SecondPercentiles } from '../../src/sim/percentiles.js';

export interface ApiLoadOptions {
  readonly url: string;
  /** Of the callers, who take turns. */
  readonly tokens: readonly string[];
  /** Asked in turns as well. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second; null: as soon as the answer before is there. */
  readonly ratePerS: number | null;
}

export interface ApiLoadFigures {
  readonly answered: number;
  /** Answers that are not 2xx, connections that broke, requests without an answer. */
  readonly refused: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly bytesPerAnswer: number;
  readonly bySecond: readonly SecondPercentiles[];
  /** Of a core. */
  readonly generatorCpu: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ApiLoadOptions;
process.stdout.write(`${JSON.stringify(await load(options))}\n`);

async function load(o: ApiLoadOptions): Promise<ApiLoadFigures> {
  const { tokens, paths } = o;
  // every token meets every path, and a connection begins where no other does
  const all = Array.from({ length: tokens.length * paths.length }, (_, i) => ({
    path: paths[i % paths.length] as string,
    headers: { authorization: `Bearer ${tokens[Math.floor(i / paths.length)]}` },
  }));
  const bySecond = new BySecond();
  const latencies: number[] = [];
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  let begun = 0;
  const result = await new Promise<Result>((resolve, reject) => {
    const asked: autocannon.Options = {
      url: o.url,
      connections: o.connections,
      duration: o.seconds,
      ...(o.ratePerS === null ? {} : { overallRate: o.ratePerS }),
      setupClient: (client) => {
        const from = Math.floor((begun++ * all.length) / o.connections);
        client.setRequests([...all.slice(from), ...all.slice(0, from)]);
      },
    };
    const run = autocannon(asked, (error, ended) => (error ? reject(error) : resolve(ended)));
    run.on('response', (_client, _status, _bytes, responseMs) => {
      latencies.push(responseMs);
      bySecond.note(performance.now() - startMs - responseMs, responseMs);
    });
  });
  const { user, system } = process.cpuUsage(cpu);
  const { p50, p99 } = percentiles(latencies);
  const answered = result['2xx'];
  return {
    answered,
    refused: result.non2xx + result.errors + result.timeouts,
    perSecond: answered / result.duration,
    p50: p50 ?? 0,
    p99: p99 ?? 0,
    max: latencies.reduce((most, ms) => Math.max(most, ms), 0),
    bytesPerAnswer: result.throughput.total / Math.max(1, result['2xx'] + result.non2xx),
    bySecond: bySecond.percentiles(),
    generatorCpu: (user + system) / 1_000 / (performance.now() - startMs),
  };
}
