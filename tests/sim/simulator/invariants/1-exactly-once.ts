/** §9.1: every true violation is raised exactly once; nothing else is ever left standing. As an outside subscriber heard it. */
import { compareTruth, type HeardAlert, type TruthItem } from '../../../../src/sim/truth.js';
import type { Poison } from '../faults.js';
import type { History } from '../history.js';
import { isSeenByGateway, isTrueOrFalse, nameAlert, nameItem } from './telling.js';

export function exactlyOnce(history: History, truth: readonly TruthItem[]): string[] {
  const heard = history.heard.map(({ data }) => data);
  const judged = heard.filter(isTrueOrFalse);
  const { missed, false: untrue } = compareTruth(truth, judged);
  return [
    ...missed.map((item) => `invariant 1: missed, or not as it was: ${nameItem(item)}`),
    ...untrue.map((alert) => `invariant 1: stands, and is not true: ${nameAlert(alert)}`),
    ...unfounded(history, heard),
  ];
}

const SHOWN_BY: Readonly<Record<Poison, string>> = {
  garbage: 'integrity.malformed',
  malformed: 'integrity.malformed',
  'bad seal': 'integrity.bad_seal',
};

/**
 * The devices keep their numbers and clocks: what the gateway says it saw of them must have been put in. A hole in the
 * sequences that stays for longer than the gateway waits is one, though it is filled at last.
 */
function unfounded({ plan }: History, heard: readonly HeardAlert[]): string[] {
  const poison = plan.faults.flatMap((fault) => (fault.kind === 'poison' ? [fault] : []));
  const found = new Set<string>();
  for (const alert of heard) {
    if (!isSeenByGateway(alert.type) || alert.type === 'integrity.sequence_gap') continue;
    const shown = poison.some(({ deviceId, what }) => deviceId === alert.device_id && SHOWN_BY[what] === alert.type);
    if (!shown) found.add(`invariant 1: stands, and nothing of the kind was sent: ${alert.type} ${alert.device_id}`);
  }
  return [...found];
}
