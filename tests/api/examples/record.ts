// Runs the whole story against the real app and gives what the API document shows: `node scripts/openapi.mjs` keeps it.
import { get } from 'node:http';
import { createTelemetry } from '../../../src/adapters/system/telemetry.js';
import type { Examples } from '../../../src/api/document/examples.js';
import { centre, harness, nowMs } from '../harness.js';
import { oversee, putRight, share, slowEngine } from './duties.js';
import { masked } from './masks.js';
import { order } from './north-sea.js';
import { type Documented, probe, probeUnlogged } from './probes.js';
import { Recorder, USERS } from './recorder.js';
import { look, type Stage, setUp, watch } from './scenario.js';

export async function record(): Promise<Examples> {
  const clock = { atMs: nowMs, nowMs: () => clock.atMs };
  const steppedClock = {
    nowMs: clock.nowMs,
    advanceTo: async (toMs: number) => {
      clock.atMs = Math.max(clock.atMs, toMs);
    },
  };
  const state = { ready: true, failing: false };
  const telemetry = createTelemetry({ level: 'silent' });
  const h = await harness(
    {
      clock,
      steppedClock,
      telemetry,
      metrics: telemetry.registry,
      ready: () => ({ ready: state.ready, reasons: state.ready ? [] : ['journal_stuck'], degraded: [] }),
      limits: { streamsMax: 1, settleMs: 2_500 },
      source: 'urn:fairwatch',
    },
    {
      office: (office) => ({
        ...office,
        audit: new Proxy(office.audit, {
          get(log, name) {
            if (name === 'append' && state.failing) return () => Promise.reject(new Error('the disk is full'));
            const member: unknown = Reflect.get(log, name, log);
            return typeof member === 'function' ? member.bind(log) : member;
          },
        }),
      }),
    },
  );
  try {
    const r = new Recorder(h);
    const stage = { r, h, clock };
    await setUp(stage);
    await watch(stage);
    await look(stage);
    await share(stage);
    await putRight(stage);
    await oversee(stage);
    await stream(r);
    await slowEngine(stage);
    await r.ask('nobody', 'GET /readyz', {}, 200);
    state.ready = false;
    await r.ask('nobody', 'GET /readyz', {}, 503);
    await keptAway(stage);
    const document = (await h.app.inject('/documentation/json')).json() as {
      paths: Record<string, Record<string, Documented>>;
    };
    const asked = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one] as const),
    );
    state.failing = true;
    for (const [operation, documented] of asked) await probeUnlogged(r, operation, documented);
    state.failing = false;
    // side by side, for each changes nothing
    await Promise.all(asked.map(([operation, documented]) => probe(r, operation, documented)));
    return masked(r.examples());
  } finally {
    await h.close();
  }
}

/** Takes a socket: the first event of a live stream, and a second stream where one is the limit. */
async function stream(r: Recorder): Promise<void> {
  const operation = 'GET /v1/alerts/stream';
  const asked = { query: { from: 'start' } };
  const { url, headers } = await r.request('officer', operation, asked);
  const base = await r.h.app.listen({ port: 0, host: '127.0.0.1' });
  const text = await firstEvent(`${base}${url}`, headers as Record<string, string>, async () => {
    await r.ask('officer', operation, asked, 503);
  });
  const start = text.lastIndexOf('id: ', text.indexOf('data: '));
  const body = text.slice(start, text.indexOf('\n\n', start) + 2);
  r.keep('officer', operation, asked, { status: 200, type: 'text/event-stream', body });
  await r.ask('officer', operation, { query: { cursor: 'not-a-cursor' } }, 410);
}

/** `meanwhile`: the stream is still open. */
function firstEvent(url: string, headers: Record<string, string>, meanwhile: () => Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = get(url, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (text === '' && response.statusCode !== 200) reject(new Error(chunk));
        const before = text;
        text += chunk;
        if (/^data: .*\n\n/m.test(before) || !/^data: .*\n\n/m.test(text)) return;
        void meanwhile()
          .then(() => resolve(text), reject)
          .finally(() => asking.destroy());
      });
    });
    asking.on('error', (error) => reject(error));
  });
}

/** Somebody whom a restricted order's own list keeps away: to them it does not exist. */
async function keptAway({ r, h }: Stage): Promise<void> {
  const path = { order_id: 'ORD-4' };
  await r.ask('officer', 'PUT /v1/orders/{order_id}', { path, body: order(4, { restricted: true }) });
  const other = await h.as('data_controller', centre, 'other');
  const url = '/v1/orders/ORD-4/restriction';
  const payload = { users: [USERS.controller, USERS.administrator], reason: 'they know the person' };
  const put = await h.app.inject({ method: 'PUT', url, headers: other, payload });
  if (put.statusCode !== 200) throw new Error(put.body);
  const changed = order(4, { restricted: true, revision: 2, end: '2026-10-01T00:00:00Z' });
  await r.ask('administrator', 'PUT /v1/orders/{order_id}', { path, body: changed }, 404);
  await r.ask('controller', 'GET /v1/audit', { query: { order_id: 'ORD-4' } }, 404);
}
