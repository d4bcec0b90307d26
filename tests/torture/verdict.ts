/** The end of a run: what was acknowledged against what is stored, and the alerts against the truth, on every stream. */
import type { AlertEvent } from '../../src/sim/alert-subscriber.js';
import { AlertSubscriber } from '../../src/sim/alert-subscriber.js';
import { compareTruth, type TruthItem, truthLine } from '../../src/sim/truth.js';
import { RunApi } from './api.js';
import type { House } from './house.js';
import { ofGateway, type SseListener, StreamBook, type TopicListener } from './streams.js';

export interface AlertVerdict {
  readonly expected: number;
  readonly received: number;
  readonly missed: number;
  readonly untrue: number;
  /** Two alerts that stand for one true item. */
  readonly twice: number;
  /** Told and taken back: the law of delivery allows it of late data; it is shown, and no fault. */
  readonly withdrawn: string;
  readonly versions: number;
  readonly faults: readonly string[];
}

const NAMED_MAX = 8;

export async function judgeAlerts(
  house: House,
  truth: readonly TruthItem[],
  sse: SseListener,
  topic: TopicListener,
  patienceMs: number,
): Promise<AlertVerdict> {
  const faults: string[] = [];
  const api = new RunApi(house);
  let ledger = await wholeLedger(house, patienceMs);
  let { events } = await api.alertsAfter(null);
  // an alert that nobody acknowledges is told again by the clock: what came meanwhile is read once more
  for (let tries = 0; tries < 5 && !agree(ledger.ids, events, sse); tries++) {
    ledger = await wholeLedger(house, patienceMs);
    ({ events } = await api.alertsAfter(null));
  }
  faults.push(...ledger.faults);
  await untilHeard(sse, ledger.ids, patienceMs);
  await topic.catchUp();
  api.close();

  const listed = events.map(({ data }) => data);
  const comparison = compareTruth(truth, listed);
  const key = ({ order_id, device_id, type, start }: (typeof listed)[number]): string =>
    JSON.stringify([order_id, device_id, type, start]);
  const standing = listed.filter(({ state }) => state !== 'withdrawn');
  const twice = standing.length - new Set(standing.map(key)).size;
  name(faults, 'missed', comparison.missed.map(truthLine));
  name(
    faults,
    'false',
    comparison.false.map((alert) => JSON.stringify(alert)),
  );
  if (twice > 0) faults.push(`${twice} alerts stand twice`);

  // every version is on the stream that was followed, once, and nothing that the ledger does not have
  const heard = sse.book.ids;
  name(
    faults,
    'not on the stream',
    [...ledger.ids.keys()].filter((id) => !heard.has(id)),
  );
  name(
    faults,
    'on the stream, but not in the ledger',
    [...heard.keys()].filter((id) => !ledger.ids.has(id)),
  );
  name(faults, 'stream', sse.book.faults);
  if (sse.repeats > 0) faults.push(`${sse.repeats} events came again over the stream, though each resume was exact`);
  name(
    faults,
    'on the topic, but not in the ledger',
    [...topic.heard].filter((id) => !ledger.ids.has(id)),
  );
  const newest = new Map(listed.map(({ alert_id, version }) => [alert_id, version]));
  name(
    faults,
    'an alert whose newest version the topic and its catching up do not have',
    [...newest].filter(([id, version]) => (topic.newest.get(id) ?? 0) < version).map(([id]) => id),
  );
  name(
    faults,
    'listed with another version than the stream has',
    [...newest]
      .filter(([id, version]) => !ledger.ids.has(`${id}.${version}`) || ledger.ids.has(`${id}.${version + 1}`))
      .map(([id]) => id),
  );
  return {
    expected: comparison.expected,
    received: comparison.raised,
    missed: comparison.missed.length,
    untrue: comparison.false.length,
    twice,
    withdrawn: byType(listed.filter(({ state }) => state === 'withdrawn')),
    versions: ledger.ids.size,
    faults,
  };
}

/** Nothing was told while the ledger was read. */
const agree = (ids: ReadonlyMap<string, unknown>, listed: readonly AlertEvent[], sse: SseListener): boolean =>
  listed.every(({ id }) => ids.has(id)) && [...sse.book.ids.keys()].every((id) => ids.has(id));

/** Every version there is, as a newcomer reads it from the beginning. */
async function wholeLedger(
  house: House,
  patienceMs: number,
): Promise<{ ids: ReadonlyMap<string, AlertEvent>; faults: readonly string[] }> {
  const book = new StreamBook('the stream from its start');
  let lastMs = performance.now();
  const reader = new AlertSubscriber({
    address: { url: house.url, token: () => house.token() },
    from: 'start',
    onEvent: (event) => {
      lastMs = performance.now();
      if (!ofGateway(event)) book.take(event);
    },
  });
  await reader.start();
  const api = new RunApi(house);
  const untilMs = performance.now() + patienceMs;
  // it has it all when it has the newest version of each, and nothing more comes
  for (;;) {
    const { events } = await api.alertsAfter(null);
    const whole = events.every(({ id }) => book.ids.has(id));
    if ((whole && performance.now() - lastMs > 1_000) || performance.now() > untilMs) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  api.close();
  await reader.stop();
  return { ids: book.ids, faults: book.faults };
}

async function untilHeard(sse: SseListener, ids: ReadonlyMap<string, unknown>, patienceMs: number): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  while (performance.now() < untilMs && [...ids.keys()].some((id) => !sse.book.ids.has(id))) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** `3 device.silent, 1 curfew` */
function byType(alerts: readonly { readonly type: string }[]): string {
  const counts = new Map<string, number>();
  for (const { type } of alerts) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => `${count} ${type}`).join(', ') || '0';
}

/** A fault with a few of its cases. */
function name(faults: string[], what: string, cases: readonly string[]): void {
  if (cases.length === 0) return;
  faults.push(`${cases.length} ${what}: ${cases.slice(0, NAMED_MAX).join('; ')}`);
}

export interface StoredVerdict {
  readonly acked: number;
  readonly stored: number;
  readonly lost: number;
  readonly faults: readonly string[];
}

/** `fairwatch journal check` on the stopped gateway's folder. */
export function judgeStored(house: House, ackedFile: string, acked: number): StoredVerdict {
  const { code, out } = house.command(['journal', 'check', '--acked', ackedFile, '--json']);
  const line = out.split('\n').find((one) => one.startsWith('{')) ?? '{}';
  const said = JSON.parse(line) as { acked?: number; found?: number; missing?: number; first_missing?: unknown };
  const faults: string[] = [];
  if (said.acked !== acked)
    faults.push(`journal check read ${said.acked} acknowledged uploads of ${acked}: ${out.slice(-500)}`);
  if (code !== 0 || said.missing !== 0)
    faults.push(`${said.missing} acknowledged uploads are stored nowhere: ${out.slice(0, 800)}`);
  return { acked, stored: said.found ?? 0, lost: said.missing ?? acked, faults };
}
