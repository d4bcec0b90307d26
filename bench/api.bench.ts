/** bench/api: what a person at a screen waits for: questions over HTTP, each with its token, its policy and its log entries. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { openDevelopmentIssuer } from '../src/api/access/development-issuer.js';
import { parseAgencyId } from '../src/domain/ids.js';
import type { Role } from '../src/domain/role.js';
import type { ApiLoadFigures, ApiLoadOptions } from './lib/api-load.js';
import { cutStraps, putPeople } from './lib/api-people.js';
import type { ApiStreamsFigures, ApiStreamsOptions } from './lib/api-streams.js';
import { startChild } from './lib/child.js';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { type Context, type Measured, main } from './lib/main.js';
import { cpuMsOf } from './lib/measure.js';
import { latencyPlot } from './lib/plots.js';
import type { Plot, Row } from './lib/result.js';

const SIZES = [1, 10, 100] as const;
/** A caller may ask for alerts 100 times a second (src/api/access/rates.ts): so many share the load. */
const CALLERS = 160;
/** An agency may have half of the streams, a user 32: two agencies, users of 20 each. */
const STREAMS_A_USER = 20;
const AGENCIES: readonly (readonly [Role, string])[] = [
  ['monitoring_officer', 'monitoring-centre'],
  ['supervising_officer', 'probation-load'],
];
const EASY_SHARE = 0.7;

await main({
  bench: 'api',
  about:
    'The HTTP API of a real `serve`, asked by autocannon from a process of its own: 160 callers with a token each, half ' +
    'of the monitoring centre, half of a probation agency. Each request is checked (token, rate, policy, purpose) and ' +
    'logged twice, durably, before its first byte leaves. "mixed": new alerts since a cursor, the twenty oldest open ' +
    'alerts, the status of a person, in turns. Then subscribers of the live stream: a tag’s strap is cut, and the clock ' +
    'runs from the upload’s leaving until the last of them has the alert.',
  aim: '≥ 4,000 req/s; alert to last of 1,000 subscribers ≤ 250 ms',
  labelTitle: 'what',
  columns: [
    { key: 'perSecond', title: 'answers/s', better: 'more' },
    { key: 'p50', title: 'p50 ms', digits: 1, better: 'less' },
    { key: 'p99', title: 'p99', digits: 1, better: 'less' },
    { key: 'max', title: 'max', digits: 1, better: 'less' },
    { key: 'bytes', title: 'bytes/answer' },
    { key: 'cpuUs', title: 'server CPU µs/answer', digits: 1, better: 'less' },
    { key: 'growth', title: 'of ×1', digits: 2, better: 'less' },
    { key: 'refused', title: 'refused or missed' },
    { key: 'generator', title: 'generator cores', digits: 2 },
  ],
  growth: { size: 'people with an open alert', cost: 'server CPU time an answer', unit: 'µs', columns: ['cpuUs'] },
  options: {
    people: { type: 'string', value: 'N', help: 'at the smallest size (default: 100); then 10 and 100 times as many' },
    seconds: { type: 'string', value: 'N', help: 'of each row of questions (default: 8)' },
    connections: { type: 'string', value: 'N', help: 'of autocannon (default: 64)' },
    subscribers: { type: 'string', value: 'N', help: 'of the stream, at the most (default: 1000)' },
    alerts: { type: 'string', value: 'N', help: 'told to the subscribers (default: 40)' },
    only: { type: 'string', value: 'WHICH', help: 'questions or streams' },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
    profile: { type: 'string', value: 'FOLDER', help: 'leave a .cpuprofile of the gateway there' },
  },
  examples: ['--only questions --people 1000 --seconds 20', '--profile /tmp/prof'],
  run: measureApi,
});

