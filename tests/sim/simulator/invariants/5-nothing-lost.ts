/** §9.5: a record that was acknowledged is in the journal or the quarantine, and its outcomes are in the stream. */
import { makeRecord } from '../../../../src/codec/record.js';
import type { History } from '../history.js';

export function nothingLost(history: History): string[] {
  return [...recordsLost(history), ...poisonLost(history), ...outcomesLost(history), ...wholeJournal(history)];
}

function recordsLost({ plan, acknowledged, journal, lost }: History): string[] {
  const kept = new Set<string>();
  for (const { entry } of journal) {
    if (entry.kind !== 'upload') continue;
    for (const { timeMs, hash } of entry.records) kept.add(`${entry.deviceId} ${timeMs} ${hash}`);
  }
  const told = new Set(acknowledged.map(({ upload }) => upload));
  const missing = plan.uploads.flatMap(({ id, deviceId, reports }) => {
    if (!told.has(id)) return [`invariant 5: upload ${id} of ${deviceId} was never acknowledged`];
    return reports.flatMap(({ timeMs, bodies }) =>
      bodies
        .map((body) => makeRecord(timeMs, body))
        .filter(({ hash }) => !kept.has(`${deviceId} ${timeMs} ${hash}`))
        .map(() => `invariant 5: upload ${id} of ${deviceId} was acknowledged, and a record of it is nowhere`),
    );
  });
  return [...missing, ...lost.map((what) => `invariant 5: ${what}`)];
}

function poisonLost({ acknowledged, quarantine }: History): string[] {
  return acknowledged
    .filter(({ poison }) => poison)
    .filter(
      ({ deviceId, payload }) => !quarantine.some((one) => one.deviceId === deviceId && payload.equals(one.bytes)),
    )
    .map(({ deviceId }) => `invariant 5: poison of ${deviceId} was acknowledged, and is not in the quarantine`);
}

/** At least once, in the ledger's order, and always the same. */
function outcomesLost({ versions, heard }: History): string[] {
  const first = new Map<string, string>();
  const faults: string[] = [];
  for (const { id, data } of heard) {
    const said = JSON.stringify(data);
    if (first.has(id) && first.get(id) !== said) faults.push(`invariant 5: ${id} was heard twice, and not the same`);
    first.set(id, first.get(id) ?? said);
  }
  const told = versions.map(({ version }) => `${version.alertId}.${version.version}`);
  const order = [...first.keys()];
  for (const id of told) if (!first.has(id)) faults.push(`invariant 5: ${id} is in the ledger, and was never heard`);
  const known = new Set(told);
  for (const id of order) if (!known.has(id)) faults.push(`invariant 5: ${id} was heard, and is not in the ledger`);
  if (faults.length === 0 && order.join() !== told.join()) faults.push('invariant 5: heard in another order than told');
  const perAlert = new Map<string, number>();
  for (const { version } of versions) {
    const expected = (perAlert.get(version.alertId) ?? 0) + 1;
    if (version.version !== expected)
      faults.push(`invariant 5: ${version.alertId} goes to version ${version.version}, not ${expected}`);
    perAlert.set(version.alertId, version.version);
  }
  return faults;
}

function wholeJournal({ journal }: History): string[] {
  const hole = journal.findIndex(({ position }, i) => position !== i + 1);
  return hole < 0 ? [] : [`invariant 5: the journal has no entry ${hole + 1}`];
}
