/** §9.2: raised no later than due time + the record's arrival delay + the pipeline's latency; and not before it may be. */
import type { AlertVersion } from '../../../../src/domain/alert.js';
import type { PlacedVersion } from '../../../../src/ports/ledger.js';
import { compareTruth, type TruthItem } from '../../../../src/sim/truth.js';
import type { History } from '../history.js';
import { iso, isTrueOrFalse, nameItem } from './telling.js';

/** More than the calls of one batch take on a busy disk. */
const LATENCY_MS = 15_000;

export function inTime(history: History, truth: readonly TruthItem[]): string[] {
  return [...tooLate(history, truth), ...needless(history), ...tooEarly(history), ...unmarked(history)];
}

function tooLate(history: History, truth: readonly TruthItem[]): string[] {
  const heard = history.heard.map(({ data }) => data).filter(isTrueOrFalse);
  return compareTruth(truth, heard).matched.flatMap(({ item }) => {
    const boundMs = dueBy(history, item);
    if (stoodAt(history, boundMs).some((version) => speaksOf(version, item))) return [];
    return [`invariant 2: due ${iso(item.dueMs)}, not told by ${iso(boundMs)}: ${nameItem(item)}`];
  });
}

/** The newest version of each alert, as the ledger had them at that true time. */
function stoodAt({ versions, toldMs }: History, atMs: number): AlertVersion[] {
  const newest = new Map<string, AlertVersion>();
  for (const { place, version } of versions) {
    if ((toldMs[place - 1] ?? Infinity) <= atMs) newest.set(version.alertId, version);
  }
  return [...newest.values()].filter(({ state }) => state !== 'withdrawn');
}

/** Late data may have given it another identity since. */
const speaksOf = (version: AlertVersion, item: TruthItem): boolean =>
  version.type === item.type &&
  version.orderId === item.orderId &&
  version.conditionId === item.conditionId &&
  version.deviceId === item.deviceId &&
  version.startMs === item.startMs;

/** The true time by which it must have been told: due, its records here, the gateway up and its ticks not held back. */
function dueBy(history: History, item: TruthItem): number {
  const { plan, acknowledged, lives, atMs } = history;
  const arrived = new Map(acknowledged.map((one) => [one.upload, one.atMs]));
  const needed = plan.uploads.filter(({ reports }) =>
    reports.some(({ orderId, timeMs }) => orderId === item.orderId && timeMs <= item.dueMs),
  );
  const here = Math.max(0, ...needed.map(({ id }) => arrived.get(id) ?? Infinity));
  const spans = clockSpans(history);
  // the gateway measures everything by its own clock: when that is set back, what is under way takes as much longer
  const hereSaidMs = here + (spans.find(({ toMs }) => here < toMs)?.byMs ?? 0);
  let boundMs = Math.max(atMs, here) + LATENCY_MS;
  for (const { openedMs, endedMs, holdUntilMs } of lives) {
    if (openedMs === null) continue;
    const free = freeFrom(history, openedMs, holdUntilMs);
    for (const { fromMs, toMs, byMs } of spans) {
      // by its own clock it is due, and stays so for long enough: a clock that is set back puts it off
      const told = Math.max(here, free, fromMs, Math.max(item.dueMs, hereSaidMs) - byMs) + LATENCY_MS;
      if (told <= Math.min(toMs, endedMs ?? Infinity)) boundMs = Math.min(boundMs, told);
    }
  }
  return boundMs;
}

/** When its ticks are held back no more; a clock that is set back meanwhile may let the wait begin anew. */
function freeFrom({ clock }: History, openedMs: number, holdUntilMs: number | null): number {
  if (holdUntilMs === null) return openedMs;
  const stepped = clock.some(({ fromMs }) => fromMs >= openedMs && fromMs <= holdUntilMs);
  return stepped ? holdUntilMs + (holdUntilMs - openedMs) : holdUntilMs;
}