async function measureApi(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const gateway = await startGateway({
    folder: context.text('dir') ?? tmpdir(),
    profileFolder: context.text('profile'),
  });
  const only = context.text('only');
  try {
    const questions = only === 'streams' ? { rows: [], plots: [] } : await measureQuestions(context, gateway);
    const streams = only === 'questions' ? [] : await measureStreams(context, gateway);
    return {
      rows: [...questions.rows, ...streams],
      plots: questions.plots,
      notes: [
        'Questions are a closed loop (each connection asks again when it has its answer), but for "70 %", which is paced ' +
          'and whose latencies count from the intended moment. CPU: all threads of the gateway, an answer.',
        'Streams: "answers/s" is events delivered a second while alerts came; p50, p99 and max are of the time from the ' +
          'upload’s leaving to the LAST subscriber; CPU an event delivered. What the subscribers’ process needs to read ' +
          'its sockets is in the times.',
        'No limit was changed: a caller may ask 100 times a second, hold 32 streams, an agency half of all.',
      ],
    };
  } finally {
    await gateway.stop();
  }
}

async function measureQuestions(
  context: Context,
  gateway: RunningGateway,
): Promise<{ readonly rows: Row[]; readonly plots: Plot[] }> {
  const people = context.number('people', context.smallest ? 2 : 100);
  const tokens = await tokensFor(gateway, CALLERS);
  const rows: Row[] = [];
  let known = 0;
  let first: number | null = null;
  let paths: readonly string[] = [];
  for (const times of SIZES) {
    context.say(`api: ${people * times} people are put in`);
    const added = await putPeople(gateway, context.seed, known, people * times - known);
    await cutStraps(gateway, added);
    known = people * times;
    paths = await pathsOf(gateway, context.seed, known);
    if (first === null && !context.smallest) await asked(context, gateway, { tokens, paths, warm: true });
    const { figures, cpuUs } = await asked(context, gateway, { tokens, paths });
    first ??= cpuUs;
    rows.push(rowOf(`×${times}: ${known.toLocaleString('en-GB')} people, mixed`, figures, cpuUs, cpuUs / first));
  }
  if (context.smallest) return { rows, plots: [] };
  for (const [name, path] of Object.entries({ 'new alerts': 0, 'open alerts': 1, 'a person': 2 })) {
    const { figures, cpuUs } = await asked(context, gateway, { tokens, paths: [paths[path] as string] });
    rows.push(rowOf(`${name} alone`, figures, cpuUs, null));
  }
  const highest = rows[2]?.cells.perSecond as number;
  const { figures, cpuUs } = await asked(context, gateway, {
    tokens,
    paths,
    ratePerS: Math.round(EASY_SHARE * highest),
  });
  rows.push(rowOf('mixed, at 70 % of the highest', figures, cpuUs, null));
  const plot = latencyPlot('answer-by-second', 'Question to answer at 70 % of the highest rate, second by second', [
    { label: 'mixed', seconds: figures.bySecond },
  ]);
  return { rows, plots: plot === null ? [] : [plot] };
}

/** New alerts since the newest cursor, the oldest open ones, a person. */
async function pathsOf(gateway: RunningGateway, prefix: string, people: number): Promise<string[]> {
  const authorization = `Bearer ${(await readFile(gateway.tokenFile, 'utf8')).trim()}`;
  const newest = async (): Promise<{ readonly cursor: string; readonly alerts: number }> => {
    let [cursor, alerts] = ['', 0];
    for (let more = true; more; ) {
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await fetch(`${gateway.apiUrl}/v1/alerts?limit=1000${query}`, { headers: { authorization } });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      const page = (await answer.json()) as { cursor: string; more: boolean; events: unknown[] };
      ({ cursor, more } = page);
      alerts += page.events.length;
    }
    return { cursor, alerts };
  };
  let found = await newest();
  // the last straps' alerts are under way
  for (let i = 0; i < 50 && found.alerts < people; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = await newest();
  }
  if (found.alerts < people) throw new Error(`${found.alerts} alerts of ${people} people`);
  return [
    `/v1/alerts?cursor=${encodeURIComponent(found.cursor)}`,
    '/v1/alerts?limit=20&state=open',
    `/v1/subjects/${prefix}-${people}-S`,
  ];
}

interface Asking extends Pick<ApiLoadOptions, 'tokens' | 'paths'> {
  readonly ratePerS?: number;
  readonly warm?: boolean;
}

