/** §9.3: any permutation, repetition or batching of the same records gives the same final set (content, not ids). */
import type { AlertVersion } from '../../../../src/domain/alert.js';
import type { History } from '../history.js';
import { isSeenByGateway } from './telling.js';

/** `calm`: the same records, told in order to a gateway that nothing happened to. */
export function sameSet(history: History, calm: History): string[] {
  // What people excuse depends on what they have before them: then the sum of an order is judged by itself (7).
  const decided = history.journal.some(({ entry }) => entry.kind === 'decision');
  const [found, expected] = [history, calm].map((one) => standing(one, decided)) as [string[], string[]];
  return [
    ...without(expected, found).map((one) => `invariant 3: stands only where nothing went wrong: ${one}`),
    ...without(found, expected).map((one) => `invariant 3: stands only where things went wrong: ${one}`),
    ...history.contradictions.map(
      ({ stood, said }) =>
        `invariant 3: an entry that was done again told something else:\n      ${JSON.stringify(stood)}\n      ${JSON.stringify(said)}`,
    ),
  ];
}

function standing({ versions }: History, decided: boolean): string[] {
  const newest = new Map<string, AlertVersion>();
  for (const { version } of versions) newest.set(version.alertId, version);
  return [...newest.values()]
    .filter(({ state, type }) => state !== 'withdrawn' && !isSeenByGateway(type))
    .filter(({ type }) => !decided || type !== 'curfew.atv_exceeded')
    .map(content);
}

const content = (v: AlertVersion): string =>
  JSON.stringify([
    ...[v.orderId, v.kind, v.type, v.conditionId, v.deviceId, v.startMs, v.endMs, v.endedBy, v.codes],
    ...[v.confidence, v.marginM, v.mechanism, v.count, v.agency, v.subjectId],
  ]);

function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