/** True times between the steps of the gateway's clock, and how far ahead it is in each. */
function clockSpans({ clock }: History): { fromMs: number; toMs: number; byMs: number }[] {
  const steps = [{ fromMs: 0, byMs: 0 }, ...clock];
  return steps.map((step, i) => ({ ...step, toMs: steps[i + 1]?.fromMs ?? Infinity }));
}

/** What a timer raised is taken back only for a record that the journal did not have when the time came. */
function needless(history: History): string[] {
  const byAlert = new Map<string, PlacedVersion[]>();
  for (const placed of history.versions) {
    byAlert.set(placed.version.alertId, [...(byAlert.get(placed.version.alertId) ?? []), placed]);
  }
  return [...byAlert.values()].flatMap((versions) =>
    versions.flatMap(({ version: told }, i) => {
      const next = versions[i + 1]?.version;
      if (next === undefined || next.cause !== 'late_data' || told.cause === 'late_data') return [];
      if (next.state !== 'withdrawn' && next.startMs === told.startMs) return [];
      if (goesOnAs(history, told, next.derivedMs)) return [];
      if (told.cause !== 'timer' && told.cause !== 'gateway_outage') return [];
      return excused(history, told)
        ? []
        : [
            `invariant 2: told at ${iso(told.eventMs)} and taken back, though nothing came meanwhile: ${told.type} ${told.orderId}`,
          ];
    }),
  );
}

/** Under another identity it was told with the same beginning in the same breath. */
const goesOnAs = ({ versions }: History, told: AlertVersion, derivedMs: number): boolean =>
  versions.some(
    ({ version }) =>
      version.derivedMs === derivedMs &&
      version.alertId !== told.alertId &&
      version.orderId === told.orderId &&
      version.type === told.type &&
      version.conditionId === told.conditionId &&
      version.deviceId === told.deviceId &&
      version.startMs === told.startMs &&
      version.state !== 'withdrawn',
  );

function excused({ journal }: History, told: AlertVersion): boolean {
  const stream: string | null = told.orderId;
  const origin = journal.find(
    ({ entry }) =>
      entry.stream === stream &&
      entry.receivedMs === told.derivedMs &&
      (entry.kind === 'upload' || (entry.kind === 'tick' && entry.atMs >= told.eventMs)),
  );
  if (origin === undefined) return false;
  return journal.some(
    ({ position, entry }) =>
      position > origin.position &&
      entry.kind === 'upload' &&
      entry.stream === stream &&
      entry.records.some(({ timeMs }) => timeMs <= told.eventMs),
  );
}

/** After an interruption a backlog speaks first, unless a clock that was put forward says that it has had its time. */
function tooEarly({ ticks, lives, clock }: History): string[] {
  return ticks.flatMap(({ epoch, atMs, dueMs, cause }) => {
    // by these no timer is met: what has come of a backlog is put in its place
    if (cause === 'late_data') return [];
    const life = lives.find((one) => one.epoch === epoch);
    if (life === undefined || life.openedMs === null || life.holdUntilMs === null) return [];
    const { openedMs, holdUntilMs } = life;
    if (atMs >= holdUntilMs || clock.some(({ fromMs }) => fromMs >= openedMs && fromMs <= atMs)) return [];
    return [
      `invariant 2: a tick due ${iso(dueMs)} was told at ${iso(atMs)}, though ticks wait until ${iso(holdUntilMs)}`,
    ];
  });
}

/** What fell due while there was no gateway must not read like the wearer's silence. */
function unmarked({ ticks, lives, clock }: History): string[] {
  if (clock.length > 0) return [];
  return ticks.flatMap(({ epoch, dueMs, cause }) => {
    const at = lives.findIndex((life) => life.epoch === epoch);
    const [before, life] = [lives[at - 1], lives[at]];
    if (before === undefined || life === undefined || cause === 'gateway_outage' || cause === 'late_data') return [];
    const away = dueMs > (before.endedMs ?? Infinity) && dueMs <= (life.openedMs ?? 0);
    return away ? [`invariant 2: a tick due ${iso(dueMs)}, while there was no gateway, does not say so`] : [];
  });
}
