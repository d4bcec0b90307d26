/** The end of a run: what was acknowledged against what is stored, and the alerts against the truth, on every stream. */
import { compareTruth, type TruthItem, truthLine } from '../../src/sim/truth.js';
import type { House } from './house.js';
import type { SseListener } from './streams.js';
import { type Asked, type AtTopic, compareTold, type Followed, takeCut } from './told.js';

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
  house: Asked,
  truth: readonly TruthItem[],
  sse: Followed & { readonly book: Pick<SseListener['book'], 'faults'> } & Pick<SseListener, 'repeats'>,
  topic: AtTopic,
  patienceMs: number,
): Promise<AlertVerdict> {
  const { told, listed: events, faults: late } = await takeCut(house, sse, topic, patienceMs);
  const faults = [...late];

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
  for (const { what, ids } of compareTold(told)) name(faults, what, ids);
  name(faults, 'stream', sse.book.faults);
  if (sse.repeats > 0) faults.push(`${sse.repeats} events came again over the stream, though each resume was exact`);
  return {
    expected: comparison.expected,
    received: comparison.raised,
    missed: comparison.missed.length,
    untrue: comparison.false.length,
    twice,
    withdrawn: byType(listed.filter(({ state }) => state === 'withdrawn')),
    versions: told.ledger.size,
    faults,
  };
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