async function asked(
  context: Context,
  gateway: RunningGateway,
  { tokens, paths, ratePerS, warm = false }: Asking,
): Promise<{ readonly figures: ApiLoadFigures; readonly cpuUs: number }> {
  const before = cpuMsOf(gateway.pid);
  const figures = await startChild<ApiLoadFigures>('api-load.js', {
    url: gateway.apiUrl,
    tokens,
    paths,
    connections: context.number('connections', context.smallest ? 4 : 64),
    seconds: context.smallest ? 1 : context.number('seconds', 8),
    ratePerS: ratePerS ?? null,
  } satisfies ApiLoadOptions).figures;
  const cpuUs = (1_000 * (cpuMsOf(gateway.pid) - before)) / figures.answered;
  context.say(
    `api: ${warm ? 'warming up: ' : ''}${Math.round(figures.perSecond)} answers/s, p99 ${figures.p99.toFixed(1)} ms, ` +
      `${cpuUs.toFixed(0)} µs of CPU an answer, ${figures.refused} refused`,
  );
  if (figures.refused > 0) throw new Error(`${figures.refused} of ${figures.answered} questions were refused`);
  return { figures, cpuUs };
}

function rowOf(label: string, figures: ApiLoadFigures, cpuUs: number, growth: number | null): Row {
  const { perSecond, p50, p99, max, bytesPerAnswer, refused, generatorCpu } = figures;
  return {
    label,
    cells: { perSecond, p50, p99, max, bytes: bytesPerAnswer, cpuUs, growth, refused, generator: generatorCpu },
  };
}

async function measureStreams(context: Context, gateway: RunningGateway): Promise<Row[]> {
  const most = context.number('subscribers', context.smallest ? 100 : 1_000);
  const alerts = context.number('alerts', context.smallest ? 3 : 40);
  const rows: Row[] = [];
  for (const subscribers of [most / 100, most / 10, most].map(Math.ceil)) {
    const callers = await tokensFor(gateway, Math.ceil(subscribers / STREAMS_A_USER) + 1);
    let before = 0;
    const figures = await startChild<ApiStreamsFigures>(
      'api-streams.js',
      {
        mqttUrl: gateway.mqttUrl,
        apiUrl: gateway.apiUrl,
        tokenFile: gateway.tokenFile,
        tokens: callers,
        subscribers,
        prefix: `${context.seed}-${subscribers}`,
        alerts,
        everyMs: 250,
      } satisfies ApiStreamsOptions,
      (line) => {
        if (line === 'open') before = cpuMsOf(gateway.pid);
      },
    ).figures;
    const delivered = subscribers * alerts - figures.missed;
    const cpuUs = (1_000 * (cpuMsOf(gateway.pid) - before)) / delivered;
    const { p50, p99, max } = figures.last;
    context.say(
      `api: ${subscribers} subscribers: first ${figures.first.p50} ms, last ${p50} ms, at the most ${Math.round(max)} ms`,
    );
    if (figures.missed > 0) throw new Error(`${figures.missed} events did not come to ${subscribers} subscribers`);
    const perSecond = (1_000 * subscribers) / 250;
    const cells = { perSecond, p50, p99, max, cpuUs, refused: figures.missed, generator: figures.generatorCpu };
    rows.push({ label: `${subscribers.toLocaleString('en-GB')} subscribers`, cells });
  }
  return rows;
}

async function tokensFor({ tokenFile }: RunningGateway, callers: number): Promise<string[]> {
  const issuer = openDevelopmentIssuer(dirname(tokenFile));
  if (issuer === null) throw new Error('the gateway has no development issuer');
  return Promise.all(
    Array.from({ length: callers }, (_, i) => {
      const [role, name] = AGENCIES[i % AGENCIES.length] as (typeof AGENCIES)[number];
      const agency = parseAgencyId(name);
      if (!agency.ok) throw new Error(agency.fault);
      return issuer.sign({ role, agency: agency.value, user: `officer-${i}` });
    }),
  );
}
